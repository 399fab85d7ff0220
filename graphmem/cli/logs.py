"""What the library logs while a command runs: plain one-line notes on stderr, the first few of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from graphmem.cli.leaving import debugging
from graphmem.cli.progress import say

SHOWN = 3
_LOGGERS = ("graphmem", "extraction")
_RETRIES = "extraction.llm.client"
"""Logs at its lowest level that it asks again. The first time is worth a note: the last may be minutes away."""


@contextmanager
def log_notes() -> Iterator[None]:
    """Print the warnings of the library as notes while the block runs.

    A block within another changes nothing, and neither does one under GRAPHMEM_DEBUG, which shows the log itself.
    """
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    if debugging() or any(isinstance(handler, _Notes) for handler in loggers[0].handlers):
        yield
        return
    notes, retries = _Notes(), logging.getLogger(_RETRIES)
    level = retries.level
    for logger in loggers:
        logger.addHandler(notes)
    retries.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        retries.setLevel(level)
        for logger in loggers:
            logger.removeHandler(notes)


class _Notes(logging.Handler):
    """Prints `SHOWN` records, then says once that there are more."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._asked_again = False

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is worth a note: warnings are, and the first request that is sent again."""
        if record.levelno >= logging.WARNING:
            return True
        if record.name != _RETRIES or self._asked_again:
            return False
        self._asked_again = True
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record, without its trace; never raises."""
        try:
            self._count += 1
            if self._count <= SHOWN:
                say(f"note: {_text(record)}")
            elif self._count == SHOWN + 1:
                say("note: further notes are hidden; set GRAPHMEM_DEBUG=1 to see all")
        except Exception:
            self.handleError(record)


def _text(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    text = f"the language model, {record.getMessage()}" if record.name == _RETRIES else record.getMessage()
    return text if error is None else f"{text} ({type(error).__name__}: {error})"
