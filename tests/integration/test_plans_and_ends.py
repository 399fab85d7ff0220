"""Plans that have been carried out, and what one message of several ends that another says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphmem import MemLayer, MemLayerConfig


async def told(memory: MemLayer, user_id: str, predicate: str) -> dict[str, str]:
    facts = await memory.facts(user_id, predicate=predicate)
    return {fact.object.name: str(fact.status.value) for fact in facts}


async def test_a_plan_ends_when_it_has_been_carried_out(
    store_config: MemLayerConfig, user_id: str, session_id: str
) -> None:
    async with MemLayer(replace(store_config, extractor="local")) as memory:
        await memory.store(session_id, {"input": "I'm planning to buy a van.", "output": "Nice."}, user_id)
        await memory.store(session_id, {"input": "My brother bought a van.", "output": "Nice."}, user_id)
        assert await told(memory, user_id, "PLANS_TO") == {"buy a van": "current"}
        done = await memory.store(session_id, {"input": "I bought the van!", "output": "Nice."}, user_id)
        assert await told(memory, user_id, "PLANS_TO") == {"buy a van": "ended"}
        context = await memory.get_context(session_id, user_id=user_id, query="What about the van?")
        assert not any(f.predicate == "PLANS_TO" and f.status == "current" for f in context.facts)
        await memory.forget(session_id=session_id, message_id=done.message_ids[0])
        assert await told(memory, user_id, "PLANS_TO") == {"buy a van": "current"}
        await memory.forget(user_id=user_id)


@pytest.mark.parametrize("at_once", [False, True])
async def test_what_ends_is_the_same_one_by_one_and_at_once(
    store_config: MemLayerConfig, user_id: str, session_id: str, at_once: bool
) -> None:
    said = [
        "I work at Bosch.",
        "I plan to buy a van.",
        "I quit my job.",
        "I bought the van!",
        "I work at Siemens.",
        "I plan to buy a boat.",
    ]
    messages = [{"role": "user", "content": text} for text in said]
    async with MemLayer(replace(store_config, extractor="local")) as memory:
        for part in [messages] if at_once else [[message] for message in messages]:
            await memory.store(session_id, part, user_id)
        assert await told(memory, user_id, "WORKS_AT") == {"Bosch": "ended", "Siemens": "current"}
        assert await told(memory, user_id, "PLANS_TO") == {"buy a van": "ended", "buy a boat": "current"}
        await memory.forget(user_id=user_id)
