"""The floor: what the bare driver takes for two durable transactions and for one indexed read, on the same store."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from graphmem.config import MemLayerConfig

ROWS = 10_000
_SEED = "UNWIND range(1, $rows) AS id MERGE (n:GraphmemBenchmark {id: id})"


class Floor(Protocol):
    """A bare database beside the memory."""

    async def two_writes(self, number: int) -> None:
        """Two transactions, each durable when it returns, with one small row."""

    async def read(self, number: int) -> None:
        """One transaction that reads a row by its key."""

    async def close(self) -> None:
        """Remove what was written."""


async def open_floor(config: MemLayerConfig, folder: Path) -> Floor:
    """Return the floor for the store of ``config``."""
    if config.provider == "neo4j":
        return await Neo4jFloor.open(config)
    return SqliteFloor(folder / "floor.db")


class SqliteFloor:
    """A file beside the memory's, with the same settings, used from a thread as the memory's is.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)")
        with self._connection:
            self._connection.executemany("INSERT INTO rows VALUES (?, 'text')", ((i,) for i in range(ROWS)))

    async def two_writes(self, number: int) -> None:
        """See `Floor`."""
        for _ in range(2):
            await self._run(self._write)

    async def read(self, number: int) -> None:
        """See `Floor`."""
        await self._run(lambda: self._read(number))

    async def close(self) -> None:
        """See `Floor`."""
        await self._run(self._connection.close)
        self._thread.shutdown()

    def _run(self, work: Callable[[], None]) -> Awaitable[None]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _write(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT INTO rows (text) VALUES ('text')")
        self._connection.execute("COMMIT")

    def _read(self, number: int) -> None:
        self._connection.execute("BEGIN")
        self._connection.execute("SELECT text FROM rows WHERE id = ?", (number * 37 % ROWS,)).fetchone()
        self._connection.execute("COMMIT")


class Neo4jFloor:
    """Nodes of a label of their own in the memory's database. Made by `open`."""

    def __init__(self, driver: Any, database: str | None) -> None:
        self._driver = driver
        self._database = database

    @classmethod
    async def open(cls, config: MemLayerConfig) -> Neo4jFloor:
        """Connect, and write `ROWS` nodes with an index."""
        import neo4j

        driver = neo4j.AsyncGraphDatabase.driver(
            str(config.connection_url), auth=config.auth, notifications_min_severity="OFF", telemetry_disabled=True
        )
        floor = cls(driver, config.database or "neo4j")
        await floor._write("CREATE INDEX graphmem_benchmark IF NOT EXISTS FOR (n:GraphmemBenchmark) ON (n.id)")
        await floor._write("CALL db.awaitIndexes(60)")
        await floor._write(_SEED, rows=ROWS)
        return floor

    async def two_writes(self, number: int) -> None:
        """See `Floor`."""
        for _ in range(2):
            await self._write("CREATE (:GraphmemBenchmark {id: $id, text: 'text'})", id=ROWS + number)

    async def read(self, number: int) -> None:
        """See `Floor`."""

        async def work(tx: Any) -> Any:
            result = await tx.run("MATCH (n:GraphmemBenchmark {id: $id}) RETURN n.id", id=number * 37 % ROWS)
            return await result.single()

        async with self._driver.session(database=self._database, default_access_mode="READ") as session:
            await session.execute_read(work)

    async def close(self) -> None:
        """See `Floor`."""
        await self._write("MATCH (n:GraphmemBenchmark) DETACH DELETE n")
        await self._write("DROP INDEX graphmem_benchmark IF EXISTS")
        await self._driver.close()

    async def _write(self, query: str, **parameters: Any) -> None:
        async def work(tx: Any) -> None:
            await (await tx.run(query, parameters)).consume()

        async with self._driver.session(database=self._database) as session:
            await session.execute_write(work)
