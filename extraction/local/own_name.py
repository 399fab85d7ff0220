"""The speaker under the own name: after "I'm Emre", what is told of Emre is told of the speaker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from extraction.local.candidates import Candidate
from extraction.local.entities import Entity
from extraction.names import normalize_name
from extraction.records import FactStatus


def taken_for_speaker(candidates: Sequence[Candidate], speaker: Entity) -> Iterator[Candidate]:
    """Yield the candidates of a turn, with the speaker in the place of whoever has the name that the speaker gives.

    Somebody of the same name who is introduced as another one (a daughter named after her mother) stays who that is.

    Args:
        candidates: of the turn.
        speaker: who says "I".
    """
    names = {
        name
        for c in candidates
        if c.predicate == "HAS_NAME" and c.subject is speaker and c.status is FactStatus.CURRENT
        for name in (normalize_name(c.object.name), normalize_name(c.object.name.split()[0]))
    }
    others = {id(c.object) for c in candidates if c.object.label == "Person" and c.predicate != "HAS_NAME"}
    for candidate in candidates:
        subject = candidate.subject
        own = subject.label == "Person" and normalize_name(subject.name) in names and id(subject) not in others
        yield replace(candidate, subject=speaker) if own and subject is not speaker else candidate
