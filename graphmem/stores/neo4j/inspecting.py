"""Looking at the graph from inside: every relationship that follows from the ledger is there once, and nothing else is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from extraction.records import USER_LABEL, FactStatus
from graphmem.clock import from_text
from graphmem.records import Finding, PendingJob
from graphmem.stores.base import Changes, Ledger
from graphmem.stores.neo4j import inspect_queries as q
from graphmem.stores.neo4j import ledger as ledgers
from graphmem.stores.neo4j.connection import Connection, row, rows
from graphmem.stores.neo4j.keys import name_keys, owner_key
from graphmem.stores.neo4j.rows import fact_row
from graphmem.stores.neo4j.schema import FACT_SEARCH, MESSAGE_SEARCH
from graphmem.text import terms

if TYPE_CHECKING:
    from neo4j import AsyncManagedTransaction


@dataclass(frozen=True, slots=True)
class _Graph:
    """What is stored of one user, apart from the ledger."""

    links: list[tuple[str, str, str]]
    present: list[tuple[str | None, str, str, str]]
    mentions: list[tuple[str, str]]
    names: dict[str, list[str]]
    properties: dict[str, dict[str, Any]]
    messages: list[Any]
    indexed: dict[str, set[str]]
    counted: int
    empty_sessions: list[Any]
    empty_jobs: list[Any]
    lost_vectors: list[str]


async def inspect(connection: Connection, user_id: str | None, repair: bool) -> list[Finding]:
    """See `graphmem.stores.inspecting.InspectedStore.inspect`; one transaction a user, and one for what is nobody's."""
    owner = None if user_id is None else owner_key(user_id)
    found: list[Finding] = []
    run = connection.write if repair else connection.read
    for user in await connection.read(lambda tx: rows(tx, q.USERS, {"owner": owner})):
        key, id = user["owner"], user["user_id"]
        found += await run(lambda tx, key=key, id=id: _inspect_user(tx, key, id, repair))  # type: ignore[misc]
    if user_id is None:
        found += await run(lambda tx: inspect_rest(tx, repair))
    return found


async def pending(connection: Connection, user_id: str | None, limit: int) -> list[PendingJob]:
    """See `graphmem.stores.inspecting.InspectedStore.pending`."""
    parameters = {"owner": None if user_id is None else owner_key(user_id), "limit": max(0, limit)}
    return [_pending_job(dict(found)) for found in await connection.read(lambda tx: rows(tx, q.PENDING, parameters))]


def _pending_job(found: Mapping[str, Any]) -> PendingJob:
    times = {name: None if found[name] is None else from_text(found[name]) for name in ("retry_at", "leased_until")}
    return PendingJob(**{**found, **times, "message_ids": tuple(found["message_ids"])})


async def _inspect_user(tx: AsyncManagedTransaction, owner: str, user_id: str, repair: bool) -> list[Finding]:
    if repair:
        await rows(tx, q.LOCK, {"owner": owner})
    ledger, broken = await _ledger(tx, user_id)
    if broken:
        return broken
    graph = await _graph(tx, owner)
    of_ledger = list(_ledger_findings(user_id, ledger, graph))
    of_messages = list(_message_findings(user_id, owner, graph))
    if repair and of_ledger:
        for query in (q.UNTIE, q.UNTIE_FACTS):
            await rows(tx, query, {"owner": owner})
        await ledgers.write(tx, user_id, Changes(entities=ledger.entities, facts=ledger.facts))
    if repair and of_messages:
        await _repair_messages(tx, owner, graph)
    return [*of_ledger, *of_messages]


async def _ledger(tx: AsyncManagedTransaction, user_id: str) -> tuple[Ledger, list[Finding]]:
    try:
        return await ledgers.read_whole(tx, user_id), []
    except (KeyError, ValueError, TypeError) as error:
        text = f"a fact or an entity of the user cannot be read: {type(error).__name__} {error}"
        return Ledger(), [Finding("damaged", user_id, user_id, text, repairable=False)]


async def _graph(tx: AsyncManagedTransaction, owner: str) -> _Graph:
    async def ask(query: str) -> list[Any]:
        return await rows(tx, query, {"owner": owner})

    return _Graph(
        links=[(r["fact"], r["type"], r["node"]) for r in await ask(q.LINKS)],
        present=[(r["fact"], r["subject"], r["type"], r["object"]) for r in await ask(q.PRESENT)],
        mentions=[(r["message"], r["entity"]) for r in await ask(q.MENTIONS)],
        names={r["entity"]: r["keys"] for r in await ask(q.NAMES)},
        properties={r["fact"]: r["properties"] for r in await ask(q.PROPERTIES)},
        messages=await ask(q.MESSAGES),
        indexed={what: {r["id"] for r in await ask(query)} for what, query in q.INDEXED.items()},
        counted=(await row(tx, q.USER, {"owner": owner}))["counted"],
        empty_sessions=await ask(q.SESSIONS),
        empty_jobs=await ask(q.JOBS),
        lost_vectors=[r["key"] for r in await ask(q.VECTORS)],
    )


def _ledger_findings(user_id: str, ledger: Ledger, graph: _Graph) -> Iterator[Finding]:
    """Compare what follows from the ledger with what is there. Pure."""
    there = {m["key"] for m in graph.messages}
    written = {f.id: fact_row(user_id, f) for f in ledger.facts}
    stated = {id: [key for key in r["messages"] if key in there] for id, r in written.items()}
    links = [(f.id, "SUBJECT", f.subject.id) for f in ledger.facts]
    links += [(f.id, "OBJECT", f.object.id) for f in ledger.facts]
    links += [(id, "STATED_IN", key) for id, keys in stated.items() for key in keys]
    links += [(f.id, "SUPERSEDES", old) for f in ledger.facts for old in set(f.supersedes) & written.keys()]
    for fact, type, node in _differing(links, graph.links):
        yield Finding("link", user_id, fact, f"the fact {fact} has its {type} to {node} missing or too often")
    current = [f for f in ledger.facts if f.status is FactStatus.CURRENT]
    present = [(f.id, f.subject.id, f.predicate, f.object.id) for f in current]
    for id, subject, type, _ in _differing(present, graph.present):
        text = f"the fact {id} and the relationship {type} of the entity {subject} are not in step"
        yield Finding("present", user_id, id or subject, text)
    mentions = {(key, e.id) for f in ledger.facts for key in stated[f.id] for e in (f.subject, f.object)}
    own = {e.id for e in ledger.entities if e.label == USER_LABEL}
    for key, entity in _differing((m for m in mentions if m[1] not in own), graph.mentions):
        yield Finding("link", user_id, entity, f"the entity {entity} is not tied to message {key} as it should be")
    for e in ledger.entities:
        # the user is found as such, and by a name once one is known
        wanted, keys = Counter(name_keys(e)), Counter(graph.names.get(e.id, []))
        if wanted != keys and not (e.label == USER_LABEL and not keys and e.name == "User"):
            yield Finding("link", user_id, e.id, f"the names that lead to the entity {e.id} are not its own")
    for id, r in written.items():
        if {k: v for k, v in r["properties"].items() if v is not None} != graph.properties.get(id):
            yield Finding("search", user_id, id, f"the fact {id} is not kept as it would be written")
        elif id not in graph.indexed["fact"]:
            yield _not_indexed(user_id, id, "fact", FACT_SEARCH)


def _message_findings(user_id: str, owner: str, graph: _Graph) -> Iterator[Finding]:
    for m in graph.messages:
        if m["terms"] != _terms(owner, m["text"]):
            yield Finding("search", user_id, m["id"], f"the search index has other words for the message {m['id']!r}")
        elif m["key"] not in graph.indexed["message"]:
            yield _not_indexed(user_id, m["id"], "message", MESSAGE_SEARCH)
        if m["held"] != 1:
            text = f"the message {m['id']!r} is not tied to its session {m['session_id']!r} once"
            yield Finding("lost-order", user_id, m["id"], text)
        elif m["last_seq"] < m["seq"]:
            text = f"the session {m['session_id']!r} counts {m['last_seq']} places, and {m['seq']} are taken"
            yield Finding("counter", user_id, m["session_id"], text)
    if graph.counted != len(graph.messages):
        text = f"the user counts {graph.counted} messages, and there are {len(graph.messages)}"
        yield Finding("counter", user_id, user_id, text)
    for s in graph.empty_sessions:
        yield Finding("orphan", user_id, s["id"], f"the session {s['id']!r} has no messages")
    for key in graph.lost_vectors:
        yield Finding("orphan", user_id, key, "a vector is of no message and no fact")
    for j in graph.empty_jobs:
        yield Finding("orphan", user_id, j["id"], f"the job {j['id']!r} waits for messages that are not there")


async def _repair_messages(tx: AsyncManagedTransaction, owner: str, graph: _Graph) -> None:
    await rows(tx, q.DELETE_JOBS, {"keys": [j["key"] for j in graph.empty_jobs]})
    await rows(tx, q.DELETE_VECTORS, {"keys": graph.lost_vectors})
    await rows(tx, q.EMPTY_SESSIONS, {"keys": [s["key"] for s in graph.empty_sessions]})
    placed = [
        {"key": m["key"], "session_key": m["session_key"], "session_id": m["session_id"], "terms": wanted}
        for m in graph.messages
        if (wanted := _terms(owner, m["text"])) != m["terms"] or m["held"] != 1 or m["last_seq"] < m["seq"]
    ]
    await rows(tx, q.PLACE_MESSAGES, {"owner": owner, "messages": placed})
    await rows(tx, q.SET_COUNT, {"owner": owner, "count": len(graph.messages)})


def _not_indexed(user_id: str, id: str, what: str, index: str) -> Finding:
    text = f"the {what} {id!r} is not in the search index: drop the index {index} and open the store again"
    return Finding("search", user_id, id, text, repairable=False)


def _terms(owner: str, text: str) -> list[str]:
    return [owner, *dict.fromkeys(terms(text))]


async def inspect_rest(tx: AsyncManagedTransaction, repair: bool) -> list[Finding]:
    """Look for what is no user's: relationships between users, nodes of users who are not there."""
    mixed = await rows(tx, q.MIXED, {})
    left = await rows(tx, q.LEFT_OVER, {})
    names = await rows(tx, q.NAMES_OF_NOBODY, {})
    found = [
        Finding("mixed-users", None, r["id"], f"a relationship {r['type']} leads from one user to another")
        for r in mixed
    ]
    found += [Finding("orphan", None, r["id"], f"a {r['label']} belongs to no user") for r in left]
    found += [Finding("orphan", None, r["id"], "a name leads to nothing") for r in names]
    if repair and found:
        await rows(tx, q.DELETE_RELATIONSHIPS, {"ids": [r["id"] for r in mixed]})
        await rows(tx, q.DELETE_NODES, {"ids": [r["id"] for r in (*left, *names)]})
    return found


def _differing(wanted: Iterable[Hashable], there: Iterable[Hashable]) -> list[Any]:
    """Return what is there too often or not often enough."""
    one, other = Counter(wanted), Counter(there)
    return [*(one - other), *(item for item in other - one if item not in one - other)]
