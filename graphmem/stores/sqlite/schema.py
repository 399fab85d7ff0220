"""The tables, as a list of migrations: a database is brought from the version in its header to the newest, one by one.

Every key contains the user; composite foreign keys let the database itself refuse rows that mix two users. ``pk`` are
row numbers of this file, never shown outside. Points in time are the fixed-width texts of `graphmem.clock`, lists are
JSON arrays. Sessions and messages are named by their ids in ``statements``, which may outlive both.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from graphmem.errors import StoreError
from graphmem.stores.sqlite.files import APPLICATION_ID

Migration = Sequence[str]
"""Statements that lead from one version to the next."""

_FULL_TEXT = "fts5(terms, content = '', columnsize = 0, detail = none, tokenize = 'ascii')"

_FIRST: Migration = (
    """
    CREATE TABLE users (
      pk INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE
    )
    """,
    """
    CREATE TABLE sessions (
      pk INTEGER PRIMARY KEY,
      user INTEGER NOT NULL REFERENCES users (pk),
      id TEXT NOT NULL UNIQUE,
      last_seq INTEGER NOT NULL DEFAULT 0,
      UNIQUE (user, pk)
    )
    """,
    """
    CREATE TABLE jobs (
      pk INTEGER PRIMARY KEY,
      user INTEGER NOT NULL,
      session INTEGER NOT NULL,
      id TEXT NOT NULL UNIQUE,
      history INTEGER NOT NULL,
      worker TEXT,
      leased_until TEXT,
      retry_at TEXT,
      parked INTEGER NOT NULL DEFAULT 0,
      attempts INTEGER NOT NULL DEFAULT 0,
      error TEXT,
      failure INTEGER,
      UNIQUE (user, session, pk),
      FOREIGN KEY (user, session) REFERENCES sessions (user, pk)
    )
    """,
    "CREATE INDEX jobs_of_session ON jobs (session, pk)",
    """
    CREATE TABLE messages (
      pk INTEGER PRIMARY KEY,
      user INTEGER NOT NULL,
      session INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      id TEXT NOT NULL,
      role TEXT NOT NULL,
      name TEXT,
      text TEXT NOT NULL,
      at TEXT NOT NULL,
      terms TEXT NOT NULL,
      job INTEGER,
      UNIQUE (session, seq),
      UNIQUE (session, id),
      FOREIGN KEY (user, session) REFERENCES sessions (user, pk),
      FOREIGN KEY (user, session, job) REFERENCES jobs (user, session, pk)
    )
    """,
    "CREATE INDEX messages_by_time ON messages (user, at)",
    "CREATE INDEX messages_of_job ON messages (job) WHERE job IS NOT NULL",
    f"CREATE VIRTUAL TABLE message_search USING {_FULL_TEXT}",
    """
    CREATE TABLE entities (
      pk INTEGER PRIMARY KEY,
      user INTEGER NOT NULL REFERENCES users (pk),
      id TEXT NOT NULL,
      label TEXT NOT NULL,
      name TEXT NOT NULL,
      aliases TEXT NOT NULL,
      UNIQUE (user, id),
      UNIQUE (user, pk)
    )
    """,
    """
    CREATE TABLE entity_keys (
      user INTEGER NOT NULL,
      key TEXT NOT NULL,
      entity INTEGER NOT NULL,
      PRIMARY KEY (user, key, entity),
      FOREIGN KEY (user, entity) REFERENCES entities (user, pk) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    "CREATE INDEX keys_of_entity ON entity_keys (user, entity)",
    """
    CREATE TABLE facts (
      pk INTEGER PRIMARY KEY,
      user INTEGER NOT NULL REFERENCES users (pk),
      id TEXT NOT NULL,
      subject INTEGER NOT NULL,
      predicate TEXT NOT NULL,
      object INTEGER NOT NULL,
      text TEXT NOT NULL,
      status TEXT NOT NULL,
      polarity TEXT NOT NULL,
      valid_from TEXT,
      valid_to TEXT,
      recorded_at TEXT NOT NULL,
      retired_at TEXT,
      confidence REAL NOT NULL,
      message_ids TEXT NOT NULL,
      evidence TEXT NOT NULL,
      terms TEXT NOT NULL,
      current INTEGER NOT NULL,
      UNIQUE (user, id),
      UNIQUE (user, pk),
      FOREIGN KEY (user, subject) REFERENCES entities (user, pk),
      FOREIGN KEY (user, object) REFERENCES entities (user, pk)
    )
    """,
    "CREATE INDEX facts_of_subject ON facts (user, subject, current, recorded_at, id)",
    "CREATE INDEX facts_of_object ON facts (user, object, current, recorded_at, id)",
    "CREATE INDEX facts_of_predicate ON facts (user, predicate)",
    f"CREATE VIRTUAL TABLE fact_search USING {_FULL_TEXT}",
    """
    CREATE TABLE statements (
      pk INTEGER PRIMARY KEY,
      user INTEGER NOT NULL,
      fact INTEGER NOT NULL,
      position INTEGER NOT NULL,
      id TEXT NOT NULL,
      session_id TEXT NOT NULL,
      message_id TEXT NOT NULL,
      at TEXT NOT NULL,
      said_order INTEGER NOT NULL,
      subject TEXT NOT NULL,
      predicate TEXT NOT NULL,
      object TEXT NOT NULL,
      status TEXT NOT NULL,
      valid_from TEXT,
      valid_to TEXT,
      confidence REAL NOT NULL,
      evidence TEXT NOT NULL,
      verb TEXT,
      replaces INTEGER NOT NULL,
      UNIQUE (user, fact, position),
      FOREIGN KEY (user, fact) REFERENCES facts (user, pk) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX statements_of_message ON statements (session_id, message_id, user)",
    "CREATE TABLE chores (name TEXT PRIMARY KEY) WITHOUT ROWID",
    """
    CREATE TABLE supersedes (
      user INTEGER NOT NULL,
      fact INTEGER NOT NULL,
      position INTEGER NOT NULL,
      superseded_id TEXT NOT NULL,
      PRIMARY KEY (user, fact, position),
      FOREIGN KEY (user, fact) REFERENCES facts (user, pk) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
)

_METADATA: Migration = ("ALTER TABLE messages ADD COLUMN metadata TEXT",)

_USAGE: Migration = tuple(
    f"ALTER TABLE users ADD COLUMN {column} INTEGER NOT NULL DEFAULT 0"
    for column in ("llm_requests", "prompt_tokens", "completion_tokens")
)

_SUMMARIES: Migration = (
    "ALTER TABLE sessions ADD COLUMN summary TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE sessions ADD COLUMN summarized INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE sessions ADD COLUMN revision TEXT NOT NULL DEFAULT ''",
)

_VECTORS: Migration = (
    """
    CREATE TABLE message_vectors (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      message INTEGER NOT NULL UNIQUE REFERENCES messages (pk) ON DELETE CASCADE,
      user INTEGER NOT NULL,
      model TEXT NOT NULL,
      vector BLOB NOT NULL
    )
    """,
    "CREATE INDEX message_vectors_of_user ON message_vectors (user, model)",
    """
    CREATE TABLE fact_vectors (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      fact INTEGER NOT NULL UNIQUE,
      user INTEGER NOT NULL,
      model TEXT NOT NULL,
      vector BLOB NOT NULL,
      FOREIGN KEY (user, fact) REFERENCES facts (user, pk) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX fact_vectors_of_user ON fact_vectors (user, model)",
    """
    CREATE TRIGGER fact_reworded AFTER UPDATE OF text ON facts WHEN new.text <> old.text
    BEGIN DELETE FROM fact_vectors WHERE fact = new.pk; END
    """,
)
"""The vector of a message is written with its user by one statement that reads both from the message. An ``id`` is never used
again, and a row is never changed but replaced, so that what was read once need not be read again (`vector_cache`)."""

_COUNTED: Migration = (
    "ALTER TABLE users ADD COLUMN messages INTEGER NOT NULL DEFAULT 0",
    "UPDATE users SET messages = (SELECT count(*) FROM messages WHERE messages.user = users.pk)",
    """
    CREATE TRIGGER message_came AFTER INSERT ON messages
    BEGIN UPDATE users SET messages = messages + 1 WHERE pk = new.user; END
    """,
    """
    CREATE TRIGGER message_went AFTER DELETE ON messages
    BEGIN UPDATE users SET messages = messages - 1 WHERE pk = old.user; END
    """,
    "CREATE INDEX facts_of_subject_and_predicate ON facts (user, subject, predicate, current, recorded_at, id)",
)
"""To count a user's messages takes longer the more they are, and a recall needs their number."""

_SHORT_VECTORS: Migration = ("ALTER TABLE messages ADD COLUMN short_vector TEXT",)

MIGRATIONS: tuple[Migration, ...] = (_FIRST, _METADATA, _USAGE, _SUMMARIES, _VECTORS, _COUNTED, _SHORT_VECTORS)


def migrate(connection: sqlite3.Connection, path: str, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the database to version ``len(migrations)``, in one transaction; any number of processes may do so at once.

    Args:
        connection: in autocommit mode, with foreign keys off (a table may have to be rebuilt).
        path: for messages.
        migrations: all of them, from an empty database on.

    Raises:
        StoreError: the database is of a newer version, or a migration left rows that contradict each other.
        sqlite3.Error: what SQLite says.
    """
    if _version(connection, path, len(migrations)) == len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for migration in migrations[_version(connection, path, len(migrations)) :]:
            for statement in migration:
                connection.execute(statement)
        if connection.execute("PRAGMA foreign_key_check").fetchone():
            raise StoreError(
                f"the database {path} cannot be brought up to date: it contradicts itself; restore a backup"
            )
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection, path: str, newest: int) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > newest:
        raise StoreError(
            f"the database {path} was written by a newer graphmem (schema version {version}, this one knows {newest}); "
            "upgrade graphmem to open it"
        )
    return version
