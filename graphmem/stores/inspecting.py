"""What a store may offer beside the verbs of `graphmem.stores.base.Store`: to look at itself, and to list what waits in it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from graphmem.records import Finding, PendingJob


@runtime_checkable
class InspectedStore(Protocol):
    """A store that can be inspected. Both built-in ones can; one of another package may leave it away."""

    async def inspect(self, user_id: str | None = None, *, repair: bool = False) -> list[Finding]:
        """Look for what contradicts itself in the way things are stored: search entries, links, counters, leftovers.

        What the ledger says is not judged here; see `graphmem.checking`. While a user is looked at the answer is about one
        state of the user's data; other processes may go on.

        Args:
            user_id: only that user's data; None for everything.
            repair: put right what is `Finding.repairable`, in the same transaction that finds it.

        Returns:
            What was found, whether it is put right by now or not.
        """
        ...

    async def pending(self, user_id: str | None = None, *, limit: int = 1000) -> list[PendingJob]:
        """Return the jobs that wait, of one user or of all, the oldest first."""
        ...
