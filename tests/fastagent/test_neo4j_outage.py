"""A real Neo4j goes down in the middle of a conversation and comes back: the conversation goes on, and nothing of it is lost."""

from __future__ import annotations

import asyncio
import logging
import subprocess
from collections.abc import Iterator
from pathlib import Path

import neo4j_server
import pytest

from graphmem import MemLayer, MemLayerConfig
from graphmem.fastagent import flush, remember, session


class Server:
    """A Neo4j server that the test may kill and start again."""

    def __init__(self, home: Path) -> None:
        version = neo4j_server.DEFAULT_VERSION
        self.port = neo4j_server.free_port()
        self._start = (neo4j_server.java_for(version), neo4j_server.jars_of(version), version, home, self.port)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"bolt://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._process = neo4j_server.start_java(*self._start)
        neo4j_server._wait_until_ready(self.url, lambda: self._process.poll() is None)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def neo4j_own_server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    try:
        server = Server(tmp_path / "neo4j")
    except neo4j_server.NoServer as reason:
        pytest.skip(f"{reason}; a test that kills its server needs one of its own")
    server.start()
    yield server
    server.kill()


@pytest.mark.slow
async def test_turns_of_an_outage_are_written_when_the_store_is_back(
    fast, declare, model, neo4j_own_server, session_id, user_id, caplog
):
    caplog.set_level(logging.INFO, logger="graphmem.fastagent")
    config = MemLayerConfig(provider="neo4j", connection_url=neo4j_own_server.url)
    async with MemLayer(config=config) as memory:
        declare(remember(memory), "hasty", default=True)
        declare(remember(memory, time_limit=120), "patient")
        async with fast.run() as app:
            with session(session_id, user_id=user_id):
                await app.patient.send("I live in Porto.")
                assert await memory.messages(session_id=session_id)

                await asyncio.to_thread(neo4j_own_server.kill)
                for said in ("I own a Vespa.", "I moved to Leeds."):
                    assert await app.hasty.send(said) == f"ok: {said}"
                await asyncio.to_thread(neo4j_own_server.start)
                assert await flush(memory, None) == 0

                await app.patient.send("Where do I live?")
                assert "Leeds" in model.blocks()[0]
        texts = [m.text for m in await memory.messages(session_id=session_id) if m.role == "user"]
        assert texts == ["I live in Porto.", "I own a Vespa.", "I moved to Leeds.", "Where do I live?"]
        await memory.flush()
        current = {f.text for f in await memory.facts(user_id, status="current")}
        assert {"owns a Vespa", "lives in Leeds"} <= current
        assert "lives in Porto" not in current
    warnings = [r.getMessage() for r in caplog.records if r.name.startswith("graphmem.fastagent") and r.levelno >= 30]
    assert len(warnings) <= 2  # once for each step, not once for each turn
