"""Summaries of sessions: reading what is to be summarised and keeping what came of it.

The lines stand on the session's node as four lists of equal length, so that `forget_queries.DELETE_MESSAGES` can take out those
that may have words of what goes.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphmem.clock import from_text, to_text
from graphmem.records import SummaryLine
from graphmem.stores.neo4j import queries
from graphmem.stores.neo4j.connection import Connection
from graphmem.stores.neo4j.keys import session_key
from graphmem.stores.neo4j.rows import message_of
from graphmem.stores.summarizing import SessionPart


async def session_part(connection: Connection, session_id: str, keep: int, limit: int) -> SessionPart | None:
    """See `graphmem.stores.summarizing.SummarizedStore.session_part`."""
    parameters = {"session_key": session_key(session_id), "keep": keep, "limit": max(0, limit)}
    found = await connection.ask_one(queries.SESSION_PART, parameters)
    if found is None:
        return None
    messages = tuple(message_of(m, found["user_id"]) for m in found["messages"])
    lines = lines_of(*found["summary"])
    return SessionPart(lines, found["summarized"], found["revision"], messages, frozenset(found["telling"]))


async def keep_summary(
    connection: Connection, session_id: str, summary: Sequence[SummaryLine], summarized: int, revision: str
) -> bool:
    """See `graphmem.stores.summarizing.SummarizedStore.keep_summary`."""
    parameters = {
        "session_key": session_key(session_id),
        "texts": [line.text for line in summary],
        "first": [line.first for line in summary],
        "last": [line.last for line in summary],
        "since": [to_text(line.since) for line in summary],
        "summarized": summarized,
        "revision": revision,
    }
    return await connection.change(queries.KEEP_SUMMARY, parameters, bool)


def lines_of(
    texts: Sequence[str] | None, first: Sequence[int] | None, last: Sequence[int] | None, since: Sequence[str] | None
) -> tuple[SummaryLine, ...]:
    """Return the lines of a summary from the lists in which it is stored; none for a session that has none."""
    found = zip(texts or (), first or (), last or (), since or (), strict=True)
    return tuple(SummaryLine(text, begin, end, from_text(said)) for text, begin, end, said in found)
