"""No error of SQLite's escapes: each comes as one of graphmem's, in one line, with the original as its cause."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from contract.builders import fact, interaction, learn, me, message, minute, recall, revise, tell, thing, update

from graphmem.config import MemLayerConfig
from graphmem.errors import StoreError, StoreUnavailable
from graphmem.stores.base import Changes, Claim, Selection
from graphmem.stores.sqlite import SqliteStore, open_store
from graphmem.stores.sqlite.connection import Database
from graphmem.stores.sqlite.errors import in_words

HALF = "\ud800"
LATER = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOLFS,
    sqlite3.SQLITE_NOMEM,
}
CODES = sorted(
    {value for name, value in vars(sqlite3).items() if name.startswith("SQLITE_") and isinstance(value, int)}
)
EXTENDED = [code for code in CODES if code > 0xFF and 0 < code & 0xFF < 27]


@pytest.mark.parametrize("code", [*range(1, 27), sqlite3.SQLITE_BUSY_SNAPSHOT, *EXTENDED])
def test_every_result_code_has_words(code: int) -> None:
    error = sqlite3.OperationalError("what SQLite says")
    error.sqlite_errorcode = code
    said = in_words(error, "/here/memory.db")
    assert isinstance(said, StoreUnavailable) == (code & 0xFF in LATER)
    assert "/here/memory.db" in str(said)
    assert "what SQLite says" in str(said)
    assert "\n" not in str(said)


@pytest.mark.parametrize("error", [sqlite3.ProgrammingError("x"), sqlite3.InterfaceError("x"), OverflowError("x")])
def test_errors_of_the_driver_have_words(error: Exception) -> None:
    assert type(in_words(error, "/here")) is StoreError


VERBS: dict[str, Callable[[SqliteStore, str], Awaitable[object]]] = {
    "append": lambda store, text: tell(store, text, text, text),
    "claim": lambda store, text: store.claim(Claim(text, minute(0), user_id=text)),
    "apply": lambda store, text: store.apply(text, update(lambda _: Changes()), job_id=text),
    "release": lambda store, text: store.release(text, error=text, retry_at=None),
    "recall": lambda store, text: recall(store, text, text),
    "recall a session": lambda store, text: recall(store, None, None, text),
    "ledger": lambda store, text: store.ledger(text),
    "messages": lambda store, text: store.messages(user_id=text, session_id=None),
    "forget": lambda store, text: store.forget(Selection(user_id=text), revise),
    "forget a session": lambda store, text: store.forget(Selection(session_id=text), revise),
    "describe": lambda store, text: store.describe(text),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS.keys())
async def test_half_a_surrogate_pair_is_refused_in_words(
    store: SqliteStore, verb: Callable[..., Awaitable[object]]
) -> None:
    with pytest.raises(StoreError, match="surrogate") as refused:
        await verb(store, f"a{HALF}")
    assert isinstance(refused.value.__cause__, UnicodeError)
    assert (await store.describe()).stats.users == 0


@pytest.mark.parametrize("field", ["text", "evidence", "id"])
async def test_half_a_surrogate_pair_in_a_fact_leaves_nothing(store: SqliteStore, field: str) -> None:
    said = await tell(store, "u", "s", "Tea")
    bad = replace(fact(me("u"), "LIKES", thing("u", "tea"), *said), **{field: HALF})
    with pytest.raises(StoreError, match="surrogate"):
        await learn(store, "u", bad)
    assert (await store.ledger("u")).entities == (me("u"),)


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS.keys())
async def test_a_closed_store_says_so(store: SqliteStore, verb: Callable[..., Awaitable[object]]) -> None:
    await store.close()
    with pytest.raises(StoreError, match="is closed"):
        await verb(store, "u")


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS.keys())
async def test_a_damaged_schema_is_an_error_in_words(path: Path, verb: Callable[..., Awaitable[object]]) -> None:
    """Every verb meets an error of SQLite's own here."""
    await (await open_store(MemLayerConfig(connection_url=str(path)))).close()
    vandal = sqlite3.connect(path)
    vandal.executescript("DROP TABLE messages; DROP TABLE jobs; DROP TABLE sessions; DROP TABLE users;")
    vandal.close()
    store = SqliteStore(await Database.open(str(path)))
    with pytest.raises(StoreError, match="no such table") as failed:
        await verb(store, "u")
    assert isinstance(failed.value.__cause__, sqlite3.Error)
    await store.close()


async def test_a_locked_database_is_unavailable_and_works_again_afterwards(path: Path) -> None:
    store = SqliteStore(await Database.open(str(path), busy_seconds=0.02))
    await tell(store, "u", "s", "One")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked by another process"):
        await tell(store, "u", "s", "Two", prefix="n")
    assert (await store.describe("u")).stats.messages == 1, "reading goes on"
    other.execute("ROLLBACK")
    other.close()
    await tell(store, "u", "s", "Two", prefix="n")
    assert (await store.describe("u")).stats.messages == 2
    await store.close()


async def test_a_full_disk_is_unavailable_and_nothing_is_half_written(path: Path) -> None:
    database = await Database.open(str(path))
    store = SqliteStore(database)
    await tell(store, "u", "s", "One")
    pages = await database.write(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
    await database.write(lambda c: c.execute(f"PRAGMA max_page_count = {pages + 3}").fetchone())
    with pytest.raises(StoreUnavailable, match="disk is full; free some space"):
        await store.append(interaction("s", message("m"), message("large", "x" * 100_000), user_id="u", job_id="j"))
    description = await store.describe("u")
    assert (description.stats.messages, description.stats.pending) == (1, 0)
    await database.write(lambda c: c.execute("PRAGMA max_page_count = 1000000").fetchone())
    await store.append(interaction("s", message("large", "x" * 100_000), user_id="u"))
    await store.close()


async def test_a_database_that_became_read_only_is_unavailable(path: Path) -> None:
    database = await Database.open(str(path))
    await database.write(lambda c: c.execute("PRAGMA query_only = ON").fetchone())
    with pytest.raises(StoreUnavailable, match="read-only"):
        await tell(SqliteStore(database), "u", "s", "One")
    await database.close()


def damage(path: Path) -> None:
    """Overwrite everything but the first pages."""
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xa5" * (len(content) - 8192)
    path.write_bytes(content)


async def read_all(path: Path) -> None:
    store = await open_store(MemLayerConfig(connection_url=str(path)))
    try:
        await store.messages(user_id="u", session_id=None)
    finally:
        await store.close()


async def test_a_damaged_file_is_an_error_in_words(path: Path) -> None:
    store = await open_store(MemLayerConfig(connection_url=str(path)))
    await tell(store, "u", "s", *(f"Message {i} {'x' * 500}" for i in range(200)))
    await store.close()
    damage(path)
    with pytest.raises(StoreError, match="damaged; restore it from a backup"):
        await read_all(path)


async def test_what_is_too_large_for_a_column_is_refused(store: SqliteStore) -> None:
    said = await tell(store, "u", "s", "Tea")
    good = fact(me("u"), "LIKES", thing("u", "tea"), *said)
    bad = replace(good, statements=(replace(good.statements[0], order=2**64),))
    with pytest.raises(StoreError, match="too large"):
        await learn(store, "u", bad)
    first = datetime.min.replace(tzinfo=timezone(timedelta(hours=5)))
    with pytest.raises(StoreError, match="too large"):
        await store.messages(user_id="u", session_id=None, not_before=first)
    assert await store.messages(user_id="u", session_id=None, not_before=datetime.min.replace(tzinfo=UTC)) == list(said)


async def test_what_contradicts_the_schema_is_refused(store: SqliteStore) -> None:
    said = await tell(store, "u", "s", "Tea")
    tea = thing("u", "tea")
    await learn(store, "u", fact(me("u"), "LIKES", tea, *said))
    with pytest.raises(StoreError, match="contradicts"):
        await store.apply("u", update(lambda _: Changes(removed_entities=frozenset({tea.id}))))
    assert len((await store.ledger("u")).facts) == 1


async def test_an_error_of_a_decision_passes_as_it_is(store: SqliteStore) -> None:
    def fail(_: object) -> Changes:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await store.apply("u", update(fail))
    await tell(store, "u", "s", "The lock is free")


async def test_selections_and_interactions_that_are_none_are_refused(store: SqliteStore) -> None:
    for selection in (
        Selection(),
        Selection(message_id="m"),
        Selection(user_id="u", message_id="m"),
        Selection(fact_id="f"),
    ):
        with pytest.raises(StoreError, match="give"):
            await store.forget(selection, revise)
    with pytest.raises(StoreError, match="at least one"):
        await store.append(interaction("s", user_id="u"))
    with pytest.raises(StoreError, match="give one of them"):
        await recall(store, None)


async def test_the_job_of_another_session_is_not_taken_over(store: SqliteStore) -> None:
    await store.append(interaction("a", message("m"), user_id="u", job_id="j"))
    with pytest.raises(StoreError, match="job_id of its own"):
        await store.append(interaction("b", message("m"), user_id="u", job_id="j"))
    assert (await store.describe("u")).session_ids == ("a",)
