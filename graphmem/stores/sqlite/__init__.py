"""The default store: one SQLite file in WAL mode with full-text search. Durable, and safe across threads and processes."""

from __future__ import annotations

from graphmem.config import MemLayerConfig
from graphmem.stores.base import Store
from graphmem.stores.sqlite.connection import Database
from graphmem.stores.sqlite.files import database_path
from graphmem.stores.sqlite.store import SqliteStore

__all__ = ["SqliteStore", "open_store"]


async def open_store(config: MemLayerConfig) -> Store:
    """Open the SQLite store of ``config``, and create its file or bring it up to date where needed.

    Args:
        config: ``connection_url`` is a path, ``":memory:"``, or None for ``graphmem.db`` in the working directory.

    Raises:
        ConfigError: ``connection_url`` is no path.
        StoreUnavailable: the file cannot be opened or is locked.
        StoreError: the file is something else, damaged, or of a newer graphmem.
    """
    return SqliteStore(await Database.open(database_path(config.connection_url)))
