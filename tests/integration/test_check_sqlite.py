"""The checker on SQLite: it finds what somebody broke behind the store's back, repairs it, and finds nothing in what is whole."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from graphmem import MemLayer, MemLayerConfig
from graphmem.checking import KINDS, is_problem

SAID = {
    "alice": [
        "I'm Alice. I live in Leeds and I work at Barclays.",
        "My sister's name is Ana, she lives in Porto.",
        "I moved to Faro.",
        "I like tea.",
    ],
    "bob": ["I live in Oslo.", "I'm allergic to peanuts."],
}

SABOTAGE = {
    "a message is not in the search index": (
        "INSERT INTO message_search (message_search, rowid, terms) VALUES ('delete', 1, "
        "(SELECT group_concat(term, ' ') FROM temp.words WHERE doc = 1))",
        "search",
    ),
    "the terms of a message are other ones": ("UPDATE messages SET terms = 'elephant' WHERE pk = 1", "search"),
    "the index has a message that is not there": (
        "INSERT INTO message_search (rowid, terms) VALUES (999, 'uabc')",
        "search",
    ),
    "a fact is not in the search index": ("INSERT INTO fact_search (fact_search) VALUES ('delete-all')", "search"),
    "an ended fact is marked as current": ("UPDATE facts SET current = 1 WHERE text = 'lived in Leeds'", "present"),
    "an ended fact says that it is current": (
        "UPDATE facts SET current = 1, status = 'current' WHERE text = 'lived in Leeds'",
        "several-current",
    ),
    "a fact says another thing than was said": ("UPDATE facts SET text = 'lives in Rome' WHERE pk = 2", "ledger"),
    "a fact has lost its statements": ("DELETE FROM statements WHERE fact = 2", "no-statement"),
    "an entity is in no fact": (
        "INSERT INTO entities (user, id, label, name, aliases) VALUES (1, 'x', 'Place', 'Nowhere', '[]')",
        "orphan",
    ),
    "an entity is not found by its name": ("DELETE FROM entity_keys WHERE entity = 2", "link"),
    "the user's own entity is another": ("UPDATE entities SET name = 'Mallory' WHERE label = 'User'", "ledger"),
    "a session has no messages": ("INSERT INTO sessions (user, id) VALUES (1, 'empty')", "orphan"),
    "a session counts too little": ("UPDATE sessions SET last_seq = 1", "counter"),
    "a job waits for nothing": ("INSERT INTO jobs (user, session, id, history) VALUES (1, 1, 'lost', 6)", "orphan"),
    "a vector stands among another user's": (
        "INSERT INTO message_vectors (message, user, model, vector) SELECT pk, user + 1, 'm', x'00' FROM messages WHERE pk = 1",
        "mixed-users",
    ),
    "a user has nothing": ("INSERT INTO users (id) VALUES ('nobody')", "orphan"),
}


@pytest.fixture
async def whole(sqlite_config: MemLayerConfig) -> MemLayerConfig:
    """A memory of two users that is in order."""
    config = replace(sqlite_config, extractor="rules")
    async with MemLayer(config) as memory:
        for user_id, texts in SAID.items():
            for text in texts:
                await memory.store(f"{user_id}-1", {"input": text, "output": "I see."}, user_id=user_id)
    return config


def vandalise(path: Path, *statements: str) -> None:
    """Change a database past the store; ``temp.words`` has the words of its index of messages."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, message_search, instance)")
    for statement in statements:
        assert connection.execute(statement).rowcount != 0, statement
    connection.commit()
    connection.close()


async def test_what_is_whole_has_no_findings_before_and_after_forgetting(whole: MemLayerConfig) -> None:
    async with MemLayer(whole) as memory:
        assert await memory.check() == []
        (first, *_) = await memory.messages(session_id="alice-1")
        await memory.forget(session_id="alice-1", message_id=first.id)
        assert await memory.check() == []
        await memory.forget(user_id="bob")
        assert await memory.check() == []


@pytest.mark.parametrize(("statement", "kind"), SABOTAGE.values(), ids=SABOTAGE.keys())
async def test_it_is_found_and_put_right(whole: MemLayerConfig, statement: str, kind: str) -> None:
    async with MemLayer(whole) as memory:
        facts = {user: await memory.facts(user) for user in SAID}
        messages = {user: await memory.messages(user_id=user) for user in SAID}
    vandalise(Path(str(whole.connection_url)), statement)
    async with MemLayer(whole) as memory:
        found = await memory.check()
        assert kind in {f.kind for f in found}
        assert all(f.repairable and f.kind in KINDS and "\n" not in f.text for f in found)
        assert await memory.check(repair=True) == found
        assert await memory.check() == []
        assert {user: await memory.messages(user_id=user) for user in SAID} == messages
        if kind != "no-statement":  # what it rested on is gone for good
            assert {user: await memory.facts(user) for user in SAID} == facts
        assert [hit.message.text for hit in await memory.search("Leeds", "alice") if hit.message][:1] == [
            SAID["alice"][0]
        ]


async def test_only_the_user_who_is_asked_for_is_looked_at(whole: MemLayerConfig) -> None:
    vandalise(Path(str(whole.connection_url)), "UPDATE facts SET text = 'x'")
    async with MemLayer(whole) as memory:
        assert {f.user_id for f in await memory.check()} == {"alice", "bob"}
        assert {f.user_id for f in await memory.check(user_id="bob", repair=True)} == {"bob"}
        assert {f.user_id for f in await memory.check()} == {"alice"}
        assert await memory.check(user_id="nobody") == []


async def test_a_fact_without_its_message_is_told_and_kept_unless_it_may_have_expired(whole: MemLayerConfig) -> None:
    vandalise(Path(str(whole.connection_url)), "DELETE FROM messages WHERE text LIKE '%Oslo%'")
    async with MemLayer(whole) as memory:
        await memory.check(repair=True)  # the index has the words of a message that is gone
        (lost,) = await memory.check(repair=True)
        assert (lost.kind, lost.user_id, lost.repairable, is_problem(lost)) == ("no-message", "bob", False, False)
        assert "lives in Oslo" in {f.text for f in await memory.facts("bob")}
    async with MemLayer(replace(whole, ttl=1e-3)) as memory:
        assert await memory.check() == []


async def test_facts_of_a_relation_that_is_unknown_here_are_left_alone(whole: MemLayerConfig) -> None:
    vandalise(
        Path(str(whole.connection_url)),
        "UPDATE statements SET predicate = 'DRIVES' WHERE predicate = 'LIKES'",
        "UPDATE facts SET predicate = 'DRIVES', text = 'whatever' WHERE predicate = 'LIKES'",
    )
    async with MemLayer(whole) as memory:
        before = await memory.facts("alice")
        # the words of the text are not those of the index
        assert {f.kind for f in await memory.check(repair=True)} == {"not-judged", "search"}
        (told,) = await memory.check(repair=True)
        assert (told.kind, told.about) == ("not-judged", "DRIVES")
        assert await memory.facts("alice") == before


async def test_findings_quote_nothing_that_was_said(whole: MemLayerConfig) -> None:
    vandalise(Path(str(whole.connection_url)), "UPDATE facts SET text = 'x'", "DELETE FROM entity_keys")
    async with MemLayer(whole) as memory:
        said = " ".join(f"{f.text} {f.about}" for f in await memory.check())
    assert not any(word in said for word in ("Leeds", "Porto", "Barclays", "Ana", "tea", "Oslo", "peanuts"))
