"""The database's file: where it is, that only its owner can read it, and that it is not somebody else's."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.request import pathname2url

from graphmem.config import DEFAULT_SQLITE_PATH
from graphmem.errors import ConfigError, StoreError, StoreUnavailable
from graphmem.stores.sqlite.errors import in_words

MEMORY = ":memory:"
APPLICATION_ID = 0x474D454D
"""Marks a graphmem database in its header ("GMEM")."""

_MAGIC = b"SQLite format 3\x00"
_HEADER_SIZE = 100
_WAL_VERSION = 2


def database_path(url: str | None) -> str:
    """Return the absolute path that ``connection_url`` stands for, or `MEMORY`.

    Raises:
        ConfigError: it is empty or holds a NUL character.
    """
    if url is None:
        url = DEFAULT_SQLITE_PATH
    if url == MEMORY:
        return MEMORY
    path = os.fspath(url)
    if not isinstance(path, str) or not path.strip() or "\0" in path:
        raise ConfigError("connection_url", url, "the path of a file, or ':memory:', for provider 'sqlite'")
    return os.path.abspath(os.path.expanduser(path))


def prepare_file(path: str) -> None:
    """Make sure that there is a file at ``path`` that is empty or a graphmem database; a new one is its owner's alone.

    Raises:
        StoreUnavailable: it cannot be created or opened.
        StoreError: it is something else. It is left untouched.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600))
        with open(path, "rb") as file:
            header = file.read(_HEADER_SIZE)
    except OSError as error:
        raise StoreUnavailable(_cannot_open(path, error)) from error
    if not header:
        return
    if not header.startswith(_MAGIC):
        raise StoreError(f"{path} is not a graphmem database; choose another path, or move that file away")
    application_id = int.from_bytes(header[68:72], "big")
    in_wal_mode = header[18] == _WAL_VERSION
    if application_id == APPLICATION_ID:
        return
    # a graphmem database gets its mark before it is in WAL mode, so only an unmarked file without a WAL may be one in the making
    if application_id != 0 or in_wal_mode or not _is_empty(path):
        raise StoreError(f"{path} is the database of another application; choose another path for graphmem")


def _is_empty(path: str) -> bool:
    """Whether the database has no tables or became a graphmem database meanwhile; reading it changes nothing."""
    try:
        connection = sqlite3.connect(f"file:{pathname2url(path)}?mode=ro", uri=True, timeout=10)
        try:
            (application_id,) = connection.execute("PRAGMA application_id").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise in_words(error, path) from error
    is_ours: bool = application_id == APPLICATION_ID
    return is_ours or not tables


def _cannot_open(path: str, error: OSError) -> str:
    if os.path.isdir(path):
        return f"{path} is a directory; give the path of a file in it, such as {Path(path) / DEFAULT_SQLITE_PATH}"
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"cannot create {path}: the folder {os.path.dirname(path)} does not exist; create it first"
    if isinstance(error, PermissionError):
        return f"no permission to open {path} for reading and writing; allow it, or choose another path"
    return f"cannot open {path}: {error.strerror or error}; choose another path"
