"""The checker on Neo4j: every relationship that follows from the ledger is there once, and nothing else is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import neo4j
import pytest
from contract.builders import tell
from neo4j_server import Address

from graphmem import MemLayer, MemLayerConfig
from graphmem.stores.neo4j import open_store
from graphmem.stores.neo4j.inspecting import inspect_rest

pytestmark = pytest.mark.neo4j
Cypher = Callable[..., Awaitable[list[Any]]]

SABOTAGE = {
    "a typed relationship is missing": ("MATCH (:User {user_id: $user})-[r:LIVES_IN]->() DELETE r", "present"),
    "a typed relationship has no current fact": (
        "MATCH (u:User {user_id: $user}), (p:Place {user_id: $user, name: 'Leeds'}) CREATE (u)-[:LIVES_IN {fact_id: 'x'}]->(p)",
        "present",
    ),
    "a typed relationship is there twice": (
        "MATCH (u:User {user_id: $user})-[r:LIVES_IN]->(p) CREATE (u)-[s:LIVES_IN]->(p) SET s = properties(r)",
        "present",
    ),
    "a fact is not tied to its message": ("MATCH (:Fact {user_id: $user})-[r:STATED_IN]->() DELETE r", "link"),
    "a fact has no subject": (
        "MATCH (:Fact {user_id: $user, predicate: 'LIVES_IN'})-[r:SUBJECT]->() WITH r LIMIT 1 DELETE r",
        "link",
    ),
    "an entity is not found by its name": (
        "MATCH (k:EntityKey)-[:NAMES]->(:Entity {user_id: $user}) DETACH DELETE k",
        "link",
    ),
    "a message mentions nothing": ("MATCH (:Message {user_id: $user})-[r:MENTIONS]->() DELETE r", "link"),
    "an ended fact says that it is current": (
        "MATCH (f:Fact {user_id: $user, status: 'ended'}) SET f.status = 'current'",
        "several-current",
    ),
    "a fact says another thing than was said": (
        "MATCH (f:Fact {user_id: $user, status: 'current'}) SET f.text = 'likes war'",
        "ledger",
    ),
    "the words of a message are other ones": (
        "MATCH (m:Message {user_id: $user}) SET m.terms = ['elephant']",
        "search",
    ),
    "the words of a fact are other ones": ("MATCH (f:Fact {user_id: $user}) SET f.terms = ['elephant']", "search"),
    "a message is not in its session": (
        "MATCH (:Session {user_id: $user})-[r:HAS_MESSAGE]->() WITH r LIMIT 1 DELETE r",
        "lost-order",
    ),
    "a session counts too little": ("MATCH (s:Session {user_id: $user}) SET s.last_seq = 1", "counter"),
    "a user counts wrongly": ("MATCH (u:User {user_id: $user}) SET u.message_count = 77", "counter"),
    "a session has no messages": (
        "MATCH (u:User {user_id: $user}) CREATE (:Session {key: 'k' + $user, id: 'x', owner: u.key, user_id: $user, last_seq: 0})",
        "orphan",
    ),
    "a job waits for nothing": (
        "MATCH (u:User {user_id: $user}) CREATE (:Job {key: 'j' + $user, id: 'x', owner: u.key, message_keys: ['-']})",
        "orphan",
    ),
    "a vector is of nothing": (
        "MATCH (u:User {user_id: $user}) CREATE (:Embedding {key: 'v' + $user, owner: u.key, kind: 'message', at: '2024'})",
        "orphan",
    ),
    "an entity is in no fact": (
        "MATCH (u:User {user_id: $user}) "
        "CREATE (:Entity:Place {id: 'e' + $user, owner: u.key, user_id: $user, name: 'Nowhere', aliases: []})",
        "orphan",
    ),
}


@pytest.fixture
async def cypher(neo4j_address: Address) -> AsyncIterator[Cypher]:
    """Runs a query on the server, past the store."""
    async with neo4j.AsyncGraphDatabase.driver(
        neo4j_address.url, auth=neo4j_address.auth, notifications_min_severity="OFF"
    ) as driver:

        async def run(query: str, **parameters: Any) -> list[Any]:
            return (await driver.execute_query(query, parameters)).records

        yield run


@pytest.fixture
async def memory(neo4j_config: MemLayerConfig, user_id: str, session_id: str) -> AsyncIterator[MemLayer]:
    """A memory of one user that is in order."""
    async with MemLayer(replace(neo4j_config, extractor="rules")) as opened:
        for text in (
            "I'm Alice. I live in Leeds.",
            "My sister's name is Ana, she lives in Porto.",
            "I moved to Faro.",
            "I like tea.",
        ):
            await opened.store(session_id, {"input": text, "output": "I see."}, user_id=user_id)
        yield opened
        await opened.forget(user_id=user_id)


async def test_what_is_whole_has_no_findings_before_and_after_forgetting(
    memory: MemLayer, user_id: str, session_id: str
) -> None:
    assert await memory.check(user_id) == []
    (first, *_) = await memory.messages(session_id=session_id)
    await memory.forget(session_id=session_id, message_id=first.id)
    assert await memory.check(user_id) == []
    await memory.forget(session_id=session_id)
    assert await memory.check(user_id) == []


async def test_it_is_found_and_put_right(memory: MemLayer, cypher: Cypher, user_id: str) -> None:
    facts, messages = await memory.facts(user_id), await memory.messages(user_id=user_id)
    for what, (query, kind) in SABOTAGE.items():
        await cypher(query, user=user_id)
        found = await memory.check(user_id)
        assert kind in {f.kind for f in found}, what
        assert await memory.check(user_id, repair=True) == found, what
        assert await memory.check(user_id) == [], what
        assert await memory.facts(user_id) == facts, what
        assert await memory.messages(user_id=user_id) == messages, what
        typed = await cypher("MATCH (:User {user_id: $user})-[:LIVES_IN]->(p) RETURN p.name AS name", user=user_id)
        assert [record["name"] for record in typed] == ["Faro"], what


async def test_what_belongs_to_nobody_or_ties_two_users_goes(
    neo4j_config: MemLayerConfig, cypher: Cypher, user_id: str, session_id: str, unique: str
) -> None:
    """Other tests use the server too, so only what is made here is looked for."""
    store = await open_store(neo4j_config)
    await tell(store, user_id, session_id, "Hello")
    await cypher("CREATE (:Fact {id: 'f' + $x, owner: 'gone' + $x, predicate: 'LIKES'})", x=unique)
    await cypher(
        "MATCH (u:User {user_id: $user}) CREATE (u)-[:LIKES {mark: $x}]->(:Thing:Entity {id: 't' + $x, owner: 'gone' + $x})",
        user=user_id,
        x=unique,
    )
    kinds = [f.kind for f in await store._connection.write(lambda tx: inspect_rest(tx, repair=True))]
    assert "mixed-users" in kinds
    assert kinds.count("orphan") >= 2
    left = await cypher(
        "OPTIONAL MATCH (n {owner: 'gone' + $x}) OPTIONAL MATCH ()-[r {mark: $x}]->() RETURN n, r", x=unique
    )
    assert [(r["n"], r["r"]) for r in left] == [(None, None)]
    await store.close()
