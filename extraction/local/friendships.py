""" "Carla and I fell out", "I lost touch with Carla": what parts friends, and is no end of a couple unless they were one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from extraction.kinship import role_of
from extraction.local.build import Reading
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity
from extraction.records import FactStatus

_COUPLE = frozenset({"PARTNER_OF", "MARRIED_TO"})
_PARTED = (
    ("fell", "out"),
    ("fallen", "out"),
    ("falling", "out"),
    ("lost", "touch"),
    ("drifted", "apart"),
    ("grown", "apart"),
    ("grew", "apart"),
    ("speaking", "terms"),
    ("stopped", "talking"),
    ("stopped", "speaking"),
    ("not", "talk"),
    ("not", "talking"),
    ("not", "speak"),
    ("not", "speaking"),
)
_RECONCILED = (("made", "up"), ("make", "up"), ("made", "peace"))


def reread(
    candidates: Sequence[Candidate], told: Sequence[Candidate], readings: Sequence[Reading], speaker: Entity
) -> list[Candidate]:
    """Return the candidates of a turn, a parting of friends not taken for that of a couple.

    Args:
        candidates: of the turn.
        told: what was read before it.
        readings: its sentences.
        speaker: who says "I".
    """
    by_number = {reading.number: reading for reading in readings}
    reread = []
    for c in candidates:
        reading = by_number.get(c.sentence)
        if (
            reading is None
            or not _ends_a_couple(c, speaker)
            or c.predicate in _relations(c.object, told, reading, speaker)
        ):
            reread.append(c)
        elif _says(reading, _PARTED):
            if _relations(c.object, told, reading, speaker) <= {"HAS_FRIEND"}:
                reread.append(replace(c, predicate="HAS_FRIEND"))
        elif not _says(reading, _RECONCILED):
            reread.append(c)
    return reread


def _ends_a_couple(c: Candidate, speaker: Entity) -> bool:
    return c.predicate in _COUPLE and c.status is FactStatus.ENDED and c.subject is speaker and not c.ends_all


def _relations(other: Entity, told: Sequence[Candidate], reading: Reading, speaker: Entity) -> set[str]:
    """What is known of the speaker and the other: by what was told before, and by how the other is called."""
    known = {link.predicate for link in reading.mentions.links if link.entity is other and link.owner is speaker}
    known |= {c.predicate for c in told if c.object is other and c.subject is speaker}
    return known | {role.predicate for role in map(role_of, (*other.aliases, other.name)) if role is not None}


def _says(reading: Reading, wordings: Sequence[tuple[str, ...]]) -> bool:
    norms = reading.sentence.norms
    return any(norms[i : i + len(words)] == words for words in wordings for i in range(len(norms)))
