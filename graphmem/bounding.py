"""Keeping what an extractor read within the limits of a memory, whatever it read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from extraction.records import EntityMention, ExtractedFact
from graphmem.limits import Limits


@dataclass(frozen=True, slots=True)
class Bounded:
    """Facts within the limits, in their order, and how many were left out: ``surplus`` of messages that gave too many,
    ``unwieldy`` with too long a name."""

    facts: tuple[ExtractedFact, ...]
    surplus: int = 0
    unwieldy: int = 0


def within(facts: Sequence[ExtractedFact], limits: Limits) -> Bounded:
    """Return the facts that a memory takes: those with names of bearable length, of each message the surest.

    Args:
        facts: what was read, in the order of the text.
        limits: ``message_facts``, ``name_chars`` and ``evidence_chars`` of them count here.
    """
    wieldy = [_trimmed(fact, limits) for fact in facts if not _is_unwieldy(fact, limits.name_chars)]
    of_turn: dict[int, list[int]] = {}
    for place, fact in enumerate(wieldy):
        of_turn.setdefault(fact.turn, []).append(place)
    kept: set[int] = set()
    for places in of_turn.values():
        surest = sorted(places, key=lambda place: -wieldy[place].confidence)
        kept.update(surest[: limits.message_facts])
    return Bounded(
        tuple(fact for place, fact in enumerate(wieldy) if place in kept),
        surplus=len(wieldy) - len(kept),
        unwieldy=len(facts) - len(wieldy),
    )


def _is_unwieldy(fact: ExtractedFact, most: int) -> bool:
    return any(len(text) > most for text in (fact.subject.name, fact.object.name, fact.verb or ""))


def _trimmed(fact: ExtractedFact, limits: Limits) -> ExtractedFact:
    """The fact itself when there is nothing to trim, as nearly always."""
    subject, object_ = (_with_short_aliases(end, limits.name_chars) for end in (fact.subject, fact.object))
    if subject is fact.subject and object_ is fact.object and len(fact.evidence) <= limits.evidence_chars:
        return fact
    return replace(fact, subject=subject, object=object_, evidence=fact.evidence[: limits.evidence_chars])


def _with_short_aliases(mention: EntityMention, most: int) -> EntityMention:
    short = tuple(alias for alias in mention.aliases if len(alias) <= most)
    return mention if len(short) == len(mention.aliases) else replace(mention, aliases=short)
