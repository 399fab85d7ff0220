"""What only this store has: how it searches, that queries use indexes, and what it writes again."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from contract.builders import (
    changes_of,
    fact,
    interaction,
    learn,
    me,
    message,
    minute,
    recall,
    tell,
    thing,
    update,
)

from graphmem.stores.base import Changes, Ledger, NewInteraction, NewMessage
from graphmem.stores.sqlite import SqliteStore, embedding_queries, queries
from graphmem.stores.sqlite.rows import joined_terms, match_texts, tokens
from graphmem.stores.sqlite.schema import migrate

MAY_SCAN = {
    "COUNTS",
    "USER_IDS",
    "SESSION_IDS",
    "USERS_WITH_EXPIRED",  # one look-up for each user
    "USERS_WITHOUT_VECTOR",
    "FREE_JOBS",  # what is pending is short
    "BACKLOG",
}
SELECTS = {
    name: query
    for name, query in (*vars(queries).items(), *vars(embedding_queries).items())
    if name.isupper() and not name.startswith("_") and isinstance(query, str) and name not in MAY_SCAN
}


@pytest.mark.parametrize("name", SELECTS)
def test_no_query_walks_through_a_table(name: str) -> None:
    """Neither all rows of a table, nor all messages or facts of a user where a few are wanted."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection, "here")
    query = SELECTS[name].replace("{end}", "subject")
    query = queries.filled(query, 4)
    names = re.findall(r":(\w+)", query)
    values: object = dict.fromkeys(names, 1) if names else (1,) * query.count("?")
    steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", values)]  # type: ignore[arg-type]
    connection.close()
    scans = [step for step in steps if step.startswith("SCAN") and "VIRTUAL TABLE INDEX" not in step]
    assert [step for step in scans if step not in ("SCAN CONSTANT ROW",)] == []
    if name == "TIMES_OF_MESSAGES":
        assert "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)" in steps
    if name == "RANKED_OF_SUBJECT_AND_PREDICATE":
        assert not any("TEMP B-TREE" in step for step in steps)


def test_terms_are_indexed_with_their_user() -> None:
    found = joined_terms("Her sister's moving to São Paulo, moving!")
    assert found == "sister move sao paulo"
    assert tokens("u", found).split() == [
        text.strip('"') for text in match_texts("u", ["sister", "move", "sao", "paulo"]).values()
    ]
    assert not set(tokens("u", found).split()) & set(tokens("v", found).split())


async def test_a_query_of_a_thousand_terms(store: SqliteStore) -> None:
    """A long run of Chinese is as many terms as it has characters."""
    run = "".join(chr(0x4E00 + i) for i in range(1200))
    (whole, part) = (await tell(store, "u", "s", run, run[:20], run[::-1]))[:2]
    answer = await recall(store, "u", run)
    assert answer.matches == (whole, part)
    assert (await recall(store, "u", None, "s")).query is not None


async def test_an_endless_word_is_found(store: SqliteStore) -> None:
    said = await tell(store, "u", "s", "é" * 40_000, "x" * 40_000)
    for m in said:
        assert (await recall(store, "u", m.text)).matches == (m,)


async def test_ties_of_one_moment_come_by_session_and_place(store: SqliteStore) -> None:
    for session in ("a", "b"):
        said = tuple(NewMessage(f"m{i}", "user", "tea", minute(0)) for i in range(3))
        await store.append(NewInteraction(session, "u", said, minute(0)))
    found = (await recall(store, "u", "tea", candidates=4)).matches
    assert {(m.session_id, m.id) for m in found} == {("b", "m0"), ("b", "m1"), ("b", "m2"), ("a", "m2")}


async def test_the_question_counts_its_age_too(store: SqliteStore) -> None:
    await store.append(
        interaction("s", message("old", "Lisbon", at=0), message("new", "Porto", role="assistant", at=9), user_id="u")
    )
    assert (await recall(store, "u", None, "s", not_before=minute(5))).query is None
    assert (await recall(store, "u", None, "s", not_before=minute(0))).query is not None
    assert (await recall(store, "u", None, "s", not_before=minute(5))).message_count == 1


async def test_thousands_of_entities_and_facts_at_once(store: SqliteStore) -> None:
    said = await tell(store, "u", "s", "Everything")
    facts = [fact(me("u"), "LIKES", thing("u", f"thing {i}"), *said) for i in range(1500)]
    await learn(store, "u", *facts)
    ledger = await store.ledger("u")
    assert {f.id for f in ledger.facts} == {f.id for f in facts}
    answer = await recall(store, "u", None, facts=2000)
    assert len(answer.facts) == 1500
    removal = Changes(
        removed_facts=frozenset(f.id for f in facts), removed_entities=frozenset(f.object.id for f in facts)
    )

    await store.apply("u", update(lambda _: removal, keys=[f"thing {i}" for i in range(1500)]))
    assert await store.ledger("u") == Ledger((me("u"),), (), True)


async def test_a_fact_that_gains_a_statement_keeps_the_rows_of_the_others(store: SqliteStore, path: Path) -> None:
    said = await tell(store, "u", "s", *(f"Tea {i}" for i in range(4)))
    tea = thing("u", "tea")

    async def learned(*messages: int) -> dict[str, int]:
        from contract.builders import update

        one = fact(me("u"), "LIKES", tea, *(said[i] for i in messages))
        await store.apply("u", update(lambda _: changes_of(one), keys=["tea"]))
        assert (await store.ledger("u")).facts == (one,)
        look = sqlite3.connect(path)
        rows = dict(look.execute("SELECT message_id, pk FROM statements"))
        look.close()
        return rows

    first = await learned(0, 1)
    second = await learned(0, 1, 2)
    assert {id: second[id] for id in first} == first
    assert set(await learned(0, 2)) == {"m1", "m3"}
    assert set(await learned(3, 0)) == {"m4", "m1"}


async def test_of_a_word_said_thousands_of_times_the_newest_come_and_those_with_a_rarer_word(
    store: SqliteStore,
) -> None:
    texts = ["porto wine" if i % 700 == 0 else "porto tea" for i in range(2100)]
    said = await tell(store, "u", "s", *texts)
    answer = await recall(store, "u", "wine in porto", candidates=6)
    assert {m.id for m in answer.matches} == {said[i].id for i in (0, 700, 1400, 2097, 2098, 2099)}
    assert dict(answer.frequencies) == {"wine": 3, "porto": 2100}
    assert {m.id for m in (await recall(store, "u", "porto", candidates=3)).matches} == {m.id for m in said[-3:]}
