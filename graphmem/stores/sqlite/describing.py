"""Counting what is there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from graphmem.records import Stats
from graphmem.stores.base import Backlog, Description
from graphmem.stores.sqlite import queries

_NOTHING = Description(Stats(0, 0, 0, 0, 0, 0, 0), (), ())


def describe(connection: sqlite3.Connection, user_id: str | None, limit: int) -> Description:
    """See `graphmem.stores.base.Store.describe`."""
    if user_id is None:
        counts = connection.execute(queries.COUNTS).fetchone()
        users = connection.execute(queries.USER_IDS, (limit,))
        sessions = connection.execute(queries.SESSION_IDS, (limit,))
        return _description(counts, users, sessions)
    found = connection.execute(queries.USER, (user_id,)).fetchone()
    if found is None:
        return _NOTHING
    counts = connection.execute(queries.COUNTS_OF_USER, {"user": found[0]}).fetchone()
    return _description(
        counts, [(user_id,)][:limit], connection.execute(queries.SESSION_IDS_OF_USER, (found[0], limit))
    )


def _description(counts: Sequence[Any], users: Iterable[Any], sessions: Iterable[Any]) -> Description:
    user_ids, session_ids = tuple(id for (id,) in users), tuple(id for (id,) in sessions)
    return Description(Stats(*counts), user_ids, session_ids)


def backlog(connection: sqlite3.Connection, user_id: str | None) -> Backlog:
    """See `graphmem.stores.base.Store.backlog`."""
    if user_id is None:
        found = connection.execute(queries.BACKLOG).fetchone()
    else:
        found = connection.execute(queries.BACKLOG_OF_USER, (user_id,)).fetchone()
    return Backlog() if found is None else Backlog(*found)
