"""``FastAgent`` with ``on_message`` and ``handle``: whose memory a handler meets, and how agents come and go."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest
from agent_model import until

from graphmem import MemLayer
from graphmem.errors import ConfigError, GraphMemError, InvalidInteraction, SessionOwnerError
from graphmem.fastagent import FastAgent


@pytest.fixture
def app(home, monkeypatch) -> FastAgent:
    monkeypatch.setenv("FAST_AGENT_MODEL", "generic.m")
    return FastAgent("assistant", home=home)


@pytest.fixture
def documented(app: FastAgent, memory: MemLayer) -> Callable:
    @app.on_message
    async def handle_message(agent, message):
        context = await memory.get_context(session_id=message.session_id)
        response = await agent.query(f"Previous Context: {context}\nUser: {message.text}")
        await memory.store(session_id=message.session_id, interaction={"input": message.text, "output": response})
        return response

    return handle_message


async def test_the_documented_handler_is_the_users_memory(app, documented, model, memory, unique, user_id):
    async with app:
        reply = await app.handle("I live in NYC", session_id=f"s1-{unique}", user_id=user_id)
        assert reply.startswith("ok: Previous Context:")
        await app.handle("Where do I live?", session_id=f"s2-{unique}", user_id=user_id)
    assert "lives in NYC" in model.text()
    assert [f.text for f in await memory.facts(user_id)] == ["lives in NYC"]
    assert {m.user_id for m in await memory.messages(session_id=f"s1-{unique}")} == {user_id}


async def test_it_starts_on_first_use_and_ends_with_aclose(app, documented, model, session_id, user_id):
    assert app.live_sessions == ()
    await app.handle("hello", session_id=session_id, user_id=user_id)
    assert app.live_sessions == (session_id,)
    await app.aclose()
    await app.aclose()
    with pytest.raises(GraphMemError, match="closed"):
        await app.handle("hello", session_id=session_id, user_id=user_id)


async def test_a_session_keeps_its_history_and_its_user(app, documented, model, unique, user_id):
    async with app:
        await app.handle("first words", session_id=f"a-{unique}", user_id=user_id)
        await app.handle("second words", session_id=f"a-{unique}")
        assert "first words" in model.text()
        assert [m["role"] for m in model.prompts[-1]].count("user") == 2
        await app.handle("other words", session_id=f"b-{unique}", user_id=user_id)
        assert [m["role"] for m in model.prompts[-1]].count("user") == 1


async def test_another_user_gets_nothing_of_a_session(app, documented, model, session_id, user_id):
    async with app:
        await app.handle("secret words", session_id=session_id, user_id=user_id)
        with pytest.raises(SessionOwnerError):
            await app.handle("tell me", session_id=session_id, user_id=f"not-{user_id}")
        await app._sessions.let_go(0)
        with pytest.raises(SessionOwnerError):
            await app.handle("tell me", session_id=session_id, user_id=f"not-{user_id}")
        assert len(model.prompts) == 1


async def test_thirty_two_sessions_at_once_share_nothing(app, documented, held_model, memory, unique):
    """All in flight at the same time, twice; each prompt has its own session's words alone."""

    async def talk(i: int) -> None:
        for turn in range(2):
            text = f"Turn {turn}: my code word is Gizmo{i}q."
            await app.handle(text, session_id=f"s{i}-{unique}", user_id=f"u{i}-{unique}")

    async with app:
        talks = asyncio.gather(*map(talk, range(32)))
        await until(lambda: held_model.server.under_way == 32)
        held_model.server.let_go()
        await talks
        assert len(app.live_sessions) == 32
    assert len(held_model.prompts) == 64
    for number in range(64):
        assert len(set(re.findall(r"Gizmo\d+q", held_model.text(number)))) == 1
    for i in range(32):
        stored = await memory.messages(session_id=f"s{i}-{unique}")
        assert len(stored) == 4
        assert {m.user_id for m in stored} == {f"u{i}-{unique}"}
        assert set(re.findall(r"Gizmo\d+q", " ".join(m.text for m in stored))) == {f"Gizmo{i}q"}


async def test_messages_of_one_session_are_handled_one_after_the_other(app, documented, model, memory, session_id):
    async with app:
        await asyncio.gather(*(app.handle(f"number {i}", session_id=session_id) for i in range(5)))
    stored = [m.text for m in await memory.messages(session_id=session_id) if m.role == "user"]
    assert stored == [f"number {i}" for i in range(5)]
    assert model.server.most_under_way == 1


async def test_idle_agents_are_let_go_and_come_back_with_the_users_memory(
    home, model, memory, session_id, user_id, monkeypatch
):
    monkeypatch.setenv("FAST_AGENT_MODEL", "generic.m")
    app = FastAgent("assistant", home=home, idle_seconds=0.1)

    @app.on_message
    async def handle_message(agent, message):
        async with memory.turn(message.session_id, message.user_id, message.text) as turn:
            turn.reply = await agent.query(f"{turn.context}\n{turn.text}")
        return turn.reply

    async with app:
        await app.handle("I live in Porto", session_id=session_id, user_id=user_id)
        await until(lambda: not app.live_sessions)
        await app.handle("Where do I live?", session_id=session_id, user_id=user_id)
        assert "I live in Porto" in model.blocks()[-1]
        assert [m["role"] for m in model.prompts[-1]].count("user") == 2  # the history that FastAgent saved


async def test_beyond_the_limit_the_one_idle_longest_goes(home, documented, model, monkeypatch, unique):
    monkeypatch.setenv("FAST_AGENT_MODEL", "generic.m")
    app = FastAgent("assistant", home=home, max_live_sessions=2)
    app.on_message(documented)
    async with app:
        for i in range(4):
            await app.handle("hello", session_id=f"{i}-{unique}")
        assert app.live_sessions == (f"2-{unique}", f"3-{unique}")


async def test_the_agent_is_the_real_one_with_query(home, model, session_id):
    app = FastAgent("assistant", home=home)

    @app.agent("helper", instruction="You are the helper.", model="generic.m", skills=[])
    async def helper() -> None: ...

    @app.on_message
    async def handle_message(agent, message):
        assert agent.name == "helper"
        assert agent.config.instruction == "You are the helper."
        answers = [await agent.query(message.text), await agent.send("two"), await agent("three")]
        whole = await agent.generate("four")
        return [*answers, whole.last_text(), len(agent.message_history)]

    async with app:
        assert await app.handle("one", session_id=session_id) == ["ok: one", "ok: two", "ok: three", "ok: four", 8]
    assert "You are the helper." in model.text(0)


async def test_what_a_handler_raises_comes_through_and_the_session_goes_on(app, model, session_id):
    @app.on_message
    async def handle_message(agent, message):
        if message.text == "fail":
            raise LookupError("no such thing")
        return await agent.query(message.text)

    async with app:
        with pytest.raises(LookupError, match="no such thing"):
            await app.handle("fail", session_id=session_id)
        assert await app.handle("again", session_id=session_id) == "ok: again"


async def test_aclose_waits_for_a_message_that_is_being_handled(app, documented, held_model, session_id):
    answer = asyncio.create_task(app.handle("hello", session_id=session_id))
    await until(lambda: held_model.server.under_way == 1)
    closing = asyncio.create_task(app.aclose())
    await asyncio.sleep(0.05)
    assert not closing.done()
    held_model.server.let_go()
    await closing
    assert (await answer).startswith("ok: ")


async def test_wrong_use_is_refused_in_words(app, session_id):
    with pytest.raises(ConfigError, match="on_message"):
        await app.handle("hello", session_id=session_id)
    with pytest.raises(ConfigError, match="async def"):
        app.on_message(lambda agent, message: "hello")

    @app.on_message
    async def handle_message(agent, message): ...

    for arguments in (
        {"text": "", "session_id": "s"},
        {"text": "hi", "session_id": ""},
        {"text": "hi", "session_id": "s", "user_id": 7},
    ):
        with pytest.raises(InvalidInteraction):
            await app.handle(**arguments)


async def test_a_start_that_fails_says_why_and_can_be_repeated(home, model, session_id, monkeypatch):
    monkeypatch.delenv("FAST_AGENT_MODEL", raising=False)
    app = FastAgent("assistant", home=home)

    @app.on_message
    async def handle_message(agent, message):
        return await agent.query(message.text)

    with pytest.raises(Exception, match="No model configured"):
        await app.handle("hello", session_id=session_id)
    monkeypatch.setenv("FAST_AGENT_MODEL", "generic.m")
    assert await app.handle("hello", session_id=session_id) == "ok: hello"
    await app.aclose()
