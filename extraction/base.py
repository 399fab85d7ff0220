"""The protocol that every extractor fulfils."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from extraction.records import Extraction, ExtractionContext, Turn


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
    """An extractor could not read its turns; ``str()`` is the cause in one line."""
