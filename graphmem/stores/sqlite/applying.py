"""Changing a user's ledger in one transaction: read what is touched, let pure code decide, write, finish the job."""

from __future__ import annotations

import sqlite3

from extraction.records import NO_USAGE, Usage
from graphmem.records import Statement
from graphmem.stores.base import Changes, Ledger, LedgerUpdate
from graphmem.stores.sqlite import queries
from graphmem.stores.sqlite.conversation import finish_job, user_row
from graphmem.stores.sqlite.ledger import touched_ledger, whole_ledger, write_changes
from graphmem.stores.surviving import surviving, without

_NOTHING = Ledger()


def apply(
    connection: sqlite3.Connection,
    user_id: str,
    update: LedgerUpdate,
    job_id: str | None,
    finish: bool,
    usage: Usage,
) -> Changes:
    """See `graphmem.stores.base.Store.apply`."""
    found = connection.execute(queries.USER, (user_id,)).fetchone()
    user: int | None = None if found is None else found[0]
    if usage != NO_USAGE and user is not None:
        spent = (usage.requests, usage.prompt_tokens, usage.completion_tokens)
        connection.execute(queries.ADD_USAGE, (*spent, user))
    job: int | None = None
    if job_id is not None:
        pending = connection.execute(queries.JOB, (job_id,)).fetchone()
        if pending is None or pending[1] != user:
            return Changes()
        job = pending[0]
    known, changes = _decided(connection, user, user_id, update)
    if job is not None:
        # what was said in a message that is forgotten by now must not come back; older statements may outlive theirs
        gone = {s.id for f in changes.facts for s in f.statements if _is_gone(connection, user, s)}
        again = without(update, changes, gone)
        if again is not None:
            known, changes = _decided(connection, user, user_id, again)
        else:
            changes = surviving(changes, known, gone)
    if changes:
        if user is None:
            user = user_row(connection, user_id)
        write_changes(connection, user, user_id, changes, known)
    if job is not None and finish:
        finish_job(connection, job)
    return changes


def _decided(
    connection: sqlite3.Connection, user: int | None, user_id: str, update: LedgerUpdate
) -> tuple[Ledger, Changes]:
    known = _NOTHING if user is None else touched_ledger(connection, user, user_id, update)
    changes = update.decide(known)
    if changes is None:
        known = Ledger(whole=True) if user is None else whole_ledger(connection, user)
        changes = update.decide(known)
    return known, changes or Changes()


def _is_gone(connection: sqlite3.Connection, user: int | None, statement: Statement) -> bool:
    said = (statement.session_id, statement.message_id)
    return (
        connection.execute(queries.MESSAGE_EXISTS, (user, *said)).fetchone() is None
        and connection.execute(queries.STATEMENT_EXISTS, (*said, user, statement.id)).fetchone() is None
    )
