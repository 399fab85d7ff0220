"""Several processes, threads and cancelled tasks on one database; and a process that is killed."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
import threading
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path

import pytest
from contract.builders import changes_of, claim, fact, interaction, learn, me, message, recall, tell, thing, update

from graphmem.config import MemLayerConfig
from graphmem.errors import StoreError
from graphmem.stores.base import Changes, Ledger
from graphmem.stores.sqlite import SqliteStore, open_store
from graphmem.stores.sqlite.connection import Database

WORKER = str(Path(__file__).with_name("worker.py"))


async def start(what: str, path: Path, name: str, number: int) -> Process:
    return await asyncio.create_subprocess_exec(sys.executable, WORKER, what, str(path), name, str(number), stdout=PIPE)


async def test_several_processes_lose_no_update(store: SqliteStore, path: Path) -> None:
    await tell(store, "u", "start", "Count")
    processes = [await start("count", path, f"p{i}", 15) for i in range(3)]
    assert [await process.wait() for process in processes] == [0, 0, 0]
    (counter,) = (await store.ledger("u")).facts
    assert counter.text == "45"
    stored = await store.messages(user_id="u", session_id="shared")
    assert [m.seq for m in stored] == list(range(1, 46))
    assert {m.id for m in stored} == {f"p{i}-{n}" for i in range(3) for n in range(15)}
    jobs = [*await claim(store, "a", "u", 1, limit=20), *await claim(store, "a", "u", 1, limit=99)]
    assert sorted(job.id for job in jobs) == sorted(m.id for m in stored)


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal of POSIX")
@pytest.mark.parametrize("acknowledged", [1, 2, 25])
async def test_what_was_acknowledged_survives_a_kill(path: Path, acknowledged: int) -> None:
    process = await start("append", path, "p", 100_000)
    assert process.stdout is not None
    said = [(await process.stdout.readline()).decode().strip() for _ in range(acknowledged)]
    process.send_signal(signal.SIGKILL)
    said += (await process.stdout.read()).decode().split()
    assert await process.wait() == -signal.SIGKILL
    store = await open_store(MemLayerConfig(connection_url=str(path)))
    stored = [m.id for m in await store.messages(user_id="u", session_id="s")]
    assert said == stored[: len(said)]
    assert len(stored) - len(said) <= 1, "at most the one that was not acknowledged yet"
    assert (await store.describe("u")).stats.pending == len(stored)
    assert len((await recall(store, "u", "words", candidates=100_000)).matches) == len(stored)
    await store.close()
    check = sqlite3.connect(path)
    assert check.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert check.execute("PRAGMA foreign_key_check").fetchall() == []
    check.close()


class Pause:
    """A decision that waits in the middle of its transaction until it is let go."""

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __call__(self, ledger: Ledger) -> Changes:
        self.reached.set()
        assert self.go_on.wait(30)
        return changes_of(fact(me("u"), "LIKES", thing("u", "tea")))


async def test_reading_and_the_event_loop_do_not_wait_for_a_write(store: SqliteStore) -> None:
    await tell(store, "u", "s", "Tea")
    pause = Pause()
    writing = asyncio.create_task(store.apply("u", update(pause)))
    assert await asyncio.to_thread(pause.reached.wait, 30)
    assert len((await recall(store, "u", "tea", "s")).matches) == 1
    assert (await store.ledger("u")).facts == ()
    assert not writing.done()
    pause.go_on.set()
    assert (await writing).facts
    assert len((await store.ledger("u")).facts) == 1


async def test_a_task_that_is_cancelled_in_its_transaction_leaves_a_whole_one_and_no_lock(store: SqliteStore) -> None:
    await tell(store, "u", "s", "Tea")
    pause = Pause()
    writing = asyncio.create_task(store.apply("u", update(pause)))
    assert await asyncio.to_thread(pause.reached.wait, 30)
    waiting = asyncio.create_task(tell(store, "u", "s", "Never", prefix="never"))
    await asyncio.sleep(0)
    writing.cancel()
    waiting.cancel()
    for task in (writing, waiting):
        with pytest.raises(asyncio.CancelledError):
            await task
    pause.go_on.set()
    await tell(store, "u", "s", "Afterwards", prefix="after")
    (tea,) = (await store.ledger("u")).facts
    assert tea.object == thing("u", "tea")
    assert [m.id for m in await store.messages(user_id="u", session_id="s")] == ["m1", "after1"]


async def test_cancelling_at_any_moment_leaves_whole_interactions(store: SqliteStore) -> None:
    async def one(number: int) -> None:
        said = [message(f"{number}-{i}") for i in range(3)]
        await store.append(interaction(f"s{number % 3}", *said, user_id="u", job_id=f"j{number}"))

    tasks = [asyncio.create_task(one(number)) for number in range(60)]
    for number, task in enumerate(tasks):
        if number % 2:
            task.cancel()
        await asyncio.sleep(0.0005)
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    stored = await store.messages(user_id="u", session_id=None)
    numbers = [m.id.partition("-")[0] for m in stored]
    assert all(numbers.count(number) == 3 for number in numbers)
    assert set(numbers) >= {str(number) for number in range(0, 60, 2)}
    assert len(await claim(store, "w", "u", 1, limit=100)) == len(stored) // 3


async def test_closing_waits_for_what_is_going_on(path: Path) -> None:
    store = await open_store(MemLayerConfig(connection_url=str(path)))
    await tell(store, "u", "s", "Tea")
    pause = Pause()
    writing = asyncio.create_task(store.apply("u", update(pause)))
    assert await asyncio.to_thread(pause.reached.wait, 30)
    closing = [asyncio.create_task(store.close()) for _ in range(2)]
    await asyncio.sleep(0.01)
    closing[0].cancel()
    assert not closing[1].done()
    with pytest.raises(StoreError, match="closed"):
        await store.describe()
    pause.go_on.set()
    assert (await writing).facts
    await closing[1]
    again = await open_store(MemLayerConfig(connection_url=str(path)))
    assert len((await again.ledger("u")).facts) == 1
    await again.close()


async def test_an_opening_that_is_cancelled_leaves_nothing_open(path: Path) -> None:
    before = set(threading.enumerate())
    opening = asyncio.create_task(Database.open(str(path)))
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert [t.name for t in set(threading.enumerate()) - before if t.name.startswith("graphmem")] == []


async def test_a_store_may_be_used_from_several_event_loops(path: Path) -> None:
    store = await open_store(MemLayerConfig(connection_url=str(path)))

    def elsewhere(number: int) -> None:
        async def use() -> None:
            await tell(store, "u", f"s{number}", "Hello", "Again")
            await store.describe("u")

        asyncio.run(use())

    await asyncio.gather(*(asyncio.to_thread(elsewhere, number) for number in range(4)))
    assert (await store.describe("u")).stats.messages == 8
    await learn(store, "u", fact(me("u"), "LIKES", thing("u", "tea")))
    await store.close()
