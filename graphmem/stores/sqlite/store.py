"""The store: one method for each verb of `graphmem.stores.base.Store`, which hands the work to a thread of the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from extraction.records import NO_USAGE, Usage
from graphmem.records import Finding, Forgotten, Message, PendingJob, SummaryLine
from graphmem.stores.base import (
    Appended,
    Backlog,
    Changes,
    Claim,
    Description,
    Gone,
    Job,
    Ledger,
    LedgerUpdate,
    NewInteraction,
    Recall,
    Recalled,
    Selection,
)
from graphmem.stores.embedding import Kind, StoredText, VectorSpace
from graphmem.stores.sqlite import (
    applying,
    conversation,
    describing,
    embedding,
    forgetting,
    inspecting,
    ledger,
    recalling,
    summarizing,
)
from graphmem.stores.sqlite.connection import Database
from graphmem.stores.sqlite.vector_cache import VectorCache
from graphmem.stores.summarizing import SessionPart


class SqliteStore:
    """A `graphmem.stores.base.Store` in an SQLite database; its methods are documented there.

    Args:
        database: open; it is closed with the store.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._vectors = VectorCache()

    async def append(self, interaction: NewInteraction) -> Appended:
        return await self._database.write(lambda c: conversation.append(c, interaction))

    async def claim(self, claim: Claim) -> list[Job]:
        return await self._database.write(lambda c: conversation.claim(c, claim))

    async def apply(
        self,
        user_id: str,
        update: LedgerUpdate,
        *,
        job_id: str | None = None,
        finish: bool = True,
        usage: Usage = NO_USAGE,
    ) -> Changes:
        return await self._database.write(lambda c: applying.apply(c, user_id, update, job_id, finish, usage))

    async def release(
        self,
        job_id: str,
        *,
        error: str | None,
        retry_at: datetime | None,
        parked: bool = False,
        attempted: bool = True,
    ) -> None:
        await self._database.write(lambda c: conversation.release(c, job_id, error, retry_at, parked, attempted))

    async def recall(self, request: Recall) -> Recalled:
        return await self._database.read(
            lambda c: embedding.with_similar(c, request, recalling.recall(c, request), self._vectors)
        )

    async def ledger(self, user_id: str) -> Ledger:
        return await self._database.read(lambda c: ledger.ledger(c, user_id))

    async def messages(
        self,
        *,
        user_id: str | None,
        session_id: str | None,
        limit: int | None = None,
        not_before: datetime | None = None,
    ) -> list[Message]:
        return await self._database.read(lambda c: conversation.messages(c, user_id, session_id, limit, not_before))

    async def forget(self, selection: Selection, revise: Callable[[Ledger, Gone], Changes]) -> Forgotten:
        users = await self._database.read(lambda c: forgetting.users_concerned(c, selection))
        total = Forgotten()
        for user_id in users:
            step = partial(forgetting.forget, user_id=user_id, selection=selection, revise=revise)
            total = forgetting.sum_of(total, await self._database.write(step, scrub=user_id == users[-1]))
        return total

    async def describe(self, user_id: str | None = None, *, limit: int = 1000) -> Description:
        return await self._database.read(lambda c: describing.describe(c, user_id, max(0, limit)))

    async def backlog(self, user_id: str | None = None) -> Backlog:
        """See `graphmem.stores.base.Store.backlog`."""
        return await self._database.read(lambda c: describing.backlog(c, user_id))

    async def inspect(self, user_id: str | None = None, *, repair: bool = False) -> list[Finding]:
        """See `graphmem.stores.inspecting.InspectedStore.inspect`."""
        if repair:
            return await self._database.write(lambda c: inspecting.inspect(c, user_id, repair), scrub=True)
        return await self._database.read(lambda c: inspecting.inspect(c, user_id, repair))

    async def pending(self, user_id: str | None = None, *, limit: int = 1000) -> list[PendingJob]:
        """See `graphmem.stores.inspecting.InspectedStore.pending`."""
        return await self._database.read(lambda c: inspecting.pending(c, user_id, limit))

    async def session_part(self, session_id: str, *, keep: int, limit: int) -> SessionPart | None:
        """See `graphmem.stores.summarizing.SummarizedStore.session_part`."""
        return await self._database.read(lambda c: summarizing.session_part(c, session_id, keep, limit))

    async def keep_summary(
        self, session_id: str, summary: Sequence[SummaryLine], *, summarized: int, revision: str
    ) -> bool:
        """See `graphmem.stores.summarizing.SummarizedStore.keep_summary`."""
        return await self._database.write(
            lambda c: summarizing.keep_summary(c, session_id, summary, summarized, revision)
        )

    async def without_vector(
        self,
        space: VectorSpace,
        *,
        user_id: str,
        kind: Kind,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 1000,
    ) -> list[StoredText]:
        """See `graphmem.stores.embedding.EmbeddingStore.without_vector`."""
        return await self._database.read(
            lambda c: embedding.without_vector(c, space, user_id, kind, since, until, limit)
        )

    async def users_without_vector(self, space: VectorSpace, *, since: datetime | None = None) -> list[str]:
        """See `graphmem.stores.embedding.EmbeddingStore.users_without_vector`."""
        return await self._database.read(lambda c: embedding.users_without_vector(c, space, since))

    async def keep_vectors(self, space: VectorSpace, vectors: Sequence[tuple[StoredText, bytes]]) -> int:
        """See `graphmem.stores.embedding.EmbeddingStore.keep_vectors`."""
        return await self._database.write(lambda c: embedding.keep_vectors(c, space, vectors))

    async def keep_short_vectors(self, vectors: Sequence[tuple[StoredText, str]]) -> int:
        """See `graphmem.stores.embedding.ShortVectorStore.keep_short_vectors`."""
        return await self._database.write(lambda c: embedding.keep_short_vectors(c, vectors))

    async def close(self) -> None:
        await self._database.close()
