"""Recall: the newest messages, those that fit the query, what it names and the facts around, all from one read transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence

from graphmem.clock import to_text
from graphmem.errors import StoreError
from graphmem.records import Entity, Fact, Message
from graphmem.stores.base import Recall, Recalled
from graphmem.stores.sqlite import queries
from graphmem.stores.sqlite.conversation import EVER, newest_of_session, session_of
from graphmem.stores.sqlite.ledger import entities_named, own_entity, read_facts
from graphmem.stores.sqlite.rows import match_texts, message_of
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
    own = own_entity(connection, user, user_id)
    linked = {} if query is None else entities_named(connection, user, query.keys)
    return Recalled(
        user_id=user_id,
        query=query,
        messages=()
        if session is None
        else tuple(newest_of_session(connection, session, since, max(0, request.newest))),
        matches=() if query is None else _matches(connection, user, user_id, query.terms, since, request),
        linked=tuple(linked.values()),
        user=None if own is None else own[1],
        facts=_facts(connection, user, user_id, own, linked, query, request.facts),
        message_count=connection.execute(queries.COUNT_MESSAGES, (user, since)).fetchone()[0],
        summary=() if session is None else summary_since(connection, session, since),
    )


def _last_question(connection: sqlite3.Connection, session: int, since: str) -> Probe | None:
    found = connection.execute(queries.LAST_USER_TEXT, (session, since)).fetchone()
    return None if found is None else probe(found[0])


def _matches(
    connection: sqlite3.Connection, user: int, user_id: str, terms: Sequence[str], since: str, request: Recall
) -> tuple[Message, ...]:
    """Return the messages that share most terms, the newest of those that share as many, and what stands around the best.

    Each term is looked up on its own in the full-text index and SQL counts how often a message turns up, so that what
    is counted are distinct terms and not their weights, which no two search engines would agree on.
    """
    texts = match_texts(user_id, terms)
    if not texts or request.candidates <= 0:
        return ()
    best = connection.execute(queries.best_matches(len(texts)), (*texts, user, since, request.candidates))
    pks = {pk: None for (pk,) in best}
    reach = max(0, request.reach)
    for part in queries.chunks(list(pks)[: max(0, request.neighbours)]):
        query = queries.filled(queries.PKS_AROUND, len(part))
        pks.update((pk, None) for (pk,) in connection.execute(query, (reach, reach, *part, since)))
    found = []
    for part in queries.chunks(list(pks)):
        query = queries.filled(queries.MESSAGES_BY_PK, len(part))
        found += [message_of(row) for row in connection.execute(query, part)]
    return tuple(found)


def _facts(
    connection: sqlite3.Connection,
    user: int,
    user_id: str,
    own: tuple[int, Entity] | None,
    linked: Collection[int],
    query: Probe | None,
    most: int,
) -> tuple[Fact, ...]:
    """Return the facts around what is linked, then the user's own, then those in the query's words, until there are enough."""
    chosen: dict[int, None] = {}
    me = {own[0]} if own else set()
    ends = _take_touching(connection, user, linked, most, chosen)
    if len(chosen) < most:
        _take_touching(connection, user, ends - set(linked) - me, most, chosen)
    if len(chosen) < most:
        _take_touching(connection, user, me, most, chosen)
    if len(chosen) < most and query is not None:
        _take_worded(connection, user, match_texts(user_id, query.terms), most, chosen)
    entities = {own[0]: own[1]} if own else {}
    facts = read_facts(connection, user, list(chosen), entities)
    return tuple(facts[pk] for pk in chosen)


def _take_touching(
    connection: sqlite3.Connection, user: int, entities: Collection[int], most: int, chosen: dict[int, None]
) -> set[int]:
    """Add the facts that touch ``entities`` to ``chosen`` until there are ``most``; return what is at their ends."""
    ranked: dict[int, tuple[object, ...]] = {}
    ends: set[int] = set()
    # those chosen already may come again, so that as many more are asked for
    limit = max(0, most) + len(chosen)
    for part in queries.chunks(sorted(entities)):
        for end in ("subject", "object"):
            query = queries.filled(queries.RANKED_TOUCHING.replace("{end}", end), len(part))
            for pk, subject, object, *rank in connection.execute(query, (user, *part, limit)):
                ranked[pk] = tuple(rank)
                ends |= {subject, object}
    _take(ranked, most, chosen)
    return ends


def _take_worded(
    connection: sqlite3.Connection, user: int, texts: Sequence[str], most: int, chosen: dict[int, None]
) -> None:
    """Add the facts that share a term with the query."""
    found: dict[int, None] = {}
    for text in texts:
        found.update((pk, None) for (pk,) in connection.execute(queries.FACTS_WITH_TERM, (text,)))
    ranked: dict[int, tuple[object, ...]] = {}
    for part in queries.chunks(list(found)):
        query = queries.filled(queries.RANK_OF_FACTS, len(part))
        ranked |= {pk: tuple(rank) for pk, *rank in connection.execute(query, (user, *part))}
    _take(ranked, most, chosen)


def _take(ranked: dict[int, tuple[object, ...]], most: int, chosen: dict[int, None]) -> None:
    for pk in sorted(ranked.keys() - chosen.keys(), key=ranked.__getitem__, reverse=True):
        if len(chosen) >= most:
            return
        chosen[pk] = None
