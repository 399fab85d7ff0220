"""Helpers of these tests: facts of a text as short lines that are easy to compare."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from extraction import EntityMention, ExtractedFact, Extraction, ExtractionContext, RuleExtractor, Turn

AT = datetime(2024, 11, 20, 12, tzinfo=UTC)
RULES = RuleExtractor()


def extract(*texts: str | Turn, context: ExtractionContext | None = None, rules: RuleExtractor = RULES) -> Extraction:
    """Read some turns; a text alone is a turn of the user, said at ``AT``."""
    turns = [turn if isinstance(turn, Turn) else Turn("user", turn, at=AT) for turn in texts]
    return asyncio.run(rules.extract(turns, context))


def line(fact: ExtractedFact) -> str:
    """``user LIVES_IN Porto``, with the status behind it unless it is current."""

    def name(mention: EntityMention) -> str:
        return "user" if mention.label == "User" else mention.name

    status = "" if fact.status == "current" else f" {fact.status}"
    return f"{name(fact.subject)} {fact.predicate} {name(fact.object)}{status}"


def read(*texts: str | Turn, context: ExtractionContext | None = None) -> set[str]:
    """Return the facts of some turns as lines."""
    return {line(fact) for fact in extract(*texts, context=context).facts}


def fact(text: str, predicate: str) -> ExtractedFact:
    """Return the one fact of that predicate in a text."""
    found = [f for f in extract(text).facts if f.predicate == predicate]
    assert len(found) == 1, found
    return found[0]
