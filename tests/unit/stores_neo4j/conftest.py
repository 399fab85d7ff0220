"""An open Neo4j store, and a second way into its database to look at what is really there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import neo4j
import pytest
from neo4j_server import Address

from graphmem.config import MemLayerConfig
from graphmem.stores.neo4j import Neo4jStore, open_store

Cypher = Callable[..., Awaitable[list[dict[str, Any]]]]


@pytest.fixture
async def store(neo4j_config: MemLayerConfig) -> AsyncIterator[Neo4jStore]:
    """A store on the real server."""
    opened = await open_store(neo4j_config)
    yield opened
    await opened.close()


@pytest.fixture
async def cypher(neo4j_address: Address) -> AsyncIterator[Cypher]:
    """Runs a query on the server, past the store."""
    async with neo4j.AsyncGraphDatabase.driver(
        neo4j_address.url, auth=neo4j_address.auth, notifications_min_severity="OFF"
    ) as driver:

        async def run(query: str, **parameters: Any) -> list[dict[str, Any]]:
            answer = await driver.execute_query(query, parameters)
            return [dict(record) for record in answer.records]

        yield run
