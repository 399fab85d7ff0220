"""The database's file: where it is, that only its owner can read it, and that it is not somebody else's."""

from __future__ import annotations

import errno
import os
import sqlite3
import tempfile
from pathlib import Path
from urllib.request import pathname2url

from graphmem.config import DEFAULT_SQLITE_PATH
from graphmem.errors import ConfigError, StoreError, StoreUnavailable
from graphmem.stores.sqlite.errors import DamagedFile, code_of, in_words

MEMORY = ":memory:"
APPLICATION_ID = 0x474D454D
"""Marks a graphmem database in its header ("GMEM")."""

_HEADER_SIZE = 100


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

    An existing file is looked at through SQLite only: closing a descriptor of one's own would drop the locks that other
    connections of this process hold on it.

    Raises:
        StoreUnavailable: it cannot be created or opened.
        StoreError: it is something else. It is left untouched.
    """
    try:
        if not os.path.exists(path):
            _create(path)
        if os.path.isdir(path):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not os.access(path, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        size = os.stat(path).st_size
    except OSError as error:
        raise StoreUnavailable(_cannot_open(path, error)) from error
    if 0 < size < _HEADER_SIZE:
        # SQLite takes a file of one byte for an empty one
        raise StoreError(f"{path} is not a graphmem database; choose another path, or move that file away")
    if not _is_new_or_ours(path):
        raise StoreError(f"{path} is the database of another application; choose another path for graphmem")


def _create(path: str) -> None:
    """Create an empty file that only its owner may read; one that somebody else creates at the same time stays."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(path)}-", dir=os.path.dirname(path))
    os.close(descriptor)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return
    except (OSError, AttributeError):
        # a file system without links
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    finally:
        os.unlink(temporary)


def _is_new_or_ours(path: str) -> bool:
    """Whether the database bears graphmem's mark or has no tables yet.

    ``immutable`` reads the file as it is, without locks and without its write-ahead log, so that a stranger's database
    stays as it was. That is enough: a graphmem database gets its mark together with its first tables, before it has
    such a log. Only while another process writes to it may it look damaged, and then a reader that locks is asked.
    """
    try:
        try:
            return _bears_mark_or_is_empty(path, "immutable=1")
        except sqlite3.DatabaseError as error:
            if code_of(error) != sqlite3.SQLITE_CORRUPT:
                raise
            return _bears_mark_or_is_empty(path, "mode=ro")
    except sqlite3.Error as error:
        raise in_words(error, path) from error


def _bears_mark_or_is_empty(path: str, mode: str) -> bool:
    connection = sqlite3.connect(f"file:{pathname2url(path)}?{mode}", uri=True)
    try:
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        if application_id == APPLICATION_ID and _was_cut(connection, path):
            raise DamagedFile("the last page is not whole")
        if application_id == 0:
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return not tables
        return bool(application_id == APPLICATION_ID)
    finally:
        connection.close()


def _was_cut(connection: sqlite3.Connection, path: str) -> bool:
    """Whether the file ends within a page, which SQLite itself takes for zeros. With a log beside it that may be put right."""
    (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    log = f"{path}-wal"
    return os.stat(path).st_size % page_size != 0 and not (os.path.exists(log) and os.stat(log).st_size)


def _cannot_open(path: str, error: OSError) -> str:
    if os.path.isdir(path):
        return f"{path} is a directory; give the path of a file in it, such as {Path(path) / DEFAULT_SQLITE_PATH}"
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"cannot create {path}: the folder {os.path.dirname(path)} does not exist; create it first"
    if isinstance(error, PermissionError):
        return f"no permission to open {path} for reading and writing; allow it, or choose another path"
    return f"cannot open {path}: {error.strerror or error}; choose another path"
