"""Turns wait for their store: in order, within a limit, and with a word in the log for each loss."""

from __future__ import annotations

import asyncio
import logging

import pytest

from graphmem import MemLayer
from graphmem.config import MemLayerConfig
from graphmem.errors import InvalidInteraction, StoreUnavailable
from graphmem.fastagent import flush, remember, session
from graphmem.fastagent.keeping import Keeper, within


class Store:
    """A place to write to that can be down."""

    def __init__(self) -> None:
        self.down = True
        self.written: list[str] = []

    def write(self, text: str):
        async def write() -> None:
            if self.down:
                raise StoreUnavailable("it is down")
            self.written.append(text)

        return write


async def test_turns_that_failed_are_written_later_in_their_order(caplog):
    caplog.set_level(logging.INFO, logger="graphmem.fastagent")
    keeper, store = Keeper(), Store()
    for n in range(5):
        await keeper.keep("s1", store.write(f"{n}"), patience=0)
    await keeper.keep("s2", store.write("other"), patience=0.05)
    assert (keeper.waiting, store.written) == (6, [])
    store.down = False
    assert await keeper.flush() == 0
    assert sorted(store.written, key=lambda text: text == "other") == ["0", "1", "2", "3", "4", "other"]
    said = [r.getMessage() for r in caplog.records]
    assert len(said) == 2
    assert "does not write (StoreUnavailable: it is down); turns wait" in said[0]
    assert "write again" in said[1]


async def test_a_session_that_cannot_be_written_holds_no_other_up():
    keeper, bad, good = Keeper(), Store(), Store()
    good.down = False
    await keeper.keep("bad", bad.write("x"), patience=0.05)
    await keeper.keep("good", good.write("y"), patience=60)
    assert (good.written, keeper.waiting) == (["y"], 1)
    bad.down = False
    assert await keeper.flush() == 0


async def test_beyond_its_capacity_the_oldest_is_lost_and_the_log_says_so(caplog):
    keeper, store = Keeper(capacity=3), Store()
    for n in range(5):
        await keeper.keep(f"s{n}", store.write(f"{n}"), patience=0)
    assert keeper.waiting == 3
    store.down = False
    await keeper.flush()
    assert sorted(store.written) == ["2", "3", "4"]
    assert "1 turns are lost so far: more than 3 wait" in caplog.text


async def test_what_the_store_refuses_for_good_is_given_up_at_once(caplog):
    keeper, store = Keeper(), Store()
    store.down = False

    async def refused() -> None:
        raise InvalidInteraction("no such thing")

    for _ in range(3):
        await keeper.keep("s1", refused, patience=60)
    await keeper.keep("s1", store.write("after"), patience=60)
    assert (keeper.waiting, store.written) == (0, ["after"])
    assert caplog.text.count("are not stored") == 1


async def test_a_flush_ends_after_its_time_and_says_what_waits():
    keeper, store = Keeper(), Store()
    await keeper.keep("s1", store.write("x"), patience=0)
    assert await keeper.flush(0.05) == 1
    store.down = False
    assert await keeper.flush() == 0


def test_turns_that_wait_when_the_loop_ends_are_lost_with_a_word(caplog):
    async def run() -> None:
        await Keeper().keep("s1", Store().write("x"), patience=0.05)

    asyncio.run(run())
    assert "1 turns of session 's1' are lost" in caplog.text


async def test_waiting_ends_after_the_limit_even_for_what_ignores_being_cancelled():
    released = asyncio.Event()

    async def stubborn() -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    with pytest.raises(TimeoutError, match=r"longer than 0\.05 s"):
        await within(0.05, stubborn())
    released.set()


class Hanging(MemLayer):
    """A memory whose store never answers."""

    def __init__(self, config: MemLayerConfig) -> None:
        super().__init__(config=config)
        self.answers = asyncio.Event()

    async def get_context(self, *args, **kwargs):
        await self.answers.wait()
        return await super().get_context(*args, **kwargs)

    async def store(self, *args, **kwargs):
        await self.answers.wait()
        return await super().store(*args, **kwargs)


async def test_a_memory_that_hangs_delays_no_turn_for_long_and_writes_them_when_it_answers(
    fast, declare, model, sqlite_config, session_id, user_id, caplog
):
    memory = Hanging(config=sqlite_config)
    declare(remember(memory, time_limit=0.05))
    async with fast.run() as app:
        with session(session_id, user_id=user_id):
            assert [await app.a.send(f"turn {n}") for n in range(3)] == [f"ok: turn {n}" for n in range(3)]
        assert caplog.text.count("does not recall") == 1
        memory.answers.set()
        assert await flush(memory, None) == 0
    assert [m.text for m in await memory.messages(session_id=session_id) if m.role == "user"] == [
        f"turn {n}" for n in range(3)
    ]
    await memory.aclose()


async def test_a_store_that_is_not_there_breaks_no_turn_and_is_said_once(
    fast, declare, model, session_id, user_id, caplog, monkeypatch
):
    monkeypatch.setattr("graphmem.fastagent.remembering.CLOSING_SECONDS", 0.1)
    memory = MemLayer(config=MemLayerConfig(provider="neo4j", connection_url="bolt://127.0.0.1:9"))
    declare(remember(memory, time_limit=1))
    caplog.set_level(logging.INFO, logger="graphmem.fastagent")
    async with fast.run() as app:
        with session(session_id, user_id=user_id):
            assert [await app.a.send(f"turn {n}") for n in range(3)] == [f"ok: turn {n}" for n in range(3)]
        said = [r.getMessage() for r in caplog.records if r.name.startswith("graphmem.fastagent")]
    assert len(said) == 2
    assert await flush(memory, 0) == 3
    await memory.aclose()
