"""The driver behind a store: opened once, two kinds of transaction, errors mapped, closed without a trace."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from graphmem.errors import StoreError, StoreUnavailable
from graphmem.stores.neo4j.errors import Place, is_driver_error, store_error

if TYPE_CHECKING:
    from neo4j import AsyncDriver, AsyncManagedTransaction, AsyncResult

    from graphmem.config import MemLayerConfig

T = TypeVar("T")
Work = Callable[["AsyncManagedTransaction"], Awaitable[T]]

CONNECTION_TIMEOUT = 5.0
RETRY_TIME = 15.0
FIRST_RETRY_DELAY = 0.05


class Connection:
    """A pool of connections to one database.

    Args:
        driver: the driver; closed with this object.
        place: where it leads, for messages.
    """

    def __init__(self, driver: AsyncDriver, place: Place) -> None:
        self._driver: AsyncDriver | None = driver
        self.place = place

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` in a read transaction; it is called again when a passing trouble of the server undid it."""
        driver = self.driver
        with self.mapped_errors():
            async with driver.session(database=self.place.database, default_access_mode="READ") as session:
                return await session.execute_read(work)

    async def ask(self, query: str, parameters: dict[str, Any]) -> list[Any]:
        """Run one query that only reads, and return its records.

        In a transaction that the server begins and ends with the query this is one round trip instead of three. When a passing
        trouble of the server undid it, it is run again as `read` does it.
        """
        from neo4j.exceptions import DriverError, Neo4jError

        driver = self.driver
        with self.mapped_errors():
            async with driver.session(database=self.place.database, default_access_mode="READ") as session:
                try:
                    return await _records(await session.run(with_one_parameter(query), {"given": parameters}))
                except (DriverError, Neo4jError) as error:
                    if not error.is_retryable():
                        raise
        return await self.read(lambda tx: rows(tx, query, parameters))

    async def ask_one(self, query: str, parameters: dict[str, Any]) -> Any:
        """Run one query that only reads, as `ask` does, and return its only record, or None."""
        found = await self.ask(query, parameters)
        return found[0] if found else None

    async def change(self, query: str, parameters: dict[str, Any], conclude: Callable[[list[Any]], T]) -> T:
        """Run one query that writes, and return what ``conclude`` makes of its records; what that raises undoes the query.

        It travels together with the beginning of its transaction, which spares one of three round trips. It is run again as
        `write` does it.
        """

        async def concluded(result: AsyncResult) -> T:
            return conclude(await _records(result))

        async def execute() -> T:
            return await self.driver.execute_query(
                with_one_parameter(query),
                {"given": parameters},
                database_=self.place.database,
                bookmark_manager_=None,
                result_transformer_=concluded,
            )

        return await self._until_known(execute)

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` in a write transaction; it is called again when a passing trouble of the server undid it.

        It is called again, too, when the connection broke during the commit, so that nobody knows whether it was done: every
        piece of work can be repeated.
        """

        async def execute() -> T:
            async with self.driver.session(database=self.place.database) as session:
                return await session.execute_write(work)

        return await self._until_known(execute)

    async def _until_known(self, execute: Callable[[], Awaitable[T]]) -> T:
        """Execute a write, and once more when it is not known whether it was committed."""
        from neo4j.exceptions import IncompleteCommit

        with self.mapped_errors():
            with suppress(IncompleteCommit):
                return await execute()
            return await execute()

    async def close(self) -> None:
        """Close all connections. A second call does nothing."""
        driver, self._driver = self._driver, None
        if driver is not None:
            await driver.close()

    @property
    def driver(self) -> AsyncDriver:
        """The driver.

        Raises:
            StoreError: the store is closed.
        """
        if self._driver is None:
            raise StoreError("the store is closed: open a new MemLayer")
        return self._driver

    @contextmanager
    def mapped_errors(self) -> Iterator[None]:
        """Raise graphmem's errors in place of the driver's."""
        try:
            yield
        except Exception as error:
            if not is_driver_error(error):
                raise
            if self._driver is None:
                raise StoreError("the store was closed during the operation") from error
            raise store_error(error, self.place) from error


async def connect(config: MemLayerConfig) -> Connection:
    """Connect to the Neo4j of ``config`` and make sure that it answers.

    Raises:
        StoreUnavailable: nothing answers there; after seconds, not minutes.
        StoreError: it refuses the user or the database.
    """
    import neo4j

    url = str(config.connection_url)
    place = Place(url, config.database)
    try:
        driver = neo4j.AsyncGraphDatabase.driver(
            url,
            auth=None if config.auth is None else (config.auth[0], config.auth[1]),
            connection_timeout=CONNECTION_TIMEOUT,
            connection_acquisition_timeout=2 * RETRY_TIME,
            max_transaction_retry_time=RETRY_TIME,
            initial_retry_delay=FIRST_RETRY_DELAY,
            notifications_min_severity="OFF",
            telemetry_disabled=True,
            user_agent="graphmem",
        )
    except Exception as error:
        raise _opening_error(error, place) from error
    try:
        await driver.verify_connectivity()
        place = Place(url, await _database_name(driver, config.database))
    except BaseException as error:
        await driver.close()
        if not isinstance(error, Exception):
            raise
        raise _opening_error(await _distrust_behind(error, url) or error, place) from error
    return Connection(driver, place)


async def _distrust_behind(error: Exception, url: str) -> Exception | None:
    """Return why the certificate behind ``url`` is not trusted, if it is that: the driver does not say it of a failed routing."""
    import asyncio
    import ssl

    from neo4j.exceptions import ServiceUnavailable

    parts = urlsplit(url)
    if parts.scheme != "neo4j+s" or not isinstance(error, ServiceUnavailable):
        return None
    try:
        async with asyncio.timeout(CONNECTION_TIMEOUT):
            context = ssl.create_default_context()
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or 7687, ssl=context)
            writer.close()
    except ssl.SSLCertVerificationError as distrust:
        return distrust
    except (OSError, ValueError):
        return None
    return None


async def _database_name(driver: AsyncDriver, database: str | None) -> str | None:
    """Make sure that the database is there, and return its name.

    To name the server's default database spares the driver asking a cluster for it in every session.
    """

    async def ask(tx: AsyncManagedTransaction) -> str | None:
        summary = await (await tx.run("RETURN 1")).consume()
        return summary.database

    async with driver.session(database=database, default_access_mode="READ") as session:
        return await session.execute_read(ask)


def _opening_error(error: Exception, place: Place) -> Exception:
    """Opening also meets errors of no class of the driver's, such as a host name that nobody knows."""
    if is_driver_error(error):
        return store_error(error, place)
    if isinstance(error, ValueError):
        return StoreUnavailable(f"cannot reach {place}: check the host and port of connection_url ({error})")
    return error


async def rows(tx: AsyncManagedTransaction, query: str, parameters: dict[str, Any]) -> list[Any]:
    """Run a query and return its records."""
    return await _records(await tx.run(with_one_parameter(query), {"given": parameters}))


async def row(tx: AsyncManagedTransaction, query: str, parameters: dict[str, Any]) -> Any:
    """Run a query and return its only record, or None."""
    found = await rows(tx, query, parameters)
    return found[0] if found else None


async def _records(result: AsyncResult) -> list[Any]:
    return [record async for record in result]


@cache
def with_one_parameter(query: str) -> str:
    """Return the query with every ``$name`` as ``$given.name``.

    The server plans a text anew for each combination of the parameters' types and, of lists and strings, their orders of size, which
    for the larger queries takes it a third of a second each. Of one map it looks at the type alone.
    """
    return re.sub(r"\$(\w+)", r"$given.\1", query)
