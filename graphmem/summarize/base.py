"""The protocol of a summariser, for one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from graphmem.records import Message


@runtime_checkable
class Summarizer(Protocol):
    """Rewrites the summary of a session when messages have left the buffer. Keeps no state between calls."""

    async def summarize(self, summary: str, messages: Sequence[Message]) -> str:
        """Return a summary that takes the place of ``summary`` and covers ``messages`` as well.

        It is called in the background, at most once at a time for a session. After a message was forgotten it is called with
        an empty ``summary`` and what is left.

        Args:
            summary: the summary so far; empty at first.
            messages: what came after it, oldest first; seldom more than `graphmem.summarize.keeper.PORTION`.

        Raises:
            SummaryError: not now; the summary stays as it was, and the same is asked for later.
        """
        ...


class SummaryError(Exception):
    """A summariser could not do its work now; ``str()`` is the cause in one line."""
