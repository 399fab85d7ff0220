"""All SQL for reading and writing rows. ``{in_...}`` stand for as many question marks as there are values (`filled`)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

_CHUNK = 512


def filled(query: str, count: int) -> str:
    """Return ``query`` with ``{marks}`` as ``count`` question marks."""
    return query.replace("{marks}", ",".join("?" * count))


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield ``values`` in parts that fit a query. Sizes are powers of two, the last value repeated, so that few texts have
    to be compiled; what reads with them must not mind a value twice."""
    for start in range(0, len(values), _CHUNK):
        part = list(values[start : start + _CHUNK])
        size = 1 << (len(part) - 1).bit_length()
        yield part + part[-1:] * (size - len(part))


def insert(connection: sqlite3.Connection, query: str, parameters: Sequence[object]) -> int:
    """Insert one row and return its number."""
    return int(connection.execute(query, parameters).lastrowid or 0)


USER = "SELECT pk FROM users WHERE id = ?"
ADD_USER = "INSERT INTO users (id) VALUES (?)"
DELETE_USER = "DELETE FROM users WHERE pk = ?"
USER_HAS_MORE = """
  SELECT EXISTS (SELECT 1 FROM sessions WHERE user = :user) OR EXISTS (SELECT 1 FROM facts WHERE user = :user)
"""

SESSION = (
    "SELECT s.pk, s.user, u.id, s.last_seq, s.summarized FROM sessions s JOIN users u ON u.pk = s.user WHERE s.id = ?"
)
ADD_SESSION = "INSERT INTO sessions (user, id, revision) VALUES (?, ?, lower(hex(randomblob(8))))"
SET_LAST_SEQ = "UPDATE sessions SET last_seq = ? WHERE pk = ?"
EMPTY_SESSIONS = """
  SELECT pk FROM sessions s WHERE user = ? AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.session = s.pk)
"""
DELETE_SESSION = "DELETE FROM sessions WHERE pk = ?"
SUMMARY = "SELECT summary FROM sessions WHERE pk = ?"
SUMMARY_OF_SESSION = "SELECT pk, user, last_seq, summary, summarized, revision FROM sessions WHERE id = ?"
KEEP_SUMMARY = """
  UPDATE sessions SET summary = ?, summarized = ?, revision = lower(hex(randomblob(8))) WHERE id = ? AND revision = ?
"""
REVISE_SUMMARY = """
  UPDATE sessions SET summary = :summary, summarized = CASE WHEN :first <= summarized THEN 0 ELSE summarized END,
    revision = lower(hex(randomblob(8)))
  WHERE pk = :session
"""

_MESSAGE_FIELDS = "m.id, s.id, u.id, m.seq, m.role, m.name, m.text, m.at, m.metadata"
_MESSAGE_TABLES = "messages m JOIN sessions s ON s.pk = m.session JOIN users u ON u.pk = m.user"
_MESSAGE = f"SELECT {_MESSAGE_FIELDS} FROM {_MESSAGE_TABLES}"  # noqa: S608
MESSAGES_BY_ID = f"{_MESSAGE} WHERE m.session = ? AND m.id IN ({{marks}})"
MESSAGES_BY_PK = f"{_MESSAGE} WHERE m.pk IN ({{marks}})"
MATCHES_BY_PK = f"SELECT {_MESSAGE_FIELDS}, m.short_vector FROM {_MESSAGE_TABLES} WHERE m.pk IN ({{marks}})"  # noqa: S608
MESSAGES_OF_JOB = f"{_MESSAGE} WHERE m.job = ? ORDER BY m.seq"
MESSAGES_BEFORE = f"{_MESSAGE} WHERE m.session = ? AND m.seq < ? ORDER BY m.seq DESC LIMIT ?"
MESSAGES_AFTER = f"{_MESSAGE} WHERE m.session = ? AND m.seq > ? AND m.seq <= ? ORDER BY m.seq LIMIT ?"
NEWEST_OF_SESSION = f"{_MESSAGE} WHERE m.session = ? AND m.at >= ? ORDER BY m.seq DESC LIMIT ?"
NEWEST_OF_USER = f"{_MESSAGE} WHERE m.user = ? AND m.at >= ? ORDER BY m.at DESC, s.id DESC, m.seq DESC LIMIT ?"
LAST_USER_TEXT = "SELECT text FROM messages WHERE session = ? AND role = 'user' AND at >= ? ORDER BY seq DESC LIMIT 1"
MESSAGES_OF_USER = "SELECT messages FROM users WHERE pk = ?"
COUNT_MESSAGES = "SELECT count(*) FROM messages WHERE user = ? AND at >= ?"
ADD_MESSAGE = """
  INSERT INTO messages (user, session, seq, id, role, name, text, at, metadata, terms, job, short_vector)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
# CROSS keeps SQLite from walking through all messages of the session to look for those around the given ones
PKS_AROUND = """
  SELECT m.pk FROM messages AS given CROSS JOIN messages AS m ON m.session = given.session
    AND m.seq BETWEEN given.seq - ? AND given.seq + ?
  WHERE given.pk IN ({marks}) AND m.at >= ?
"""
MESSAGE_EXISTS = """
  SELECT 1 FROM messages m JOIN sessions s ON s.pk = m.session WHERE m.user = ? AND s.id = ? AND m.id = ?
"""

INDEX_MESSAGE = "INSERT INTO message_search (rowid, terms) VALUES (?, ?)"
UNINDEX_MESSAGE = "INSERT INTO message_search (message_search, rowid, terms) VALUES ('delete', ?, ?)"
MESSAGES_WITH_TERM = "SELECT rowid FROM message_search WHERE message_search MATCH ?"
COUNT_WITH_TERM = "SELECT count(*) FROM message_search WHERE message_search MATCH ?"
NEWEST_WITH_TERM = f"{MESSAGES_WITH_TERM} ORDER BY rowid DESC LIMIT ?"
INDEX_FACT = "INSERT INTO fact_search (rowid, terms) VALUES (?, ?)"
UNINDEX_FACT = "INSERT INTO fact_search (fact_search, rowid, terms) VALUES ('delete', ?, ?)"
FACTS_WITH_TERM = "SELECT rowid FROM fact_search WHERE fact_search MATCH ? ORDER BY rowid DESC LIMIT ?"

# the signs keep SQLite from walking through all messages of the user to find the given ones
TIMES_OF_MESSAGES = """
  SELECT m.pk, m.at, s.id, m.seq FROM messages m JOIN sessions s ON s.pk = m.session
  WHERE m.pk IN ({marks}) AND +m.user = ? AND +m.at >= ?
"""

JOB = "SELECT pk, user, session FROM jobs WHERE id = ?"
ADD_JOB = "INSERT INTO jobs (user, session, id, history, worker, leased_until) VALUES (?, ?, ?, ?, ?, ?)"
JOB_RECORD = """
  SELECT j.id, u.id, s.id, j.attempts, j.error, j.user, j.session, j.history
  FROM jobs j JOIN users u ON u.pk = j.user JOIN sessions s ON s.pk = j.session WHERE j.pk = ?
"""
FREE_JOBS = """
  SELECT pk FROM jobs AS job
  WHERE (:parked OR NOT parked) AND (leased_until IS NULL OR leased_until <= :now) AND (:all_due OR retry_at IS NULL OR retry_at <= :now)
    AND (:user IS NULL OR user = :user)
    AND NOT EXISTS (
      SELECT 1 FROM jobs AS earlier
      WHERE earlier.session = job.session AND earlier.pk < job.pk
        AND earlier.leased_until > :now AND earlier.worker <> :worker
    )
  ORDER BY pk LIMIT :limit
"""
LEASE_JOB = "UPDATE jobs SET worker = ?, leased_until = ?, parked = 0 WHERE pk = ?"
RENEW_LEASE = "UPDATE jobs SET leased_until = ? WHERE id = ? AND worker = ?"
ADD_USAGE = """
  UPDATE users SET llm_requests = llm_requests + ?, prompt_tokens = prompt_tokens + ?, completion_tokens = completion_tokens + ?
  WHERE pk = ?
"""
RELEASE_JOB = """
  UPDATE jobs SET worker = NULL, leased_until = NULL, parked = :parked,
    retry_at = CASE WHEN :error IS NULL THEN NULL ELSE :retry_at END,
    attempts = attempts + (:error IS NOT NULL AND :attempted),
    failure = CASE WHEN :error IS NULL THEN failure ELSE 1 + (SELECT coalesce(max(failure), 0) FROM jobs) END,
    error = coalesce(:error, error)
  WHERE id = :id
"""
DETACH_MESSAGES = "UPDATE messages SET job = NULL WHERE job = ?"
DELETE_JOB = "DELETE FROM jobs WHERE pk = ?"
DELETE_JOBS_WITHOUT_MESSAGES = """
  DELETE FROM jobs WHERE user = ? AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.job = jobs.pk)
"""
CLEAR_ERROR = "UPDATE jobs SET error = NULL, failure = NULL WHERE pk = ?"

_ENTITY = "SELECT e.pk, e.id, e.name, e.label, e.aliases FROM entities e"
ENTITIES_OF_USER = f"{_ENTITY} WHERE e.user = ? ORDER BY e.label, e.name, e.id"
ENTITIES_BY_ID = f"{_ENTITY} WHERE e.user = ? AND e.id IN ({{marks}})"
ENTITIES_BY_PK = f"{_ENTITY} WHERE e.user = ? AND e.pk IN ({{marks}})"
_NAMED = "SELECT entity FROM entity_keys WHERE user = ? AND key IN ({marks})"
ENTITIES_BY_KEY = f"{_ENTITY} WHERE e.user = ? AND e.pk IN ({_NAMED})"
ADD_ENTITY = "INSERT INTO entities (user, id, name, label, aliases) VALUES (?, ?, ?, ?, ?)"
UPDATE_ENTITY = "UPDATE entities SET name = ?, label = ?, aliases = ? WHERE pk = ?"
DELETE_ENTITY = "DELETE FROM entities WHERE user = ? AND id = ?"
DELETE_ENTITIES_OF_USER = "DELETE FROM entities WHERE user = ?"
ADD_KEY = "INSERT OR IGNORE INTO entity_keys (user, key, entity) VALUES (?, ?, ?)"
DELETE_KEYS = "DELETE FROM entity_keys WHERE user = ? AND entity = ?"

_FACT = """
  SELECT f.pk, f.id, f.subject, f.predicate, f.object, f.text, f.status, f.polarity, f.valid_from, f.valid_to,
    f.recorded_at, f.confidence, f.message_ids, f.evidence, f.retired_at
  FROM facts f
"""
FACTS_OF_USER = f"{_FACT} WHERE f.user = ?"
FACTS_BY_PK = f"{_FACT} WHERE f.user = ? AND f.pk IN ({{marks}})"
FACT_PKS_BY_ID = "SELECT id, pk, terms FROM facts WHERE user = ? AND id IN ({marks})"
ALL_FACT_PKS = "SELECT pk, terms FROM facts WHERE user = ?"
FACTS_TOUCHING = """
  SELECT pk FROM facts WHERE user = ? AND subject IN ({marks}) UNION SELECT pk FROM facts WHERE user = ? AND object IN ({marks})
"""
FACTS_OF_PREDICATES = "SELECT pk FROM facts WHERE user = ? AND predicate IN ({marks})"
FACTS_OF_PREDICATES_TOUCHING = """
  SELECT pk FROM facts WHERE user = ? AND predicate IN ({marks}) AND (subject = ? OR object = ?)
"""
RANKED_TOUCHING = """
  SELECT pk, subject, object, current, recorded_at, id FROM facts
  WHERE user = ? AND {end} IN ({marks}) ORDER BY current DESC, recorded_at DESC, id DESC LIMIT ?
"""
RANKED_OF_SUBJECT_AND_PREDICATE = """
  SELECT pk, current, recorded_at, id FROM facts
  WHERE user = ? AND subject = ? AND predicate = ? ORDER BY current DESC, recorded_at DESC, id DESC LIMIT ?
"""
RANKED_OF_OBJECT_AND_PREDICATES = """
  SELECT pk, current, recorded_at, id FROM facts
  WHERE user = ? AND object = ? AND predicate IN ({marks}) ORDER BY current DESC, recorded_at DESC, id DESC LIMIT ?
"""
ENDS_OF_FACTS = "SELECT subject, object FROM facts WHERE user = ? AND pk IN ({marks})"
RANK_OF_FACTS = "SELECT pk, current, recorded_at, id FROM facts WHERE user = ? AND pk IN ({marks})"
ADD_FACT = """
  INSERT INTO facts (
    user, id, subject, predicate, object, text, status, polarity, valid_from, valid_to, recorded_at, confidence, message_ids,
    evidence, retired_at, terms, current
  ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
UPDATE_FACT = """
  UPDATE facts SET
    subject = ?, predicate = ?, object = ?, text = ?, status = ?, polarity = ?, valid_from = ?, valid_to = ?, recorded_at = ?,
    confidence = ?, message_ids = ?, evidence = ?, retired_at = ?, terms = ?, current = ?
  WHERE pk = ?
"""
DELETE_FACT = "DELETE FROM facts WHERE pk = ?"

_STATEMENT = """
  SELECT fact, id, session_id, message_id, at, said_order, subject, predicate, object, status, valid_from, valid_to, confidence,
    evidence, verb, replaces
  FROM statements
"""
STATEMENTS_OF_USER = f"{_STATEMENT} WHERE user = ? ORDER BY fact, position"
STATEMENTS_OF_FACTS = f"{_STATEMENT} WHERE user = ? AND fact IN ({{marks}}) ORDER BY fact, position"
ADD_STATEMENT = """
  INSERT INTO statements (
    user, fact, position, id, session_id, message_id, at, said_order, subject, predicate, object, status, valid_from, valid_to,
    confidence, evidence, verb, replaces
  ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
DELETE_STATEMENTS_FROM = "DELETE FROM statements WHERE user = ? AND fact = ? AND position >= ?"
STATEMENT_EXISTS = "SELECT 1 FROM statements WHERE session_id = ? AND message_id = ? AND user = ? AND id = ?"
MESSAGES_STATING = (
    "SELECT DISTINCT message_id FROM statements WHERE user = ? AND session_id = ? AND message_id IN ({marks})"
)
SUPERSEDED_OF_USER = "SELECT fact, superseded_id FROM supersedes WHERE user = ? ORDER BY fact, position"
SUPERSEDED_BY_FACTS = (
    "SELECT fact, superseded_id FROM supersedes WHERE user = ? AND fact IN ({marks}) ORDER BY fact, position"
)
ADD_SUPERSEDED = "INSERT INTO supersedes (user, fact, position, superseded_id) VALUES (?, ?, ?, ?)"
DELETE_SUPERSEDED = "DELETE FROM supersedes WHERE user = ? AND fact = ?"

_DOOMED = """
  SELECT m.pk, s.id, m.id, m.terms, m.job, m.session, m.seq FROM messages m JOIN sessions s ON s.pk = m.session WHERE m.user = :user
"""
DOOMED_OF_USER = _DOOMED
DOOMED_OF_SESSION = f"{_DOOMED} AND s.id = :session_id"
DOOMED_MESSAGE = f"{_DOOMED} AND s.id = :session_id AND m.id = :message_id"
DOOMED_BEFORE = f"{_DOOMED} AND m.at < :before"
DOOMED_BEFORE_WHEN_READ = f"{DOOMED_BEFORE} AND m.job IS NULL"
DELETE_MESSAGE = "DELETE FROM messages WHERE pk = ?"
_SAID = "SELECT DISTINCT t.session_id, t.message_id FROM statements t WHERE t.user = :user"
SAID_IN_SESSION = f"{_SAID} AND t.session_id = :session_id"
SAID_IN_MESSAGE = f"{_SAID} AND t.session_id = :session_id AND t.message_id = :message_id"
_STILL_THERE = """
  SELECT 1 FROM sessions s JOIN messages m ON m.session = s.pk AND m.id = t.message_id
  WHERE s.id = t.session_id AND s.user = t.user AND m.at >= :before
"""
SAID_BEFORE = f"{_SAID} AND t.at < :before AND NOT EXISTS ({_STILL_THERE})"
USERS_HEARD_IN_SESSION = """
  SELECT u.id FROM users u WHERE u.pk IN (SELECT user FROM statements WHERE session_id = ?) ORDER BY u.id
"""
USERS_WITH_EXPIRED = """
  SELECT u.id FROM users u
  WHERE EXISTS (SELECT 1 FROM messages m WHERE m.user = u.pk AND m.at < :before)
    OR (:facts AND EXISTS (SELECT 1 FROM statements t WHERE t.user = u.pk AND t.at < :before))
  ORDER BY u.pk
"""

COUNTS = """
  SELECT
    (SELECT count(*) FROM users), (SELECT count(*) FROM sessions), (SELECT count(*) FROM messages),
    (SELECT count(*) FROM entities), (SELECT count(*) FROM facts), (SELECT count(*) FROM facts WHERE current),
    (SELECT count(*) FROM messages WHERE job IS NOT NULL),
    (SELECT coalesce(sum(llm_requests), 0) FROM users), (SELECT coalesce(sum(prompt_tokens), 0) FROM users),
    (SELECT coalesce(sum(completion_tokens), 0) FROM users)
"""
COUNTS_OF_USER = """
  SELECT
    1, (SELECT count(*) FROM sessions WHERE user = :user), (SELECT count(*) FROM messages WHERE user = :user),
    (SELECT count(*) FROM entities WHERE user = :user), (SELECT count(*) FROM facts WHERE user = :user),
    (SELECT count(*) FROM facts WHERE user = :user AND current),
    (SELECT count(*) FROM messages WHERE user = :user AND job IS NOT NULL),
    (SELECT llm_requests FROM users WHERE pk = :user), (SELECT prompt_tokens FROM users WHERE pk = :user),
    (SELECT completion_tokens FROM users WHERE pk = :user)
"""
BACKLOG = """
  SELECT
    (SELECT count(*) FROM messages WHERE job IS NOT NULL), (SELECT count(*) FROM jobs WHERE parked),
    (SELECT error FROM jobs WHERE error IS NOT NULL ORDER BY failure DESC LIMIT 1)
"""
BACKLOG_OF_USER = """
  SELECT
    (SELECT count(*) FROM messages WHERE job IN (SELECT pk FROM jobs WHERE user = users.pk)),
    (SELECT count(*) FROM jobs WHERE user = users.pk AND parked),
    (SELECT error FROM jobs WHERE user = users.pk AND error IS NOT NULL ORDER BY failure DESC LIMIT 1)
  FROM users WHERE id = ?
"""
USER_IDS = "SELECT id FROM users ORDER BY id LIMIT ?"
SESSION_IDS = "SELECT id FROM sessions ORDER BY id LIMIT ?"
SESSION_IDS_OF_USER = "SELECT id FROM sessions WHERE user = ? ORDER BY id LIMIT ?"
