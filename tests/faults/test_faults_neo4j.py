"""Processes that are killed, servers that are killed, a certificate that is not trusted: Neo4j. On a server of the test's own."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import neo4j
import neo4j_server
import pytest
import workload
from aftermath import assert_nothing_lost
from children import KILLS, SEED, Nursery, an_hour_later, seeds
from own_neo4j import OwnServer
from workload import Operation, acknowledged, operations, perform

from graphmem import MemLayer, MemLayerConfig
from graphmem.errors import StoreError

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]

OPERATIONS = 10
ROUNDS = 3
MOST_LINES = 700


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    """A server that a test may kill; it is up again after each."""
    try:
        own = OwnServer(tmp_path_factory.mktemp("neo4j"))
    except neo4j_server.NoServer as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(str(reason))
    own.start()
    try:
        asyncio.run(own.serving())
        yield own
    finally:
        own.kill()


@pytest.fixture
def config(server: OwnServer) -> MemLayerConfig:
    """A configuration for it."""
    return MemLayerConfig(provider="neo4j", connection_url=server.url, extractor=workload.RULES)


async def kill_again_and_again(
    nursery: Nursery, config: MemLayerConfig, folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> int:
    choose, prefix = random.Random(seed), uuid4().hex[:8] + "-"
    todo = operations(seed, OPERATIONS, prefix)
    kills = done = 0
    ever_begun: set[int] = set()
    for turn in range(ROUNDS + 1):
        log = folder / f"{seed}-{turn}"
        line = choose.randint(30, MOST_LINES) if turn < ROUNDS and choose.random() < 0.7 else None
        after = choose.uniform(0.2, 2.0) if turn < ROUNDS and line is None else None
        where = {"provider": "neo4j", "connection_url": config.connection_url}
        kills += nursery.run("run", where, seed, OPERATIONS, prefix, done, str(log), wire=line, after=after)
        count, begun = acknowledged(log)
        ever_begun |= set() if begun is None else {done + begun}
        done += count
        with an_hour_later(monkeypatch):
            async with MemLayer(config) as memory:
                await memory.flush()
                await assert_nothing_lost(memory, todo[:done], todo[done] if done in ever_begun else None, others=True)
    assert done == OPERATIONS
    return kills


async def kill_many(
    nursery: Nursery, config: MemLayerConfig, folder: Path, chosen: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = 0
    for seed in chosen:
        try:
            killed += await kill_again_and_again(nursery, config, folder, seed, monkeypatch)
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise
    print(f"killed {killed} processes")
    assert killed > len(chosen) // 2
    async with MemLayer(config) as memory:
        assert await memory.check() == []


async def test_a_kill_at_any_moment_loses_nothing(
    nursery: Nursery, config: MemLayerConfig, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a line on the wire, within a transaction or between two, and at any time."""
    await kill_many(nursery, config, folder, seeds(max(1, KILLS // 8)), monkeypatch)


@pytest.mark.long
async def test_hundreds_of_kills_lose_nothing(
    nursery: Nursery, config: MemLayerConfig, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kill_many(nursery, config, folder, seeds(4 * KILLS // ROUNDS, SEED + 1), monkeypatch)


async def test_a_first_opening_that_is_killed_is_finished_by_the_next(
    nursery: Nursery, server: OwnServer, config: MemLayerConfig
) -> None:
    """While the constraints and indexes are made."""
    where = {"provider": "neo4j", "connection_url": config.connection_url}
    killed = 0
    for seed in seeds(max(3, KILLS // 4)):
        async with neo4j.AsyncGraphDatabase.driver(server.url) as driver:
            for kind, kinds in (("CONSTRAINT", "CONSTRAINTS"), ("INDEX", "INDEXES")):
                names = f"SHOW {kinds} YIELD name WHERE name STARTS WITH 'graphmem_' RETURN name"
                for record in (await driver.execute_query(names)).records:
                    await driver.execute_query(f"DROP {kind} {record['name']} IF EXISTS")
        killed += nursery.run("open_once", where, wire=random.Random(seed).randint(20, 260))
        async with MemLayer(config) as memory:
            await memory.stats()
    assert killed > 0


async def do_all(memory: MemLayer, todo: list[Operation], failed: list[Operation]) -> None:
    """Do operations of one user one after the other; each that fails is done again, as a caller would, until it works."""
    for operation in todo:
        for _ in range(120):
            try:
                await perform(memory, operation)
                break
            except StoreError:
                failed.append(operation)
                await asyncio.sleep(1)
        else:
            raise AssertionError(f"{operation} never worked")


async def test_a_server_that_is_killed_while_it_is_written_to_loses_nothing(
    server: OwnServer, config: MemLayerConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed and started again in the middle of the writes of several users; what failed is done again."""
    failed: list[Operation] = []
    kept = [
        [o for o in operations(seed, 60, f"kill{seed}-") if o.what in ("store", "context", "forget_message", "load")]
        for seed in seeds(3)
    ]
    async with MemLayer(config) as memory:
        work = [asyncio.create_task(do_all(memory, todo, failed)) for todo in kept]
        await asyncio.sleep(3)
        server.kill()
        await asyncio.sleep(0.5)
        server.start()
        await asyncio.gather(*work)
    with an_hour_later(monkeypatch):
        async with MemLayer(config) as memory:
            await memory.flush()
            for todo in kept:
                await assert_nothing_lost(memory, todo, others=True)
            assert await memory.check() == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
@pytest.mark.parametrize("scheme", ["bolt+s"])
async def test_a_certificate_that_is_not_trusted_is_told(tmp_path: Path, scheme: str) -> None:
    """An expired or unknown certificate: an error in one line, and no password was sent."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    await asyncio.to_thread(
        subprocess.run, [*make, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    heard = bytearray()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.read(4096))
        writer.close()

    listener = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=context)
    async with listener:
        url = f"{scheme}://localhost:{listener.sockets[0].getsockname()[1]}"
        with pytest.raises(StoreError) as refused:
            async with asyncio.timeout(timedelta(seconds=60).total_seconds()):
                await MemLayer(MemLayerConfig(provider="neo4j", connection_url=url, auth=("neo4j", "secret"))).stats()
    assert "certificate" in str(refused.value), refused.value
    assert "\n" not in str(refused.value)
    assert b"secret" not in heard
