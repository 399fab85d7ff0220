"""``graphmem move``: everything arrives as it was, in both directions, after a kill too, and is compared before anything is deleted."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import neo4j_server
import pytest
from command_line import asked, graphmem, process, refused
from openai_server import fact, openai_server, refuses, says

from graphmem import MemLayer, MemLayerConfig
from graphmem.cli.moving import contents_of

Records = list[dict[str, Any]]


@pytest.fixture
def server(neo4j_address: neo4j_server.Address, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a real Neo4j server."""
    if neo4j_address.user is not None:
        monkeypatch.setenv("GRAPHMEM_USER", neo4j_address.user)
        monkeypatch.setenv("GRAPHMEM_PASSWORD", neo4j_address.password or "")
    return neo4j_address.url


async def _fill(url: str, user: str) -> None:
    """A memory with what makes moving hard: times against the order, gaps, names, metadata, changes of mind."""
    async with MemLayer(MemLayerConfig(connection_url=url, extractor="rules")) as memory:
        said = [
            ("b", {"input": "I live in Leeds.", "output": "Nice.", "at": "2023-05-01T10:00:00Z"}),
            ("b", {"input": "I work at Barclays.", "at": "2023-01-01T10:00:00Z", "metadata": {"k": [1, {"ü": None}]}}),
            ("a", {"input": "My sister Ana lives in Porto.", "at": "2023-02-01T10:00:00Z", "id": "to-go"}),
            ("a", {"input": "I moved to Porto in May 2024. \u2028 \x07 'q'", "at": "2024-06-01T10:00:00Z"}),
            ("a", {"input": "I no longer work at Barclays.", "at": "2024-06-02T10:00:00Z"}),
            (
                "a",
                [{"role": "user", "name": "Bo", "content": "I live in Oslo."}, {"role": "assistant", "content": "Ok."}],
            ),
        ]
        for session, interaction in said:
            await memory.store(f"{session}-{user}", interaction, user_id=user)
        await memory.forget(session_id=f"a-{user}", message_id="to-go")


def fill(url: str, user: str) -> None:
    asyncio.run(_fill(url, user))


def exported(url: str, *users: str) -> Records:
    found: Records = []
    for user in users:
        found += map(json.loads, graphmem("export", "--url", url, "--user", user).stdout.rstrip("\n").split("\n"))
    return found


def without_seq(records: Records) -> list[str]:
    """Records without the numbers of the messages, in which a store keeps the gaps of what was forgotten."""
    return [json.dumps({k: v for k, v in r.items() if k != "seq"}, sort_keys=True) for r in records]


def moved(*arguments: str) -> list[dict[str, Any]]:
    users: list[dict[str, Any]] = asked("move", *arguments)["users"]
    return users


def test_everybody_from_a_file_to_another(tmp_path: Path) -> None:
    for user in ("ana", "bo"):
        fill("old.db", user)
    told = moved("--from", "old.db", "--to", "new.db")
    assert [(u["user_id"], u["outcome"], u["deleted"]) for u in told] == [
        ("ana", "moved", False),
        ("bo", "moved", False),
    ]
    assert told[0]["counts"]["message"] == 7
    here, there = exported("old.db", "ana", "bo"), exported("new.db", "ana", "bo")
    assert without_seq(here) == without_seq(there)
    assert told[0]["digest"] == contents_of(exported("old.db", "ana")).digest
    again = moved("--from", "old.db", "--to", "new.db")
    assert {u["outcome"] for u in again} == {"already there"}
    assert exported("new.db", "ana", "bo") == there


@pytest.mark.neo4j
def test_a_user_to_neo4j_and_back(server: str, unique: str) -> None:
    user = f"ana-{unique}"
    fill("old.db", user)
    fill("old.db", f"other-{unique}")
    there = moved("--url", "old.db", "--to", server, "--user", user)
    back = moved("--from", server, "--to", "back.db", "--user", user)
    assert (there[0]["outcome"], back[0]["outcome"]) == ("moved", "moved")
    assert there[0]["digest"] == back[0]["digest"]
    assert len(exported("old.db", user)) > 12
    assert without_seq(exported(server, user)) == without_seq(exported("old.db", user))
    assert exported("back.db", user) == exported(server, user), "byte for byte, the numbers too"
    assert "no such user" in refused("facts", "--url", server, "--user", f"other-{unique}")
    for url in (server, "back.db"):
        assert asked("facts", "--url", url, "--user", user) == asked("facts", "--url", "old.db", "--user", user)


@pytest.mark.neo4j
def test_a_user_of_whom_nothing_is_known_goes_and_comes(server: str, unique: str) -> None:
    user = f"quiet-{unique}"
    Path("t.jsonl").write_text(
        json.dumps({"user_id": user, "session_id": user, "id": "m", "input": "What time is it?"})
    )
    graphmem("ingest", "t.jsonl", "--url", "old.db")
    assert moved("--from", "old.db", "--to", server, "--user", user)[0]["outcome"] == "moved"
    assert moved("--from", server, "--to", "back.db", "--user", user)[0]["outcome"] == "moved"
    assert exported("old.db", user) == exported(server, user) == exported("back.db", user)


def test_the_source_forgets_when_it_is_told_to(tmp_path: Path) -> None:
    fill("old.db", "ana")
    before = exported("old.db", "ana")
    told = moved("--from", "old.db", "--to", "new.db", "--delete-source")
    assert told[0]["deleted"]
    assert without_seq(exported("new.db", "ana")) == without_seq(before)
    assert "nothing is stored here yet" in refused("facts", "--url", "old.db")


def test_what_the_target_has_more_stays(tmp_path: Path) -> None:
    fill("old.db", "ana")
    graphmem("move", "--from", "old.db", "--to", "new.db")
    Path("more.jsonl").write_text('{"user_id": "ana", "session_id": "later", "id": "x", "input": "I like tea."}\n')
    graphmem("ingest", "more.jsonl", "--url", "new.db")
    assert moved("--from", "old.db", "--to", "new.db")[0]["outcome"] == "joined"
    assert "likes tea" in [f["text"] for f in asked("facts", "--url", "new.db")]


def test_a_contradiction_deletes_nothing(tmp_path: Path) -> None:
    for url, text in (("old.db", "I live in Leeds."), ("new.db", "I live in Porto.")):
        Path("t.jsonl").write_text(json.dumps({"user_id": "ana", "session_id": "s", "id": "m", "input": text}) + "\n")
        graphmem("ingest", "t.jsonl", "--url", url)
    line = refused("move", "--from", "old.db", "--to", "new.db", "--delete-source")
    assert "already in session 's' with a different text" in line
    assert [f["text"] for f in asked("facts", "--url", "old.db")] == ["lives in Leeds"]


def test_a_session_of_somebody_else_at_the_target(tmp_path: Path) -> None:
    for url, user in (("old.db", "ana"), ("new.db", "bo")):
        Path("t.jsonl").write_text(json.dumps({"user_id": user, "session_id": "s", "id": "m", "input": "Hello"}) + "\n")
        graphmem("ingest", "t.jsonl", "--url", url)
    assert "session 's' belongs to another user" in refused("move", "--from", "old.db", "--to", "new.db")


def test_facts_whose_messages_have_expired_come_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill("old.db", "ana")
    monkeypatch.setenv("GRAPHMEM_TTL", "3600")
    graphmem("expire", "--url", "old.db")
    monkeypatch.delenv("GRAPHMEM_TTL")
    assert moved("--from", "old.db", "--to", "new.db")[0]["outcome"] == "moved"
    facts = asked("facts", "--url", "new.db")
    assert facts == asked("facts", "--url", "old.db")
    assert len(facts) >= 4


def test_what_waits_to_be_read_is_read_first_or_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHMEM_LLM_MODEL", "m1")
    monkeypatch.setenv("GRAPHMEM_LLM_TIMEOUT", "1")
    monkeypatch.setenv("GRAPHMEM_EXTRACTOR", "llm")
    Path("t.jsonl").write_text('{"user_id": "ana", "session_id": "s", "id": "m", "input": "I live in Porto."}\n')
    with openai_server(refuses(401)) as down:
        monkeypatch.setenv("OPENAI_BASE_URL", down.base_url)
        graphmem("ingest", "t.jsonl", "--url", "old.db", code=1)
        assert "--leave-pending moves it" in graphmem("move", "--from", "old.db", "--to", "new.db", code=1).stderr
        assert not Path("new.db").exists()
    with openai_server(says({"facts": [fact("LIVES_IN", "Porto", "Place", "I live in Porto")]})) as up:
        monkeypatch.setenv("OPENAI_BASE_URL", up.base_url)
        graphmem("move", "--from", "old.db", "--to", "new.db")
    assert [f["text"] for f in asked("facts", "--url", "new.db")] == ["lives in Porto"]


@pytest.mark.parametrize(
    ("arguments", "says_"),
    [
        (["--from", "old.db", "--to", "./old.db"], "are the same store"),
        (["--from", "old.db", "--to", ":memory:"], "keeps nothing"),
        (["--from", "old.db"], "Missing option '--to'"),
        (["--from", "http://x", "--to", "new.db"], "is no store"),
    ],
)
def test_wrong_usage(arguments: list[str], says_: str) -> None:
    assert says_ in refused("move", *arguments, code=2)
    assert list(Path.cwd().iterdir()) == []


def test_nothing_to_move(tmp_path: Path, stored: str) -> None:
    assert "no such database" in refused("move", "--from", "gone.db", "--to", "new.db")
    assert "no such user 'eve'" in refused("move", "--from", stored, "--to", "new.db", "--user", "eve")
    assert not (tmp_path / "gone.db").exists()


DYING = """
import os, signal, sys
import graphmem.portable as portable
name, left = sys.argv[1], int(sys.argv[2])
real = getattr(portable, name)

def dying(*arguments):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments)

setattr(portable, name, dying)
sys.argv = ["graphmem", *sys.argv[3:]]
from graphmem.cli import main
main()
"""
"""The command in a process that is killed when it calls a function of `graphmem.portable` for the n-th time."""


@pytest.mark.parametrize("provider", [pytest.param("sqlite"), pytest.param("neo4j", marks=pytest.mark.neo4j)])
def test_a_move_that_is_killed_is_finished_by_repeating_it(
    provider: str, request: pytest.FixtureRequest, tmp_path: Path, unique: str
) -> None:
    target = "new.db" if provider == "sqlite" else request.getfixturevalue("server")
    users = [f"user{n}-{unique}" for n in range(4)]
    asyncio.run(_fill_many("old.db", users))
    arguments = ["move", "--from", "old.db", "--to", target, "--delete-source"]
    # before anything; between two portions of the first user's messages; between the second one's messages and facts
    for moment in (("_append", "1"), ("_append", "2"), ("_update", "2")):
        assert process(*moment, *arguments, script=("-c", DYING)).returncode == -signal.SIGKILL
    assert asked("stats", "--url", "old.db")["users"] == 3, "only what had arrived and was compared is deleted"
    assert asked("stats", "--url", target, "--user", users[1])["facts"] == 0
    told = moved(*arguments[1:])
    assert [(u["user_id"], u["outcome"]) for u in told] == [(user, "moved") for user in users[1:]]
    assert "nothing is stored here yet" in refused("facts", "--url", "old.db")
    asyncio.run(_fill_many("again.db", users))
    assert moved("--from", "again.db", "--to", target)[0]["outcome"] == "already there"
    assert exported(target, *users) == exported("again.db", *users)


async def _fill_many(url: str, users: list[str]) -> None:
    """The same each time: more messages of a user than are written at once, and a few facts."""
    async with MemLayer(MemLayerConfig(connection_url=url, extractor="rules", summarizer="none")) as memory:
        for user in users:
            said = ["I live in Porto.", "My sister Ana likes tea.", *(f"What is {n}?" for n in range(600))]
            at = "2024-05-20T20:05:00Z"
            turns = [{"role": "user", "content": text, "id": f"m{n}", "at": at} for n, text in enumerate(said)]
            await memory.store(f"s-{user}", turns, user_id=user)
