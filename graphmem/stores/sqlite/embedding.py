"""Vectors: which texts have none, keeping them, and the search for what is near, exact and within one user."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from graphmem.clock import from_text, to_text
from graphmem.records import Message
from graphmem.stores.base import Recall, Recalled
from graphmem.stores.embedding import BYTES_OF_A_NUMBER, Kind, Nearness, Similar, StoredText, VectorSpace
from graphmem.stores.sqlite import embedding_queries, queries
from graphmem.stores.sqlite.conversation import EVER
from graphmem.stores.sqlite.ledger import read_facts
from graphmem.stores.sqlite.rows import message_of
from graphmem.stores.sqlite.vector_cache import VectorCache, Vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COMPARED = 100_000
"""How many messages and how many facts of a user are compared at most, the newest."""
_FOR_EVER = "~"
"""A time after all others."""


def without_vector(
    connection: sqlite3.Connection,
    space: VectorSpace,
    user_id: str,
    kind: Kind,
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> list[StoredText]:
    """See `graphmem.stores.embedding.EmbeddingStore.without_vector`."""
    user = _user(connection, user_id)
    parameters = {
        **_space(space),
        "user": user,
        "since": EVER if since is None else to_text(since),
        "until": _FOR_EVER if until is None else to_text(until),
        "limit": max(0, limit),
    }
    if kind == "fact":
        found = connection.execute(embedding_queries.FACTS_WITHOUT_VECTOR, parameters)
        return [StoredText(user_id, None, id, text, from_text(at)) for id, text, at in found]
    rows = connection.execute(embedding_queries.MESSAGES_WITHOUT_VECTOR, parameters)
    return [StoredText(user_id, session_id, id, text, from_text(at)) for session_id, id, text, at in rows]


def users_without_vector(connection: sqlite3.Connection, space: VectorSpace, since: datetime | None) -> list[str]:
    """See `graphmem.stores.embedding.EmbeddingStore.users_without_vector`."""
    parameters = {**_space(space), "since": EVER if since is None else to_text(since)}
    return [id for (id,) in connection.execute(embedding_queries.USERS_WITHOUT_VECTOR, parameters)]


def keep_vectors(
    connection: sqlite3.Connection, space: VectorSpace, vectors: Sequence[tuple[StoredText, bytes]]
) -> int:
    """See `graphmem.stores.embedding.EmbeddingStore.keep_vectors`."""
    kept = 0
    for text, vector in vectors:
        query = embedding_queries.KEEP_FACT_VECTOR if text.kind == "fact" else embedding_queries.KEEP_MESSAGE_VECTOR
        row = {**_row(connection, text), "model": space.model, "vector": vector}
        kept += connection.execute(query, row).rowcount
    return kept


def keep_short_vectors(connection: sqlite3.Connection, vectors: Sequence[tuple[StoredText, str]]) -> int:
    """See `graphmem.stores.embedding.ShortVectorStore.keep_short_vectors`."""
    kept = 0
    for text, vector in vectors:
        row = {**_row(connection, text), "vector": vector}
        kept += connection.execute(embedding_queries.KEEP_SHORT_VECTOR, row).rowcount
    return kept


def _row(connection: sqlite3.Connection, text: StoredText) -> dict[str, object]:
    """What both kinds of vectors are kept by."""
    user = _user(connection, text.user_id)
    return {"user": user, "session_id": text.session_id, "id": text.id, "text": text.text}


def with_similar(connection: sqlite3.Connection, request: Recall, recalled: Recalled, cache: VectorCache) -> Recalled:
    """Return what was recalled with what is near to the question by meaning, within the same transaction."""
    similar = request.similar
    user = None if similar is None else _user(connection, recalled.user_id)
    if similar is None or user is None:
        return recalled
    import numpy as np

    since = EVER if request.not_before is None else to_text(request.not_before)
    vector = _question(connection, similar, request, since)
    if vector is None:
        return recalled
    parameters = {**_space(similar.space), "user": user, "since": since, "limit": COMPARED}
    if since == EVER:
        vectors = cache.read(connection, "message", parameters)
    else:
        vectors = Vectors.of(connection.execute(embedding_queries.MESSAGE_VECTORS_SINCE, parameters), parameters)
    of_messages = _Compared(vectors, vector)
    of_facts = _Compared(cache.read(connection, "fact", parameters), vector)
    if not of_messages.cosines and not of_facts.cosines:
        return recalled
    pks = _with_neighbours(connection, of_messages.nearest(similar.messages), similar, request, since)
    facts = recalled.facts + _further_facts(connection, user, of_facts.nearest(similar.facts), recalled)
    matches = recalled.matches + _further_messages(connection, pks, recalled)
    compared = np.concatenate([of_messages.values, of_facts.values])
    return replace(
        recalled,
        matches=matches,
        facts=facts,
        nearness=Nearness(
            messages=_by_place(connection, (*matches, *recalled.messages), of_messages.cosines),
            facts=_by_fact(connection, user, [f.id for f in facts], of_facts.cosines),
            mean=float(compared.mean()),
            spread=float(compared.std()),
        ),
    )


class _Compared:
    """The cosines of vectors with the question's, by row number of the message or fact."""

    def __init__(self, vectors: Vectors, vector: bytes) -> None:
        import numpy as np

        self._pks = vectors.pks
        self.values: NDArray[np.float32] = vectors.matrix @ np.frombuffer(vector, dtype="<f4")
        self.cosines = dict(zip(self._pks, self.values.tolist(), strict=True))

    def nearest(self, most: int) -> list[int]:
        """Return the row numbers of the nearest, best first, of equal ones the newest."""
        order = (-self.values[::-1]).argsort(kind="stable")[: max(0, most)]
        return [self._pks[-1 - place] for place in order.tolist()]


def _question(connection: sqlite3.Connection, similar: Similar, request: Recall, since: str) -> bytes | None:
    if similar.vector is not None or request.session_id is None or request.query is not None:
        return similar.vector
    parameters = {**_space(similar.space), "session_id": request.session_id, "since": since}
    found = connection.execute(embedding_queries.VECTOR_OF_LAST_QUESTION, parameters).fetchone()
    return None if found is None else bytes(found[0])


def _with_neighbours(
    connection: sqlite3.Connection, nearest: Sequence[int], similar: Similar, request: Recall, since: str
) -> list[int]:
    pks = dict.fromkeys(nearest)
    reach = max(0, request.reach)
    for part in queries.chunks(nearest[: max(0, similar.neighbours)]):
        query = queries.filled(queries.PKS_AROUND, len(part))
        pks.update((pk, None) for (pk,) in connection.execute(query, (reach, reach, *part, since)))
    return list(pks)


def _further_messages(connection: sqlite3.Connection, pks: Sequence[int], recalled: Recalled) -> tuple[Message, ...]:
    """Return the messages of these rows that are not among the matches yet."""
    there = {(m.session_id, m.seq) for m in recalled.matches}
    further: dict[tuple[str, int], Message] = {}
    for part in queries.chunks(pks):
        query = queries.filled(queries.MESSAGES_BY_PK, len(part))
        for message in map(message_of, connection.execute(query, part)):
            if (message.session_id, message.seq) not in there:
                further[message.session_id, message.seq] = message
    return tuple(further.values())


def _further_facts(
    connection: sqlite3.Connection, user: int, pks: Sequence[int], recalled: Recalled
) -> tuple[Any, ...]:
    there = {fact.id for fact in recalled.facts}
    found = read_facts(connection, user, pks)
    return tuple(found[pk] for pk in pks if found[pk].id not in there)


def _by_place(
    connection: sqlite3.Connection, messages: Iterable[Message], cosines: Mapping[int, float]
) -> dict[tuple[str, int], float]:
    seqs: dict[str, set[int]] = defaultdict(set)
    for message in messages:
        seqs[message.session_id].add(message.seq)
    near: dict[tuple[str, int], float] = {}
    for session_id, places in seqs.items():
        session = connection.execute(queries.SESSION, (session_id,)).fetchone()[0]
        for part in queries.chunks(sorted(places)):
            query = queries.filled(embedding_queries.PKS_OF_PLACES, len(part))
            for pk, seq in connection.execute(query, (session, *part)):
                if pk in cosines:
                    near[session_id, seq] = cosines[pk]
    return near


def _by_fact(
    connection: sqlite3.Connection, user: int, ids: Sequence[str], cosines: Mapping[int, float]
) -> dict[str, float]:
    near: dict[str, float] = {}
    for part in queries.chunks(ids):
        query = queries.filled(queries.FACT_PKS_BY_ID, len(part))
        near |= {id: cosines[pk] for id, pk, _ in connection.execute(query, (user, *part)) if pk in cosines}
    return near


def _space(space: VectorSpace) -> dict[str, Any]:
    return {"model": space.model, "length": space.size * BYTES_OF_A_NUMBER}


def _user(connection: sqlite3.Connection, user_id: str) -> int | None:
    found = connection.execute(queries.USER, (user_id,)).fetchone()
    return None if found is None else int(found[0])
