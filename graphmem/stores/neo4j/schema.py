"""Constraints and indexes: made once, by whoever opens the database first. The database itself keeps keys unique."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from graphmem.errors import StoreError, StoreUnavailable
from graphmem.stores.neo4j.connection import Connection, rows

if TYPE_CHECKING:
    from neo4j import AsyncManagedTransaction

MESSAGE_SEARCH = "graphmem_message_search"
FACT_SEARCH = "graphmem_fact_search"
ONLINE_TIMEOUT = 60.0
_TRIES = 5

_UNIQUE = {
    "graphmem_user_key": ("User", "key"),
    "graphmem_session_key": ("Session", "key"),
    "graphmem_message_key": ("Message", "key"),
    "graphmem_message_seq": ("Message", "session_key", "seq"),
    "graphmem_job_key": ("Job", "key"),
    "graphmem_entity_id": ("Entity", "id"),
    "graphmem_fact_id": ("Fact", "id"),
    "graphmem_embedding_key": ("Embedding", "key"),
}
_INDEXES = {
    "graphmem_session_owner": ("Session", "owner"),
    "graphmem_past_session_key": ("PastSession", "key"),
    "graphmem_past_session_owner": ("PastSession", "owner"),
    "graphmem_message_owner_at": ("Message", "owner", "at"),
    "graphmem_job_owner": ("Job", "owner"),
    "graphmem_job_session": ("Job", "session_key", "first"),
    "graphmem_entity_owner": ("Entity", "owner"),
    "graphmem_entity_name": ("EntityKey", "owner", "key"),
    "graphmem_fact_owner_predicate": ("Fact", "owner", "predicate"),
    "graphmem_fact_own_rank": ("Fact", "own", "rank"),
    "graphmem_embedding_owner": ("Embedding", "owner", "kind", "at"),
    "graphmem_fact_own_predicate_rank": ("Fact", "own", "predicate", "rank"),
}
_SEARCHES = {MESSAGE_SEARCH: "Message", FACT_SEARCH: "Fact"}
_STATES = "SHOW INDEXES YIELD name, state WHERE name STARTS WITH 'graphmem_' RETURN name, state"
_CONSTRAINTS = "SHOW CONSTRAINTS YIELD name WHERE name STARTS WITH 'graphmem_' RETURN name"


def statements() -> dict[str, str]:
    """Return the statement that makes each constraint or index, by name; each does nothing when it is there."""
    made = {
        name: f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (n:{label}) REQUIRE {_properties(*keys)} IS UNIQUE"
        for name, (label, *keys) in _UNIQUE.items()
    }
    made |= {
        name: f"CREATE INDEX {name} IF NOT EXISTS FOR (n:{label}) ON {_properties(*keys)}"
        for name, (label, *keys) in _INDEXES.items()
    }
    options = "{indexConfig: {`fulltext.analyzer`: 'whitespace', `fulltext.eventually_consistent`: false}}"
    made |= {
        name: f"CREATE FULLTEXT INDEX {name} IF NOT EXISTS FOR (n:{label}) ON EACH [n.terms] OPTIONS {options}"
        for name, label in _SEARCHES.items()
    }
    return made


async def ensure_schema(connection: Connection) -> None:
    """Make what is missing and wait until all of it serves. Safe when several processes do it at once.

    Raises:
        StoreError: an index has failed or may not be made.
        StoreUnavailable: the indexes are not ready within `ONLINE_TIMEOUT` seconds.
    """
    wanted = statements()
    states = await _states(connection)
    for name, statement in wanted.items():
        if name not in states:
            await _create(connection, name, statement)
    deadline = asyncio.get_running_loop().time() + ONLINE_TIMEOUT
    while not all(states.get(name) == "ONLINE" for name in wanted):
        states = await _states(connection)
        if failed := sorted(name for name in wanted if states.get(name) == "FAILED"):
            raise StoreError(f"{connection.place}: the index {failed[0]} has failed: drop it and open the store again")
        if asyncio.get_running_loop().time() > deadline:
            raise StoreUnavailable(f"{connection.place}: its indexes are still being built: try again later")
        await asyncio.sleep(0.05)


async def _states(connection: Connection) -> dict[str, str]:
    """Return the state of each index; one of a constraint counts when the constraint is there.

    A process that dies while it makes a constraint leaves the index without it, which the next attempt takes over.
    """

    async def ask(tx: AsyncManagedTransaction) -> tuple[list[Any], set[str]]:
        constraints = {found["name"] for found in await rows(tx, _CONSTRAINTS, {})}
        return await rows(tx, _STATES, {}), constraints

    found, constraints = await connection.read(ask)
    return {r["name"]: r["state"] for r in found if r["name"] in constraints or r["name"] not in _UNIQUE}


async def _create(connection: Connection, name: str, statement: str) -> None:
    """Make one constraint or index. Another process that makes the same at this moment is no failure."""

    async def make(tx: AsyncManagedTransaction) -> None:
        await (await tx.run(statement)).consume()

    for attempt in range(1, _TRIES + 1):
        try:
            await connection.write(make)
            return
        except StoreError:
            if name in await _states(connection):
                return
            if attempt == _TRIES:
                raise
            await asyncio.sleep(0.1 * attempt)


def _properties(*keys: str) -> str:
    return f"({', '.join(f'n.{key}' for key in keys)})"
