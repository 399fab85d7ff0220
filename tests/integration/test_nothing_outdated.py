"""A context tells what is so now: neither a fact nor an older message that says otherwise, unless the past is asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from graphmem import MemLayer, MemLayerConfig

SAID = (
    ("2025-01-06T09:00:00Z", "Hi, I'm Marta and I live in Lisbon.", "Lisbon has wonderful light."),
    ("2025-01-06T09:01:00Z", "I work at Siemens.", "Siemens is a big place to work."),
    ("2025-03-01T09:00:00Z", "I moved from Lisbon to Porto.", "Enjoy the river."),
    ("2025-06-01T09:00:00Z", "I moved to Braga last week.", "Braga is old."),
    ("2025-06-02T09:00:00Z", "I changed jobs: I work at Feedzai now.", "All the best."),
    ("2025-06-03T09:00:00Z", "What is the capital of Peru?", "Lima."),
)


@pytest.fixture
async def memory() -> AsyncIterator[MemLayer]:
    async with MemLayer(MemLayerConfig(connection_url=":memory:", buffer_size=2)) as memory:
        for at, said, answered in SAID:
            await memory.store("s1", {"input": said, "output": answered, "at": at}, user_id="marta")
        yield memory


async def told(memory: MemLayer, query: str) -> str:
    return (await memory.get_context("s1", user_id="marta", query=query)).text


async def test_an_older_message_that_says_what_is_over_is_not_told(memory: MemLayer) -> None:
    text = await told(memory, "Where do I live?")
    assert "lives in Braga" in text
    assert "I live in Lisbon" not in text
    assert "wonderful light" not in text


async def test_a_new_job_now_is_the_only_one(memory: MemLayer) -> None:
    text = await told(memory, "Where do I work?")
    assert "works at Feedzai" in text
    assert "Siemens" not in text


@pytest.mark.parametrize("query", ["Where did I live before?", "When did I live in Lisbon?"])
async def test_who_asks_for_the_past_is_told_of_it(memory: MemLayer, query: str) -> None:
    assert "I live in Lisbon" in await told(memory, query)
