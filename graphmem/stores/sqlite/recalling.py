"""Recall: the newest messages, those that fit the query, what it names and the facts around, all from one read transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from typing import Any

from graphmem.clock import to_text
from graphmem.errors import StoreError
from graphmem.records import Entity, Fact
from graphmem.stores.base import LINKED_SHARE, OWN_SHARE, TIES, WORDED_SHARE, Recall, Recalled
from graphmem.stores.sqlite import queries
from graphmem.stores.sqlite.conversation import EVER, newest_of_session, session_of
from graphmem.stores.sqlite.ledger import entities_named, own_entity, read_facts
from graphmem.stores.sqlite.matching import NEWEST, matches
from graphmem.stores.sqlite.rows import match_texts
from graphmem.stores.sqlite.summarizing import summary_since
from graphmem.text import Probe, probe


def recall(connection: sqlite3.Connection, request: Recall) -> Recalled:
    """See `graphmem.stores.base.Store.recall`."""
    session: int | None = None
    user_id = request.user_id
    if request.session_id is not None:
        found = session_of(connection, request.session_id, user_id)
        if found is not None:
            session, _, user_id = found
        elif user_id is None:
            user_id = request.session_id
    if user_id is None:
        raise StoreError("a recall needs a user_id or a session_id; give one of them")
    row = connection.execute(queries.USER, (user_id,)).fetchone()
    if row is None:
        return Recalled(user_id, request.query, (), (), (), None, (), 0)
    user: int = row[0]
    since = EVER if request.not_before is None else to_text(request.not_before)
    query = request.query
    if query is None and session is not None:
        query = _last_question(connection, session, since)
    count = _count(connection, user, since)
    fitting, frequencies, short_vectors = (
        ((), {}, {}) if query is None else matches(connection, user, user_id, query.terms, since, count, request)
    )
    own = own_entity(connection, user, user_id)
    linked = {} if query is None else entities_named(connection, user, query.keys)
    return Recalled(
        user_id=user_id,
        query=query,
        messages=()
        if session is None
        else tuple(newest_of_session(connection, session, since, max(0, request.newest))),
        matches=fitting,
        linked=tuple(linked.values()),
        user=None if own is None else own[1],
        facts=_facts(connection, user, user_id, own, linked, query, request),
        message_count=count,
        summary=() if session is None else summary_since(connection, session, since),
        frequencies=frequencies,
        short_vectors=short_vectors,
    )


def _count(connection: sqlite3.Connection, user: int, since: str) -> int:
    query, values = (queries.COUNT_MESSAGES, (user, since)) if since else (queries.MESSAGES_OF_USER, (user,))
    count: int = connection.execute(query, values).fetchone()[0]
    return count


def _last_question(connection: sqlite3.Connection, session: int, since: str) -> Probe | None:
    found = connection.execute(queries.LAST_USER_TEXT, (session, since)).fetchone()
    return None if found is None else probe(found[0])


def _facts(
    connection: sqlite3.Connection,
    user: int,
    user_id: str,
    own: tuple[int, Entity] | None,
    linked: Collection[int],
    query: Probe | None,
    request: Recall,
) -> tuple[Fact, ...]:
    """Return the facts of a recall in the order of `graphmem.stores.base.Store.recall`, until there are enough."""
    most = max(0, request.facts)
    me = {own[0]} if own else set()
    meant = {*linked, *_tied(connection, user, me, request.through)}
    near, ends = _touching(connection, user, meant, most)
    worded = [] if query is None else _worded(connection, user, list(match_texts(user_id, query.terms).values()), most)
    chosen: dict[int, None] = {}
    for group in request.predicates:
        _take(_own_of(connection, user, me, group, most // OWN_SHARE), most, chosen)
    _take(near[: most // LINKED_SHARE], most, chosen)
    _take(worded[: most // WORDED_SHARE], most, chosen)
    _take(near, most, chosen)
    if len(chosen) < most:
        _take(_touching(connection, user, ends - meant - me, most)[0], most, chosen)
    if len(chosen) < most:
        _take(_touching(connection, user, me, most)[0], most, chosen)
    _take(worded, most, chosen)
    entities = {own[0]: own[1]} if own else {}
    facts = read_facts(connection, user, list(chosen), entities)
    return tuple(facts[pk] for pk in chosen)


def _own_of(
    connection: sqlite3.Connection, user: int, me: Collection[int], predicates: Sequence[str], most: int
) -> list[int]:
    """Return the user's own facts of some predicates, best first."""
    rows: list[Sequence[Any]] = []
    for entity in me:
        for predicate in predicates:
            rows += connection.execute(queries.RANKED_OF_SUBJECT_AND_PREDICATE, (user, entity, predicate, most))
        for part in queries.chunks(predicates):
            query = queries.filled(queries.RANKED_OF_OBJECT_AND_PREDICATES, len(part))
            rows += connection.execute(query, (user, entity, *part, most))
    ranked = {pk: rank for pk, *rank in rows}
    return sorted(ranked, key=ranked.__getitem__, reverse=True)[:most]


def _tied(connection: sqlite3.Connection, user: int, me: set[int], through: Sequence[str]) -> set[int]:
    """Return whom the user's own facts of some predicates tie to the user."""
    if not through:
        return set()
    ties = _own_of(connection, user, me, through, TIES)
    found = connection.execute(queries.filled(queries.ENDS_OF_FACTS, len(ties)), (user, *ties)) if ties else ()
    return {end for ends in found for end in ends} - me


def _touching(
    connection: sqlite3.Connection, user: int, entities: Collection[int], most: int
) -> tuple[list[int], set[int]]:
    """Return the best facts that touch ``entities``, at least ``most`` of them where there are, best first; and what is at their ends."""
    ranked: dict[int, tuple[object, ...]] = {}
    ends: set[int] = set()
    for part in queries.chunks(sorted(entities)):
        for end in ("subject", "object"):
            query = queries.filled(queries.RANKED_TOUCHING.replace("{end}", end), len(part))
            for pk, subject, object, *rank in connection.execute(query, (user, *part, 2 * most)):
                ranked[pk] = tuple(rank)
                ends |= {subject, object}
    return sorted(ranked, key=ranked.__getitem__, reverse=True), ends


def _worded(connection: sqlite3.Connection, user: int, texts: Sequence[str], most: int) -> list[int]:
    """Return the facts that share a term with the query, those that share most first."""
    shared: dict[int, int] = {}
    for text in texts:
        for (pk,) in connection.execute(queries.FACTS_WITH_TERM, (text, most + NEWEST)):
            shared[pk] = shared.get(pk, 0) + 1
    ranked: dict[int, tuple[object, ...]] = {}
    likely = sorted(shared, key=lambda pk: (shared[pk], pk), reverse=True)[: 2 * most]
    for part in queries.chunks(likely):
        query = queries.filled(queries.RANK_OF_FACTS, len(part))
        ranked |= {pk: (shared[pk], *rank) for pk, *rank in connection.execute(query, (user, *part))}
    return sorted(ranked, key=ranked.__getitem__, reverse=True)


def _take(pks: Sequence[int], most: int, chosen: dict[int, None]) -> None:
    """Add facts to ``chosen`` until there are ``most``."""
    for pk in pks:
        if len(chosen) >= most:
            return
        chosen[pk] = None
