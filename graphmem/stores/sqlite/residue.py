"""What deleting leaves behind in the file, and how it goes.

A full-text index only marks a row as deleted until its parts are merged; pages keep copies of rows that were moved to
another page, where ``secure_delete`` does not reach; the write-ahead log holds pages as they were. So after something was
forgotten the indexes are merged, the file is written anew and the log is emptied. A note in the database makes sure of
it even when the process dies in between.
"""

from __future__ import annotations

import sqlite3

_NOTE = "INSERT OR IGNORE INTO chores (name) VALUES ('scrub')"
_NOTED = "SELECT EXISTS (SELECT 1 FROM chores WHERE name = 'scrub')"
_DONE = "DELETE FROM chores WHERE name = 'scrub'"
_MERGE = "INSERT INTO {index} ({index}) VALUES ('optimize')"
_SIZE = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
_MOST_IN_MEMORY = 256 * 1024 * 1024
_INDEXES = ("message_search", "fact_search")


def note_residue(connection: sqlite3.Connection) -> None:
    """Note, within the transaction that forgets something, that the file is to be written anew."""
    connection.execute(_NOTE)


def is_noted(connection: sqlite3.Connection) -> bool:
    """Whether the file is still to be written anew."""
    return bool(connection.execute(_NOTED).fetchone()[0])


def merge_indexes(connection: sqlite3.Connection) -> None:
    """Write the full-text indexes anew, within a transaction."""
    for index in _INDEXES:
        connection.execute(_MERGE.format(index=index))


def rewrite_file(connection: sqlite3.Connection) -> None:
    """Write the whole file anew, outside of a transaction; about half a second for 100 MB."""
    (size,) = connection.execute(_SIZE).fetchone()
    if size > _MOST_IN_MEMORY:
        connection.execute("PRAGMA temp_store = FILE")
    try:
        connection.execute("VACUUM")
    finally:
        connection.execute("PRAGMA temp_store = MEMORY")


def forget_note(connection: sqlite3.Connection) -> None:
    """Take the note back, within a transaction, when all is done."""
    connection.execute(_DONE)


def empty_log(connection: sqlite3.Connection, wait_seconds: float, busy_seconds: float) -> bool:
    """Empty the write-ahead log, and return whether that was possible: not while somebody reads an older state.

    Args:
        wait_seconds: how long to wait for readers.
        busy_seconds: how long the connection waits otherwise.
    """
    connection.execute(f"PRAGMA busy_timeout = {round(wait_seconds * 1000)}")
    try:
        busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}")
    return not busy
