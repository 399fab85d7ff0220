"""Which messages fit a question: those with its words, the rare ones first, and what was said around the best of them."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from graphmem.records import Message
from graphmem.stores.base import Recall
from graphmem.stores.sqlite import queries
from graphmem.stores.sqlite.rows import match_texts, message_of
from graphmem.text import idf

LISTED = 1000
"""How many hits of a question's words are looked at one by one, the rarest words first. Of a word beyond that only the newest count,
and those that have a rarer word too: somebody who has talked for years says some words thousands of times."""

NEWEST = 200
"""How many of the newest hits of such a word."""

_TIES = 60
"""How many more of equal messages are asked for their time than can come: messages are mostly stored in the order of their times."""

_RARER = 8
"""Beside how many rarer words such a word is looked for."""


def matches(
    connection: sqlite3.Connection,
    user: int,
    user_id: str,
    terms: Sequence[str],
    since: str,
    count: int,
    request: Recall,
) -> tuple[tuple[Message, ...], dict[str, int], dict[tuple[str, int], str]]:
    """Return the messages for a recall, in how many of the user's messages each term stands, and the messages' short vectors.

    Args:
        user, user_id: whose messages.
        terms: what to look for.
        since: messages said before that are left out.
        count: how many messages the user has.
        request: how many to bring.
    """
    texts = match_texts(user_id, terms)
    hits = {text: connection.execute(queries.COUNT_WITH_TERM, (text,)).fetchone()[0] for text in texts.values()}
    frequencies = {term: hits.get(texts.get(term, ""), 0) for term in terms}
    if request.candidates <= 0:
        return (), frequencies, {}
    scores = _scores(connection, {text: found for text, found in hits.items() if found}, count)
    pks = dict.fromkeys(_best(connection, user, scores, since, request.candidates))
    reach = max(0, request.reach)
    for part in queries.chunks(list(pks)[: max(0, request.neighbours)]):
        query = queries.filled(queries.PKS_AROUND, len(part))
        pks.update((pk, None) for (pk,) in connection.execute(query, (reach, reach, *part, since)))
    found: list[Message] = []
    vectors: dict[tuple[str, int], str] = {}
    for part in queries.chunks(list(pks)):
        query = queries.filled(queries.MATCHES_BY_PK, len(part))
        for *row, vector in connection.execute(query, part):
            message = message_of(row)
            found.append(message)
            if vector is not None:
                vectors[message.session_id, message.seq] = vector
    return tuple(found), frequencies, vectors


def _scores(connection: sqlite3.Connection, hits: Mapping[str, int], count: int) -> dict[int, float]:
    """Return the sum of the weights of the terms that each message has."""
    scores: dict[int, float] = {}
    left = LISTED
    rarer: list[str] = []
    for text, frequency in sorted(hits.items(), key=lambda item: item[1]):
        weight = idf(frequency, count)
        for pk in _hits(connection, text, rarer, frequency <= left):
            scores[pk] = scores.get(pk, 0.0) + weight
        left -= frequency if frequency <= left else 0
        rarer.append(text)
    return scores


def _hits(connection: sqlite3.Connection, text: str, rarer: Sequence[str], every: bool) -> Iterable[int]:
    if every:
        return (pk for (pk,) in connection.execute(queries.MESSAGES_WITH_TERM, (text,)))
    found = {pk for (pk,) in connection.execute(queries.NEWEST_WITH_TERM, (text, NEWEST))}
    if rarer:
        both = f"{text} AND ({' OR '.join(rarer[:_RARER])})"
        found.update(pk for (pk,) in connection.execute(queries.NEWEST_WITH_TERM, (both, LISTED)))
    return found


def _best(connection: sqlite3.Connection, user: int, scores: Mapping[int, float], since: str, most: int) -> list[int]:
    """Return the ``most`` messages with the highest scores, of equal ones the newest, in that order."""
    pks = sorted(scores, reverse=True)
    if not since and len(pks) > most:
        least = heapq.nlargest(most, scores.values())[-1]
        better = [pk for pk in pks if scores[pk] > least]
        pks = better + [pk for pk in pks if scores[pk] == least][: most + _TIES]
    times: dict[int, tuple[object, ...]] = {}
    for part in queries.chunks(pks):
        query = queries.filled(queries.TIMES_OF_MESSAGES, len(part))
        times |= {pk: tuple(time) for pk, *time in connection.execute(query, (*part, user, since))}
    return sorted(times, key=lambda pk: (scores[pk], times[pk]), reverse=True)[:most]
