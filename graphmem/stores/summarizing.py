"""What a store may offer beside the verbs of `graphmem.stores.base.Store`: to keep a summary with each session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from graphmem.records import Message, SummaryLine


@dataclass(frozen=True, slots=True)
class SessionPart:
    """A session's summary and what is to be added to it.

    Args:
        summary: its lines, in their order. Empty, or to be written anew, when ``summarized`` is 0.
        summarized: the ``seq`` up to which it goes.
        revision: changes with every change of the summary, and whenever a message of the session goes.
        messages: the session's messages after ``summarized``, oldest first.
        telling: ids of those of ``messages`` that state a fact.
    """

    summary: tuple[SummaryLine, ...]
    summarized: int
    revision: str
    messages: tuple[Message, ...]
    telling: frozenset[str]


@runtime_checkable
class SummarizedStore(Protocol):
    """A store that keeps summaries. Both built-in ones do; one of another package may leave it away.

    When messages go, the same transaction takes the lines out of their session's summary that may have words of them, and if
    the summary went further than the first of them, it counts as going nowhere (``summarized`` 0), so that it is made anew.
    """

    async def session_part(self, session_id: str, *, keep: int, limit: int) -> SessionPart | None:
        """Return the summary of a session and the oldest ``limit`` messages that it does not cover, except for the ``keep``
        newest places of the session; None for an unknown session."""
        ...

    async def keep_summary(
        self, session_id: str, summary: Sequence[SummaryLine], *, summarized: int, revision: str
    ) -> bool:
        """Replace the summary of a session in one transaction, if its revision is still ``revision``; return whether it was.

        A session that was forgotten and began anew meanwhile has another revision.
        """
        ...
