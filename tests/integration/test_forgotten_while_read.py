"""A message that is forgotten while it is read: what else its interaction says is known as if it had never been said."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from scripted_extractor import LivesIn

from graphmem import MemLayer, MemLayerConfig


async def test_what_a_forgotten_message_would_have_ended_is_ended_by_the_next(
    store_config: MemLayerConfig, user_id: str, session_id: str
) -> None:
    """Leeds is left for Oslo, not for Porto, which nobody knows of any more."""
    extractor = LivesIn()
    said = [
        {"role": "user", "content": f"I live in {place}", "id": place, "at": f"2024-01-0{day}T10:00:00Z"}
        for day, place in enumerate(("Leeds", "Porto", "Oslo"), 1)
    ]
    async with MemLayer(replace(store_config, extractor=extractor)) as memory:
        await memory.store(session_id, said[:1], user_id=user_id)
        extractor.delay = 0.5
        reading = asyncio.create_task(memory.store(session_id, said[1:], user_id=user_id))
        while len(extractor.calls) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert (await memory.forget(session_id=session_id, message_id="Porto")).messages == 1
        await reading
        assert await memory.check(user_id) == []
        oslo, leeds = await memory.facts(user_id)
        assert (oslo.text, oslo.supersedes) == ("lives in Oslo", (leeds.id,))
        assert leeds.retired_at == oslo.recorded_at
        await memory.forget(user_id=user_id)
