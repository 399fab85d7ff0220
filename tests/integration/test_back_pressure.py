"""However many interactions wait for a language model, a process holds a bounded number of them, and comes back to the others."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from openai_server import Answer, fact, openai_server, refuses, says
from scripted_extractor import LivesIn

from extraction import HybridExtractor, LLMExtractor
from graphmem import Limits, LLMConfig, MemLayer

WAITING = int(os.environ.get("GRAPHMEM_TEST_WAITING", "60"))
"""How many interactions each test leaves to wait."""
LIMIT = 12
GOOD = says({"facts": [fact("LIVES_IN", "Porto", "Place", "I live in Porto")]})
SAID = "I live in Porto"


class Watched:
    """A memory and the most interactions that it ever held, looked at again and again.

    Args:
        memory: a memory that is open.
        prefix: what the ids of the test's users begin with.
    """

    def __init__(self, memory: MemLayer, prefix: str) -> None:
        self.memory = memory
        self._prefix = prefix
        self.most_held = self.most_tasks = 0
        self._watch = asyncio.create_task(self._look())

    async def store(self, number: int, text: str = SAID) -> None:
        """Store one of many interactions, each of a user of its own."""
        result = await self.memory.store(f"{self._prefix}-{number}", {"input": text, "id": f"m{number}"}, wait=False)
        assert result.pending

    async def done(self) -> None:
        """Wait until nothing waits any more but what is set aside. Nobody calls ``flush``."""
        await until(self._nothing_waits)

    async def end(self) -> None:
        """Stop looking."""
        self._watch.cancel()
        await asyncio.gather(self._watch, return_exceptions=True)

    async def _nothing_waits(self) -> bool:
        jobs = await self.memory.pending(limit=1_000_000)
        return all(job.parked for job in jobs if job.user_id.startswith(self._prefix))

    async def _look(self) -> None:
        while True:
            _, outbox = await self.memory._open()
            assert outbox is not None
            reading = [t for t in asyncio.all_tasks() if t.get_name().startswith("graphmem-extract")]
            self.most_held = max(self.most_held, outbox.in_hand)
            self.most_tasks = max(self.most_tasks, len(reading))
            await asyncio.sleep(0.001)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition, however slow the machine is."""
    for _ in range(6000):
        if await condition():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it never happened")


@asynccontextmanager
async def watched(config, base_url, prefix, **limits):
    """A memory with a language model at ``base_url``, watched."""
    llm = LLMConfig("m", base_url, "k", timeout=5.0)
    settings = Limits(**{"in_hand": LIMIT, "close_seconds": 0.1, **limits})
    async with MemLayer(replace(config, extractor="llm", llm=llm, limits=settings)) as memory:
        watch = Watched(memory, prefix)
        yield watch
        await watch.end()


@pytest.fixture(autouse=True)
def short_rests(monkeypatch):
    """An endpoint that fails is left alone for moments only."""
    monkeypatch.setattr("extraction.llm.endpoint.FIRST_REST", 0.2)
    monkeypatch.setattr("extraction.llm.endpoint.LONGEST_REST", 0.4)


async def facts_of_all(memory, unique):
    return [[f.text for f in await memory.facts(f"{unique}-{number}")] for number in range(WAITING)]


async def test_a_slow_model_holds_a_bounded_number_of_them(sqlite_config, unique):
    with openai_server(GOOD, hold=True) as server:
        async with watched(sqlite_config, server.base_url, unique) as watch:
            for number in range(WAITING):
                await watch.store(number)
            assert watch.most_held == watch.most_tasks == LIMIT
            server.let_go()
            await watch.done()
            assert (watch.most_held, watch.most_tasks) == (LIMIT, LIMIT)
            assert await facts_of_all(watch.memory, unique) == [["lives in Porto"]] * WAITING


async def test_a_dead_model_is_come_back_to_when_it_lives(sqlite_config, unique):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    async with watched(sqlite_config, f"http://127.0.0.1:{port}/v1", unique, attempts=50) as watch:
        for number in range(WAITING):
            await watch.store(number)
        assert (await watch.memory.stats()).pending == WAITING
        with openai_server(GOOD, port=port):
            await watch.done()
        assert watch.most_tasks <= LIMIT
        assert await facts_of_all(watch.memory, unique) == [["lives in Porto"]] * WAITING


async def test_a_model_that_limits_the_rate_reads_them_in_the_end(sqlite_config, unique):
    asked = iter(range(10**9))

    def script(request):
        return GOOD if next(asked) % 3 else refuses(429, retry_after="0.01")

    with openai_server(script=script) as server:
        async with watched(sqlite_config, server.base_url, unique, attempts=50) as watch:
            await asyncio.gather(*(watch.store(number) for number in range(WAITING)))
            await watch.done()
            assert watch.most_tasks <= LIMIT
            assert await facts_of_all(watch.memory, unique) == [["lives in Porto"]] * WAITING


async def test_a_model_that_lies_holds_nothing_up_and_what_it_lied_about_is_set_aside(sqlite_config, unique):
    def script(request):
        return says("I'd rather not.") if "secret" in request["messages"][1]["content"] else GOOD

    with openai_server(script=script) as server:
        async with watched(sqlite_config, server.base_url, unique, attempts=2) as watch:
            for number in range(WAITING):
                await watch.store(number, SAID if number % 2 else "It is a secret")
            await watch.done()
            assert watch.most_tasks <= LIMIT
            told = await facts_of_all(watch.memory, unique)
            assert told == [["lives in Porto"] if number % 2 else [] for number in range(WAITING)]
            aside = await watch.memory.pending()
            assert sorted(job.user_id for job in aside) == sorted(f"{unique}-{n}" for n in range(0, WAITING, 2))


async def test_a_flush_in_vain_holds_a_bounded_number_of_what_failed(sqlite_config, unique):
    with openai_server(says("no JSON")) as server:
        async with watched(sqlite_config, server.base_url, unique, attempts=1) as watch:
            for number in range(WAITING):
                await watch.store(number)
            with pytest.raises(Exception, match="could not be extracted yet"):
                await watch.memory.flush()
            assert watch.most_tasks <= LIMIT
            assert watch.most_held <= 2 * LIMIT
            await watch.done()
            assert (await watch.memory.stats()).pending == WAITING


async def test_who_waits_for_the_facts_gets_them_however_many_wait(sqlite_config, unique):
    def script(request):
        return GOOD if "Porto" in request["messages"][1]["content"] else Answer(hang=True)

    with openai_server(script=script) as server:
        async with watched(sqlite_config, server.base_url, unique, in_hand=4) as watch:
            for number in range(8):
                await watch.store(number, "Hello")
            assert watch.most_tasks == 4
            result = await watch.memory.store(f"{unique}-urgent", {"input": SAID}, wait=True)
            assert [f.text for f in result.facts] == ["lives in Porto"]
            assert watch.most_tasks == 5
            waiting = asyncio.create_task(watch.memory.store(f"{unique}-late", {"input": "Hello"}, wait=True))
            await until(lambda: _is(watch.memory, lambda outbox: outbox.in_hand == 5))
            waiting.cancel()
            await until(lambda: _is(watch.memory, lambda outbox: outbox.in_hand == 4))
            assert (await watch.memory.stats(f"{unique}-late")).pending == 1
            server.stop()


async def test_what_is_read_at_once_is_there_at_once_however_many_wait(sqlite_config, unique):
    with openai_server(GOOD, hold=True) as server:
        llm = LLMExtractor("m", server.base_url, "k", 30.0)
        limits = Limits(in_hand=2)
        async with MemLayer(replace(sqlite_config, extractor=HybridExtractor(LivesIn(), llm), limits=limits)) as memory:
            for number in range(6):
                result = await memory.store(f"{unique}-{number}", {"input": SAID}, wait=False)
                assert [f.text for f in result.facts] == ["lives in Porto"]
                assert result.pending
                assert [f.text for f in await memory.facts(f"{unique}-{number}")] == ["lives in Porto"]
            server.let_go()
            await memory.flush()
            for number in range(6):
                (fact_,) = await memory.facts(f"{unique}-{number}")
                assert fact_.confidence > 0.9, "the model has confirmed it"
        await llm.aclose()


async def test_another_process_takes_what_the_first_has_no_room_for(store_config, unique, monkeypatch):
    monkeypatch.setattr("graphmem.outbox.LOOK_EVERY", 0.1)
    slow = replace(store_config, extractor=LivesIn(delay=60), limits=Limits(in_hand=1, close_seconds=0.1))
    async with MemLayer(slow) as first:
        for number in range(3):
            await first.store(f"{unique}-{number}", {"input": SAID}, wait=False)
        async with MemLayer(replace(store_config, extractor=LivesIn())) as second:
            for number in (1, 2):
                await until(lambda number=number: _has_facts(second, f"{unique}-{number}"))
            assert not await second.facts(f"{unique}-0"), "that one is the first one's"


async def test_an_export_of_one_user_reads_only_what_is_that_users(sqlite_config):
    extractor = LivesIn(failures=2)
    async with MemLayer(replace(sqlite_config, extractor=extractor)) as memory:
        for user in ("ada", "bea"):
            await memory.store(user, {"input": SAID})
        records = [record async for record in memory.export("ada")]
        assert [r["text"] for r in records if r["type"] == "fact"] == ["lives in Porto"]
        assert len(extractor.calls) == 3
        assert (await memory.stats("bea")).pending == 1


async def test_facts_of_what_was_left_get_their_vectors_too(sqlite_config, unique):
    async def embed(texts):
        return [[1.0, 0.0] for _ in texts]

    config = replace(sqlite_config, extractor=LivesIn(delay=0.3), embedder=embed, limits=Limits(in_hand=1))
    async with MemLayer(config) as memory:
        await memory.stats()
        for number in range(3):
            await memory.store(f"{unique}-{number}", {"input": SAID}, wait=False)
        await until(lambda: _has_facts(memory, f"{unique}-2"))
        store, _ = await memory._open()
        space = memory._embeddings._model.space
        await until(lambda: _nothing_lacks(store, space, f"{unique}-2"))


async def _nothing_lacks(store, space, user_id):
    return not [
        text for kind in ("message", "fact") for text in await store.without_vector(space, user_id=user_id, kind=kind)
    ]


async def _is(memory, condition):
    _, outbox = await memory._open()
    return condition(outbox)


async def _has_facts(memory, user_id):
    return bool(await memory.facts(user_id))
