"""What is stored is extracted in the end: after failures, a crash, a restart, and beside other processes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from scripted_extractor import LivesIn

from graphmem import Limits, MemLayer
from graphmem.errors import ExtractionPending


async def test_a_failing_extractor_leaves_the_messages_and_says_pending(store_config, session_id):
    extractor = LivesIn(failures=1)
    async with MemLayer(replace(store_config, extractor=extractor)) as memory:
        result = await memory.store(session_id, {"input": "I live in Porto", "output": "Nice"})
        assert (result.pending, result.facts) == (True, ())
        assert [m.text for m in await memory.messages(session_id)] == ["I live in Porto", "Nice"]
        assert (await memory.stats(session_id)).pending == 2
        assert await memory.flush() >= 2
        assert [f.text for f in await memory.facts(session_id)] == ["lives in Porto"]
        assert (await memory.stats(session_id)).pending == 0


async def test_flush_says_why_something_could_not_be_extracted(sqlite_config, session_id):
    async with MemLayer(replace(sqlite_config, extractor=LivesIn(failures=99))) as memory:
        await memory.store(session_id, {"input": "I live in Porto"})
        with pytest.raises(
            ExtractionPending, match=r"1 messages could not be extracted yet and are kept: the endpoint answered 503"
        ):
            await memory.flush()


async def test_after_enough_failures_a_job_is_parked_and_blocks_nothing_until_it_is_flushed(
    store_config, session_id, unique
):
    extractor = LivesIn(failures=Limits().attempts)
    async with MemLayer(replace(store_config, extractor=extractor)) as memory:
        await memory.store(session_id, {"input": "I live in Porto"})
        for _ in range(Limits().attempts - 1):
            with pytest.raises(ExtractionPending):
                await memory.flush()
    async with MemLayer(replace(store_config, extractor=LivesIn())) as memory:
        await memory.store(f"other-{unique}", {"input": "I live in Oslo"})
        await asyncio.sleep(0.2)
        assert await memory.facts(session_id) == []
        await memory.flush()
        assert [f.text for f in await memory.facts(session_id)] == ["lives in Porto"]


async def test_an_export_has_the_messages_whose_facts_cannot_be_had(sqlite_config, session_id):
    async with MemLayer(replace(sqlite_config, extractor=LivesIn(failures=99))) as memory:
        await memory.store(session_id, {"input": "I live in Porto"})
        records = [record async for record in memory.export()]
    assert [r["text"] for r in records if r["type"] == "message"] == ["I live in Porto"]


async def test_a_flush_without_work_ends_at_once_whatever_its_timeout(sqlite_config):
    async with MemLayer(replace(sqlite_config, extractor=LivesIn())) as memory:
        assert await memory.flush(timeout=0) == 0


async def test_what_a_dead_process_left_is_taken_over_by_the_next(store_config, session_id):
    """The first memory never gets to extract; it is abandoned with its lease, as a killed process would leave it."""
    async with MemLayer(replace(store_config, extractor=LivesIn(failures=1))) as memory:
        await memory.store(session_id, {"input": "I live in Porto"})
    async with MemLayer(replace(store_config, extractor=LivesIn())) as memory:
        await memory.flush()
        assert [f.text for f in await memory.facts(session_id)] == ["lives in Porto"]


async def test_store_without_waiting_returns_before_the_facts(store_config, session_id):
    async with MemLayer(replace(store_config, extractor=LivesIn(delay=0.2))) as memory:
        result = await memory.store(session_id, {"input": "I live in Porto"}, wait=False)
        assert (result.pending, result.facts) == (True, ())
        await memory.flush()
        assert [f.text for f in await memory.facts(session_id)] == ["lives in Porto"]


async def test_flush_gives_up_after_its_timeout_and_keeps_the_work(sqlite_config, session_id):
    async with MemLayer(replace(sqlite_config, extractor=LivesIn(delay=30))) as memory:
        await memory.store(session_id, {"input": "I live in Porto"}, wait=False)
        with pytest.raises(ExtractionPending, match="1 messages are still to be extracted after 0.1 seconds"):
            await memory.flush(timeout=0.1)
        assert (await memory.stats()).pending == 1


async def test_closing_hands_back_the_work_in_hand(sqlite_config, session_id):
    memory = MemLayer(replace(sqlite_config, extractor=LivesIn(delay=30), limits=Limits(close_seconds=0.1)))
    await memory.store(session_id, {"input": "I live in Porto"}, wait=False)
    await memory.aclose()
    async with MemLayer(replace(sqlite_config, extractor=LivesIn())) as memory:
        assert await memory.flush(timeout=5) + len(await memory.facts(session_id)) >= 1
        assert [f.text for f in await memory.facts(session_id)] == ["lives in Porto"]


async def test_a_cancelled_store_goes_on_with_its_facts(sqlite_config, session_id):
    async with MemLayer(replace(sqlite_config, extractor=LivesIn(delay=0.2))) as memory:
        await memory.stats()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(memory.store(session_id, {"input": "I live in Porto"}), 0.1)
        await memory.flush()
        assert [f.text for f in await memory.facts(session_id)] == ["lives in Porto"]


async def test_two_memories_share_the_work_and_do_nothing_twice(store_config, unique):
    first, second = LivesIn(), LivesIn()
    async with MemLayer(replace(store_config, extractor="none")) as memory:
        await memory.stats()
    failing = LivesIn(failures=40)
    async with MemLayer(replace(store_config, extractor=failing)) as memory:
        for number in range(20):
            await memory.store(f"{unique}-{number}", {"input": "I live in Porto"}, user_id=f"{unique}-{number}")
    async with (
        MemLayer(replace(store_config, extractor=first)) as one,
        MemLayer(replace(store_config, extractor=second)) as other,
    ):
        await asyncio.gather(one.flush(), other.flush())
        for number in range(20):
            assert len(await one.facts(f"{unique}-{number}")) == 1
    seen = [turns[0].id for turns, _ in first.calls + second.calls]
    assert len(seen) == len(set(seen))


async def test_an_assistants_words_are_never_a_fact(sqlite_config, session_id):
    async with MemLayer(replace(sqlite_config, extractor=LivesIn())) as memory:
        result = await memory.store(session_id, {"input": "Hello", "output": "I live in Porto"})
    assert result.facts == ()


async def test_the_extractor_gets_what_came_before_and_what_is_known(store_config, session_id):
    extractor = LivesIn()
    async with MemLayer(replace(store_config, extractor=extractor)) as memory:
        await memory.store(session_id, {"input": "I live in Porto", "output": "Nice"}, user_id=f"u-{session_id}")
        await memory.store(session_id, {"input": "Porto is rainy"})
    turns, context = extractor.calls[-1]
    assert [t.text for t in turns] == ["Porto is rainy"]
    assert [t.text for t in context.history] == ["I live in Porto", "Nice"]
    assert [e.name for e in context.known] == ["Porto"]
    assert context.user_names == {f"u-{session_id}"}
