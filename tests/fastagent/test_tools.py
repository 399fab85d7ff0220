"""The functions that a model may call: they act for whoever speaks, and for nobody else."""

from __future__ import annotations

import json

import pytest

from graphmem.fastagent import memory_tools, remember, session


@pytest.fixture
def tools(memory):
    return {tool.__name__: tool for tool in memory_tools(memory)}


@pytest.fixture
async def two_users(memory, unique):
    """Ann lives in Porto and likes tea; Ben lives in Oslo."""
    for user, said in (("ann", "I live in Porto."), ("ann", "I like tea."), ("ben", "I live in Oslo.")):
        await memory.store(f"{user}-{unique}", {"input": said, "output": "I see."}, f"{user}-{unique}")


async def test_the_model_calls_them_for_the_sessions_user(fast, declare, model, memory, two_users, unique):
    declare(remember(memory), function_tools=memory_tools(memory))
    query = "MATCH (u:User)-[:LIVES_IN]->(p:Place) RETURN p.name AS city"
    async with fast.run() as app:
        with session(f"new-{unique}", user_id=f"ben-{unique}"):
            answer = await app.a.send(f"USE:query_graph:{json.dumps({'cypher': query})} ")
            assert json.loads(answer.removeprefix("tool said: ")) == [{"city": "Oslo"}]
            assert "Oslo" in await app.a.send('USE:recall:{"query": "Where do I live?"} ')
        names = [tool["function"]["name"] for tool in model.server.requests[0]["tools"]]
    assert names == ["recall", "remember_fact", "forget_fact", "query_graph"]
    assert not any("Porto" in model.text(i) for i in range(len(model.prompts)))


async def test_they_find_the_user_of_a_plain_agent_by_the_block_around_the_call(
    fast, declare, model, memory, two_users, unique
):
    from fast_agent.agents.mcp_agent import McpAgent

    declare(McpAgent, function_tools=memory_tools(memory))
    async with fast.run() as app:
        assert "Nobody said whose memory" in await app.a.send('USE:recall:{"query": "home"} ')
        with session(f"ann-{unique}"):
            assert "Porto" in await app.a.send('USE:recall:{"query": "home"} ')


async def test_remember_fact_says_what_it_understood(tools, memory, two_users, unique):
    with session(f"new-{unique}", user_id=f"ben-{unique}"):
        assert "lives in Bergen (current)" in await tools["remember_fact"]("I moved to Bergen.")
        assert "lives in Bergen" in await tools["recall"]("Where do I live?")
        assert await tools["remember_fact"]("Hm.") == "Kept as it was said."
        assert await tools["remember_fact"](" ") == "Say what to remember."
    assert "lives in Bergen" in [f.text for f in await memory.facts(f"ben-{unique}", status="current")]


async def test_forget_fact_forgets_one_fact_of_ones_own(tools, memory, two_users, unique):
    with session(f"ben-{unique}"):
        assert await tools["forget_fact"]("likes tea") == "No such fact is remembered."
    with session(f"new-{unique}", user_id=f"ann-{unique}"):
        assert await tools["forget_fact"]("Likes tea") == "Forgotten: likes tea"
        assert "lives in Porto" in await tools["forget_fact"]("where I live in Porto these days")
    assert [f.text for f in await memory.facts(f"ann-{unique}")] == ["lives in Porto"]


async def test_of_several_facts_that_fit_none_is_forgotten(tools, memory, unique):
    await memory.store(
        f"s-{unique}", {"input": "I like green tea and I like black tea.", "output": "Yes."}, f"u-{unique}"
    )
    with session(f"s-{unique}"):
        assert (await tools["forget_fact"]("tea")).startswith("Which one? ")
    assert len(await memory.facts(f"u-{unique}")) == 2


async def test_a_query_that_would_write_is_refused_in_words(tools, two_users, unique):
    with session(f"ann-{unique}"):
        assert (await tools["query_graph"]("MATCH (n) DETACH DELETE n")).startswith("That did not work: ")
        assert (await tools["query_graph"]("MATCH (n")).startswith("That did not work: ")
