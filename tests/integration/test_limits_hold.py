"""The limits of a memory hold on every way in, and what passes one is told by the limit's name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from openai_server import fact, openai_server, says
from scripted_extractor import LivesIn

from graphmem import Limits, LLMConfig, MemLayer
from graphmem.errors import CypherNotAllowed, CypherTimeout, LimitExceeded

FLOOD = " ".join(f"thing{n}" for n in range(3_000))


@pytest.mark.parametrize(
    ("limits", "interaction", "named"),
    [
        ({"message_chars": 5}, {"input": "too long"}, "limits.message_chars"),
        ({"message_chars": 5}, [{"role": "assistant", "content": "too long"}], "limits.message_chars"),
        ({"interaction_messages": 1}, [{"role": "user", "content": "a"}] * 2, "limits.interaction_messages"),
        ({"metadata_bytes": 5}, {"input": "a", "metadata": {"key": "value"}}, "limits.metadata_bytes"),
        ({"session_messages": 1}, {"input": "a", "output": "b"}, "limits.session_messages"),
    ],
)
async def test_what_is_too_large_is_refused_by_the_limits_name(store_config, session_id, limits, interaction, named):
    async with MemLayer(replace(store_config, extractor="none", limits=Limits(**limits))) as memory:
        with pytest.raises(LimitExceeded, match=named):
            await memory.store(session_id, interaction)
        assert await memory.messages(session_id) == []


async def test_a_session_that_is_full_takes_what_it_has_and_no_more(store_config, session_id, unique):
    limits = Limits(session_messages=3)
    async with MemLayer(replace(store_config, extractor=LivesIn(), limits=limits)) as memory:
        await memory.store(session_id, {"input": "a", "output": "b", "id": "m1"})
        with pytest.raises(LimitExceeded, match=rf"session '{session_id}' would have 4 messages; the limit is 3"):
            await memory.store(session_id, {"input": "c", "output": "d", "id": "m2"})
        await memory.store(session_id, {"input": "I live in Porto", "id": "m3"})
        again = await memory.store(session_id, {"input": "I live in Porto", "id": "m3"})
        assert (again.message_ids, again.new_ids) == (("m3",), ())
        await memory.forget(session_id=session_id, message_id="m1")
        with pytest.raises(LimitExceeded):
            await memory.store(session_id, {"input": "e"})
        assert [m.id for m in await memory.messages(session_id)] == ["m1:reply", "m3"]
        await memory.store(f"{session_id}-2", {"input": "a"}, user_id=session_id)
        records = [record async for record in memory.export(session_id)]
    one = replace(store_config, provider="sqlite", connection_url=":memory:", auth=None, extractor="none")
    async with MemLayer(replace(one, limits=Limits(session_messages=1, interaction_messages=1))) as other:
        assert (await other.load(records)).messages == 3, "an import is not held to the length of a session"


async def test_a_flood_of_facts_is_held_back_and_told(sqlite_config, session_id, caplog):
    """A model returns thousands of facts, each with a quotation that stands in the message."""
    flood = [fact("LIKES", f"thing{n}", "Thing", f"thing{n}") for n in range(3_000)]
    with openai_server(says({"facts": flood})) as server:
        llm = LLMConfig("m", server.base_url, "k")
        config = replace(sqlite_config, extractor="llm", llm=llm, limits=Limits(message_facts=50))
        async with MemLayer(config) as memory:
            result = await memory.store(session_id, {"input": f"I like {FLOOD}", "id": "m1"}, wait=True)
            assert not result.pending
            assert len(result.facts) == len(await memory.facts(session_id)) == 50
            assert (await memory.stats()).entities == 51
    (told,) = [r.getMessage() for r in caplog.records if "left out" in r.getMessage()]
    assert "2950 of 3000 facts are left out" in told
    assert "(limits.message_facts)" in told
    assert "thing" not in told


async def test_an_endless_name_makes_no_entity(sqlite_config, session_id, caplog):
    async with MemLayer(replace(sqlite_config, extractor=LivesIn())) as memory:
        result = await memory.store(session_id, {"input": f"I live in {'x' * 300}. I live in Porto."})
        assert [f.text for f in result.facts] == ["lives in Porto"]
        assert {e.name for f in result.facts for e in (f.subject, f.object)} == {"User", "Porto"}
    assert "(limits.name_chars)" in caplog.text
    assert "xxx" not in caplog.text


async def test_the_limits_of_a_query_are_settings(sqlite_config, session_id):
    limits = Limits(cypher_rows=2, cypher_seconds=0.05, projected_messages=3)
    async with MemLayer(replace(sqlite_config, extractor="none", limits=limits)) as memory:
        await memory.store(session_id, [{"role": "user", "content": str(n)} for n in range(4)])
        every = "MATCH (m:Message) RETURN m.text"
        assert len(await memory.cypher(every, user_id=session_id)) == 2
        assert len(await memory.cypher(every, user_id=session_id, limit=3)) == 3
        endless = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN count(a + b)"
        with pytest.raises(CypherTimeout, match=r"longer than 0.05 seconds.*limits.cypher_seconds"):
            await memory.cypher(endless, user_id=session_id)
        with pytest.raises(CypherNotAllowed, match="raise limits.projected_messages"):
            await memory.cypher(every, scope="all")


async def test_what_failed_as_often_as_the_limit_says_is_set_aside(sqlite_config, session_id):
    config = replace(sqlite_config, extractor=LivesIn(failures=1), limits=Limits(attempts=1))
    async with MemLayer(config) as memory:
        await memory.store(session_id, {"input": "I live in Porto"})
        (job,) = await memory.pending(session_id)
        assert (job.parked, job.attempts) == (True, 1)
