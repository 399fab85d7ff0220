"""What something that reads a message may propose as a fact, before the rules judge it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from extraction.records import FactStatus


@dataclass(frozen=True, slots=True)
class Proposal:
    """A possible fact, as spans of characters of the message.

    Args:
        object_start, object_end: the object.
        predicate: one of the catalogue's.
        subject: the span that names the subject; None is the user.
        status: what the words say of it: current, ended or negated.
        confidence: 0 to 1, the estimated chance that it is right.
    """

    object_start: int
    object_end: int
    predicate: str
    subject: tuple[int, int] | None = None
    status: FactStatus = FactStatus.CURRENT
    confidence: float = 1.0


@runtime_checkable
class Proposer(Protocol):
    """Reads a message and proposes facts."""

    @property
    def predicates(self) -> Collection[str]:
        """What it looks for: a frame's reading of one of these is doubted when nothing is proposed for its words."""
        ...

    def propose(self, text: str, before: str | None = None) -> list[Proposal]:
        """Return proposals in the order of the text.

        Args:
            text: the message.
            before: the other side's message just before it, when the message may answer it.
        """
        ...
