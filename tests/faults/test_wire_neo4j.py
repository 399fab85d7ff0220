"""Connections that are cut, and a cluster that changes its leader: Neo4j. On a server of the test's own, through a proxy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest
from aftermath import assert_nothing_lost
from bolt_proxy import BoltProxy
from children import SEED, an_hour_later, seeds
from own_neo4j import OwnServer
from workload import Operation, do_all, operations

from graphmem import MemLayer, MemLayerConfig
from graphmem.errors import StoreUnavailable

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]

PASSING = [
    "Neo.ClientError.Cluster.NotALeader",
    "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase",
    "Neo.TransientError.Transaction.DeadlockDetected",
    "Neo.TransientError.Cluster.ReplicationFailure",
    "Neo.TransientError.Database.DatabaseUnavailable",
]
MOST_RETRIES = 40


@pytest.fixture
async def proxy(own_server: OwnServer) -> AsyncIterator[BoltProxy]:
    """A proxy in front of the server."""
    async with BoltProxy(own_server.port, SEED).serving() as serving:
        yield serving


def through(proxy: BoltProxy, config: MemLayerConfig) -> MemLayerConfig:
    """The same configuration, by way of the proxy."""
    return replace(config, connection_url=proxy.url)


async def cut_again_and_again(
    own_server: OwnServer, config: MemLayerConfig, seed: int, monkeypatch: pytest.MonkeyPatch
) -> int:
    """Do the work of several users at once over connections that break; returns how many did."""
    prefix = f"cut-{uuid4().hex[:8]}-"
    shared = [[o for o in operations(seed + user, 8, f"{prefix}{user}-") if o.what != "flush"] for user in range(3)]
    failed: list[Operation] = []
    async with BoltProxy(own_server.port, seed).serving() as proxy, MemLayer(through(proxy, config)) as memory:
        await memory.stats()
        proxy.cutting = True
        await asyncio.gather(*(do_all(memory, todo, failed) for todo in shared))
        proxy.cutting = False
    with an_hour_later(monkeypatch):
        async with MemLayer(config) as memory:
            await memory.flush()
            for todo in shared:
                await assert_nothing_lost(memory, todo, others=True)
    return proxy.cut


async def cut_many(
    own_server: OwnServer, config: MemLayerConfig, chosen: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = 0
    for seed in chosen:
        try:
            cut += await cut_again_and_again(own_server, config, seed, monkeypatch)
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise
    print(f"cut {cut} connections")
    assert cut >= 10 * len(chosen)
    async with MemLayer(config) as memory:
        assert await memory.check() == []


async def test_connections_that_are_cut_anywhere_lose_and_double_nothing(
    own_server: OwnServer, own_config: MemLayerConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of a message, before, in and after a commit: the driver and the caller do again what nobody knows to be done."""
    await cut_many(own_server, own_config, seeds(1, SEED + 7), monkeypatch)


@pytest.mark.long
async def test_a_thousand_cut_connections_lose_and_double_nothing(
    own_server: OwnServer, own_config: MemLayerConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cut_many(own_server, own_config, seeds(40, SEED + 8), monkeypatch)


@pytest.mark.parametrize("code", PASSING)
async def test_a_commit_that_the_server_refuses_for_now_is_done_again(
    proxy: BoltProxy, own_config: MemLayerConfig, code: str, unique: str
) -> None:
    """As when a cluster changes its leader: nothing of it surfaces, and nothing is there twice."""
    async with MemLayer(through(proxy, own_config)) as memory:
        await memory.store(unique, {"input": "I live in Leeds.", "id": "a"})
        proxy.refusals = [code] * 4
        await memory.store(unique, {"input": "I moved to Porto.", "id": "b"})
        assert proxy.refusals == []
        assert [m.id for m in await memory.messages(unique)] == ["a", "b"]
        assert [f.text for f in await memory.facts(unique, status="current")] == ["lives in Porto"]
        assert await memory.check(unique) == []


async def test_a_server_that_refuses_on_and_on_is_told_and_nothing_is_half_done(
    proxy: BoltProxy, own_config: MemLayerConfig, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some seconds the caller hears what it was, and that trying later may help."""
    monkeypatch.setattr("graphmem.stores.neo4j.connection.RETRY_TIME", 1.0)
    async with MemLayer(through(proxy, own_config)) as memory:
        await memory.store(unique, {"input": "I live in Leeds.", "id": "a"})
        proxy.refusals = [PASSING[0]] * MOST_RETRIES
        with pytest.raises(StoreUnavailable, match="takes no writes now: try again later"):
            await memory.store(unique, {"input": "I moved to Porto.", "id": "b"})
        proxy.refusals = []
        assert [m.id for m in await memory.messages(unique)] == ["a"]
        await memory.store(unique, {"input": "I moved to Porto.", "id": "b"})
        assert [m.id for m in await memory.messages(unique)] == ["a", "b"]
