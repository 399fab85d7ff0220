"""A Neo4j server of the test's own, which it may kill and start again."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from pathlib import Path

import neo4j
import neo4j_server
from neo4j.exceptions import DriverError, Neo4jError


class OwnServer:
    """A server on a port of its own, with an empty database.

    Raises:
        neo4j_server.NoServer: none can be started here.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._version = neo4j_server.DEFAULT_VERSION
        self._java, self._jars = neo4j_server.java_for(self._version), neo4j_server.jars_of(self._version)
        self.port = neo4j_server.free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"bolt://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, without waiting until it serves."""
        self._process = neo4j_server.start_java(self._java, self._jars, self._version, self._home, self.port)

    def kill(self) -> None:
        """Kill it, as if the power went."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    async def serving(self) -> None:
        """Wait until it serves."""
        for _ in range(600):
            with contextlib.suppress(DriverError, Neo4jError, OSError):
                async with neo4j.AsyncGraphDatabase.driver(self.url, connection_timeout=1) as driver:
                    await driver.execute_query("RETURN 1")
                    return
            await asyncio.sleep(0.2)
        raise AssertionError("the server did not come up")
