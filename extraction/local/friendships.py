""" "Carla and I fell out", "I lost touch with Carla": what parts friends, and is no end of a couple unless they were one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from extraction.kinship import COUPLE
from extraction.local.build import Reading
from extraction.local.candidates import Candidate
from extraction.local.couples import relations
from extraction.local.entities import Entity
from extraction.local.fitting import holds
from extraction.records import FactStatus

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
        if reading is None or not _ends_a_couple(c, speaker):
            reread.append(c)
            continue
        norms, known = reading.sentence.norms, relations(reading, c.object, told, speaker)
        if c.predicate in known:
            reread.append(c)
        elif any(holds(norms, words) for words in _PARTED):
            if known <= {"HAS_FRIEND"}:
                reread.append(replace(c, predicate="HAS_FRIEND"))
        elif not any(holds(norms, words) for words in _RECONCILED):
            reread.append(c)
    return reread


def _ends_a_couple(c: Candidate, speaker: Entity) -> bool:
    return c.predicate in COUPLE and c.status is FactStatus.ENDED and c.subject is speaker and not c.ends_all
