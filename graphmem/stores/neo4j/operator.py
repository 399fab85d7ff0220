"""The operator's own Cypher: a read session on the whole database, bounded in time and rows, with plain Python values."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from graphmem.stores.neo4j.connection import Connection
from graphmem.stores.neo4j.errors import is_driver_error, query_error

if TYPE_CHECKING:
    from neo4j import AsyncManagedTransaction


async def run_read(
    connection: Connection, query: str, parameters: dict[str, Any], timeout: float, limit: int
) -> list[dict[str, Any]]:
    """Run ``query`` in a read transaction and return at most ``limit`` rows; see `store.Neo4jStore.run_read`."""
    from neo4j import unit_of_work

    driver = connection.driver

    @unit_of_work(timeout=timeout)
    async def work(tx: AsyncManagedTransaction) -> list[dict[str, Any]]:
        result = await tx.run(query, parameters)
        found = [dict(record) for record in await result.fetch(limit)]
        await result.consume()
        return found

    try:
        async with driver.session(
            database=connection.place.database, default_access_mode="READ", fetch_size=max(1, min(limit, 1000))
        ) as session:
            found = await session.execute_read(work)
    except Exception as error:
        if not is_driver_error(error):
            raise
        raise query_error(error, connection.place, timeout) from error
    return [{name: plain(value) for name, value in record.items()} for record in found]


def plain(value: Any) -> Any:
    """Return a value of the driver's as a plain one: nodes and relationships are their properties (an embedding's without its
    numbers), a path is the list of both in turn, times are Python's, a duration with months is its ISO 8601 text, a point its
    coordinates."""
    from neo4j import graph, spatial, time

    match value:
        case list():
            return [plain(v) for v in value]
        case dict():
            return {k: plain(v) for k, v in value.items()}
        case graph.Path():
            steps: list[Any] = [plain(value.start_node)]
            for relationship, node in zip(value.relationships, value.nodes[1:], strict=True):
                steps += [plain(relationship), plain(node)]
            return steps
        case graph.Node() if "Embedding" in value.labels:
            return {k: plain(v) for k, v in value.items() if k != "vector"}
        case graph.Entity():
            return {k: plain(v) for k, v in value.items()}
        case time.DateTime() | time.Date() | time.Time():
            return value.to_native()
        case time.Duration():
            months, days, seconds, nanoseconds = value
            if months:
                return value.iso_format()
            return timedelta(days=days, seconds=seconds, microseconds=nanoseconds // 1000)
        case spatial.Point():
            return tuple(value)
        case _:
            return value
