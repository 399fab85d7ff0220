"""An extractor that a test tells what to read: plain, slow, failing or lying, through the real protocol."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from extraction import EntityMention, ExtractedFact, Extraction, ExtractionContext, ExtractionError, Turn
from extraction.records import USER


@dataclass
class LivesIn:
    """Reads "I live in X" and nothing else.

    Args:
        failures: how many calls fail before the first that works.
        delay: seconds that a call takes.
    """

    failures: int = 0
    delay: float = 0.0
    calls: list[tuple[tuple[Turn, ...], ExtractionContext]] = field(default_factory=list)

    async def extract(self, turns: Sequence[Turn], context: ExtractionContext | None = None) -> Extraction:
        self.calls.append((tuple(turns), context or ExtractionContext()))
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.failures:
            self.failures -= 1
            raise ExtractionError("the endpoint answered 503")
        facts = [
            ExtractedFact(
                USER,
                "LIVES_IN",
                EntityMention(place, "Place"),
                evidence=f"live in {place}",
                turn=number,
                confidence=0.9,
            )
            for number, turn in enumerate(turns)
            for place in re.findall(r"\blive in (\w+)", turn.text)
        ]
        return Extraction(facts=tuple(facts))
