""" "Dai is back! Living in Neath again": a sentence without a subject goes on about whom the one before it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from extraction.local.build import Reading
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity

_GOING_ON = frozenset(
    "living lives works working studies studying stays staying teaches teaching runs running based".split()
)
_LEADS = frozenset("and still now currently also so".split())
_FIRST = frozenset("i we my our me us mine ours".split())


def reread(candidates: Sequence[Candidate], readings: Sequence[Reading], speaker: Entity) -> list[Candidate]:
    """Return the candidates of a turn, those of a sentence without a subject told of whom the sentence before is about.

    Args:
        candidates: of the turn.
        readings: its sentences, in order.
        speaker: who says "I", for whom such sentences were taken.
    """
    about: dict[int, Entity] = {}
    for before, reading in pairwise(readings):
        if _goes_on(reading) and (somebody := about.get(before.number) or _only_subject(before, speaker)) is not None:
            about[reading.number] = somebody
    return [
        replace(c, subject=about[c.sentence]) if c.subject is speaker and c.sentence in about else c for c in candidates
    ]


def _goes_on(reading: Reading) -> bool:
    said = reading.sentence.norms
    norms = [norm for norm in said if norm not in _LEADS]
    still = said[0] == "still" and said[1:2] in (("a",), ("an",), ("the",))
    return norms[:1] != [] and (still or norms[0] in _GOING_ON) and _FIRST.isdisjoint(norms)


def _only_subject(reading: Reading, speaker: Entity) -> Entity | None:
    """Return who the sentence begins with, when the speaker is nowhere in it."""
    norms = reading.sentence.norms
    if not _FIRST.isdisjoint(norms):
        return None
    start = next((i for i, norm in enumerate(norms) if norm not in _LEADS), len(norms))
    mention = next((m for m in reading.mentions.items if m.start == start), None)
    if mention is None or mention.entity is speaker or mention.entity.label != "Person" or mention.entity.plural:
        return None
    return mention.entity
