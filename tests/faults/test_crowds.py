"""Many coroutines in several processes write conflicting facts of the same few users: nothing is lost, one value is current."""

from __future__ import annotations

import json
import os
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import workload
from children import HERE, ROOT

from graphmem import MemLayer, MemLayerConfig

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors in /proc")


async def crowd(config: MemLayerConfig, where: dict[str, Any], processes: int, coroutines: int, each: int) -> None:
    prefix = uuid4().hex[:8] + "-"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(HERE)))}
    started = [
        await create_subprocess_exec(
            sys.executable,
            str(HERE / "workload.py"),
            json.dumps([where, f"p{number}", coroutines, each, prefix]),
            env=environment,
            stderr=PIPE,
        )
        for number in range(processes)
    ]
    said = [(await process.communicate())[1].decode() for process in started]
    assert [process.returncode for process in started] == [0] * processes, "\n".join(said)
    async with MemLayer(config) as memory:
        await memory.flush()
        stored = []
        for user in (f"{prefix}{name}" for name in workload.USERS):
            assert await memory.check(user_id=user) == []
            messages = await memory.messages(user_id=user)
            stored += [m.id for m in messages]
            current = await memory.facts(user, status="current", predicate="LIVES_IN")
            assert len(current) == 1
            for session in {m.session_id for m in messages}:
                places = [m.seq for m in messages if m.session_id == session]
                assert sorted(places) == list(range(1, len(places) + 1))
        wanted = [f"p{p}-{c}-{e}" for p in range(processes) for c in range(coroutines) for e in range(each)]
        assert sorted(stored) == sorted(wanted)


async def test_a_crowd_on_sqlite(folder: Path) -> None:
    path = str(folder / "memory.db")
    config = MemLayerConfig(connection_url=path, extractor=workload.RULES)
    await crowd(config, {"connection_url": path}, 3, 16, 2)


@pytest.mark.neo4j
@pytest.mark.slow
async def test_a_crowd_on_neo4j(neo4j_config: MemLayerConfig) -> None:
    where = {"provider": "neo4j", "connection_url": neo4j_config.connection_url, "auth": neo4j_config.auth}
    config = MemLayerConfig(**where, extractor=workload.RULES)
    await crowd(config, where, 2, 8, 2)


@pytest.mark.slow
@pytest.mark.long
async def test_sixty_four_coroutines_in_each_of_six_processes(folder: Path) -> None:
    path = str(folder / "memory.db")
    config = MemLayerConfig(connection_url=path, extractor=workload.RULES)
    await crowd(config, {"connection_url": path}, 6, 64, 4)
