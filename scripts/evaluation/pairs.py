"""Labelled pairs of names, and what becomes of them in a ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from extraction.catalogue import Catalogue
from extraction.records import USER, EntityMention
from graphmem.reconcile import derive
from graphmem.records import Statement

COLUMNS = ["label", "first", "second", "verdict", "use"]
_SAID = datetime(2024, 1, 1, tzinfo=UTC)


class InvalidPairs(Exception):
    """A file of pairs cannot be read; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names of one label, whether they are one entity, and what the pair is for ("choosing" or "measuring")."""

    label: str
    first: str
    second: str
    same: bool
    use: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts: all pairs, those that are one entity, those that are joined, and those that are both."""

    pairs: int
    same: int
    joined: int
    right: int

    def as_values(self) -> dict[str, int]:
        """Return the counts by name."""
        return {"pairs": self.pairs, "same": self.same, "joined": self.joined, "right": self.right}


def read_pairs(path: Path) -> list[Pair]:
    """Return the pairs of a tab-separated file with the columns `COLUMNS`; lines that begin with # are comments.

    Raises:
        InvalidPairs: a line has other columns or values.
    """
    pairs: list[Pair] = []
    header = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        fields = line.split("\t")
        if not header:
            header = True
            if fields != COLUMNS:
                raise InvalidPairs(f"{path}:{number}: the columns must be {', '.join(COLUMNS)}, separated by tabs")
        elif len(fields) != len(COLUMNS) or fields[3] not in ("same", "other"):
            raise InvalidPairs(f"{path}:{number}: give {', '.join(COLUMNS)}, with the verdict same or other")
        else:
            pairs.append(Pair(fields[0], fields[1], fields[2], fields[3] == "same", fields[4]))
    return pairs


def are_one(pair: Pair) -> bool:
    """Whether a user who says both names, in two sessions, has one entity in the end."""
    said = [_mentioned(EntityMention(name, pair.label), place) for place, name in enumerate((pair.first, pair.second))]
    ledger = derive("somebody", said, Catalogue())
    return len({entity.id for entity in ledger.entities if entity.label != "User"}) == 1


def tally(joined: Mapping[Pair, bool], label: str | None = None) -> Tally:
    """Return the counts over the pairs of ``label``, or over all.

    Args:
        joined: the pairs and whether each is joined.
        label: None for all.
    """
    wanted = [(pair, one) for pair, one in joined.items() if label in (None, pair.label)]
    return Tally(
        len(wanted),
        sum(pair.same for pair, _ in wanted),
        sum(one for _, one in wanted),
        sum(pair.same and one for pair, one in wanted),
    )


def _mentioned(mention: EntityMention, place: int) -> Statement:
    return Statement(
        id=f"statement {place}",
        session_id=f"session {place}",
        message_id=f"message {place}",
        at=_SAID + timedelta(days=place),
        order=place,
        subject=USER,
        predicate="RELATED_TO",
        object=mention,
        verb="mentions",
    )
