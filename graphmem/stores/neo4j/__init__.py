"""Memories in Neo4j: 5.26 or newer, a single server, a cluster or Aura, through the official driver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmem.stores.neo4j.connection import connect
from graphmem.stores.neo4j.forget import finish_interrupted
from graphmem.stores.neo4j.schema import ensure_schema
from graphmem.stores.neo4j.store import Neo4jStore

if TYPE_CHECKING:
    from graphmem.config import MemLayerConfig

__all__ = ["Neo4jStore", "open_store"]


async def open_store(config: MemLayerConfig) -> Neo4jStore:
    """Connect, make what constraints and indexes are missing, and return the store.

    Args:
        config: ``connection_url``, ``auth`` and ``database`` count.

    Raises:
        StoreUnavailable: the server cannot be reached.
        StoreError: it refuses the user, the database or the indexes.
    """
    connection = await connect(config)
    try:
        await ensure_schema(connection)
        await finish_interrupted(connection)
    except BaseException:
        await connection.close()
        raise
    return Neo4jStore(connection)
