"""A server of the test's own that asks for a password, and whose database is empty: logging in, and the first opening of all."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import neo4j
import neo4j_server
import pytest
from click.testing import CliRunner
from contract.builders import tell
from neo4j.exceptions import DriverError, Neo4jError

from graphmem.cli import cli
from graphmem.config import MemLayerConfig
from graphmem.errors import StoreError
from graphmem.stores.neo4j import open_store

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]

PASSWORD = "correct-horse-battery"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a new server whose user ``neo4j`` has the password `PASSWORD`."""
    version, port = neo4j_server.DEFAULT_VERSION, neo4j_server.free_port()
    try:
        java, jars = neo4j_server.java_for(version), neo4j_server.jars_of(version)
    except neo4j_server.NoServer as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(str(reason))
    home: Path = tmp_path_factory.mktemp("neo4j")
    server = neo4j_server.start_java(java, jars, version, home, port, authentication=True)
    try:
        url = f"bolt://127.0.0.1:{port}"
        _set_password(url)
        yield url
    finally:
        server.kill()
        server.wait()


def _set_password(url: str) -> None:
    change = "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $new"
    for _ in range(300):
        with (
            contextlib.suppress(DriverError, Neo4jError, OSError),
            neo4j.GraphDatabase.driver(url, auth=("neo4j", "neo4j"), connection_timeout=1) as driver,
        ):
            driver.execute_query(change, {"new": PASSWORD}, database_="system")
            return
    pytest.fail("the server with a password did not come up")


def config(url: str, password: str | None) -> MemLayerConfig:
    auth = None if password is None else ("neo4j", password)
    return MemLayerConfig(provider="neo4j", connection_url=url, auth=auth)


async def test_several_open_an_empty_database_at_once(guarded: str) -> None:
    """One of them makes each constraint and index, none fails, and all can write."""
    stores = await asyncio.gather(*(open_store(config(guarded, PASSWORD)) for _ in range(6)))
    await asyncio.gather(*(tell(store, f"user-{i}", f"session-{i}", "Hello") for i, store in enumerate(stores)))
    assert (await stores[0].describe()).stats.messages == 6
    for store in stores:
        await store.close()


@pytest.mark.parametrize("password", ["wrong-horse", None])
async def test_a_wrong_password_is_said_without_it(guarded: str, password: str | None) -> None:
    """What to check, and never what was given."""
    with pytest.raises(StoreError, match="wrong user or password, check auth") as failure:
        await open_store(config(guarded, password))
    assert "wrong-horse" not in f"{failure.value!r} {failure.value.__cause__!r}"


def test_the_command_line_says_a_wrong_password_in_one_line(guarded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHMEM_USER", "neo4j")
    monkeypatch.setenv("GRAPHMEM_PASSWORD", "wrong-horse")
    result = CliRunner().invoke(cli, ["facts", "--url", guarded])
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "wrong user or password" in result.stderr
    assert "wrong-horse" not in result.output
