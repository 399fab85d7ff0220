"""Processes that are killed and servers that are killed: Neo4j. On a server of the test's own."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from uuid import uuid4

import neo4j
import pytest
from aftermath import assert_nothing_lost
from children import KILLS, SEED, Nursery, an_hour_later, seeds
from own_neo4j import OwnServer
from workload import Operation, acknowledged, do_all, operations

from graphmem import MemLayer, MemLayerConfig
from graphmem.errors import StoreUnavailable

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]

OPERATIONS = 10
ROUNDS = 3
LINES_OF_OPERATION = 45


async def kill_again_and_again(
    nursery: Nursery, own_config: MemLayerConfig, folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> int:
    choose, prefix = random.Random(seed), uuid4().hex[:8] + "-"
    todo = operations(seed, OPERATIONS, prefix)
    kills = done = 0
    ever_begun: set[int] = set()
    for turn in range(ROUNDS + 1):
        log = folder / f"{seed}-{turn}"
        line = (
            choose.randint(30, 30 + LINES_OF_OPERATION * (OPERATIONS - done))
            if turn < ROUNDS and choose.random() < 0.7
            else None
        )
        after = choose.uniform(0.2, 2.0) if turn < ROUNDS and line is None else None
        where = {"provider": "neo4j", "connection_url": own_config.connection_url}
        kills += nursery.run("run", where, seed, OPERATIONS, prefix, done, str(log), wire=line, after=after)
        count, begun = acknowledged(log)
        ever_begun |= set() if begun is None else {done + begun}
        done += count
        with an_hour_later(monkeypatch):
            async with MemLayer(own_config) as memory:
                await memory.flush()
                await assert_nothing_lost(memory, todo[:done], todo[done] if done in ever_begun else None, others=True)
    assert done == OPERATIONS
    return kills


async def kill_many(
    nursery: Nursery, own_config: MemLayerConfig, folder: Path, chosen: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = 0
    for seed in chosen:
        try:
            killed += await kill_again_and_again(nursery, own_config, folder, seed, monkeypatch)
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise
    print(f"killed {killed} processes")
    assert killed > len(chosen) // 2
    async with MemLayer(own_config) as memory:
        assert await memory.check() == []


async def test_a_kill_at_any_moment_loses_nothing(
    nursery: Nursery, own_config: MemLayerConfig, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a line on the wire, within a transaction or between two, and at any time."""
    await kill_many(nursery, own_config, folder, seeds(max(1, KILLS // 8)), monkeypatch)


@pytest.mark.long
async def test_hundreds_of_kills_lose_nothing(
    nursery: Nursery, own_config: MemLayerConfig, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kill_many(nursery, own_config, folder, seeds(5 * KILLS, SEED + 1), monkeypatch)


async def test_a_first_opening_that_is_killed_is_finished_by_the_next(
    nursery: Nursery, own_server: OwnServer, own_config: MemLayerConfig
) -> None:
    """While the constraints and indexes are made."""
    where = {"provider": "neo4j", "connection_url": own_config.connection_url}
    killed = 0
    for seed in seeds(max(3, KILLS // 4)):
        async with neo4j.AsyncGraphDatabase.driver(own_server.url) as driver:
            for kind, kinds in (("CONSTRAINT", "CONSTRAINTS"), ("INDEX", "INDEXES")):
                names = f"SHOW {kinds} YIELD name WHERE name STARTS WITH 'graphmem_' RETURN name"
                for record in (await driver.execute_query(names)).records:
                    await driver.execute_query(f"DROP {kind} {record['name']} IF EXISTS")
        killed += nursery.run("open_once", where, wire=random.Random(seed).randint(20, 260))
        async with MemLayer(own_config) as memory:
            await memory.stats()
    assert killed > 0


async def test_a_server_that_is_killed_while_it_is_written_to_loses_nothing(
    own_server: OwnServer, own_config: MemLayerConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed and started again in the middle of the writes of several users; what failed is done again."""
    failed: list[Operation] = []
    kept = [
        [o for o in operations(seed, 60, f"kill{seed}-") if o.what in ("store", "context", "forget_message", "load")]
        for seed in seeds(3)
    ]
    async with MemLayer(own_config) as memory:
        work = [asyncio.create_task(do_all(memory, todo, failed)) for todo in kept]
        await asyncio.sleep(3)
        own_server.kill()
        await asyncio.sleep(0.5)
        own_server.start()
        await asyncio.gather(*work)
    with an_hour_later(monkeypatch):
        async with MemLayer(own_config) as memory:
            await memory.flush()
            for todo in kept:
                await assert_nothing_lost(memory, todo, others=True)
            assert await memory.check() == []


@pytest.mark.long
async def test_a_server_that_is_gone_is_told_within_seconds_and_nothing_is_half_done(
    own_server: OwnServer, own_config: MemLayerConfig
) -> None:
    async with MemLayer(own_config) as memory:
        await memory.store("gone-1", {"input": "I live in Leeds.", "id": "a"})
        own_server.kill()
        try:
            with pytest.raises(StoreUnavailable, match="cannot reach Neo4j at bolt://"):
                await memory.store("gone-1", {"input": "I moved to Porto.", "id": "b"})
        finally:
            own_server.start()
            await own_server.serving()
        await memory.store("gone-1", {"input": "I moved to Porto.", "id": "b"})
        assert [m.id for m in await memory.messages("gone-1")] == ["a", "b"]
        assert await memory.check() == []
