"""Forgetting: what is selected and all that came only from it, in one transaction a user."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from graphmem.clock import to_text
from graphmem.errors import StoreError
from graphmem.records import Forgotten
from graphmem.stores.base import Changes, Gone, Ledger, Selection
from graphmem.stores.sqlite import queries
from graphmem.stores.sqlite.conversation import session_of
from graphmem.stores.sqlite.ledger import remove_everything, whole_ledger, write_changes
from graphmem.stores.sqlite.residue import note_residue
from graphmem.stores.sqlite.rows import tokens
from graphmem.stores.sqlite.summarizing import remove_from_summaries

Revise = Callable[[Ledger, Gone], Changes]


@dataclass(frozen=True, slots=True)
class _Doomed:
    """Rows of messages that go: (row number, session id, message id, search terms, job, the session's row number, seq)."""

    rows: list[Any]
    gone: Gone


def users_concerned(connection: sqlite3.Connection, selection: Selection) -> list[str]:
    """Return the users whose memory ``selection`` may concern; each is then forgotten in a transaction of its own.

    Raises:
        SessionOwnerError: the session belongs to another user.
        StoreError: the selection is none of the forms.
    """
    if selection.message_id is not None and selection.session_id is None:
        raise StoreError(f"message {selection.message_id!r} is of no session; give its session_id as well")
    if selection.expired_before is not None and selection.user_id is None:
        before, facts = to_text(selection.expired_before), selection.facts
        return [id for (id,) in connection.execute(queries.USERS_WITH_EXPIRED, {"before": before, "facts": facts})]
    if selection.session_id is not None:
        found = session_of(connection, selection.session_id, selection.user_id)
        if found is not None:
            return [found[2]]
        if selection.user_id is None:
            # the session's messages may have expired while what was said in them is still known
            return [id for (id,) in connection.execute(queries.USERS_HEARD_IN_SESSION, (selection.session_id,))]
    if selection.user_id is None:
        raise StoreError("nothing is selected to be forgotten; give a user_id, a session_id or a time")
    return [selection.user_id]


def forget(connection: sqlite3.Connection, user_id: str, selection: Selection, revise: Revise) -> Forgotten:
    """Forget what is selected of one user; see `graphmem.stores.base.Store.forget`."""
    found = connection.execute(queries.USER, (user_id,)).fetchone()
    if found is None:
        return Forgotten()
    user: int = found[0]
    if selection.session_id is not None:
        session_of(connection, selection.session_id, user_id)
    if (selection.session_id, selection.fact_id, selection.expired_before) == (None, None, None):
        return _forget_user(connection, user, user_id)
    doomed = _doomed(connection, user, user_id, selection)
    if not doomed.rows and not doomed.gone.messages and not doomed.gone.facts:
        return Forgotten()
    _remove_messages(connection, user, user_id, doomed.rows)
    sessions = _remove_empty_sessions(connection, user)
    went = Forgotten()
    if selection.facts or selection.expired_before is None:
        known = whole_ledger(connection, user)
        went = write_changes(connection, user, user_id, revise(known, doomed.gone), known)
    entities = went.entities
    if not connection.execute(queries.USER_HAS_MORE, {"user": user}).fetchone()[0]:
        entities += remove_everything(connection, user, user_id).entities
        connection.execute(queries.DELETE_USER, (user,))
    note_residue(connection)
    return Forgotten(messages=len(doomed.rows), facts=went.facts, entities=entities, sessions=sessions)


def sum_of(one: Forgotten, other: Forgotten) -> Forgotten:
    """Return how many went in both."""
    return Forgotten(
        messages=one.messages + other.messages,
        facts=one.facts + other.facts,
        entities=one.entities + other.entities,
        sessions=one.sessions + other.sessions,
    )


def _forget_user(connection: sqlite3.Connection, user: int, user_id: str) -> Forgotten:
    rows = connection.execute(queries.DOOMED_OF_USER, {"user": user}).fetchall()
    _remove_messages(connection, user, user_id, rows)
    sessions = _remove_empty_sessions(connection, user)
    went = remove_everything(connection, user, user_id)
    connection.execute(queries.DELETE_USER, (user,))
    note_residue(connection)
    return Forgotten(messages=len(rows), facts=went.facts, entities=went.entities, sessions=sessions)


def _doomed(connection: sqlite3.Connection, user: int, user_id: str, selection: Selection) -> _Doomed:
    """Return what goes. What was said in messages that expired earlier is gone with them when it is selected now."""
    if selection.fact_id is not None:
        query = queries.filled(queries.FACT_PKS_BY_ID, 1)
        there = connection.execute(query, (user, selection.fact_id)).fetchone()
        facts = frozenset() if there is None else frozenset({selection.fact_id})
        return _Doomed([], Gone(facts=facts, user_id=user_id))
    parameters: dict[str, object] = {"user": user}
    if selection.expired_before is not None:
        parameters["before"] = to_text(selection.expired_before)
        rows = queries.DOOMED_BEFORE if selection.facts else queries.DOOMED_BEFORE_WHEN_READ
        said = queries.SAID_BEFORE
    elif selection.message_id is not None:
        parameters |= {"session_id": selection.session_id, "message_id": selection.message_id}
        rows, said = queries.DOOMED_MESSAGE, queries.SAID_IN_MESSAGE
    else:
        parameters["session_id"] = selection.session_id
        rows, said = queries.DOOMED_OF_SESSION, queries.SAID_IN_SESSION
    going = connection.execute(rows, parameters).fetchall()
    messages = {(session_id, id) for _, session_id, id, *_ in going}
    if selection.facts or selection.expired_before is None:
        messages |= {(session_id, id) for session_id, id in connection.execute(said, parameters)}
    return _Doomed(going, Gone(messages=frozenset(messages), user_id=user_id))


def _remove_messages(connection: sqlite3.Connection, user: int, user_id: str, rows: Iterable[Any]) -> None:
    jobs = set()
    places: dict[int, list[int]] = {}
    for pk, _, _, joined, job, session, seq in rows:
        if joined:
            connection.execute(queries.UNINDEX_MESSAGE, (pk, tokens(user_id, joined)))
        connection.execute(queries.DELETE_MESSAGE, (pk,))
        jobs.add(job)
        places.setdefault(session, []).append(seq)
    remove_from_summaries(connection, places)
    connection.execute(queries.DELETE_JOBS_WITHOUT_MESSAGES, (user,))
    # the cause of a failure may quote what is forgotten
    connection.executemany(queries.CLEAR_ERROR, [(job,) for job in jobs if job is not None])


def _remove_empty_sessions(connection: sqlite3.Connection, user: int) -> int:
    empty = connection.execute(queries.EMPTY_SESSIONS, (user,)).fetchall()
    connection.executemany(queries.DELETE_SESSION, empty)
    return len(empty)
