"""What SQLite's files hold after `Store.forget`: no byte of what was forgotten, while the store is open and after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graphmem.config import MemLayerConfig
from graphmem.stores.base import Selection, Store
from graphmem.text import terms

from .builders import append_job, claim, fact, learn, me, minute, person, recall, revise, tell
from .conftest import OpenStore

KEPT, SECRET = "harbour", "Quxvanitarium"


@pytest.fixture
def store_config(sqlite_config: MemLayerConfig) -> MemLayerConfig:
    return sqlite_config


def traces(folder: Path, word: str) -> Iterator[str]:
    """Files in which a spelling of ``word`` occurs."""
    spellings = {word, word.lower(), word.upper(), *terms(word)}
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            for spelling in spellings:
                if spelling.encode() in content or spelling.encode("utf-16-le") in content:
                    yield f"{spelling} in {file.name}"


async def write_diary(store: Store) -> None:
    """Two sessions of alice, one of them with the secret in every place where a text can stand; and one of bob."""
    for user in ("alice", "bob"):
        said = await tell(store, user, f"{user}-plain", f"We met at the {KEPT}", "I like tea")
        await learn(store, user, fact(me(user), "LIKES", person(user, KEPT), *said))
    secret = await tell(store, "alice", "secret", f"I know {SECRET}", f"{SECRET} again " * 400, at=60)
    known = person("alice", SECRET, f"{SECRET} the second")
    await learn(store, "alice", fact(me("alice"), "HAS_FRIEND", known, *secret))
    await append_job(store, "alice", "secret", SECRET, at=90)
    await claim(store, SECRET, "alice", 91)
    await store.release(SECRET, error=f"cannot read {SECRET}", retry_at=minute(99))
    await recall(store, "alice", SECRET, "secret")


@pytest.mark.parametrize(
    "selection",
    [
        Selection(user_id="alice"),
        Selection(user_id="alice", session_id="secret"),
        Selection(session_id="secret"),
    ],
)
async def test_no_byte_of_what_was_forgotten_is_left(
    store: Store, open_store: OpenStore, tmp_path: Path, selection: Selection
) -> None:
    await write_diary(store)
    second = await open_store()
    assert list(traces(tmp_path, SECRET))
    await store.forget(selection, revise)
    assert list(traces(tmp_path, SECRET)) == []
    assert list(traces(tmp_path, KEPT))
    assert len((await recall(second, "bob", KEPT)).matches) == 1
    await store.close()
    await second.close()
    assert list(traces(tmp_path, SECRET)) == []


async def test_no_byte_is_left_when_messages_are_forgotten_one_by_one(store: Store, tmp_path: Path) -> None:
    await write_diary(store)
    for said in await store.messages(user_id="alice", session_id="secret"):
        await store.forget(Selection(session_id="secret", message_id=said.id), revise)
    assert list(traces(tmp_path, SECRET)) == []


async def test_no_byte_is_left_of_expired_messages(store: Store, tmp_path: Path) -> None:
    await write_diary(store)
    await tell(store, "alice", "late", "Still here", at=200)
    await store.forget(Selection(expired_before=minute(150)), revise)
    assert list(traces(tmp_path, SECRET)) == list(traces(tmp_path, KEPT)) == []
    assert len(await store.messages(user_id="alice", session_id=None)) == 1


async def test_a_forgotten_fact_leaves_no_byte_but_its_message(store: Store, tmp_path: Path) -> None:
    said = await tell(store, "alice", "s", "I have a friend, you know who")
    friend = fact(me("alice"), "HAS_FRIEND", person("alice", SECRET), *said)
    await learn(store, "alice", friend)
    await store.forget(Selection(user_id="alice", fact_id=friend.id), revise)
    assert list(traces(tmp_path, SECRET)) == []
