"""``class MyAgent(remember(memory))``: either step is the subclass's own."""

from __future__ import annotations

import asyncio
import logging
import re

from agent_model import until

from graphmem.fastagent import UserMessage, remember, session


async def test_both_steps_can_be_overridden(fast, declare, model, memory, session_id, user_id):
    seen: list[UserMessage] = []

    class Shouting(remember(memory)):
        async def pre_process(self, message):
            seen.append(message)
            return str(await super().pre_process(message)).replace("Notes", "Old notes") or "Nothing yet"

        async def post_process(self, message, response):
            await super().post_process(message, response.upper())

    declare(Shouting)
    async with fast.run() as app:
        with session(session_id, user_id=user_id):
            await app.a.send("I live in Porto.")
            await app.a.send("Where?")
    assert model.blocks(0) == ["\n<memory>\nNothing yet\n</memory>"]
    assert model.blocks(1)[0].startswith("\n<memory>\nOld notes on the user")
    assert "I live in Porto." in model.blocks(1)[0]
    assert [(m.text, m.session_id, m.user_id) for m in seen][1] == ("Where?", session_id, user_id)
    stored = [m.text for m in await memory.messages(session_id=session_id)]
    assert stored == ["I live in Porto.", "OK: I LIVE IN PORTO.", "Where?", "OK: WHERE?"]


async def test_what_a_step_raises_is_said_once_and_breaks_no_turn(
    fast, declare, model, memory, session_id, user_id, caplog
):
    class Broken(remember(memory)):
        async def pre_process(self, message):
            raise LookupError("no context")

        async def post_process(self, message, response):
            raise LookupError("no store")

    declare(Broken)
    caplog.set_level(logging.INFO, logger="graphmem")
    async with fast.run() as app:
        with session(session_id, user_id=user_id):
            assert [await app.a.send(f"turn {n}") for n in range(3)] == [f"ok: turn {n}" for n in range(3)]
    said = [r.getMessage() for r in caplog.records if r.name.startswith("graphmem.fastagent")]
    assert len(said) == 2
    assert "does not recall" in said[0]
    assert "does not write" in said[1]
    assert not any(model.blocks(n) for n in range(3))


async def test_thirty_two_sessions_at_once_share_nothing(fast, declare, held_model, memory, unique):
    class Plain(remember(memory, time_limit=60)):
        async def pre_process(self, message):
            return str(await super().pre_process(message)).replace("Notes", f"Notes for {message.session_id}")

    declare(Plain, use_history=False)
    for i in range(32):
        await memory.store(
            f"before-{i}-{unique}", {"input": f"I own a Gizmo{i}q.", "output": "Good."}, f"u{i}-{unique}"
        )

    async def turn(i: int) -> str:
        with session(f"s{i}-{unique}", user_id=f"u{i}-{unique}"):
            return await app.a.send(f"Tell me about Gizmo{i}q")

    async with fast.run() as app:
        turns = asyncio.gather(*map(turn, range(32)))
        await until(lambda: held_model.server.under_way == 32)
        held_model.server.let_go()
        assert await turns == [f"ok: Tell me about Gizmo{i}q" for i in range(32)]
    for number in range(32):
        (own,) = set(re.findall(r"Gizmo(\d+)q", held_model.text(number)))
        assert f"Notes for s{own}-{unique} " in held_model.blocks(number)[0]
        assert f"owns a Gizmo{own}q" in held_model.blocks(number)[0]
