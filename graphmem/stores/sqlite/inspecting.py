"""Looking at the database from inside: what is damaged, what the search indexes hold, what belongs to nothing; and putting it right."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from graphmem.clock import from_text
from graphmem.records import Finding, PendingJob
from graphmem.stores.sqlite import queries
from graphmem.stores.sqlite.ledger import remove_everything
from graphmem.stores.sqlite.residue import note_residue
from graphmem.stores.sqlite.rows import entity_of, joined_terms, keys_of, tokens

_MOST_DAMAGE = 10

_SESSIONS = """
  SELECT s.pk, s.id, u.id, s.last_seq, (SELECT coalesce(max(m.seq), 0) FROM messages m WHERE m.session = s.pk)
  FROM sessions s LEFT JOIN users u ON u.pk = s.user WHERE :user IS NULL OR s.user = :user
"""
_EMPTY_JOBS = """
  SELECT j.pk, j.id, u.id FROM jobs j LEFT JOIN users u ON u.pk = j.user
  WHERE (:user IS NULL OR j.user = :user) AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.job = j.pk)
"""
_EMPTY_USERS = """
  SELECT u.pk, u.id FROM users u WHERE (:user IS NULL OR u.pk = :user)
    AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.user = u.pk) AND NOT EXISTS (SELECT 1 FROM facts f WHERE f.user = u.pk)
"""
_MARKS = """
  SELECT f.pk, f.id, u.id FROM facts f LEFT JOIN users u ON u.pk = f.user
  WHERE (:user IS NULL OR f.user = :user) AND f.current <> (f.status = 'current')
"""
_ENTITIES = """
  SELECT e.pk, e.id, e.name, e.label, e.aliases, e.user, u.id FROM entities e JOIN users u ON u.pk = e.user
  WHERE :user IS NULL OR e.user = :user
"""
_KEYS = "SELECT entity, key FROM entity_keys WHERE :user IS NULL OR user = :user"
_PENDING = """
  SELECT j.id, u.id, s.id, j.attempts, j.error, j.parked, j.retry_at, j.leased_until, j.pk
  FROM jobs j JOIN users u ON u.pk = j.user JOIN sessions s ON s.pk = j.session
  WHERE :user IS NULL OR j.user = :user ORDER BY j.pk LIMIT :limit
"""
_STRAY_VECTORS = """
  SELECT v.message, m.id, u.id FROM message_vectors v JOIN messages m ON m.pk = v.message JOIN users u ON u.pk = m.user
  WHERE v.user <> m.user AND (:user IS NULL OR m.user = :user)
"""
_RETURN_VECTOR = (
    "UPDATE message_vectors SET user = (SELECT m.user FROM messages m WHERE m.pk = message) WHERE message = ?"
)
_MESSAGE_IDS_OF_JOB = "SELECT id FROM messages WHERE job = ? ORDER BY seq"


@dataclass(frozen=True, slots=True)
class _Index:
    """A full-text index and the table whose rows are in it."""

    name: str
    table: str
    what: str

    @property
    def rows(self) -> str:
        return f"""
          SELECT t.pk, t.id, u.id, t.text, t.terms FROM {self.table} t JOIN users u ON u.pk = t.user
          WHERE :user IS NULL OR t.user = :user
        """  # noqa: S608


_INDEXES = (_Index("message_search", "messages", "message"), _Index("fact_search", "facts", "fact"))


def inspect(connection: sqlite3.Connection, user_id: str | None, repair: bool) -> list[Finding]:
    """See `graphmem.stores.inspecting.InspectedStore.inspect`; within a transaction."""
    if damage := _damage(connection):
        return damage
    user = None
    if user_id is not None:
        found = connection.execute(queries.USER, (user_id,)).fetchone()
        if found is None:
            return []
        (user,) = found
    steps: tuple[Callable[[sqlite3.Connection, int | None, bool], Iterable[Finding]], ...] = (
        _jobs,
        _sessions,
        _keys,
        _marks,
        _search,
        _vectors,
        _users,
    )
    return [finding for step in steps for finding in step(connection, user, repair)]


def pending(connection: sqlite3.Connection, user_id: str | None, limit: int) -> list[PendingJob]:
    """See `graphmem.stores.inspecting.InspectedStore.pending`."""
    user = None
    if user_id is not None:
        found = connection.execute(queries.USER, (user_id,)).fetchone()
        if found is None:
            return []
        (user,) = found
    return [
        PendingJob(
            id=id,
            user_id=owner,
            session_id=session_id,
            message_ids=tuple(m for (m,) in connection.execute(_MESSAGE_IDS_OF_JOB, (pk,))),
            attempts=attempts,
            error=error,
            parked=bool(parked),
            retry_at=None if retry_at is None else from_text(retry_at),
            leased_until=None if leased is None else from_text(leased),
        )
        for id, owner, session_id, attempts, error, parked, retry_at, leased, pk in connection.execute(
            _PENDING, {"user": user, "limit": max(0, limit)}
        ).fetchall()
    ]


def _damage(connection: sqlite3.Connection) -> list[Finding]:
    said = [text for (text,) in connection.execute(f"PRAGMA integrity_check({_MOST_DAMAGE})")]
    found = [Finding("damaged", None, "file", " ".join(text.split()), False) for text in said if text != "ok"]
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchmany(_MOST_DAMAGE):
        text = f"row {row} of {table} belongs to a row of {parent} that is not there"
        found.append(Finding("damaged", None, f"{table}/{row}", text, False))
    return found


def _jobs(connection: sqlite3.Connection, user: int | None, repair: bool) -> Iterator[Finding]:
    for pk, id, user_id in connection.execute(_EMPTY_JOBS, {"user": user}).fetchall():
        yield Finding("orphan", user_id, id, f"the job {id!r} waits for messages that are not there")
        if repair:
            connection.execute(queries.DELETE_JOB, (pk,))


def _sessions(connection: sqlite3.Connection, user: int | None, repair: bool) -> Iterator[Finding]:
    for pk, id, user_id, last_seq, highest in connection.execute(_SESSIONS, {"user": user}).fetchall():
        if highest == 0:
            yield Finding("orphan", user_id, id, f"the session {id!r} has no messages")
            if repair:
                connection.execute(queries.DELETE_SESSION, (pk,))
        elif highest > last_seq:
            yield Finding(
                "counter", user_id, id, f"the session {id!r} counts {last_seq} places, and {highest} are taken"
            )
            if repair:
                connection.execute(queries.SET_LAST_SEQ, (highest, pk))


def _keys(connection: sqlite3.Connection, user: int | None, repair: bool) -> Iterator[Finding]:
    there: dict[int, set[str]] = defaultdict(set)
    for entity, key in connection.execute(_KEYS, {"user": user}):
        there[entity].add(key)
    for *row, owner, user_id in connection.execute(_ENTITIES, {"user": user}).fetchall():
        pk, wanted = row[0], set(keys_of(entity_of(row)))
        if there[pk] == wanted:
            continue
        yield Finding("link", user_id, row[1], f"the names that lead to the entity {row[1]} are not its own")
        if repair:
            connection.execute(queries.DELETE_KEYS, (owner, pk))
            connection.executemany(queries.ADD_KEY, [(owner, key, pk) for key in sorted(wanted)])


def _marks(connection: sqlite3.Connection, user: int | None, repair: bool) -> Iterator[Finding]:
    for pk, id, user_id in connection.execute(_MARKS, {"user": user}).fetchall():
        yield Finding("present", user_id, id, f"the fact {id} is marked as current and is not, or the other way round")
        if repair:
            connection.execute("UPDATE facts SET current = (status = 'current') WHERE pk = ?", (pk,))


def _search(connection: sqlite3.Connection, user: int | None, repair: bool) -> Iterator[Finding]:
    for index in _INDEXES:
        found = list(_index_findings(connection, index, user))
        yield from found
        if repair and found:
            # what was left over may have been forgotten
            note_residue(connection)
            _rebuild(connection, index)


def _index_findings(connection: sqlite3.Connection, index: _Index, user: int | None) -> Iterator[Finding]:
    indexed = _indexed(connection, index)
    # the index of all is one: a leftover belongs to nobody, so it is looked for only when everything is
    known: set[int] = set()
    for pk, id, user_id, text, terms in connection.execute(index.rows, {"user": user}):
        known.add(pk)
        wanted = joined_terms(text)
        if terms != wanted or indexed.get(pk, (0, 0)) != _digest(tokens(user_id, wanted).split()):
            yield Finding("search", user_id, id, f"the search index has other words for the {index.what} {id!r}")
    if user is None:
        for pk in sorted(indexed.keys() - known):
            text = f"the search index has words of a {index.what} that is not there"
            yield Finding("search", None, f"{index.name}/{pk}", text)


def _indexed(connection: sqlite3.Connection, index: _Index) -> dict[int, tuple[int, int]]:
    """Return number and digest of the terms of each document of an index."""
    words: dict[int, tuple[int, int]] = {}
    for term, pk in connection.execute(f"SELECT term, doc FROM temp.{_vocabulary(connection, index)}"):  # noqa: S608
        count, digest = words.get(pk, (0, 0))
        words[pk] = (count + 1, digest ^ _hash(term))
    return words


def _vocabulary(connection: sqlite3.Connection, index: _Index) -> str:
    """Return the name of a view of the index's words, which every connection makes for itself in its own temporary space."""
    (reads_only,) = connection.execute("PRAGMA query_only").fetchone()
    connection.execute("PRAGMA query_only = OFF")
    try:
        connection.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{index.name}_words USING fts5vocab(main, {index.name}, instance)"
        )
    finally:
        connection.execute(f"PRAGMA query_only = {reads_only}")
    return f"{index.name}_words"


def _digest(words: Iterable[str]) -> tuple[int, int]:
    count = digest = 0
    for word in set(words):
        count, digest = count + 1, digest ^ _hash(word)
    return count, digest


def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big")


def _rebuild(connection: sqlite3.Connection, index: _Index) -> None:
    """Write an index anew from the texts."""
    connection.execute(f"INSERT INTO {index.name} ({index.name}) VALUES ('delete-all')")  # noqa: S608
    rows: list[Any] = connection.execute(index.rows, {"user": None}).fetchall()
    for pk, _, user_id, text, terms in rows:
        wanted = joined_terms(text)
        if wanted != terms:
            connection.execute(f"UPDATE {index.table} SET terms = ? WHERE pk = ?", (wanted, pk))  # noqa: S608
        if wanted:
            connection.execute(
                f"INSERT INTO {index.name} (rowid, terms) VALUES (?, ?)",  # noqa: S608
                (pk, tokens(user_id, wanted)),
            )


def _vectors(connection: sqlite3.Connection, user: int | None, repair: bool) -> Iterator[Finding]:
    for pk, id, user_id in connection.execute(_STRAY_VECTORS, {"user": user}).fetchall():
        yield Finding("mixed-users", user_id, id, f"the vector of the message {id!r} stands among another user's")
        if repair:
            connection.execute(_RETURN_VECTOR, (pk,))


def _users(connection: sqlite3.Connection, user: int | None, repair: bool) -> Iterator[Finding]:
    for pk, id in connection.execute(_EMPTY_USERS, {"user": user}).fetchall():
        yield Finding("orphan", id, id, f"the user {id!r} has no messages and no facts")
        if repair:
            remove_everything(connection, pk, id)
            connection.execute("DELETE FROM sessions WHERE user = ?", (pk,))
            connection.execute(queries.DELETE_USER, (pk,))
