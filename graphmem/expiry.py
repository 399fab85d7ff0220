"""The time to live: messages past it are hidden at once, and removed in passing while others are stored."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from graphmem.errors import StoreError
from graphmem.stores.base import Changes, Gone, Ledger, Selection, Store

logger = logging.getLogger(__name__)

EVERY = timedelta(seconds=60)
"""What a user's messages are removed in passing at most once in."""
_MAX_REMEMBERED_USERS = 10_000


class Expiry:
    """Knows what has expired, and removes it in the background.

    Args:
        ttl: seconds that messages live; None for ever.
        with_facts: whether facts live no longer either.
        revise: judges anew what is left of a user's facts.
    """

    def __init__(self, ttl: float | None, *, with_facts: bool, revise: Callable[[Ledger, Gone], Changes]) -> None:
        self._ttl = None if ttl is None else timedelta(seconds=ttl)
        self._with_facts = with_facts
        self._revise = revise
        self._removed_at: dict[str, datetime] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def not_before(self, now: datetime) -> datetime | None:
        """Return from when on messages count; None when all do."""
        return None if self._ttl is None else now - self._ttl

    def selection(self, user_id: str | None, before: datetime) -> Selection:
        """Return what is to be removed, of one user or of all."""
        return Selection(user_id=user_id, expired_before=before, facts=self._with_facts)

    def in_passing(self, store: Store, user_id: str, now: datetime) -> None:
        """Remove what has expired of a user in the background, unless that was done a moment ago."""
        before, last = self.not_before(now), self._removed_at.get(user_id)
        if before is None or (last is not None and now - last < EVERY):
            return
        if len(self._removed_at) >= _MAX_REMEMBERED_USERS:
            self._removed_at.clear()
        self._removed_at[user_id] = now
        task = asyncio.create_task(self._remove(store, self.selection(user_id, before)), name="graphmem-expiry")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def wait(self) -> None:
        """Wait until what is being removed is gone."""
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Stop removing; what is left goes another time."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _remove(self, store: Store, selection: Selection) -> None:
        try:
            await store.forget(selection, self._revise)
        except StoreError as error:
            logger.warning("expired messages are left for later: %s", error)
