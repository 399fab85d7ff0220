"""The Neo4j store: the verbs of `graphmem.stores.base.Store`, each one transaction (forgetting a big user is several)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from extraction.records import NO_USAGE, Usage
from graphmem.clock import to_text
from graphmem.errors import SessionOwnerError
from graphmem.records import Finding, Forgotten, Message, PendingJob, Stats, SummaryLine
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
from graphmem.stores.neo4j import (
    appending,
    embedding,
    forget,
    inspecting,
    ledger,
    operator,
    queries,
    recalling,
    summarizing,
)
from graphmem.stores.neo4j.connection import Connection, row
from graphmem.stores.neo4j.keys import job_key, name_key, owner_key
from graphmem.stores.neo4j.ledger_queries import BEGIN_CHANGE
from graphmem.stores.summarizing import SessionPart
from graphmem.stores.surviving import surviving, without

if TYPE_CHECKING:
    from neo4j import AsyncManagedTransaction

_TRIES_FOR_A_SESSION = 5


class _NothingToWrite(Exception):
    """Rolls back a transaction that began a user for whom there was nothing to write."""


class Neo4jStore:
    """Memories in Neo4j; see `graphmem.stores.base.Store` for what each verb promises.

    Args:
        connection: an open connection to a database with graphmem's constraints and indexes; closed by `close`.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def append(self, interaction: NewInteraction) -> Appended:
        """See `graphmem.stores.base.Store.append`. One query."""
        parameters = appending.append_parameters(interaction)
        for _ in range(_TRIES_FOR_A_SESSION):
            try:
                return await appending.append(self._connection, interaction, parameters)
            except forget.InterruptedForgetting as interrupted:
                await forget.finish_forgetting(self._connection, str(interrupted))
            except appending.SessionTaken:
                continue
        raise SessionOwnerError(interaction.session_id)

    async def claim(self, claim: Claim) -> list[Job]:
        """See `graphmem.stores.base.Store.claim`."""
        return await self._connection.write(lambda tx: appending.claim(tx, claim))

    async def apply(
        self,
        user_id: str,
        update: LedgerUpdate,
        *,
        job_id: str | None = None,
        finish: bool = True,
        usage: Usage = NO_USAGE,
    ) -> Changes:
        """See `graphmem.stores.base.Store.apply`. One query when nothing changes, else two; one more for the whole ledger."""
        owner = owner_key(user_id)
        parameters: dict[str, Any] = {
            "owner": owner,
            "user": appending.user_row(user_id),
            "job_key": None if job_id is None else job_key(job_id),
            "finish": finish,
            "names": [name_key(key) for key in update.keys],
            "predicates": list(update.predicates),
            "symmetric": list(update.symmetric),
            "usage": asdict(usage),
        }

        async def change(tx: AsyncManagedTransaction) -> Changes:
            found = await row(tx, BEGIN_CHANGE, parameters)
            if found["forgetting"]:
                raise forget.InterruptedForgetting
            if job_id is not None and (not found["job_found"] or found["job_empty"]):
                raise _NothingToWrite
            known = Ledger() if found["created"] else ledger.ledger_of(found["entities"], found["facts"])

            async def decided(update: LedgerUpdate, known: Ledger) -> tuple[Ledger, Changes]:
                changes = update.decide(known)
                if changes is None:
                    known = Ledger(whole=True) if found["created"] else await ledger.read_whole(tx, user_id)
                    changes = update.decide(known) or Changes()
                return known, changes

            known, changes = await decided(update, known)
            gone = ledger.statements_of(changes, frozenset(found["gone"]))
            again = without(update, changes, gone)
            if again is not None:
                known, changes = await decided(again, known)
            else:
                changes = surviving(changes, known, gone)
            if changes:
                await ledger.write(tx, user_id, changes)
            elif found["created"]:
                raise _NothingToWrite
            return changes

        while True:
            try:
                return await self._connection.write(change)
            except _NothingToWrite:
                return Changes()
            except forget.InterruptedForgetting:
                await forget.finish_forgetting(self._connection, owner)

    async def release(
        self,
        job_id: str,
        *,
        error: str | None,
        retry_at: datetime | None,
        parked: bool = False,
        attempted: bool = True,
    ) -> None:
        """See `graphmem.stores.base.Store.release`."""
        parameters = {
            "key": job_key(job_id),
            "error": error,
            "retry_at": None if error is None or retry_at is None else to_text(retry_at),
            "parked": parked,
            "attempted": attempted,
        }
        await self._connection.change(queries.RELEASE, parameters, bool)

    async def recall(self, request: Recall) -> Recalled:
        """See `graphmem.stores.base.Store.recall`. One query."""
        return await embedding.recall(self._connection, request)

    async def ledger(self, user_id: str) -> Ledger:
        """See `graphmem.stores.base.Store.ledger`."""
        return await self._connection.read(lambda tx: ledger.read_whole(tx, user_id))

    async def messages(
        self,
        *,
        user_id: str | None,
        session_id: str | None,
        limit: int | None = None,
        not_before: datetime | None = None,
    ) -> list[Message]:
        """See `graphmem.stores.base.Store.messages`."""
        return await recalling.messages(self._connection, user_id, session_id, limit, not_before)

    async def forget(self, selection: Selection, revise: Callable[[Ledger, Gone], Changes]) -> Forgotten:
        """See `graphmem.stores.base.Store.forget`.

        What takes more than `graphmem.stores.neo4j.forget.PORTION` nodes takes several transactions: a whole user is marked first and
        seems gone from then on, messages go portion by portion. Neo4j's own transaction logs keep what was written until
        they are rotated (``db.tx_log.rotation.retention_policy``).
        """
        return await forget.forget(self._connection, selection, revise)

    async def describe(self, user_id: str | None = None, *, limit: int = 1000) -> Description:
        """See `graphmem.stores.base.Store.describe`."""
        query = queries.DESCRIBE_ALL if user_id is None else queries.DESCRIBE_USER
        parameters = {"owner": None if user_id is None else owner_key(user_id), "limit": limit}
        found = await self._connection.ask_one(query, parameters)
        if found is None:
            return Description(Stats(0, 0, 0, 0, 0, 0, 0), (), ())
        stats = Stats(**{field: found[field] for field in Stats.__slots__})
        user_ids, session_ids = sorted(found["user_ids"]), sorted(found["session_ids"])
        return Description(stats, tuple(user_ids), tuple(session_ids))

    async def backlog(self, user_id: str | None = None) -> Backlog:
        """See `graphmem.stores.base.Store.backlog`. One query."""
        query = queries.BACKLOG if user_id is None else queries.BACKLOG_OF_USER
        parameters = {"owner": None if user_id is None else owner_key(user_id)}
        return Backlog(**await self._connection.ask_one(query, parameters))

    async def run_read(
        self, query: str, parameters: Mapping[str, Any] | None = None, timeout: float = 5.0, limit: int = 1000
    ) -> list[dict[str, Any]]:
        """Run an operator's query over the whole database, for reading only.

        Args:
            query: Cypher.
            parameters: its parameters.
            timeout: seconds after which the server ends it.
            limit: at most how many rows come back.

        Raises:
            CypherError: the query is wrong; says where.
            CypherNotAllowed: it would write.
            CypherTimeout: it took too long.
        """
        return await operator.run_read(self._connection, query, dict(parameters or {}), timeout, limit)

    async def inspect(self, user_id: str | None = None, *, repair: bool = False) -> list[Finding]:
        """See `graphmem.stores.inspecting.InspectedStore.inspect`."""
        return await inspecting.inspect(self._connection, user_id, repair)

    async def pending(self, user_id: str | None = None, *, limit: int = 1000) -> list[PendingJob]:
        """See `graphmem.stores.inspecting.InspectedStore.pending`."""
        return await inspecting.pending(self._connection, user_id, limit)

    async def session_part(self, session_id: str, *, keep: int, limit: int) -> SessionPart | None:
        """See `graphmem.stores.summarizing.SummarizedStore.session_part`. One query."""
        return await summarizing.session_part(self._connection, session_id, keep, limit)

    async def keep_summary(
        self, session_id: str, summary: Sequence[SummaryLine], *, summarized: int, revision: str
    ) -> bool:
        """See `graphmem.stores.summarizing.SummarizedStore.keep_summary`. One query."""
        return await summarizing.keep_summary(self._connection, session_id, summary, summarized, revision)

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
        """See `graphmem.stores.embedding.EmbeddingStore.without_vector`. One query."""
        return await embedding.without_vector(self._connection, space, user_id, kind, since, until, limit)

    async def users_without_vector(self, space: VectorSpace, *, since: datetime | None = None) -> list[str]:
        """See `graphmem.stores.embedding.EmbeddingStore.users_without_vector`. One query, over all messages and facts."""
        return await embedding.users_without_vector(self._connection, space, since)

    async def keep_vectors(self, space: VectorSpace, vectors: Sequence[tuple[StoredText, bytes]]) -> int:
        """See `graphmem.stores.embedding.EmbeddingStore.keep_vectors`. One query for a user's messages, one for the facts."""
        return await embedding.keep_vectors(self._connection, space, vectors)

    async def keep_short_vectors(self, vectors: Sequence[tuple[StoredText, str]]) -> int:
        """See `graphmem.stores.embedding.ShortVectorStore.keep_short_vectors`. One query a user."""
        return await embedding.keep_short_vectors(self._connection, vectors)

    async def close(self) -> None:
        """Close all connections. A second call does nothing."""
        await self._connection.close()
