"""The protocol that every extractor fulfils."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from extraction.records import NO_USAGE, Extraction, ExtractionContext, Turn, Usage


@runtime_checkable
class Extractor(Protocol):
    """Reads entities and facts off turns of conversation. Knows no database and keeps no state between calls."""

    async def extract(self, turns: Sequence[Turn], context: ExtractionContext | None = None) -> Extraction:
        """Read the facts that the user's turns state.

        Args:
            turns: the turns to read, oldest first. Only turns of role ``user`` give facts.
            context: what came before and what is known; None is an empty context.

        Returns:
            Entities and facts in the order of the text; the same input gives the same output.

        Raises:
            ExtractionError: the text could not be read now (a server is down, its answer invalid); nothing is
                lost by trying again later.
        """
        ...


class ExtractionError(Exception):
    """An extractor could not read its turns; ``str()`` is the cause in one line.

    Args:
        cause: the one line.
        usage: what a language model was asked in vain.
    """

    def __init__(self, cause: str, usage: Usage = NO_USAGE) -> None:
        super().__init__(cause)
        self.usage = usage


class EndpointError(ExtractionError):
    """A language model's endpoint failed, or gave no answer that can be used."""


class NotAsked(EndpointError):
    """An extractor did not even try: the endpoint has failed again and again, and is left alone for a while.

    Args:
        cause: why, in one line.
        wait: seconds until it may be tried again.
    """

    def __init__(self, cause: str, wait: float) -> None:
        super().__init__(cause)
        self.wait = wait
