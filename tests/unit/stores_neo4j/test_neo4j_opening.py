"""Opening and closing: a server that is not there, a database that is not, and nothing left behind."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from typing import Any

import pytest
from contract.builders import tell

from graphmem.config import MemLayerConfig
from graphmem.errors import StoreError, StoreUnavailable
from graphmem.stores.neo4j import Neo4jStore, open_store
from graphmem.stores.neo4j.schema import statements


async def test_nothing_listens() -> None:
    """It is said at once, with the URL and what to do; the password is not said."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"bolt://127.0.0.1:{taken.getsockname()[1]}"
        config = MemLayerConfig(provider="neo4j", connection_url=url, auth=("neo4j", "very-secret"))
        with pytest.raises(StoreUnavailable) as failure:
            await asyncio.wait_for(open_store(config), 30)
    assert f"cannot reach Neo4j at {url}: start it or check connection_url" in str(failure.value)
    assert "very-secret" not in repr(failure.value) + repr(failure.value.__cause__)
    assert failure.value.__cause__ is not None


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
async def test_a_host_that_nobody_knows(scheme: str) -> None:
    """Also when the driver has no error of its own for it."""
    config = MemLayerConfig(provider="neo4j", connection_url=f"{scheme}://no-such-host.invalid:7687")
    with pytest.raises(StoreUnavailable, match="no-such-host.invalid"):
        await asyncio.wait_for(open_store(config), 60)


async def test_something_else_listens() -> None:
    """A server that speaks another language is no Neo4j."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        url = f"bolt://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(StoreError):
            await asyncio.wait_for(open_store(MemLayerConfig(provider="neo4j", connection_url=url)), 60)


async def test_a_database_that_is_not_there(neo4j_config: MemLayerConfig) -> None:
    """It is named, and the setting too."""
    with pytest.raises(StoreError, match="database 'nosuch' is not there: create it or check the setting 'database'"):
        await open_store(replace(neo4j_config, database="nosuch"))


async def test_several_may_open_at_once(neo4j_config: MemLayerConfig) -> None:
    """Constraints and indexes are made by whoever comes first."""
    stores = await asyncio.gather(*(open_store(neo4j_config) for _ in range(5)))
    for store in stores:
        await store.close()


async def test_all_constraints_and_indexes_serve(store: Neo4jStore, cypher: Any) -> None:
    """An open store has them all."""
    found = await cypher("SHOW INDEXES YIELD name, state")
    states = {index["name"]: index["state"] for index in found}
    assert {name: states.get(name) for name in statements()} == dict.fromkeys(statements(), "ONLINE")


async def test_no_connection_is_left(neo4j_config: MemLayerConfig, cypher: Any, user_id: str, session_id: str) -> None:
    """The server itself counts them."""
    count = "CALL dbms.listConnections() YIELD connectionId, userAgent WHERE userAgent = 'graphmem' RETURN connectionId AS id"
    before = {c["id"] for c in await cypher(count)}
    store = await open_store(neo4j_config)
    await asyncio.gather(*(tell(store, user_id, f"{session_id}-{i}", "Hello") for i in range(8)))
    mine = {c["id"] for c in await cypher(count)} - before
    assert mine
    await store.close()
    for _ in range(100):
        if not mine & {c["id"] for c in await cypher(count)}:
            return
        await asyncio.sleep(0.05)
    assert not mine & {c["id"] for c in await cypher(count)}


async def test_closing_during_an_operation_is_an_error_of_the_store(
    neo4j_config: MemLayerConfig, user_id: str, session_id: str
) -> None:
    """Whoever was in the middle hears of it in graphmem's words, or had been done."""
    store = await open_store(neo4j_config)
    running = [asyncio.ensure_future(tell(store, user_id, f"{session_id}-{i}", "Hello")) for i in range(8)]
    await asyncio.sleep(0)
    await store.close()
    for outcome in await asyncio.gather(*running, return_exceptions=True):
        assert not isinstance(outcome, BaseException) or isinstance(outcome, StoreError), repr(outcome)
    with pytest.raises(StoreError, match="closed"):
        await store.describe()
