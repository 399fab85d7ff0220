"""The operator's own Cypher: for reading only, bounded, with plain values."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from contract.builders import fact, learn, me, place, tell

from graphmem.errors import CypherError, CypherNotAllowed, CypherTimeout
from graphmem.stores.neo4j import Neo4jStore


async def test_rows_come_with_plain_values(store: Neo4jStore, user_id: str, session_id: str) -> None:
    """Nodes and relationships are their properties, a path is both in turn."""
    said = await tell(store, user_id, session_id, "I live in Porto")
    one = fact(me(user_id), "LIVES_IN", place(user_id, "Porto"), *said)
    await learn(store, user_id, one)
    query = """MATCH path = (u:User {user_id: $user})-[r:LIVES_IN]->(p) RETURN p, r, path, [p.name, {of: u.name}] AS nested"""
    (found,) = await store.run_read(query, {"user": user_id}, 5.0, 10)
    assert found["p"]["name"] == "Porto"
    assert found["r"] == {"fact_id": one.id, "confidence": 0.9}
    assert [step.get("name") for step in found["path"]] == ["User", None, "Porto"]
    assert found["nested"] == ["Porto", {"of": "User"}]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("date('2024-02-29')", dt.date(2024, 2, 29)),
        ("datetime('2024-02-29T10:00:00.000001+02:00')", dt.datetime(2024, 2, 29, 8, 0, 0, 1, tzinfo=dt.UTC)),
        ("localdatetime('2024-02-29T10:00')", dt.datetime(2024, 2, 29, 10)),
        ("localtime('10:30')", dt.time(10, 30)),
        ("duration('P1DT2S')", dt.timedelta(days=1, seconds=2)),
        ("duration('P1M')", "P1M"),
        ("point({x: 1, y: 2})", (1.0, 2.0)),
        ("null", None),
    ],
)
async def test_values_of_the_database_are_pythons(store: Neo4jStore, expression: str, value: Any) -> None:
    """Times, durations and points."""
    assert await store.run_read(f"RETURN {expression} AS v", {}, 5.0, 1) == [{"v": value}]


async def test_the_number_of_rows_is_bounded(store: Neo4jStore) -> None:
    """However many there would be."""
    endless = "UNWIND range(1, 100000000) AS n RETURN n"
    assert await store.run_read(endless, {}, 20.0, 3) == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert await store.run_read(endless, {}, 20.0, 0) == []


@pytest.mark.parametrize(
    "query",
    [
        "CREATE (:Fact)",
        "MATCH (n) DETACH DELETE n",
        "MATCH (n:User) SET n.name = 'x'",
        "CREATE INDEX nope FOR (n:Nope) ON (n.nope)",
        "MERGE (:Session {key: 'x'}) RETURN 1",
    ],
)
async def test_writing_is_not_allowed(store: Neo4jStore, query: str) -> None:
    """The server itself refuses."""
    with pytest.raises(CypherNotAllowed):
        await store.run_read(query, {}, 5.0, 10)


async def test_a_wrong_query_says_where(store: Neo4jStore) -> None:
    """Line and column."""
    with pytest.raises(CypherError, match="line 2, column"):
        await store.run_read("MATCH (n)\nRETRUN n", {}, 5.0, 10)
    with pytest.raises(CypherError, match="nothing"):
        await store.run_read("RETURN $nothing", {}, 5.0, 10)


async def test_a_slow_query_is_ended(store: Neo4jStore) -> None:
    """By the server, with an error of its own kind."""
    slow = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH a, b WHERE a + b < 0 RETURN count(*)"
    with pytest.raises(CypherTimeout, match="0.2 s"):
        await store.run_read(slow, {}, 0.2, 10)
