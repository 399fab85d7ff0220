"""Recall and plain reading: parameters of the queries, and what comes back as records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmem.clock import to_text
from graphmem.errors import SessionOwnerError
from graphmem.records import Message
from graphmem.stores.base import LINKED_SHARE, OWN_SHARE, TIES, WORDED_SHARE, Recall, Recalled
from graphmem.stores.neo4j import queries
from graphmem.stores.neo4j.connection import Connection
from graphmem.stores.neo4j.keys import name_key, owner_key, session_key
from graphmem.stores.neo4j.ledger import entities_of, facts_of
from graphmem.stores.neo4j.rows import message_of
from graphmem.stores.neo4j.summarizing import lines_of
from graphmem.text import Probe, probe

if TYPE_CHECKING:
    from datetime import datetime

NO_LIMIT = 2**62


def time_bound(not_before: datetime | None) -> str:
    """Return what a message's time is compared with; every time is at least the empty text."""
    return "" if not_before is None else to_text(not_before)


async def recall(connection: Connection, request: Recall) -> Recalled:
    """Bring what `graphmem.stores.base.Store.recall` promises, with one query."""
    return (await recall_with(connection, request, queries.RECALL, {}))[0]


async def recall_with(
    connection: Connection, request: Recall, recall_query: str, more: dict[str, Any]
) -> tuple[Recalled, Any]:
    """Bring it with a query that brings more than `queries.RECALL`, and return what was found as well.

    Only when the session's last user message is too old and one before it is not (times that run backwards), the text
    of that one is fetched first to be the query.
    """
    parameters = {**_parameters(request, request.query), **more}
    found = await connection.ask_one(recall_query, parameters)
    query = request.query
    if found["stale"] and (asked := await connection.ask_one(queries.LAST_ASKED, parameters)):
        query = probe(asked["text"])
        found = await connection.ask_one(recall_query, {**_parameters(request, query), **more})
    if found["session_user"] is not None and request.user_id not in (None, found["session_user"]):
        raise SessionOwnerError(str(request.session_id))
    if query is None and found["query_terms"] is not None:
        query = Probe(tuple(found["query_keys"]), tuple(found["query_terms"]))
    user_id = request.user_id or found["session_user"] or request.session_id or ""
    entities = entities_of(found["entities"])
    matches = tuple(message_of(m, user_id) for m in found["matches"])
    with_vectors = zip(matches, found["short_vectors"], strict=True)
    recalled = Recalled(
        user_id=user_id,
        query=query,
        messages=tuple(message_of(m, user_id) for m in reversed(found["newest"])),
        matches=matches,
        linked=tuple(entities[id] for id in found["linked"]),
        user=entities.get(found["user"]),
        facts=facts_of(found["facts"], entities),
        message_count=found["message_count"] or 0,
        frequencies=dict(zip(() if query is None else query.terms, found["frequencies"], strict=False)),
        summary=tuple(line for line in lines_of(*found["summary"]) if to_text(line.since) >= parameters["not_before"]),
        short_vectors={(m.session_id, m.seq): vector for m, vector in with_vectors if vector},
    )
    return recalled, found


async def messages(
    connection: Connection,
    user_id: str | None,
    session_id: str | None,
    limit: int | None,
    not_before: datetime | None,
) -> list[Message]:
    """Bring what `graphmem.stores.base.Store.messages` promises, with one query."""
    parameters: dict[str, Any] = {
        "session_key": None if session_id is None else session_key(session_id),
        "owner": None if user_id is None else owner_key(user_id),
        "limit": NO_LIMIT if limit is None else limit,
        "not_before": time_bound(not_before),
    }
    found = await connection.ask(queries.USER_MESSAGES if session_id is None else queries.SESSION_MESSAGES, parameters)
    owner = next((record["user_id"] for record in found if record["user_id"] is not None), None)
    if owner is None:
        return []
    if session_id is not None and user_id not in (None, owner):
        raise SessionOwnerError(session_id)
    said = [message_of(record["message"], owner) for record in found if record["message"] is not None]
    return said[::-1]


def _parameters(request: Recall, query: Probe | None) -> dict[str, Any]:
    owner = request.user_id if request.user_id is not None else request.session_id
    return {
        "session_key": None if request.session_id is None else session_key(request.session_id),
        "given": None if request.user_id is None else owner_key(request.user_id),
        "owner": None if owner is None else owner_key(owner),
        "names": None if query is None else [name_key(key) for key in query.keys],
        "terms": None if query is None else list(query.terms),
        "newest": request.newest,
        "candidates": request.candidates,
        "neighbours": max(0, request.neighbours),
        "reach": max(0, request.reach),
        "facts": request.facts,
        "own_facts": request.facts // OWN_SHARE,
        "linked_facts": request.facts // LINKED_SHARE,
        "worded_facts": request.facts // WORDED_SHARE,
        "predicates": [list(wanted) for wanted in request.predicates],
        "through": list(request.through),
        "ties": TIES,
        "not_before": time_bound(request.not_before),
    }
