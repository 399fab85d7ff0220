"""Migrations: from nothing, from an older version, all or nothing, and raced by several connections."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from contract.builders import interaction, message, minute, recall

from graphmem.config import MemLayerConfig
from graphmem.errors import StoreError
from graphmem.records import Message
from graphmem.stores.sqlite import open_store
from graphmem.stores.sqlite.files import APPLICATION_ID
from graphmem.stores.sqlite.rows import tokens
from graphmem.stores.sqlite.schema import MIGRATIONS, Migration, migrate

FIRST: Migration = ("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)",)
SECOND: Migration = ("ALTER TABLE notes ADD COLUMN length INTEGER", "UPDATE notes SET length = length(text)")
BROKEN: Migration = ("CREATE TABLE half (id INTEGER)", "CREATE TABLE notes (id INTEGER)")
ORPHANS: Migration = (
    "CREATE TABLE marks (note INTEGER REFERENCES notes (id))",
    "INSERT INTO marks VALUES (404)",
)


def connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=10)


def number(connection: sqlite3.Connection, name: str) -> int:
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value


def schema(connection: sqlite3.Connection) -> list[tuple[str]]:
    return connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()


def test_from_nothing(path: Path) -> None:
    connection = connect(path)
    migrate(connection, "here")
    assert number(connection, "user_version") == len(MIGRATIONS)
    assert number(connection, "application_id") == APPLICATION_ID
    before = schema(connection)
    migrate(connection, "here")
    assert schema(connection) == before
    connection.close()


def test_from_an_older_version_only_what_is_missing_is_done_and_rows_stay(path: Path) -> None:
    connection = connect(path)
    migrate(connection, "here", [FIRST])
    connection.execute("INSERT INTO notes (text) VALUES ('four')")
    migrate(connection, "here", [FIRST, SECOND])
    assert connection.execute("SELECT text, length FROM notes").fetchall() == [("four", 4)]
    assert number(connection, "user_version") == 2
    connection.close()


def test_a_newer_version_is_refused(path: Path) -> None:
    connection = connect(path)
    migrate(connection, "here", [FIRST, SECOND])
    with pytest.raises(StoreError, match=r"schema version 2, this one knows 1.*upgrade graphmem"):
        migrate(connection, "here", [FIRST])
    connection.close()


def test_a_migration_that_fails_leaves_the_version_before(path: Path) -> None:
    connection = connect(path)
    migrate(connection, "here", [FIRST])
    before = schema(connection)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, "here", [FIRST, BROKEN])
    with pytest.raises(StoreError, match="contradicts itself"):
        migrate(connection, "here", [FIRST, ORPHANS])
    assert schema(connection) == before
    assert number(connection, "user_version") == 1
    assert not connection.in_transaction
    connection.close()


def test_each_migration_is_done_once_when_many_open_at_the_same_time(path: Path) -> None:
    old = connect(path)
    migrate(old, "here", [FIRST])
    old.execute("INSERT INTO notes (text) VALUES ('x')")
    counting: Migration = ("UPDATE notes SET text = text || 'x'",)

    def upgrade(_: int) -> int:
        connection = connect(path)
        try:
            migrate(connection, "here", [FIRST, counting, counting])
            return number(connection, "user_version")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(upgrade, range(8))) == [3] * 8
    assert old.execute("SELECT text FROM notes").fetchall() == [("xxx",)]
    old.close()


async def test_a_file_of_version_1_opens_and_its_messages_have_no_metadata(path: Path) -> None:
    """Written as version 1 wrote it."""
    old = connect(path)
    migrate(old, "here", MIGRATIONS[:1])
    old.execute("INSERT INTO users (id) VALUES ('u')")
    old.execute("INSERT INTO sessions (user, id, last_seq) VALUES (1, 's', 1)")
    old.execute(
        "INSERT INTO messages (user, session, seq, id, role, name, text, at, terms) "
        "VALUES (1, 1, 1, 'm', 'user', NULL, 'I like tea', '2024-03-01T10:00:00.000000Z', 'like tea')"
    )
    old.execute("INSERT INTO message_search (rowid, terms) VALUES (1, ?)", (tokens("u", "like tea"),))
    old.close()
    store = await open_store(MemLayerConfig(connection_url=str(path)))
    before = Message("m", "s", "u", 1, "user", None, "I like tea", minute(0))
    assert await store.messages(user_id="u", session_id=None) == [before]
    assert (await recall(store, "u", "tea")).matches == (before,)
    new = replace(message("n", "Me too"), metadata='{"a":1}')
    appended = await store.append(interaction("s", new, user_id="u"))
    assert await store.messages(user_id="u", session_id=None) == [before, *appended.messages]
    assert appended.messages[0].metadata == '{"a":1}'
    await store.close()
    migrated = connect(path)
    assert number(migrated, "user_version") == len(MIGRATIONS)
    migrated.close()
