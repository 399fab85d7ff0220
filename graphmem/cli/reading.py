"""Reading the facts of transcripts without a store; what ``extract`` and the extracting script share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import click

from extraction.base import Extractor
from extraction.hybrid import LLM_FAILED
from extraction.records import Extraction
from graphmem.cli.output import note
from graphmem.cli.settings import Settings
from graphmem.extractors import make_extractor
from graphmem.transcripts import Exchange, Transcript
from graphmem.transcripts.reading import FoundFact, read_facts


@asynccontextmanager
async def reader_of(settings: Settings, extractor: str | None) -> AsyncIterator[Extractor]:
    """Make the extractor of the configuration, and close it at the end.

    Args:
        settings: the common options.
        extractor: ``--extractor``, or None.

    Raises:
        click.UsageError: it is none that reads.
        ConfigError: a setting is invalid.
    """
    reader, _ = make_extractor(settings.config(**({} if extractor is None else {"extractor": extractor})))
    if reader is None:
        raise click.UsageError("the extractor is 'none', which reads nothing; give --extractor another")
    try:
        yield reader
    finally:
        close = getattr(reader, "aclose", None)
        if close is not None:
            await close()


class Reading:
    """Reads transcripts and keeps count of where a language model could not help.

    Args:
        reader: the extractor.
        advance: is told how many messages have been read, each time.
    """

    def __init__(self, reader: Extractor, advance: Callable[[int], None] | None = None) -> None:
        self._reader = reader
        self._advance = advance
        self._exchanges = self._failures = 0

    def facts_of(self, transcript: Transcript) -> AsyncIterator[FoundFact]:
        """Yield the facts of a transcript; see `graphmem.transcripts.reading.read_facts`."""
        return read_facts(transcript, self._reader, self._hear)

    def tell_of_failures(self) -> None:
        """Say on stderr when the language model could not be reached, so that nobody takes local facts for its."""
        if self._failures == self._exchanges > 0:
            note("the language model could not be reached: these are the local facts only")
        elif self._failures:
            note(
                f"the language model could not be reached for {self._failures} of {self._exchanges} exchanges: "
                "of these the facts are the local ones only"
            )

    def _hear(self, exchange: Exchange, extraction: Extraction) -> None:
        self._exchanges += 1
        self._failures += LLM_FAILED in extraction.dropped
        if self._advance is not None:
            self._advance(len(exchange.messages))
