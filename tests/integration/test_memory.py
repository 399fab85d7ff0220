"""Every verb of the facade, on both stores."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from scripted_extractor import LivesIn

import graphmem.sync
from graphmem import Forgotten, MemLayer, MemLayerConfig
from graphmem.errors import (
    ConfigError,
    CypherNotAllowed,
    GraphMemError,
    IdempotencyConflict,
    InvalidInteraction,
    SessionOwnerError,
    StoreError,
    StoreUnavailable,
)


@pytest.fixture
async def memory(store_config):
    async with MemLayer(replace(store_config, extractor=LivesIn())) as memory:
        yield memory


async def tell(memory, session_id, *texts, user_id=None, start="2024-01-01T00:00:00Z"):
    at = datetime.fromisoformat(start)
    for number, text in enumerate(texts):
        await memory.store(
            session_id,
            {"input": text, "output": "ok", "at": at + timedelta(days=number), "id": f"m{number}"},
            user_id=user_id,
        )


async def test_making_one_does_no_io(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    MemLayer()
    MemLayer(config=MemLayerConfig(provider="neo4j", connection_url="bolt://127.0.0.1:1"))
    assert list(tmp_path.iterdir()) == []


async def test_store_returns_ids_and_the_facts_that_changed(memory, session_id):
    first = await memory.store(session_id, {"input": "I live in Porto", "output": "Nice", "id": "a"})
    assert (first.message_ids, first.pending) == (("a", "a:reply"), False)
    assert [(f.text, f.status) for f in first.facts] == [("lives in Porto", "current")]
    second = await memory.store(session_id, {"input": "I live in Oslo", "id": "b"})
    assert {(f.text, f.status.value) for f in second.facts} == {
        ("lives in Oslo", "current"),
        ("lived in Porto", "ended"),
    }


async def test_the_user_is_the_sessions_user_else_the_session(memory, session_id):
    await memory.store(session_id, {"input": "I live in Porto"})
    assert [m.user_id for m in await memory.messages(session_id)] == [session_id]
    await memory.store(f"{session_id}-2", {"input": "hi"}, user_id=f"alice-{session_id}")
    await memory.store(f"{session_id}-2", {"input": "I live in Oslo"})
    assert [f.text for f in await memory.facts(f"alice-{session_id}")] == ["lives in Oslo"]


async def test_a_session_belongs_to_one_user_for_ever(memory, session_id):
    await memory.store(session_id, {"input": "hi"}, user_id=f"alice-{session_id}")
    bob = f"bob-{session_id}"
    for call in (
        memory.store(session_id, {"input": "hi"}, user_id=bob),
        memory.get_context(session_id, user_id=bob),
        memory.messages(session_id, user_id=bob),
        memory.forget(session_id=session_id, user_id=bob),
    ):
        with pytest.raises(SessionOwnerError) as caught:
            await call
        assert "alice" not in str(caught.value).replace(session_id, "")


async def test_the_same_id_twice_is_one_message(memory, session_id):
    for _ in range(2):
        result = await memory.store(session_id, {"input": "I live in Porto", "output": "Nice", "id": "a"})
        assert result.message_ids == ("a", "a:reply")
    assert len(await memory.messages(session_id)) == 2
    assert [len(f.message_ids) for f in await memory.facts(session_id)] == [1]
    with pytest.raises(IdempotencyConflict, match="'a' is already in session"):
        await memory.store(session_id, {"input": "something else", "id": "a"})


async def test_an_old_transcript_loaded_late_overwrites_nothing(memory, session_id):
    await tell(memory, session_id, "I live in Leeds", start="2023-10-01T00:00:00Z")
    await tell(memory, f"{session_id}-old", "I live in Riyadh", user_id=session_id, start="2019-01-01T00:00:00Z")
    assert [f.text for f in await memory.facts(session_id, status="current")] == ["lives in Leeds"]
    assert [f.text for f in await memory.facts(session_id, status="ended")] == ["lived in Riyadh"]


async def test_filters_of_facts(memory, session_id):
    await tell(memory, session_id, "I live in Riyadh", "I live in Leeds")
    assert [f.object.name for f in await memory.facts(session_id)] == ["Leeds", "Riyadh"]
    assert [
        f.object.name for f in await memory.facts(session_id, predicate="LIVES_IN", subject="user", about="leeds")
    ] == ["Leeds"]
    assert await memory.facts(session_id, predicate="OWNS") == []
    assert await memory.facts(f"nobody-{session_id}") == []
    assert [f.object.name for f in await memory.facts(session_id, as_of="2024-01-01T12:00:00Z")] == ["Riyadh"]
    assert [f.object.name for f in await memory.facts(session_id, as_of="2024-06-01")] == ["Leeds"]
    with pytest.raises(ConfigError, match="one of current, ended, retracted, negated"):
        await memory.facts(session_id, status="past")


async def test_context_brings_facts_and_the_newest_turns(memory, session_id):
    await tell(memory, session_id, "I live in Porto")
    context = await memory.get_context(session_id, query="Where do I live?")
    assert "lives in Porto" in str(context)
    assert [f.text for f in context.facts] == ["lives in Porto"]
    assert [m.text for m in context.messages] == ["I live in Porto", "ok"]
    assert 0 < context.tokens <= 1000
    other = await memory.get_context(f"{session_id}-new", user_id=session_id, query="Where do I live?")
    assert "lives in Porto" in str(other)
    assert str(await memory.get_context(f"{session_id}-nobody")) == ""


async def test_without_a_query_the_last_user_message_is_it(memory, session_id):
    await tell(memory, session_id, "I live in Porto", "Tell me about Porto")
    assert (await memory.get_context(session_id)).facts == (
        await memory.get_context(session_id, query="Tell me about Porto")
    ).facts


async def test_search(memory, session_id):
    await tell(memory, session_id, "I live in Porto", "The weather is fine")
    hits = await memory.search("weather", user_id=session_id)
    around = ["The weather is fine", "ok", "ok", "I live in Porto"]
    assert [h.message.text for h in hits] == around  # what stands around it comes after it
    assert hits[0].score > hits[1].score
    hits = await memory.search("weather", user_id=session_id, limit=1)
    assert [h.message.text for h in hits] == ["The weather is fine"]
    hits = await memory.search("Porto", user_id=session_id, kind="fact")
    assert [h.fact.text for h in hits] == ["lives in Porto"]
    assert {h.fact is None for h in await memory.search("Porto", user_id=session_id, kind="any")} == {True, False}
    assert await memory.search("weather", user_id=f"nobody-{session_id}") == []
    with pytest.raises(ConfigError, match="one of message, fact, any"):
        await memory.search("x", user_id=session_id, kind="all")


async def test_cypher_runs_on_one_users_graph(memory, session_id):
    await tell(memory, session_id, "I live in Porto")
    await tell(memory, f"{session_id}-b", "I live in Oslo")
    query = "MATCH (u:User)-[:LIVES_IN]->(p:Place) RETURN p.name AS city"
    assert await memory.cypher(query, user_id=session_id) == [{"city": "Porto"}]
    assert await memory.cypher(query + " LIMIT $n", user_id=session_id, parameters={"n": 1}) == [{"city": "Porto"}]
    everyone = (
        "MATCH (u:User)-[:LIVES_IN]->(p:Place) WHERE u.user_id STARTS WITH $id RETURN p.name AS city ORDER BY city"
    )
    assert await memory.cypher(everyone, scope="all", parameters={"id": session_id}) == [
        {"city": "Oslo"},
        {"city": "Porto"},
    ]
    with pytest.raises(CypherNotAllowed, match="DELETE"):
        await memory.cypher("MATCH (n) DETACH DELETE n", scope="all")
    with pytest.raises(ConfigError, match="user_id"):
        await memory.cypher(query)


async def test_forgetting_brings_back_what_was_superseded(memory, session_id):
    await tell(memory, session_id, "I live in Riyadh", "I live in Leeds")
    assert await memory.forget(session_id=session_id, message_id="m1") == Forgotten(messages=1, facts=1, entities=1)
    assert [(f.text, f.status.value) for f in await memory.facts(session_id)] == [("lives in Riyadh", "current")]
    (fact,) = await memory.facts(session_id)
    assert (await memory.forget(user_id=session_id, fact_id=fact.id)).facts == 1
    assert await memory.facts(session_id) == []
    assert len(await memory.messages(session_id)) == 3


async def test_forgetting_a_user_leaves_the_others(memory, session_id):
    await tell(memory, session_id, "I live in Porto")
    await tell(memory, f"{session_id}-b", "I live in Porto")
    gone = await memory.forget(user_id=session_id)
    assert (gone.messages, gone.facts, gone.sessions) == (2, 1, 1)
    assert (await memory.stats(session_id)).messages == 0
    assert len(await memory.facts(f"{session_id}-b")) == 1
    assert await memory.forget(user_id=session_id) == Forgotten()


@pytest.mark.parametrize(
    ("selection", "says"),
    [
        ({}, "say what to forget"),
        ({"message_id": "m"}, "session_id and message_id"),
        ({"fact_id": "f"}, "user_id and fact_id"),
    ],
)
async def test_a_forget_that_names_nothing_is_refused(memory, selection, says):
    with pytest.raises(ConfigError, match=says):
        await memory.forget(**selection)


async def test_stats_count_one_user_or_all(memory, session_id):
    await tell(memory, session_id, "I live in Riyadh", "I live in Leeds")
    stats = await memory.stats(session_id)
    assert (stats.users, stats.sessions, stats.messages, stats.facts, stats.current_facts, stats.pending) == (
        1,
        1,
        4,
        2,
        1,
        0,
    )
    assert (await memory.stats()).messages >= 4
    assert session_id in await memory.users()


async def test_messages_past_their_time_are_hidden_at_once_and_facts_stay(store_config, session_id):
    async with MemLayer(replace(store_config, extractor=LivesIn(), ttl=3600)) as memory:
        old = datetime.now(UTC) - timedelta(hours=2)
        await memory.store(session_id, {"input": "I live in Porto", "at": old})
        await memory.store(session_id, {"input": "hello there"})
        assert [m.text for m in await memory.messages(session_id)] == ["hello there"]
        assert await memory.search("live", user_id=session_id) == []
        await memory.expire(session_id)
        assert [(f.text, f.evidence) for f in await memory.facts(session_id)] == [("lives in Porto", "live in Porto")]
        assert (await memory.stats(session_id)).messages == 1


async def test_a_message_whose_facts_are_still_to_come_outlives_its_time(store_config, session_id):
    async with MemLayer(replace(store_config, extractor=LivesIn(failures=1), ttl=3600)) as memory:
        await memory.store(session_id, {"input": "I live in Porto", "at": datetime.now(UTC) - timedelta(hours=2)})
        assert await memory.expire(session_id) == 0
        assert (await memory.stats(session_id)).messages == 1
        await memory.flush()
        await memory.expire(session_id)  # or what `store` began in passing was faster
        assert (await memory.stats(session_id)).messages == 0
        assert [f.text for f in await memory.facts(session_id)] == ["lives in Porto"]


async def test_facts_are_volatile_too_when_asked(store_config, session_id):
    async with MemLayer(replace(store_config, extractor=LivesIn(), ttl=3600, ttl_facts=True)) as memory:
        await memory.store(session_id, {"input": "I live in Porto", "at": datetime.now(UTC) - timedelta(hours=2)})
        await memory.expire(session_id)
        assert await memory.facts(session_id) == []


async def test_an_export_loaded_elsewhere_is_the_same_memory(memory, session_id, tmp_path):
    await tell(memory, session_id, "I live in Riyadh", "I live in Leeds")
    await memory.store(session_id, {"input": "Hello", "metadata": {"channel": "phone", "n": [1, 2.5, None]}})
    records = [record async for record in memory.export(session_id)]
    assert [r["metadata"] for r in records if r["type"] == "message"][-2:] == [
        None,
        {"channel": "phone", "n": [1, 2.5, None]},
    ]
    async with MemLayer(MemLayerConfig(connection_url=str(tmp_path / "copy.db"))) as copy:
        loaded = await copy.load(records)
        assert (loaded.messages, loaded.facts, loaded.sessions) == (5, 2, 1)
        assert await copy.facts(session_id) == await memory.facts(session_id)
        assert await copy.messages(session_id) == await memory.messages(session_id)
        assert [r async for r in copy.export()] == records
        assert (await copy.load(records)).messages == 0
        for record in records:
            record.pop("metadata", None)
        assert (await copy.load(records)).messages == 0  # as exports were before there was metadata
        with pytest.raises(InvalidInteraction, match="record 1 is not one of an export"):
            await copy.load([{"type": "message", "user_id": "x"}])
        stated = next(number for number, r in enumerate(records) if r["type"] == "fact")
        records[stated]["statements"][0]["confidence"] = "high"
        with pytest.raises(InvalidInteraction, match=f"record {stated + 1} is not one of an export: confidence 'high'"):
            await copy.load(records)


async def test_concurrent_writers_of_one_user_leave_one_current_home(memory, session_id):
    cities = ["Porto", "Oslo", "Leeds", "Vienna", "Busan", "Quito", "Accra", "Lima"]
    await asyncio.gather(
        *(
            memory.store(
                f"{session_id}-{n}",
                {"input": f"I live in {city}", "at": f"2024-01-0{n + 1}T00:00:00Z"},
                user_id=session_id,
            )
            for n, city in enumerate(cities)
        )
    )
    facts = await memory.facts(session_id)
    assert len(facts) == len(cities)
    assert [f.object.name for f in facts if f.status == "current"] == ["Lima"]


async def test_a_closed_memory_says_so(sqlite_config):
    memory = MemLayer(sqlite_config)
    await memory.stats()
    await memory.aclose()
    await memory.aclose()
    with pytest.raises(StoreError, match="closed"):
        await memory.stats()


async def test_a_server_that_is_down_is_said_to_be():
    memory = MemLayer(MemLayerConfig(provider="neo4j", connection_url="bolt://127.0.0.1:1"))
    with pytest.raises(StoreUnavailable, match="bolt://127.0.0.1:1"):
        await memory.stats()
    await memory.aclose()


def test_the_blocking_twin_does_the_same(sqlite_config):
    with graphmem.sync.MemLayer(replace(sqlite_config, extractor=LivesIn())) as memory:
        assert [f.text for f in memory.store("s", {"input": "I live in Porto"}, user_id="alice").facts] == [
            "lives in Porto"
        ]
        assert "Porto" in str(memory.get_context("s"))
        assert [f.text for f in memory.facts("alice")] == ["lives in Porto"]
        assert len(memory.search("Porto", user_id="alice")) == 1
        assert memory.cypher("MATCH (u:User)-[:LIVES_IN]->(p) RETURN p.name AS c", user_id="alice") == [{"c": "Porto"}]
        assert memory.users() == ["alice"]
        assert len(list(memory.export())) > 3
        assert memory.flush() == 0
        assert memory.forget(user_id="alice").messages == 1
    with pytest.raises(StoreError, match="closed"):
        memory.stats()


async def test_facts_past_their_time_are_hidden_before_they_are_removed(store_config, session_id):
    config = replace(store_config, extractor=LivesIn())
    async with MemLayer(config) as memory:
        await memory.store(session_id, {"input": "I live in Porto", "at": datetime.now(UTC) - timedelta(hours=2)})
    async with MemLayer(replace(config, ttl=3600, ttl_facts=True)) as memory:
        assert await memory.facts(session_id) == []
        assert str(await memory.get_context(session_id, query="Where do I live?")) == ""
        assert await memory.search("live in Porto", user_id=session_id, kind="any") == []
        assert await memory.cypher("MATCH (:User)-[:LIVES_IN]->(p) RETURN p.name AS p", user_id=session_id) == []


def test_a_second_event_loop_is_refused(sqlite_config):
    memory = MemLayer(sqlite_config)
    asyncio.run(memory.stats())
    with pytest.raises(StoreError, match=r"another event loop; .* graphmem\.sync"):
        asyncio.run(memory.stats())


WRONG = [
    ("get_context", {"session_id": "s", "query": 5}, "query=5 is not valid: a text"),
    ("get_context", {"session_id": "s", "max_tokens": "x"}, "max_tokens='x'"),
    ("get_context", {"session_id": "s", "max_tokens": True}, "max_tokens=True"),
    ("get_context", {"session_id": None}, "session_id must be a text"),
    ("store", {"session_id": "s", "interaction": {"input": "x"}, "wait": "yes"}, "wait='yes'"),
    ("facts", {"user_id": "u", "subject": 5}, "subject=5"),
    ("facts", {"user_id": "u", "predicate": "FOO"}, "predicate='FOO' is not valid: one of HAS_NAME"),
    ("facts", {"user_id": 5}, "user_id must be a text"),
    ("facts", {"user_id": "u", "as_of": "0000"}, "as_of='0000' is not a time"),
    ("search", {"query": None, "user_id": "u"}, "query=None"),
    ("search", {"query": "x", "user_id": "u", "limit": 2.5}, "limit=2.5"),
    ("search", {"query": "x", "user_id": "u", "limit": 10**30}, "limit="),
    ("messages", {"session_id": 5}, "session_id must be a text"),
    ("messages", {"session_id": "s", "limit": "x"}, "limit='x'"),
    ("cypher", {"query": "RETURN 1", "user_id": "u", "parameters": "x"}, "parameters='x'"),
    ("cypher", {"query": "RETURN 1", "user_id": "u", "timeout": "x"}, "timeout='x'"),
    ("cypher", {"query": "RETURN 1", "user_id": "u", "limit": 10**30}, "limit="),
    ("cypher", {"query": None, "user_id": "u"}, "query=None"),
    ("forget", {"user_id": 5}, "user_id must be a text"),
    ("stats", {"user_id": ""}, "user_id must be a text"),
    ("users", {"limit": -1}, "limit=-1"),
    ("flush", {"timeout": "x"}, "timeout='x'"),
]


@pytest.mark.parametrize(("verb", "given", "says"), WRONG)
async def test_a_wrong_argument_is_named_with_what_is_allowed(sqlite_config, verb, given, says):
    async with MemLayer(replace(sqlite_config, extractor="none")) as memory:
        with pytest.raises(GraphMemError) as caught:
            await getattr(memory, verb)(**given)
    assert says in str(caught.value)


def test_a_configuration_is_no_path():
    with pytest.raises(ConfigError, match="MemLayerConfig"):
        MemLayer("memory.db")
