"""How far long work has got: a bar on a terminal, plain lines elsewhere, both on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from graphmem.cli.output import console, note, on_one_line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bar(Protocol):
    """Something that shows progress."""

    def expect(self, more: int) -> None:
        """There is so much more to do."""

    def advance(self, done: int) -> None:
        """So much more is done."""

    def say(self, text: str) -> None:
        """Print a line that stays."""


_shown: Bar | None = None


@contextmanager
def progress(title: str, unit: str) -> Iterator[Bar]:
    """Show progress while the block runs.

    Args:
        title: what is being done ("storing").
        unit: what is counted ("messages").
    """
    if not sys.stderr.isatty():
        yield _Lines()
        return
    global _shown
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TextColumn(unit), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as shown:
        _shown = _RichBar(shown, shown.add_task(title, total=0))
        try:
            yield _shown
        finally:
            _shown = None


def say(text: str) -> None:
    """Print a line that stays on stderr, above the bar when one is shown."""
    if _shown is None:
        note(on_one_line(text))
    else:
        _shown.say(text)


class _Lines:
    """Without a terminal only the lines that stay are printed: a log has no use for a bar."""

    def expect(self, more: int) -> None:
        """Nothing to show."""

    def advance(self, done: int) -> None:
        """Nothing to show."""

    def say(self, text: str) -> None:
        note(text)


class _RichBar:
    def __init__(self, shown: Progress, task: TaskID) -> None:
        self._shown = shown
        self._task = task
        self._total = 0

    def expect(self, more: int) -> None:
        self._total += more
        self._shown.update(self._task, total=self._total)

    def advance(self, done: int) -> None:
        self._shown.update(self._task, advance=done)

    def say(self, text: str) -> None:
        self._shown.console.print(on_one_line(text), soft_wrap=True)
