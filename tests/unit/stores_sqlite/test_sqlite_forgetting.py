"""After forgetting, no file of the database holds a byte of what was forgotten."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest
from contract.builders import append_job, fact, learn, me, message, minute, revise, tell, thing
from contract.builders import interaction as interaction_of

from graphmem.config import MemLayerConfig
from graphmem.records import Forgotten
from graphmem.stores.base import Changes, Selection
from graphmem.stores.embedding import VectorSpace
from graphmem.stores.sqlite import SqliteStore, open_store
from graphmem.text import terms

SECRET = "Zanzibarqueen sailing"


def remains(path: Path, words: Iterable[str]) -> set[str]:
    """Those of ``words`` that some file of the database holds, in any case."""
    content = b"".join(file.read_bytes() for file in path.parent.iterdir()).lower()
    return {word for word in words if word.lower().encode() in content}


def marks(text: str) -> set[str]:
    """The words of a text and their stems."""
    return {*text.lower().split(), *terms(text)}


async def write(store: SqliteStore, user: str, session: str) -> None:
    """A session with one message of the secret, which is in a fact, an entity, an alias and a failed job as well."""
    said = await tell(store, user, session, "Nothing of it", f"I went {SECRET}", "Tea")
    place = thing(user, SECRET, f"The {SECRET}")
    await learn(
        store, user, fact(me(user), "LIKES", place, said[1]), fact(me(user), "OWNS", thing(user, "tea"), said[2])
    )
    await append_job(store, user, session, f"{user}-{session}", at=5)
    await store.append(
        interaction_of(session, message("asked", SECRET, at=9), user_id=user, job_id=f"{user}-{session}")
    )
    await store.release(f"{user}-{session}", error=f"cannot read {SECRET!r}", retry_at=None)
    await store.forget(Selection(session_id=session, message_id="asked"), revise)


SELECTIONS = {
    "user": Selection(user_id="u"),
    "session": Selection(session_id="s"),
    "message": Selection(session_id="s", message_id="m2"),
    "expired": Selection(expired_before=minute(1.5)),
}


@pytest.mark.parametrize("selection", SELECTIONS.values(), ids=SELECTIONS.keys())
async def test_no_byte_is_left_in_any_file(store: SqliteStore, path: Path, selection: Selection) -> None:
    await write(store, "u", "s")
    assert remains(path, marks(SECRET)) == marks(SECRET)
    await store.forget(selection, revise)
    assert remains(path, marks(SECRET)) == set()
    await store.close()
    assert remains(path, marks(SECRET)) == set()


async def test_no_byte_of_a_forgotten_fact_is_left(store: SqliteStore, path: Path) -> None:
    said = await tell(store, "u", "s", "Other words")
    secret = fact(me("u"), "LIKES", thing("u", SECRET), *said)
    await learn(store, "u", secret)
    assert await store.forget(Selection(user_id="u", fact_id=secret.id), revise) == Forgotten(facts=1, entities=1)
    assert remains(path, marks(SECRET)) == set()


@pytest.mark.parametrize("selection", SELECTIONS.values(), ids=SELECTIONS.keys())
async def test_no_byte_of_a_vector_is_left(store: SqliteStore, path: Path, selection: Selection) -> None:
    """Neither of the vectors that were there, nor of those that they had taken the place of."""
    await write(store, "u", "s")
    space, replaced, there = VectorSpace("m", 6), b"old vector of 24 bytes..", b"new vector of 24 bytes.."
    texts = [t for kind in ("message", "fact") for t in await store.without_vector(space, user_id="u", kind=kind)]
    secret = [t for t in texts if "sailing" in t.text]
    assert {t.kind for t in secret} == {"message", "fact"}
    for vector in (replaced, there):
        assert await store.keep_vectors(space, [(t, vector) for t in secret]) == len(secret)
        short = [(t, f"short {vector.decode()}") for t in secret if t.kind == "message"]
        assert await store.keep_short_vectors(short) == len(short) > 0
    await store.forget(selection, revise)
    content = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert replaced not in content
    assert there not in content


async def test_the_memory_of_another_user_stays(store: SqliteStore, path: Path) -> None:
    await write(store, "u", "s")
    await write(store, "v", "t")
    await store.forget(Selection(user_id="u"), revise)
    assert remains(path, marks(SECRET)) == marks(SECRET)
    await store.forget(Selection(user_id="v"), revise)
    assert remains(path, marks(SECRET)) == set()


async def test_what_was_said_in_messages_that_expired_goes_with_their_session(store: SqliteStore, path: Path) -> None:
    """The session itself is gone already, and so is its owner's name."""
    await write(store, "u", "s")
    await learn(store, "u", job_id="u-s")
    await store.forget(Selection(expired_before=minute(99), facts=False), revise)
    assert (await store.describe("u")).stats.sessions == 0
    assert len((await store.ledger("u")).facts) == 2
    for selection, facts in ((Selection(session_id="s", message_id="m2"), 1), (Selection(session_id="s"), 1)):
        assert (await store.forget(selection, revise)).facts == facts
    assert remains(path, marks(SECRET)) == set()
    assert (await store.describe()).stats.users == 0


async def test_with_volatile_facts_those_of_messages_that_expired_earlier_go_too(
    store: SqliteStore, path: Path
) -> None:
    await write(store, "u", "s")
    await learn(store, "u", job_id="u-s")
    await store.forget(Selection(expired_before=minute(99), facts=False), revise)
    forgotten = await store.forget(Selection(expired_before=minute(99), facts=True), revise)
    assert forgotten == Forgotten(facts=2, entities=3)
    assert remains(path, marks(SECRET)) == set()


async def test_while_somebody_reads_an_older_state_it_goes_later(store: SqliteStore, path: Path) -> None:
    await write(store, "u", "s")
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM messages").fetchone()
    await store.forget(Selection(user_id="u"), revise)
    assert (await store.describe()).stats.messages == 0
    assert remains(path, marks(SECRET)) == marks(SECRET), "the reader still needs it"
    reader.execute("ROLLBACK")
    await tell(store, "v", "t", "Hello")
    assert remains(path, marks(SECRET)) == set()
    reader.close()


async def test_when_the_process_dies_before_it_is_all_gone_the_next_one_goes_on(path: Path) -> None:
    store = await open_store(MemLayerConfig(connection_url=str(path)))
    assert isinstance(store, SqliteStore)
    await write(store, "u", "s")
    await store.close()
    dead = sqlite3.connect(path)
    dead.execute("PRAGMA secure_delete = OFF")
    dead.execute("DELETE FROM statements")
    dead.execute("DELETE FROM facts")
    dead.execute("DELETE FROM entity_keys")
    dead.execute("DELETE FROM entities")
    dead.execute("INSERT INTO fact_search (fact_search) VALUES ('delete-all')")
    dead.execute("DELETE FROM messages WHERE id = 'm2'")
    dead.execute("INSERT INTO message_search (message_search) VALUES ('delete-all')")
    dead.execute("INSERT INTO chores (name) VALUES ('scrub')")
    dead.commit()
    dead.close()
    assert remains(path, marks(SECRET)) != set()
    await (await open_store(MemLayerConfig(connection_url=str(path)))).close()
    assert remains(path, marks(SECRET)) == set()


async def test_forgetting_something_else_writes_what_it_should(store: SqliteStore) -> None:
    """The file is written anew; what stays is found and counted as before, and numbers go on."""
    for number in range(5):
        await tell(store, "u", f"s{number}", "Tea with milk", "Coffee", at=number)
    await store.forget(Selection(session_id="s2"), lambda ledger, gone: Changes())
    await tell(store, "u", "s3", "Tea again", prefix="n", at=9)
    stored = await store.messages(user_id="u", session_id="s3")
    assert [m.seq for m in stored] == [1, 2, 3]


@pytest.mark.slow
async def test_no_byte_is_left_of_many_messages_in_a_large_file(store: SqliteStore, path: Path) -> None:
    """Rows move between pages as others come and go, and moving leaves copies that are easily missed."""
    choose = random.Random(1)
    living: dict[tuple[str, str], str] = {}
    dead: set[str] = set()
    for step in range(12):
        for number in range(40):
            key = f"zq{step:02}x{number:02}"
            user, session, id = f"u{number % 4}", f"u{number % 4}-{choose.randint(0, 5)}", f"m-{key}"
            words = " ".join(f"filler{choose.randint(0, 500)}" for _ in range(choose.choice([3, 10, 40, 300, 1500])))
            appended = await store.append(
                interaction_of(session, message(id, f"{key}wing {words} {key}wing", at=step), user_id=user)
            )
            about = thing(user, f"{key}wing thing")
            await learn(store, user, fact(me(user), "LIKES", about, *appended.messages, text=f"likes {key}wing"))
            living[session, id] = key
        for session, id in choose.sample(sorted(living), 20):
            await store.forget(Selection(session_id=session, message_id=id), revise)
            dead.add(living.pop((session, id)))
        assert remains(path, dead) == set()
    assert remains(path, living.values()) == set(living.values())
