"""The speaker under the own name: after "I'm Emre", what is told of Emre is told of the speaker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from extraction.local.candidates import Candidate
from extraction.local.entities import Entity
from extraction.names import normalize_name
from extraction.records import FactStatus

_SELDOM_NAMESAKES = frozenset(("HAS_COLLEAGUE", "HAS_FRIEND", "HAS_PARENT"))


def taken_for_speaker(candidates: Sequence[Candidate], speaker: Entity) -> Iterator[Candidate]:
    """Yield the candidates of a turn, with the speaker in the place of whoever has the name that the speaker gives.

    Somebody of the same name who is introduced as another one (a daughter named after her mother) stays who that is; but that
    a parent, friend or colleague has the speaker's name is not believed without a wording that says so.

    Args:
        candidates: of the turn.
        speaker: who says "I".
    """
    given = [
        c for c in candidates if c.predicate == "HAS_NAME" and c.subject is speaker and c.status is FactStatus.CURRENT
    ]
    names = {normalize_name(name) for c in given for name in (c.object.name, c.object.name.split()[0])}
    surest = max((c.confidence for c in given), default=0.0)
    believed = [
        c
        for c in candidates
        if c.predicate not in _SELDOM_NAMESAKES
        or c.source
        or c.object.label != "Person"
        or normalize_name(c.object.name) not in names
        or c.confidence >= surest
    ]
    others = {id(c.object) for c in believed if c.object.label == "Person" and c.predicate != "HAS_NAME"}
    for candidate in believed:
        subject = candidate.subject
        own = subject.label == "Person" and normalize_name(subject.name) in names and id(subject) not in others
        yield replace(candidate, subject=speaker) if own and subject is not speaker else candidate
