"""A TCP proxy in front of a Neo4j server that cuts connections, and that answers commits as a cluster in trouble would."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

COMMIT = b"\x00\x02\xb0\x12\x00\x00"
"""The message of Bolt that commits, with the length before it and the end after it."""


class BoltProxy:
    """Passes on what client and server say, but for the faults that are asked for.

    Args:
        port: where the server listens.
        seed: of the places at which connections are cut.
    """

    def __init__(self, port: int, seed: int = 0) -> None:
        self._target, self._choose = port, random.Random(seed)
        self.port = 0
        self.cutting = False
        """Whether each connection is cut after a number of bytes of its own, in the middle of whatever is said."""
        self.cut = 0
        self.refusals: list[str] = []
        """Codes of errors, each the answer to one commit, which the server never hears of."""
        self._connections: set[asyncio.Task[None]] = set()
        self._directions: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"bolt://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[BoltProxy]:
        """Serve on a free port."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self
        for direction in self._directions:
            direction.cancel()
        await asyncio.gather(*self._connections)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        budget = _Budget(self, int(math.exp(self._choose.uniform(math.log(500), math.log(100_000)))))
        directions = {
            asyncio.create_task(self._requests(reader, up_writer, writer, budget)),
            asyncio.create_task(_copy(up_reader, writer, budget)),
        }
        self._directions |= directions
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for direction in directions:
                direction.cancel()
            await asyncio.gather(*directions, return_exceptions=True)
            self._directions -= directions
            writer.close()
            up_writer.close()

    async def _requests(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, back: asyncio.StreamWriter, budget: _Budget
    ) -> None:
        while data := await source.read(65_536):
            if data == COMMIT and self.refusals:
                back.write(_failure(self.refusals.pop(0)))
                continue
            if not await budget.pass_on(data, target):
                return


class _Budget:
    """How much one connection may still carry, in both directions together."""

    def __init__(self, proxy: BoltProxy, left: int) -> None:
        self._proxy, self._left = proxy, left

    async def pass_on(self, data: bytes, target: asyncio.StreamWriter) -> bool:
        """Pass on what there is room for; returns whether the connection lives on."""
        cut = self._proxy.cutting and len(data) >= self._left
        target.write(data[: self._left] if cut else data)
        await target.drain()
        if self._proxy.cutting:
            self._left -= len(data)
        self._proxy.cut += cut
        return not cut


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter, budget: _Budget) -> None:
    while data := await source.read(65_536):
        if not await budget.pass_on(data, target):
            return


def _failure(code: str) -> bytes:
    """The message FAILURE of Bolt 5.7 and newer."""
    said = {
        "neo4j_code": code,
        "message": "Not now.",
        "gql_status": "50N42",
        "description": "error: general processing exception - unexpected error",
    }
    fields = b"".join(_packed(key) + _packed(value) for key, value in said.items())
    body = b"\xb1\x7f" + bytes([0xA0 + len(said)]) + fields
    return len(body).to_bytes(2, "big") + body + b"\x00\x00"


def _packed(text: str) -> bytes:
    encoded = text.encode()
    return b"\xd0" + bytes([len(encoded)]) + encoded
