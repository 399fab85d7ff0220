"""Compares a user's graph in Neo4j with the ledger that the store gives: what is there, and that nothing else is."""

from __future__ import annotations

from typing import Any

from extraction.records import FactStatus
from graphmem.records import Fact
from graphmem.stores.base import Store
from graphmem.stores.neo4j.keys import name_keys

_LINKS = """
MATCH (f:Fact {user_id: $user})-[r:SUBJECT|OBJECT|STATED_IN|SUPERSEDES]->(n)
RETURN f.id AS fact, type(r) AS type, CASE WHEN n:Message THEN n.session_id + '/' + n.id ELSE n.id END AS node
"""
_PRESENT = """
MATCH (s:Entity {user_id: $user})-[r]->(o:Entity)
RETURN r.fact_id AS fact, s.id AS subject, type(r) AS type, o.id AS object
"""
_MENTIONS = "MATCH (m:Message {user_id: $user})-[r:MENTIONS]->(e:Entity) RETURN m.session_id + '/' + m.id AS message, e.id AS entity"
_NAMES = "MATCH (k:EntityKey)-[:NAMES]->(e:Entity {user_id: $user}) RETURN k.key AS key, e.id AS entity"
_COUNT = "MATCH (u:User {user_id: $user}) RETURN u.message_count AS counted"


async def assert_in_step(store: Store, cypher: Any, user_id: str) -> None:
    """Fail when a relationship of the user's graph is missing, doubled or left over."""
    ledger = await store.ledger(user_id)
    messages = {f"{m.session_id}/{m.id}" for m in await store.messages(user_id=user_id, session_id=None)}
    facts = {f.id: f for f in ledger.facts}
    links = _sorted((r["fact"], r["type"], r["node"]) for r in await cypher(_LINKS, user=user_id))
    stated = {f.id: _stated(f) & messages for f in ledger.facts}
    expected_links = _sorted(
        [
            *((f.id, "SUBJECT", f.subject.id) for f in ledger.facts),
            *((f.id, "OBJECT", f.object.id) for f in ledger.facts),
            *((f.id, "STATED_IN", m) for f in ledger.facts for m in stated[f.id]),
            *((f.id, "SUPERSEDES", old) for f in ledger.facts for old in set(f.supersedes) & facts.keys()),
        ]
    )
    assert links == expected_links, set(links) ^ set(expected_links)
    present = _sorted((r["fact"], r["subject"], r["type"], r["object"]) for r in await cypher(_PRESENT, user=user_id))
    assert present == _sorted(
        (f.id, f.subject.id, f.predicate, f.object.id) for f in ledger.facts if f.status is FactStatus.CURRENT
    )
    mentions = _sorted((r["message"], r["entity"]) for r in await cypher(_MENTIONS, user=user_id))
    assert mentions == _sorted(
        {(m, e.id) for f in ledger.facts for m in stated[f.id] for e in (f.subject, f.object) if e.label != "User"}
    )
    names = _sorted((r["key"], r["entity"]) for r in await cypher(_NAMES, user=user_id))
    expected = {(key, e.id) for e in ledger.entities for key in name_keys(e)}
    assert [n for n in names if n[0] != "user"] == _sorted(n for n in expected if n[0] != "user")
    for counted in await cypher(_COUNT, user=user_id):
        assert counted["counted"] == len(messages)


def _stated(fact: Fact) -> set[str]:
    return {f"{s.session_id}/{s.message_id}" for s in fact.statements if s.message_id in fact.message_ids}


def _sorted(rows: Any) -> list[Any]:
    return sorted(rows)
