"""Facts in the making: what frames, links and a model's proposals become before objects, times and confidence are settled."""

from __future__ import annotations

from dataclasses import dataclass, replace

from extraction.local.entities import Entity
from extraction.names import normalize_name
from extraction.records import FactStatus


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fact whose entities may still learn their names.

    Args:
        subject, predicate, object, status: the fact.
        place: the object's characters in the text.
        evidence: characters of the words it was read from.
        sentence: the number of its sentence in the turn.
        tokens: the first and last token (exclusive) of the wording in that sentence.
        confidence: so far.
        told: how it was said, for the times: "event", "state" or "link".
        source: the wording or stage it comes from, for measuring.
    """

    subject: Entity
    predicate: str
    object: Entity
    status: FactStatus
    place: tuple[int, int]
    evidence: tuple[int, int]
    sentence: int
    tokens: tuple[int, int]
    confidence: float
    told: str = "state"
    replaces: bool = False
    ends_all: bool = False
    verb: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    source: str = ""

    @property
    def key(self) -> tuple[int, str, str, FactStatus]:
        """What makes two readings the same fact."""
        return id(self.subject), self.predicate, normalize_name(self.object.name), self.status


def unique(candidates: list[Candidate]) -> list[Candidate]:
    """Return the candidates in the order of the text, each fact once with the most that was read of it."""
    kept: dict[tuple[int, str, str, FactStatus], Candidate] = {}
    for candidate in sorted(candidates, key=lambda c: (c.sentence, c.place)):
        known = kept.get(candidate.key)
        if known is None:
            kept[candidate.key] = candidate
            continue
        best, other = (candidate, known) if candidate.confidence > known.confidence else (known, candidate)
        kept[candidate.key] = replace(
            best,
            place=known.place,
            sentence=known.sentence,
            tokens=known.tokens,
            evidence=known.evidence,
            valid_from=best.valid_from or other.valid_from,
            valid_to=best.valid_to or other.valid_to,
            replaces=best.replaces or other.replaces,
        )
    return list(kept.values())
