"""Makes ``schema_1.db.gz``: a memory as the first version of the schema kept it. ``python tests/data/make_old_database.py``.

A conversation is stored with today's code; its rows are then copied, with the columns of that version, into a file that has
only the tables of that version.
"""

from __future__ import annotations

import asyncio
import gzip
import sqlite3
import tempfile
from pathlib import Path

from graphmem import MemLayer, MemLayerConfig
from graphmem.stores.sqlite.rows import tokens
from graphmem.stores.sqlite.schema import MIGRATIONS, migrate

VERSION = 1
SAID = ["I'm Maya. I live in Leeds.", "My sister's name is Ana, she lives in Porto.", "I moved to Faro.", "I like tea."]
TABLES = ("users", "sessions", "jobs", "messages", "entities", "entity_keys", "facts", "statements", "supersedes")


async def _store(path: Path) -> None:
    async with MemLayer(MemLayerConfig(connection_url=str(path), extractor="rules")) as memory:
        for number, text in enumerate(SAID):
            said = {"input": text, "output": "I see.", "at": f"2024-03-01T10:0{number}:00Z", "id": f"m{number}"}
            await memory.store("s1", said, user_id="maya")


def _copy(new: Path, old: Path) -> None:
    connection = sqlite3.connect(old, isolation_level=None)
    migrate(connection, str(old), MIGRATIONS[:VERSION])
    connection.execute("ATTACH ? AS new", (str(new),))
    for table in TABLES:
        columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
        connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")  # noqa: S608
    for table, index in (("messages", "message_search"), ("facts", "fact_search")):
        query = f"SELECT t.pk, u.id, t.terms FROM main.{table} t JOIN main.users u ON u.pk = t.user"  # noqa: S608
        for pk, user, terms in connection.execute(query).fetchall():
            connection.execute(f"INSERT INTO {index} (rowid, terms) VALUES (?, ?)", (pk, tokens(user, terms)))  # noqa: S608
    connection.execute("DETACH new")
    connection.close()


def main() -> None:
    """Write the file beside this one."""
    with tempfile.TemporaryDirectory() as folder:
        new, old = Path(folder) / "new.db", Path(folder) / "old.db"
        asyncio.run(_store(new))
        _copy(new, old)
        Path(__file__).with_name(f"schema_{VERSION}.db.gz").write_bytes(gzip.compress(old.read_bytes(), mtime=0))


if __name__ == "__main__":
    main()
