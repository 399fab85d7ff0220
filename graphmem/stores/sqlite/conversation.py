"""Messages and the jobs that wait for their facts: what `append`, `claim`, `release` and `messages` do in their transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from graphmem.clock import to_text
from graphmem.errors import IdempotencyConflict, SessionOwnerError, StoreError
from graphmem.identity import user_entity
from graphmem.records import Message
from graphmem.stores.base import Appended, Claim, Job, NewInteraction, NewMessage, check_length
from graphmem.stores.sqlite import queries
from graphmem.stores.sqlite.ledger import add_entity, entities_named, own_entity
from graphmem.stores.sqlite.rows import joined_terms, message_of, tokens
from graphmem.text import link_keys_of

EVER = ""
"""A time before all others."""


def append(connection: sqlite3.Connection, interaction: NewInteraction) -> Appended:
    """See `graphmem.stores.base.Store.append`."""
    if not interaction.messages:
        raise StoreError("an interaction without messages cannot be appended; give at least one")
    given, session_id = interaction.user_id, interaction.session_id
    found = connection.execute(queries.SESSION, (session_id,)).fetchone()
    if found is None:
        user_id = session_id if given is None else given
        user = user_row(connection, user_id)
        session = queries.insert(connection, queries.ADD_SESSION, (user, session_id))
        last_seq = summarized = 0
    else:
        session, user, user_id, last_seq, summarized = found
        if given is not None and given != user_id:
            raise SessionOwnerError(session_id)
    asked = {new.id: new for new in reversed(interaction.messages)}
    stored = {m.id: m for m in _messages_by_id(connection, session, list(asked))}
    for new in interaction.messages:
        _check_same(session_id, new, stored.get(new.id) or asked[new.id])
    new_ids = [new.id for new in dict.fromkeys(asked[m.id] for m in interaction.messages) if new.id not in stored]
    check_length(interaction, last_seq, len(new_ids))
    job = None
    if new_ids and interaction.job_id is not None:
        job = _job(connection, interaction, interaction.job_id, user, session)
    for seq, id in enumerate(new_ids, last_seq + 1):
        stored[id] = _add_message(connection, asked[id], seq, user, user_id, session, session_id, job)
    if new_ids:
        connection.execute(queries.SET_LAST_SEQ, (last_seq + len(new_ids), session))
    return Appended(
        user_id=user_id,
        messages=tuple(stored[id] for id in dict.fromkeys(m.id for m in interaction.messages)),
        new_ids=frozenset(new_ids),
        job=None if job is None else _read_job(connection, job),
        summarized=summarized,
    )


def claim(connection: sqlite3.Connection, request: Claim) -> list[Job]:
    """See `graphmem.stores.base.Store.claim`."""
    user = None
    if request.user_id is not None:
        found = connection.execute(queries.USER, (request.user_id,)).fetchone()
        if found is None:
            return []
        (user,) = found
    free = connection.execute(
        queries.FREE_JOBS,
        {
            "now": to_text(request.now),
            "all_due": request.all_due,
            "parked": request.parked,
            "user": user,
            "worker": request.worker,
            "limit": max(0, request.limit),
        },
    ).fetchall()
    until = to_text(request.now + request.lease)
    connection.executemany(queries.RENEW_LEASE, [(until, id, request.worker) for id in request.renew])
    connection.executemany(queries.LEASE_JOB, [(request.worker, until, job) for (job,) in free])
    return [_read_job(connection, job) for (job,) in free]


def release(
    connection: sqlite3.Connection,
    job_id: str,
    error: str | None,
    retry_at: datetime | None,
    parked: bool,
    attempted: bool,
) -> None:
    """See `graphmem.stores.base.Store.release`."""
    due = None if retry_at is None else to_text(retry_at)
    values = {"id": job_id, "error": error, "retry_at": due, "parked": parked, "attempted": attempted}
    connection.execute(queries.RELEASE_JOB, values)


def messages(
    connection: sqlite3.Connection,
    user_id: str | None,
    session_id: str | None,
    limit: int | None,
    not_before: datetime | None,
) -> list[Message]:
    """See `graphmem.stores.base.Store.messages`."""
    since = EVER if not_before is None else to_text(not_before)
    most = -1 if limit is None else max(0, limit)
    if session_id is not None:
        session = session_of(connection, session_id, user_id)
        return [] if session is None else newest_of_session(connection, session[0], since, most)
    found = connection.execute(queries.USER, (user_id,)).fetchone()
    if found is None:
        return []
    rows = connection.execute(queries.NEWEST_OF_USER, (found[0], since, most)).fetchall()
    return [message_of(row) for row in reversed(rows)]


def session_of(connection: sqlite3.Connection, session_id: str, user_id: str | None) -> tuple[int, int, str] | None:
    """Return row number, the owner's row number and the owner of a session, or None when it is unknown.

    Raises:
        SessionOwnerError: it belongs to another user than ``user_id`` (None: whoever owns it).
    """
    found = connection.execute(queries.SESSION, (session_id,)).fetchone()
    if found is None:
        return None
    session, user, owner, *_ = found
    if user_id is not None and owner != user_id:
        raise SessionOwnerError(session_id)
    return session, user, owner


def newest_of_session(connection: sqlite3.Connection, session: int, since: str, most: int) -> list[Message]:
    """Return the newest messages of a session, oldest first; -1 for all."""
    rows = connection.execute(queries.NEWEST_OF_SESSION, (session, since, most)).fetchall()
    return [message_of(row) for row in reversed(rows)]


def finish_job(connection: sqlite3.Connection, job: int) -> None:
    """Let a job be done: nothing waits for it any more."""
    connection.execute(queries.DETACH_MESSAGES, (job,))
    connection.execute(queries.DELETE_JOB, (job,))


def user_row(connection: sqlite3.Connection, user_id: str) -> int:
    """Return the row number of a user, who comes into being with an entity of his own."""
    found = connection.execute(queries.USER, (user_id,)).fetchone()
    if found is not None:
        return int(found[0])
    user = queries.insert(connection, queries.ADD_USER, (user_id,))
    add_entity(connection, user, user_entity(user_id))
    return user


def _messages_by_id(connection: sqlite3.Connection, session: int, ids: Sequence[str]) -> Iterable[Message]:
    for part in queries.chunks(ids):
        query = queries.filled(queries.MESSAGES_BY_ID, len(part))
        yield from map(message_of, connection.execute(query, (session, *part)))


def _check_same(session_id: str, new: NewMessage, known: Message | NewMessage) -> None:
    if (new.role, new.text) != (known.role, known.text):
        raise IdempotencyConflict(session_id, new.id)


def _add_message(
    connection: sqlite3.Connection,
    new: NewMessage,
    seq: int,
    user: int,
    user_id: str,
    session: int,
    session_id: str,
    job: int | None,
) -> Message:
    found = joined_terms(new.text)
    said = (new.id, new.role, new.name, new.text, to_text(new.at), new.metadata)
    row = (user, session, seq, *said, found, job, new.short_vector)
    pk = queries.insert(connection, queries.ADD_MESSAGE, row)
    if found:
        connection.execute(queries.INDEX_MESSAGE, (pk, tokens(user_id, found)))
    return Message(new.id, session_id, user_id, seq, new.role, new.name, new.text, new.at, new.metadata)


def _job(
    connection: sqlite3.Connection, interaction: NewInteraction, job_id: str, user: int, session: int
) -> int | None:
    """Return the row number of the interaction's job, which may be there from an earlier part of the same interaction."""
    found = connection.execute(queries.JOB, (job_id,)).fetchone()
    if found is not None:
        if found[1:] != (user, session):
            raise StoreError(f"job {job_id!r} belongs to another session; give each interaction a job_id of its own")
        return int(found[0])
    worker = interaction.worker
    until = None if worker is None else to_text(interaction.now + interaction.lease)
    return queries.insert(
        connection, queries.ADD_JOB, (user, session, job_id, max(0, interaction.history), worker, until)
    )


def _read_job(connection: sqlite3.Connection, job: int) -> Job:
    id, user_id, session_id, attempts, error, user, session, history = connection.execute(
        queries.JOB_RECORD, (job,)
    ).fetchone()
    said = tuple(message_of(row) for row in connection.execute(queries.MESSAGES_OF_JOB, (job,)))
    before = connection.execute(queries.MESSAGES_BEFORE, (session, said[0].seq, history)).fetchall()
    keys = dict.fromkeys(key for message in said for key in link_keys_of(message.text))
    known = entities_named(connection, user, list(keys))
    return Job(
        id=id,
        user_id=user_id,
        session_id=session_id,
        messages=said,
        history=tuple(message_of(row) for row in reversed(before)),
        user_name=own[1].name if (own := own_entity(connection, user, user_id)) else user_entity(user_id).name,
        known=tuple(known.values()),
        attempts=attempts,
        error=error,
    )
