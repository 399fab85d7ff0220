"""Fixtures of the tests of faults."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import neo4j_server
import pytest
import workload
from children import Nursery
from own_neo4j import OwnServer

from graphmem import MemLayerConfig


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Starts child processes."""
    started = Nursery()
    yield started
    started.close()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is such a thing: what a process wrote survives its end there as well, and it is faster."""
    memory = Path("/dev/shm")  # noqa: S108
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="graphmem-") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    """A Neo4j server that a test may kill; it is up again after each."""
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
def own_config(own_server: OwnServer) -> MemLayerConfig:
    """A configuration for it."""
    return MemLayerConfig(provider="neo4j", connection_url=own_server.url, extractor=workload.RULES)
