"""Vectors: which texts have none, keeping them, and a recall that looks for what is near."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from math import sqrt
from struct import unpack
from typing import TYPE_CHECKING, Any

from graphmem.clock import from_text, to_text
from graphmem.stores.base import Recall, Recalled
from graphmem.stores.embedding import BYTES_OF_A_NUMBER, Kind, Nearness, Similar, StoredText, VectorSpace
from graphmem.stores.neo4j import embedding_queries as q
from graphmem.stores.neo4j import recalling
from graphmem.stores.neo4j.connection import Connection, row
from graphmem.stores.neo4j.keys import message_key, owner_key
from graphmem.stores.neo4j.ledger import entities_of, facts_of
from graphmem.stores.neo4j.rows import message_of

if TYPE_CHECKING:
    from neo4j import AsyncManagedTransaction

COMPARED = 5_000
"""How many messages and how many facts of a user are compared at most, the newest: with 384 numbers they take 50 ms, with 1,536 150."""
_FOR_EVER = "~"
"""A time after all others."""


async def without_vector(
    connection: Connection,
    space: VectorSpace,
    user_id: str,
    kind: Kind,
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> list[StoredText]:
    """See `graphmem.stores.embedding.EmbeddingStore.without_vector`."""
    parameters = {
        **_space(space),
        "owner": owner_key(user_id),
        "since": recalling.time_bound(since),
        "until": _FOR_EVER if until is None else to_text(until),
        "limit": max(0, limit),
    }
    query = q.MESSAGES_WITHOUT_VECTOR if kind == "message" else q.FACTS_WITHOUT_VECTOR
    found = await connection.ask(query, parameters)
    return [StoredText(user_id, r["session_id"], r["id"], r["text"], from_text(r["at"])) for r in found]


async def users_without_vector(connection: Connection, space: VectorSpace, since: datetime | None) -> list[str]:
    """See `graphmem.stores.embedding.EmbeddingStore.users_without_vector`."""
    parameters = {**_space(space), "since": recalling.time_bound(since)}
    return [found["user_id"] for found in await connection.ask(q.USERS_WITHOUT_VECTOR, parameters)]


async def keep_vectors(connection: Connection, space: VectorSpace, vectors: Sequence[tuple[StoredText, bytes]]) -> int:
    """See `graphmem.stores.embedding.EmbeddingStore.keep_vectors`."""
    by_user: dict[str, dict[Kind, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for text, vector in vectors:
        key = text.id if text.session_id is None else message_key(text.session_id, text.id)
        by_user[text.user_id][text.kind].append({"key": key, "text": text.text, "vector": _numbers(vector)})
    kept = 0
    for user_id, by_kind in by_user.items():

        async def keep(tx: AsyncManagedTransaction, user_id: str = user_id, by_kind: Any = by_kind) -> int:
            written = 0
            for kind, new in by_kind.items():
                query = q.KEEP_MESSAGE_VECTORS if kind == "message" else q.KEEP_FACT_VECTORS
                found = await row(tx, query, {**_space(space), "owner": owner_key(user_id), "vectors": new})
                written += found["kept"]
            return written

        kept += await connection.write(keep)
    return kept


async def keep_short_vectors(connection: Connection, vectors: Sequence[tuple[StoredText, str]]) -> int:
    """See `graphmem.stores.embedding.ShortVectorStore.keep_short_vectors`."""
    by_user: dict[str, list[dict[str, str]]] = defaultdict(list)
    for text, vector in vectors:
        key = message_key(text.session_id or "", text.id)
        by_user[text.user_id].append({"key": key, "text": text.text, "vector": vector})
    kept = 0
    for user_id, new in by_user.items():

        async def keep(tx: AsyncManagedTransaction, user_id: str = user_id, new: list[dict[str, str]] = new) -> int:
            found = await row(tx, q.KEEP_SHORT_VECTORS, {"owner": owner_key(user_id), "vectors": new})
            written: int = found["kept"]
            return written

        kept += await connection.write(keep)
    return kept


async def recall(connection: Connection, request: Recall) -> Recalled:
    """Recall with one query; see `graphmem.stores.base.Store.recall`."""
    similar = request.similar
    if similar is None:
        return await recalling.recall(connection, request)
    recalled, found = await recalling.recall_with(connection, request, q.SIMILAR_RECALL, _parameters(request, similar))
    return _with_similar(recalled, found)


def _parameters(request: Recall, similar: Similar) -> dict[str, Any]:
    return {
        **_space(similar.space),
        "vector": None if similar.vector is None else _numbers(similar.vector),
        "asked": similar.vector is None and request.session_id is not None and request.query is None,
        "similar_messages": max(0, similar.messages),
        "similar_facts": max(0, similar.facts),
        "similar_neighbours": max(0, similar.neighbours),
        "compared": COMPARED,
    }


def _with_similar(recalled: Recalled, found: Any) -> Recalled:
    (mean, spread, number) = _pooled(found["of_messages"], found["of_facts"])
    if not number:
        return recalled
    there = {(m.session_id, m.seq) for m in recalled.matches}
    further = [message_of(m[:-1], recalled.user_id) for m in found["similar"]]
    matches = (*recalled.matches, *(m for m in further if (m.session_id, m.seq) not in there))
    known = {fact.id for fact in recalled.facts}
    more = facts_of(found["similar_facts"], entities_of(found["similar_ends"]))
    facts = (*recalled.facts, *(fact for fact in more if fact.id not in known))
    cosines = dict(found["message_cosines"])
    places = {message_key(m.session_id, m.id): (m.session_id, m.seq) for m in (*matches, *recalled.messages)}
    return replace(
        recalled,
        matches=matches,
        facts=facts,
        nearness=Nearness(
            messages={place: cosines[key] for key, place in places.items() if key in cosines},
            facts=dict(found["fact_cosines"]),
            mean=mean,
            spread=spread,
        ),
    )


def _pooled(*parts: tuple[float | None, float, int]) -> tuple[float, float, int]:
    """Return average, standard deviation and number of several sets, each given by its own."""
    there = [(mean, spread, number) for mean, spread, number in parts if mean is not None and number]
    total = sum(number for _, _, number in there)
    if not total:
        return 0.0, 0.0, 0
    mean = sum(m * n for m, _, n in there) / total
    squares = sum((s * s + m * m) * n for m, s, n in there) / total
    return mean, sqrt(max(0.0, squares - mean * mean)), total


def _space(space: VectorSpace) -> dict[str, Any]:
    return {"model": space.model, "size": space.size}


def _numbers(vector: bytes) -> list[float]:
    return list(unpack(f"<{len(vector) // BYTES_OF_A_NUMBER}f", vector))
