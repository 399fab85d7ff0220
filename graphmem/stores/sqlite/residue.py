"""What deleting leaves behind in the file, and how it goes: the terms of deleted rows in the full-text indexes, and old pages
in the write-ahead log.

``secure_delete`` overwrites rows. A full-text index only marks a row as deleted until its parts are merged, so these are
written anew after something was forgotten. A note in the database makes sure of it even when the process dies between.
"""

from __future__ import annotations

import sqlite3

_NOTE = "INSERT OR IGNORE INTO chores (name) VALUES ('scrub')"
_NOTED = "SELECT EXISTS (SELECT 1 FROM chores WHERE name = 'scrub')"
_DONE = "DELETE FROM chores WHERE name = 'scrub'"
_MERGE = "INSERT INTO {index} ({index}) VALUES ('optimize')"
_INDEXES = ("message_search", "fact_search")


def note_residue(connection: sqlite3.Connection) -> None:
    """Note, within the transaction that forgets something, that the indexes are to be written anew."""
    connection.execute(_NOTE)


def is_noted(connection: sqlite3.Connection) -> bool:
    """Whether the indexes are still to be written anew."""
    return bool(connection.execute(_NOTED).fetchone()[0])


def remove_residue(connection: sqlite3.Connection) -> None:
    """Write the indexes anew, within a transaction."""
    for index in _INDEXES:
        connection.execute(_MERGE.format(index=index))
    connection.execute(_DONE)


def empty_wal(connection: sqlite3.Connection, wait_seconds: float, busy_seconds: float) -> bool:
    """Empty the write-ahead log, and return whether that was possible: not while somebody reads an older state.

    Args:
        wait_seconds: how long to wait for readers.
        busy_seconds: how long the connection waits otherwise.
    """
    connection.execute(f"PRAGMA busy_timeout = {round(wait_seconds * 1000)}")
    try:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}")
    return not busy
