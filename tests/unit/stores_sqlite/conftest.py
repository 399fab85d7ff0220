"""Fixtures of the SQLite store's own tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from graphmem.config import MemLayerConfig
from graphmem.stores.sqlite import SqliteStore, open_store

_NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is to be."""
    return tmp_path / "memory.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    """An open store at ``path``."""
    opened = await open_store(MemLayerConfig(connection_url=str(path)))
    assert isinstance(opened, SqliteStore)
    yield opened
    await opened.close()


@pytest.fixture
def unprivileged_folder() -> Iterator[Path]:
    """A folder of one's own for a process that may not ignore permissions, as the root user may."""
    folder = Path(tempfile.mkdtemp(prefix="graphmem-"))
    was_root = os.geteuid() == 0
    if was_root:
        os.chown(folder, _NOBODY, _NOBODY)
        os.seteuid(_NOBODY)
    try:
        yield folder
    finally:
        if was_root:
            os.seteuid(0)
        shutil.rmtree(folder)
