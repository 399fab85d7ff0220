"""``@fast.custom(remember(memory))`` on a plain FastAgent: what reaches the model, what is stored, and what never is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from agent_model import until
from fast_agent import RequestParams
from fast_agent.agents.llm_agent import LlmAgent
from pydantic import BaseModel

from graphmem import MemLayer
from graphmem.errors import ConfigError
from graphmem.fastagent import remember, session


class Word(BaseModel):
    word: str


async def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


async def inputs(memory: MemLayer, session_id: str) -> list[str]:
    return [m.text for m in await memory.messages(session_id=session_id) if m.role == "user"]


def clean(history: Iterable) -> bool:
    return not any("<memory>" in message.all_text() for message in history)


def saved(home: Path) -> list[str]:
    return [file.read_text() for file in home.rglob("history_*.json")]


@pytest.fixture
async def known(memory, user_id):
    """The user's memory has a fact from another session."""
    await memory.store(f"earlier-{user_id}", {"input": "I live in Porto.", "output": "Nice."}, user_id)


async def test_what_is_known_goes_before_the_answer_and_the_turn_is_kept_after_it(
    fast, declare, model, memory, known, session_id, user_id
):
    declare(remember(memory))
    async with fast.run() as app:
        with session(session_id, user_id=user_id):
            assert await app.a.send("Where do I live?") == "ok: Where do I live?"
    assert len(model.blocks()) == 1
    assert "lives in Porto" in model.blocks()[0]
    assert [(m.role, m.text, m.user_id) for m in await memory.messages(session_id=session_id)] == [
        ("user", "Where do I live?", user_id),
        ("assistant", "ok: Where do I live?", user_id),
    ]


async def test_in_a_tool_loop_every_prompt_has_the_block_once_and_nothing_else_ever_has_it(
    fast, declare, model, memory, known, session_id, user_id, home
):
    declare(remember(memory), function_tools=[add])
    async with fast.run() as app:
        with session(session_id, user_id=user_id):
            await app.a.send("one")
            assert await app.a.send('USE:add:{"a": 2, "b": 3} ') == "tool said: 5"
        assert [len(model.blocks(i)) for i in range(3)] == [1, 1, 1]
        assert "lives in Porto" in model.text(2)
        assert [m["role"] for m in model.prompts[2]] == ["system", "user", "assistant", "user", "assistant", "tool"]
        assert clean(app.a.message_history)
    assert saved(home)
    assert not any("<memory>" in text for text in saved(home))
    assert await inputs(memory, session_id) == ["one", 'USE:add:{"a": 2, "b": 3} ']


async def test_the_request_says_who_speaks_and_wins_over_the_block_around_it(
    fast, declare, model, memory, known, unique, user_id
):
    declare(remember(memory))
    asked = RequestParams(mcp_metadata={"graphmem_session": f"r-{unique}", "graphmem_user": user_id})
    async with fast.run() as app:
        with session(f"around-{unique}", user_id=f"other-{unique}"):
            await app.a.send("Where do I live?", request_params=asked)
    assert "lives in Porto" in model.blocks()[0]
    assert await inputs(memory, f"r-{unique}") == ["Where do I live?"]
    assert await inputs(memory, f"around-{unique}") == []


@pytest.mark.parametrize("words", ["HANG", 'USE:add:{"a": 2, "b": 3} HANG_AFTER'])
async def test_a_cancelled_turn_is_not_stored_and_leaves_nothing(
    fast, declare, model, memory, known, session_id, user_id, home, words
):
    declare(remember(memory), function_tools=[add])
    async with fast.run() as app:
        with session(session_id, user_id=user_id):
            turn = asyncio.create_task(app.a.send(words))
            await until(lambda: len(model.prompts) == (2 if "AFTER" in words else 1))
            turn.cancel()
            await asyncio.gather(
                turn, return_exceptions=True
            )  # FastAgent raises, or answers with stop_reason "cancelled"
            assert clean(app.a.message_history)
            assert not any("<memory>" in text for text in saved(home))
            assert await inputs(memory, session_id) == []
            await app.a.send("after it")
        assert len(model.blocks()) == 1
        assert clean(app.a.message_history)
    assert await inputs(memory, session_id) == ["after it"]


async def test_a_failed_turn_is_not_stored(fast, declare, model, memory, known, session_id, user_id):
    declare(remember(memory))
    async with fast.run() as app:
        with session(session_id, user_id=user_id):
            try:
                response = await app.a.generate("BOOM")
            except Exception as error:
                assert "400" in str(error) or "secret words" in str(error)  # noqa: PT017 - versions differ in raising
            else:
                assert response.stop_reason == "error"
            assert model.blocks()
            assert clean(app.a.message_history)
    assert await inputs(memory, session_id) == []


@pytest.mark.parametrize("base", ["McpAgent", "LlmAgent"])
async def test_structured_answers_have_the_memory_and_are_kept(
    fast, declare, model, memory, known, session_id, user_id, base
):
    declare(remember(memory, base=LlmAgent) if base == "LlmAgent" else remember(memory))
    schema = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}
    async with fast.run() as app:
        with session(session_id, user_id=user_id):
            result, _ = await app.a.structured("gimme", Word)
            assert result == Word(word="gimme")
            assert await app.a.structured_schema("more", schema) is not None
        assert clean(app.a.message_history)
    assert [len(model.blocks(i)) for i in range(len(model.prompts))] == [1, 1]
    assert all("lives in Porto" in model.text(i) for i in range(2))
    assert await inputs(memory, session_id) == ["gimme", "more"]


async def test_thirty_two_sessions_at_once_on_one_agent_share_nothing(fast, declare, held_model, memory, unique):
    """Tool loops, all in flight at the same time: every prompt has one block, with its own user's words alone."""
    declare(remember(memory, time_limit=60), function_tools=[add], use_history=False)
    for i in range(32):
        await memory.store(
            f"before-{i}-{unique}", {"input": f"I own a Gizmo{i}q.", "output": "Good."}, f"u{i}-{unique}"
        )

    async def turn(i: int) -> str:
        with session(f"s{i}-{unique}", user_id=f"u{i}-{unique}"):
            return await app.a.send(f'About Gizmo{i}q: USE:add:{{"a": {i}, "b": 1000}} ')

    async with fast.run() as app:
        turns = asyncio.gather(*map(turn, range(32)))
        await until(lambda: held_model.server.under_way == 32)
        held_model.server.let_go()
        assert await turns == [f"tool said: {1000 + i}" for i in range(32)]
    assert len(held_model.prompts) == 64
    for number in range(64):
        assert len(held_model.blocks(number)) == 1
        assert len(set(re.findall(r"Gizmo\d+q", held_model.text(number)))) == 1
    for i in range(32):
        assert [re.findall(r"Gizmo\d+q", text) for text in await inputs(memory, f"s{i}-{unique}")] == [[f"Gizmo{i}q"]]


async def test_without_an_identity_each_instance_has_a_session_of_its_own(fast, declare, model, memory, unique):
    declare(remember(memory))
    async with fast.run() as app:
        clone = await app.a.spawn_detached_instance(name="a[1]")
        await app.a.send(f"I own a First{unique}.")
        await clone.send("What do I own?")
        assert not re.search(f"First{unique}", model.text())
        await app.a.send("What do I own?")
        assert re.search(f"First{unique}", model.blocks()[0])
        sessions = [agent._own_session for agent in (app.a, clone)]
        await clone.shutdown()
    assert [await inputs(memory, s) for s in sessions] == [
        [f"I own a First{unique}.", "What do I own?"],
        ["What do I own?"],
    ]
    assert not {"default", "a"} & set(sessions)


async def test_streams_are_not_disturbed(fast, declare, model, memory, known, session_id, user_id):
    declare(remember(memory))
    heard: list[str] = []
    async with fast.run() as app:
        app.a.add_stream_listener(lambda chunk: heard.append(chunk.text))
        with session(session_id, user_id=user_id):
            assert await app.a.send("stream this please") == "ok: stream this please"
    assert model.server.requests[0]["stream"] is True
    assert "".join(heard) == "ok: stream this please"
    assert len(model.blocks()) == 1


async def test_an_agent_as_a_tool_knows_the_user_but_takes_no_model_for_them(
    fast, declare, model, memory, known, session_id, user_id
):
    declare(remember(memory), "child")
    declare(remember(memory), "parent", agents=["child"])
    async with fast.run() as app:
        with session(session_id, user_id=user_id):
            await app.parent.send('USE:agent__child:{"message": "I live in Atlantis, where do I live?"} ')
    child = next(
        i for i in range(len(model.prompts)) if "Atlantis" in model.said_by_user(i) and "USE" not in model.text(i)
    )
    assert len(model.blocks(child)) == 1
    assert "lives in Porto" in model.blocks(child)[0]
    assert len(await inputs(memory, session_id)) == 1
    assert [f.text for f in await memory.facts(user_id, status="current")] == ["lives in Porto"]


async def test_an_agent_that_only_knows_stores_nothing(fast, declare, model, memory, known, session_id, user_id):
    declare(remember(memory, store=False, max_tokens=100))
    async with fast.run() as app:
        with session(session_id, user_id=user_id):
            await app.a.send("Where do I live?")
    assert "lives in Porto" in model.blocks()[0]
    assert await inputs(memory, session_id) == []


async def test_a_history_that_is_summarised_within_a_turn_learns_nothing_of_the_block(
    fast, declare, model, memory, known, session_id, user_id
):
    """FastAgent's own compaction asks the same model within the turn; its summary becomes history."""
    declare(remember(memory), model="generic.m?compact_at=1000")
    async with fast.run() as app:
        with session(session_id, user_id=user_id):
            for n in range(4):
                await app.a.send(f"turn {n} LONG")
            side = [i for i in range(len(model.prompts)) if not model.said_by_user(i).startswith("turn")]
            assert side
            assert not any(model.blocks(i) for i in side)
        assert clean(app.a.message_history)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"base": str}, "base"),
        ({"time_limit": -1}, "time_limit"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"store": 1}, "store"),
    ],
)
def test_wrong_settings_are_refused_by_name(arguments, field, sqlite_config):
    with pytest.raises(ConfigError, match=field):
        remember(MemLayer(config=sqlite_config), **arguments)


def test_the_blocking_memory_is_refused():
    from graphmem.sync import MemLayer as Blocking

    with pytest.raises(ConfigError, match="graphmem.MemLayer"):
        remember(Blocking())
