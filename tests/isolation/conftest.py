"""Fixtures of the tests of isolation."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import neo4j_server
import pytest
from isolation_scene import RULES, Scene, playing

from graphmem import MemLayerConfig


@pytest.fixture(scope="module", params=["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> MemLayerConfig:
    """A configuration for each store in turn, which several users share."""
    if request.param == "sqlite":
        return MemLayerConfig(connection_url=str(tmp_path_factory.mktemp("isolation") / "memory.db"))
    address: neo4j_server.Address = request.getfixturevalue("neo4j_address")
    return MemLayerConfig(provider="neo4j", connection_url=address.url, auth=address.auth)


@pytest.fixture(scope="module")
def scene(shared: MemLayerConfig) -> Iterator[Scene]:
    """A memory of a victim and of mallory, on each store in turn; at the end the victim's is as it was."""
    with playing(shared) as scene:
        yield scene


@pytest.fixture(scope="session", autouse=True)
def imported() -> None:
    """What the rules import on their first use is imported once."""
    asyncio.run(RULES.extract([]))
