"""Questions that mean somebody by what they are to the user, and ask for what is known of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphmem import MemLayer, MemLayerConfig

SAID = (
    "I'm married to Sara and we live in Malmö.",
    "Sara works at Novo Nordisk, and I work at Lindgrens.",
    "My daughter Josée has a little boy, Édouard.",
    "My brother Kamal lives in Muscat.",
)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is my wife's employer?", "Sara works at Novo Nordisk"),
        ("Where is my brother living?", "Kamal (brother) lives in Muscat"),
        ("How is my grandson called?", "Josée (daughter) has a child, Édouard"),
    ],
)
async def test_what_is_known_of_them_is_told(
    store_config: MemLayerConfig, user_id: str, session_id: str, question: str, answer: str
) -> None:
    async with MemLayer(replace(store_config, extractor="local")) as memory:
        for text in SAID:
            await memory.store(session_id, {"input": text, "output": "I see."}, user_id)
        context = await memory.get_context(f"{session_id}-later", user_id=user_id, query=question)
        assert answer in [fact.text for fact in context.facts]
        await memory.forget(user_id=user_id)
