"""A call that names no user means whoever is speaking in its session, and nobody else."""

from __future__ import annotations

import asyncio

import pytest

from graphmem import MemLayer
from graphmem.errors import SessionOwnerError
from graphmem.speaking import Speaker, current_speaker, speaking


@pytest.fixture
async def memory(store_config):
    async with MemLayer(config=store_config) as memory:
        yield memory


async def test_a_new_session_belongs_to_whoever_speaks_in_it(memory, session_id, user_id):
    with speaking(Speaker(session_id, user_id)):
        await memory.store(session_id, {"input": "I live in Porto.", "output": "Nice."})
    assert [f.text for f in await memory.facts(user_id)] == ["lives in Porto"]
    assert "lives in Porto" in str(await memory.get_context(session_id, query="where"))


async def test_a_context_is_that_of_whoever_speaks(memory, unique, user_id):
    await memory.store(f"a-{unique}", {"input": "I live in Porto.", "output": "Nice."}, user_id)
    with speaking(Speaker(f"b-{unique}", user_id)):
        assert "lives in Porto" in str(await memory.get_context(f"b-{unique}", query="Where do I live?"))
        assert "lives in Porto" not in str(await memory.get_context(f"c-{unique}", query="Where do I live?"))


async def test_a_session_of_another_user_stays_theirs(memory, session_id, user_id):
    await memory.store(session_id, {"input": "I live in Porto.", "output": "Nice."}, user_id)
    with speaking(Speaker(session_id, f"not-{user_id}")), pytest.raises(SessionOwnerError):
        await memory.get_context(session_id)


async def test_a_named_user_wins_over_the_speaker(memory, session_id, user_id):
    with speaking(Speaker(session_id, f"not-{user_id}")):
        await memory.store(session_id, {"input": "I live in Porto.", "output": "Nice."}, user_id)
    assert [f.text for f in await memory.facts(user_id)] == ["lives in Porto"]


async def test_speakers_of_concurrent_tasks_are_their_own():
    async def task(number: int) -> bool:
        with speaking(Speaker(f"s{number}", f"u{number}")) as mine:
            await asyncio.sleep(0)
            return current_speaker() is mine

    assert all(await asyncio.gather(*map(task, range(20))))
    assert current_speaker() is None
