"""Summaries of sessions: reading what is to be summarised, keeping what came of it, and taking out what is forgotten."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from graphmem.clock import from_text, to_text
from graphmem.records import SummaryLine
from graphmem.stores.sqlite import queries
from graphmem.stores.sqlite.rows import message_of
from graphmem.stores.summarizing import SessionPart


def session_part(connection: sqlite3.Connection, session_id: str, keep: int, limit: int) -> SessionPart | None:
    """See `graphmem.stores.summarizing.SummarizedStore.session_part`."""
    found = connection.execute(queries.SUMMARY_OF_SESSION, (session_id,)).fetchone()
    if found is None:
        return None
    session, user, last_seq, summary, summarized, revision = found
    rows = connection.execute(queries.MESSAGES_AFTER, (session, summarized, last_seq - keep, max(0, limit)))
    messages = tuple(map(message_of, rows))
    telling: set[str] = set()
    for part in queries.chunks([m.id for m in messages]):
        query = queries.filled(queries.MESSAGES_STATING, len(part))
        telling.update(id for (id,) in connection.execute(query, (user, session_id, *part)))
    return SessionPart(lines_of(summary), summarized, revision, messages, frozenset(telling))


def keep_summary(
    connection: sqlite3.Connection, session_id: str, summary: Sequence[SummaryLine], summarized: int, revision: str
) -> bool:
    """See `graphmem.stores.summarizing.SummarizedStore.keep_summary`."""
    row = (_packed(summary), summarized, session_id, revision)
    return connection.execute(queries.KEEP_SUMMARY, row).rowcount == 1


def summary_since(connection: sqlite3.Connection, session: int, since: str) -> tuple[SummaryLine, ...]:
    """Return the lines of a session's summary that have no words of what was said before ``since``."""
    (summary,) = connection.execute(queries.SUMMARY, (session,)).fetchone()
    return tuple(line for line in lines_of(summary) if to_text(line.since) >= since)


def remove_from_summaries(connection: sqlite3.Connection, gone: Mapping[int, Iterable[int]]) -> None:
    """Take out of the summaries what may have words of messages that go.

    Args:
        gone: the ``seq`` of these messages by the row number of their session.
    """
    for session, places in gone.items():
        seqs = sorted(places)
        (summary,) = connection.execute(queries.SUMMARY, (session,)).fetchone()
        lines = lines_of(summary)
        kept = [line for line in lines if not any(line.first <= seq <= line.last for seq in seqs)]
        connection.execute(queries.REVISE_SUMMARY, {"session": session, "summary": _packed(kept), "first": seqs[0]})


def lines_of(summary: str) -> tuple[SummaryLine, ...]:
    """Return the lines of a summary as it is stored."""
    return tuple(SummaryLine(text, first, last, from_text(since)) for text, first, last, since in json.loads(summary))


def _packed(lines: Iterable[SummaryLine]) -> str:
    rows = [(line.text, line.first, line.last, to_text(line.since)) for line in lines]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
