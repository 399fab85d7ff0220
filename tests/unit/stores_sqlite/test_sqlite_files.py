"""Opening: which files become a database, which are refused and left alone, and who may read them."""

# ruff: noqa: ASYNC240 - a test may look at a file while its event loop waits

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import sys
from pathlib import Path

import pytest
from contract.builders import tell

from graphmem.config import MemLayerConfig
from graphmem.errors import ConfigError, GraphMemError, StoreError, StoreUnavailable
from graphmem.stores.sqlite import open_store
from graphmem.stores.sqlite.connection import Database
from graphmem.stores.sqlite.files import APPLICATION_ID, MEMORY, database_path

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")


async def refusal(path: Path | str) -> GraphMemError:
    """The error of opening ``path``, whose message is one line."""
    with pytest.raises(GraphMemError) as caught:
        await open_store(MemLayerConfig(connection_url=str(path)))
    assert "\n" not in str(caught.value)
    return caught.value


async def test_the_default_is_a_file_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = await open_store(MemLayerConfig())
    await store.close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["graphmem.db"]


def test_a_home_directory_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert database_path("~/memory.db") == str(tmp_path / "memory.db")


@pytest.mark.parametrize("url", ["", "  ", "a\0b"])
def test_what_is_no_path_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(ConfigError, match="connection_url"):
        database_path(url)


@needs_posix
async def test_only_the_owner_may_read_a_new_database(path: Path) -> None:
    store = await open_store(MemLayerConfig(connection_url=str(path)))
    await tell(store, "u", "s", "Hello")
    modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()}
    await store.close()
    assert set(modes) == {"memory.db", "memory.db-wal", "memory.db-shm"}
    assert set(modes.values()) == {0o600}


@needs_posix
async def test_the_permissions_of_an_existing_file_stay(path: Path) -> None:
    path.touch()
    path.chmod(0o640)
    await (await open_store(MemLayerConfig(connection_url=str(path)))).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


async def test_a_closed_store_leaves_one_file(path: Path) -> None:
    store = await open_store(MemLayerConfig(connection_url=str(path)))
    await tell(store, "u", "s", "Hello")
    await store.ledger("u")
    await store.close()
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("content", [b"x", b"not a database\n", b"a diary\n" * 1000, b"\0" * 5000])
async def test_a_file_that_is_no_database_is_refused_and_left_untouched(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    error = await refusal(path)
    assert isinstance(error, StoreError)
    assert "choose another path" in str(error)
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "setup", ["", "PRAGMA application_id = 7", "PRAGMA journal_mode = WAL", "PRAGMA user_version = 3"]
)
async def test_the_database_of_another_application_is_refused_and_left_untouched(path: Path, setup: str) -> None:
    other = sqlite3.connect(path)
    other.execute(setup or "SELECT 1")
    other.execute("CREATE TABLE diary (day TEXT)")
    other.commit()
    other.close()
    before = path.read_bytes()
    error = await refusal(path)
    assert isinstance(error, StoreError)
    assert "another application" in str(error)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


async def test_a_database_without_tables_is_taken(path: Path) -> None:
    empty = sqlite3.connect(path)
    empty.execute("VACUUM")
    empty.close()
    assert path.stat().st_size > 0
    store = await open_store(MemLayerConfig(connection_url=str(path)))
    await tell(store, "u", "s", "Hello")
    await store.close()


async def test_a_database_of_a_newer_version_is_refused_and_left_untouched(path: Path) -> None:
    await (await open_store(MemLayerConfig(connection_url=str(path)))).close()
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    before = path.read_bytes()
    error = await refusal(path)
    assert "upgrade graphmem" in str(error)
    assert path.read_bytes() == before


async def test_a_directory_is_refused(tmp_path: Path) -> None:
    error = await refusal(tmp_path)
    assert isinstance(error, StoreUnavailable)
    assert "is a directory" in str(error)
    assert str(tmp_path / "graphmem.db") in str(error)


async def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "no" / "memory.db", Path(__file__) / "memory.db"):
        error = await refusal(path)
        assert isinstance(error, StoreUnavailable)
        assert "create it first" in str(error)
        assert isinstance(error.__cause__, OSError)


@needs_posix
@pytest.mark.parametrize("mode", [0o000, 0o400, 0o200])
async def test_a_file_that_may_not_be_read_and_written_is_refused(unprivileged_folder: Path, mode: int) -> None:
    path = unprivileged_folder / "memory.db"
    await (await open_store(MemLayerConfig(connection_url=str(path)))).close()
    path.chmod(mode)
    error = await refusal(path)
    assert isinstance(error, StoreUnavailable)
    assert "no permission" in str(error)


@needs_posix
async def test_a_folder_that_may_not_be_written_to_is_refused(unprivileged_folder: Path) -> None:
    unprivileged_folder.chmod(0o500)
    error = await refusal(unprivileged_folder / "memory.db")
    unprivileged_folder.chmod(0o700)
    assert isinstance(error, StoreUnavailable)
    assert "no permission" in str(error)


async def test_a_new_file_that_another_process_locks_is_unavailable(path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnavailable, match="locked"):
        await Database.open(str(path), busy_seconds=0.02)
    other.execute("ROLLBACK")
    other.close()
    await (await Database.open(str(path), busy_seconds=0.02)).close()


async def test_many_may_create_the_same_database_at_once(path: Path) -> None:
    stores = await asyncio.gather(*(open_store(MemLayerConfig(connection_url=str(path))) for _ in range(6)))
    for number, store in enumerate(stores):
        await tell(store, "u", f"s{number}", "Hello")
    assert (await stores[0].describe()).stats.messages == 6
    await asyncio.gather(*(store.close() for store in stores))


async def test_a_file_that_another_process_has_written_in_part_is_not_taken_for_damaged(path: Path) -> None:
    """As in the middle of a checkpoint: the log holds every page, the file holds some old and some new ones."""
    await (await open_store(MemLayerConfig(connection_url=str(path)))).close()
    writing = sqlite3.connect(path, isolation_level=None)
    writing.execute("PRAGMA wal_autocheckpoint = 0")
    writing.execute("VACUUM")
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    store = await open_store(MemLayerConfig(connection_url=str(path)))
    await tell(store, "u", "s", "Hello")
    assert (await store.describe()).stats.messages == 1
    await store.close()
    writing.close()


async def test_the_settings_that_make_it_durable_are_on(path: Path) -> None:
    database = await Database.open(str(path))

    def settings(connection: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "application_id")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await database.write(settings) == ["wal", 2, 1, 1, APPLICATION_ID]
    await database.close()


async def test_opening_another_store_leaves_the_locks_of_the_first(path: Path) -> None:
    """A process loses its POSIX locks on a file when it closes any descriptor of it; then another process may delete the log."""
    first = await open_store(MemLayerConfig(connection_url=str(path)))
    await tell(first, "u", "s", "One")
    await (await open_store(MemLayerConfig(connection_url=str(path)))).close()
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM users').fetchall(); c.close()"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(path))
    assert await process.wait() == 0
    assert os.path.exists(f"{path}-wal"), "the other process took itself for the last one"
    await tell(first, "u", "s", "Two", prefix="n")
    assert (await first.describe("u")).stats.messages == 2
    await first.close()


async def test_memory_lives_as_long_as_it_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    one, other = [await open_store(MemLayerConfig(connection_url=MEMORY)) for _ in range(2)]
    await asyncio.gather(*(tell(one, "u", f"s{i}", "Hello") for i in range(20)), *(one.describe() for _ in range(20)))
    assert (await one.describe()).stats.messages == 20
    assert (await other.describe()).stats.messages == 0
    await one.close()
    await other.close()
    assert list(tmp_path.iterdir()) == []
