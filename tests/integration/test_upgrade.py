"""A database of the first version of the schema opens with all that it holds; one of a later version is refused and left alone."""

# ruff: noqa: ASYNC240 - a test may look at a file while its event loop waits

from __future__ import annotations

import gzip
import sqlite3
from pathlib import Path

import pytest

from graphmem import MemLayer, MemLayerConfig
from graphmem.errors import StoreError
from graphmem.stores.sqlite.schema import MIGRATIONS

OLD = Path(__file__).parents[1] / "data" / "schema_1.db.gz"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A copy of a database of version 1."""
    copy = tmp_path / "old.db"
    copy.write_bytes(gzip.decompress(OLD.read_bytes()))
    return copy


def version_of(path: Path) -> int:
    connection = sqlite3.connect(path)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return int(version)


async def test_an_old_database_opens_with_everything_and_goes_on(path: Path) -> None:
    assert version_of(path) == 1
    async with MemLayer(MemLayerConfig(connection_url=str(path), extractor="rules")) as memory:
        assert [m.text for m in await memory.messages(user_id="maya")][::2] == [
            "I'm Maya. I live in Leeds.",
            "My sister's name is Ana, she lives in Porto.",
            "I moved to Faro.",
            "I like tea.",
        ]
        current = {f.text for f in await memory.facts("maya", status="current")}
        assert {"lives in Faro", "likes tea"} <= current
        assert next(h.message.text for h in await memory.search("Porto", "maya") if h.message).startswith("My sister")
        await memory.check(repair=True)  # later versions may read the same statements better
        assert await memory.check() == []
        await memory.store("s1", {"input": "I moved to Oslo."}, user_id="maya")
        assert "lives in Oslo" in {f.text for f in await memory.facts("maya", status="current")}
        assert await memory.check() == []
    assert version_of(path) == len(MIGRATIONS)


async def test_a_newer_database_is_refused_and_left_as_it_is(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"written by a newer graphmem \(schema version 999.*upgrade graphmem"):
        await MemLayer(MemLayerConfig(connection_url=str(path))).stats()
    assert path.read_bytes() == before
