"""The main job with its real parts: a transcript through the offline extractor into both stores gives the same memory."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import pytest

from graphmem import MemLayer
from graphmem.transcripts import Transcript

QUESTIONS = [
    "Where does Maya live?",
    "What should I cook for my sister?",
    "Who works at Barclays?",
    "Did I say anything about Bristol?",
    "dog",
]
QUERIES = [
    "MATCH (u:User)-[:LIVES_IN]->(p:Place) RETURN p.name AS city",
    "MATCH (f:Fact) RETURN f.status AS status, count(*) AS n ORDER BY status",
    "MATCH (u:User)-[r]->(x) RETURN type(r) AS relation, x.name AS name, r.since AS since ORDER BY relation, name",
    "MATCH (f:Fact {status: 'ended'})-[:OBJECT]->(o) RETURN f.predicate AS p, o.name AS o, f.valid_to AS until ORDER BY p, o",
    "MATCH (f:Fact)-[:STATED_IN]->(m:Message) RETURN m.id AS id, collect(f.text) AS facts ORDER BY id",
]


@pytest.mark.neo4j
async def test_the_demos_transcript_gives_the_same_facts_contexts_and_answers(sqlite_config, neo4j_config, unique):
    path = files("graphmem") / "data" / "demo.jsonl"
    user = f"maya-{unique}"
    seen = []
    for config in (sqlite_config, neo4j_config):
        async with MemLayer(replace(config, extractor="local")) as memory:
            for exchange in Transcript(str(path), user_id=user).exchanges():
                await memory.store(f"{unique}-{exchange.session_id}", exchange.interaction(), user_id=user)
            facts = await memory.facts(user)
            contexts = [await memory.get_context(f"{unique}-new", user_id=user, query=q) for q in QUESTIONS]
            hits = [await memory.search(q, user_id=user, kind="any") for q in QUESTIONS]
            rows = [await memory.cypher(q, user_id=user) for q in QUERIES]
            stats = await memory.stats(user)
            seen.append((facts, contexts, hits, rows, stats))
    sqlite, neo4j = seen
    assert sqlite[0] == neo4j[0]
    assert len(sqlite[0]) >= 10
    assert [str(c) for c in sqlite[1]] == [str(c) for c in neo4j[1]]
    assert sqlite[1] == neo4j[1]
    assert sqlite[2] == neo4j[2]
    assert sqlite[3] == neo4j[3]
    assert sqlite[4] == neo4j[4]
