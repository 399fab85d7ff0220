"""Writes that wait at the same time share a transaction, and nothing else."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from typing import Any

import pytest
from contract.builders import interaction, message, revise, tell

from graphmem.errors import IdempotencyConflict, StoreError
from graphmem.stores.base import Selection
from graphmem.stores.sqlite import SqliteStore


class Held:
    """Holds the writer's thread until `release`, so that what is asked meanwhile waits together."""

    def __init__(self, store: SqliteStore) -> None:
        self._database = store._database
        self._free = threading.Event()
        self.statements: list[str] = []

    async def __aenter__(self) -> Held:
        def hold(connection: sqlite3.Connection) -> None:
            connection.set_trace_callback(self.statements.append)
            self._free.wait(30)

        self._holding = asyncio.ensure_future(self._database.write(hold))
        await asyncio.sleep(0.05)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.release()
        await self._holding

    def release(self) -> None:
        self._free.set()

    @property
    def commits(self) -> int:
        """How many transactions were committed since, without the one that held the others up."""
        return self.statements.count("COMMIT") - 1


async def together(store: SqliteStore, *calls: Callable[[], Any]) -> tuple[list[Any], int]:
    """Make the calls while the writer is busy; return their results or exceptions, and how many commits they took."""
    async with Held(store) as held:
        tasks = [asyncio.ensure_future(call()) for call in calls]
        await asyncio.sleep(0.05)
        held.release()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    return list(results), held.commits


async def texts(store: SqliteStore, user: str) -> list[str]:
    return [m.text for m in await store.messages(user_id=user, session_id=None)]


async def test_what_waits_at_the_same_time_is_written_with_one_commit(store: SqliteStore) -> None:
    results, commits = await together(
        store, *(lambda n=n: tell(store, f"u{n}", f"s{n}", f"Porto {n}") for n in range(20))
    )
    assert commits == 1
    assert [said[0].text for said in results] == [f"Porto {n}" for n in range(20)]
    for n in range(20):
        assert await texts(store, f"u{n}") == [f"Porto {n}"]


async def test_the_order_of_one_session_is_kept(store: SqliteStore) -> None:
    await together(
        store,
        *(lambda n=n: store.append(interaction("s", message(f"m{n}", f"{n}", at=n), user_id="u")) for n in range(9)),
    )
    assert await texts(store, "u") == [str(n) for n in range(9)]


async def test_one_that_is_refused_takes_no_other_along_and_leaves_nothing(store: SqliteStore) -> None:
    await tell(store, "u", "s", "Porto")
    clash = interaction("s", message("new", "Lisbon"), message("m1", "Leeds"), user_id="u")
    results, commits = await together(
        store,
        lambda: tell(store, "v", "t", "Ghent"),
        lambda: store.append(clash),
        lambda: tell(store, "w", "r", "Oslo"),
    )
    assert commits == 1
    assert isinstance(results[1], IdempotencyConflict)
    assert (await texts(store, "u"), await texts(store, "v"), await texts(store, "w")) == (
        ["Porto"],
        ["Ghent"],
        ["Oslo"],
    )


async def test_one_that_sqlite_refuses_takes_no_other_along(store: SqliteStore) -> None:
    def wrong(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO users (id) VALUES ('left over')")
        connection.execute("INSERT INTO users (id) VALUES ('left over')")

    results, _ = await together(
        store,
        lambda: tell(store, "v", "t", "Ghent"),
        lambda: store._database.write(wrong),
        lambda: tell(store, "w", "r", "Oslo"),
    )
    assert isinstance(results[1], StoreError)
    assert (await texts(store, "v"), await texts(store, "w")) == (["Ghent"], ["Oslo"])
    assert (await store.describe()).user_ids == ("v", "w")


async def test_a_commit_that_fails_fails_for_all_and_nothing_is_there(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the disk is full: nobody is told that the write is durable."""
    database = store._database

    def full(work: Callable[[sqlite3.Connection], Any]) -> Any:
        connection = database._connection
        connection.execute("BEGIN IMMEDIATE")
        work(connection)
        connection.execute("ROLLBACK")
        raise StoreError("the disk is full")

    async with Held(store) as held:
        tasks = [asyncio.ensure_future(tell(store, f"u{n}", f"s{n}", "Porto")) for n in range(3)]
        await asyncio.sleep(0.05)
        monkeypatch.setattr(database, "_change", full)
        held.release()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    monkeypatch.undo()
    assert [str(r) for r in results] == ["the disk is full"] * 3
    assert (await store.describe()).stats.messages == 0


async def test_what_is_cancelled_before_its_turn_is_not_written(store: SqliteStore) -> None:
    async with Held(store) as held:
        tasks = [asyncio.ensure_future(tell(store, f"u{n}", f"s{n}", "Porto")) for n in range(3)]
        await asyncio.sleep(0.05)
        tasks[1].cancel()
        await asyncio.sleep(0)
        held.release()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert (await store.describe()).user_ids == ("u0", "u2")


async def test_to_forget_stays_alone(store: SqliteStore) -> None:
    await tell(store, "u", "s", "Porto")
    results, commits = await together(
        store,
        lambda: tell(store, "v", "t", "Ghent"),
        lambda: store.forget(Selection(user_id="u"), revise),
        lambda: tell(store, "w", "r", "Oslo"),
    )
    assert (results[1].messages, commits > 2) == (1, True)
    assert (await store.describe()).user_ids == ("v", "w")


async def test_what_waits_when_the_store_is_closed_is_still_written(store: SqliteStore, path: Any) -> None:
    async with Held(store) as held:
        tasks = [asyncio.ensure_future(tell(store, f"u{n}", f"s{n}", "Porto")) for n in range(3)]
        await asyncio.sleep(0.05)
        closing = asyncio.ensure_future(store.close())
        await asyncio.sleep(0.05)
        held.release()
        await asyncio.gather(*tasks, closing)
    look = sqlite3.connect(path)
    assert look.execute("SELECT count(*) FROM messages").fetchone() == (3,)
    look.close()
