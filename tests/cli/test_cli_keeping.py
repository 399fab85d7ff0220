"""Keeping a store in order from the command line: check, pending and expire."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from command_line import asked, graphmem, refused


@pytest.fixture
def unread(tmp_path: Path, transcript: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database whose messages wait: the language model is down."""
    url = str(tmp_path / "unread.db")
    for name, value in {
        "GRAPHMEM_EXTRACTOR": "llm",
        "GRAPHMEM_LLM_MODEL": "none",
        "OPENAI_API_KEY": "no-key",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "GRAPHMEM_LLM_TIMEOUT": "1",
    }.items():
        monkeypatch.setenv(name, value)
    graphmem("ingest", str(transcript), "--url", url, code=1)
    for name in ("GRAPHMEM_EXTRACTOR", "GRAPHMEM_LLM_MODEL"):
        monkeypatch.delenv(name)
    return url


def change(path: str, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        assert connection.execute(statement).rowcount > 0
    connection.close()


def test_a_store_in_order(stored: str) -> None:
    assert graphmem("check", "--url", stored).stdout == "everything is in order\n"
    assert asked("check", "--url", stored) == {"findings": []}
    assert asked("check", "--repair", "--url", stored) == {"findings": [], "left": []}


def test_a_fault_is_told_and_put_right_when_asked(stored: str) -> None:
    change(stored, "UPDATE facts SET text = 'lives in Rome' WHERE text = 'lives in Porto'")
    told = graphmem("check", "--url", stored, code=1)
    assert told.stdout.splitlines()[0].split() == ["KIND", "USER", "WHAT"]
    assert "alice" in told.stdout
    assert "graphmem check --repair puts right what can be put right" in told.stderr
    assert "lives in Rome" in graphmem("facts", "--url", stored).stdout, "to look changes nothing"
    assert "put right: 2 of 2" in graphmem("check", "--repair", "--url", stored).stderr
    assert "lives in Porto" in graphmem("facts", "--url", stored).stdout
    graphmem("check", "--url", stored)


def test_a_fact_that_outlived_its_message_is_no_failure(stored: str) -> None:
    assert "removed: 6 messages" in graphmem("expire", "--ttl", "60", "--url", stored).stdout
    told = graphmem("check", "--repair", "--url", stored)
    assert "no-message" in told.stdout
    assert "nothing of what is left is a fault by itself" in told.stderr
    assert graphmem("facts", "--status", "current", "--url", stored).stdout.count("\n") == 3


def test_the_time_to_live_of_the_environment_counts(stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHMEM_TTL", "60")
    assert asked("expire", "--url", stored) == {"messages": 6}
    assert asked("expire", "--url", stored) == {"messages": 0}
    assert asked("check", "--url", stored) == {"findings": []}


def test_with_facts_everything_goes(stored: str) -> None:
    graphmem("expire", "--ttl", "60", "--facts", "--url", stored)
    assert asked("stats", "--url", stored)["users"] == 0


def test_expire_needs_a_time(stored: str) -> None:
    assert "add --ttl SECONDS or set GRAPHMEM_TTL" in refused("expire", "--url", stored, code=2)
    assert "--ttl" in refused("expire", "--ttl", "0", "--url", stored, code=2)


def test_nothing_is_pending(stored: str) -> None:
    assert graphmem("pending", "--url", stored).stderr == "nothing is pending\n"
    assert asked("pending", "--url", stored) == []


def test_what_waits_is_listed_with_its_cause_and_read_when_asked(unread: str) -> None:
    jobs = asked("pending", "--url", unread)
    assert [job["message_ids"] for job in jobs] == [["m1", "m1:reply", "m2", "m2:reply"], ["m3", "m3:reply"]]
    assert all(job["attempts"] >= 1 and "127.0.0.1:9" in job["error"] for job in jobs)
    table = graphmem("pending", "--url", unread).stdout
    assert table.splitlines()[0].split()[:5] == ["JOB", "USER", "SESSION", "MESSAGES", "STATE"]
    assert "127.0.0.1:9" in table
    assert graphmem("pending", "--retry", "--url", unread).stdout == "read: 6 messages; nothing is pending any more\n"
    assert "lives in Porto" in graphmem("facts", "--url", unread).stdout


def test_what_is_skipped_keeps_its_messages_and_has_no_facts(unread: str) -> None:
    first, *others = asked("pending", "--url", unread)
    assert asked("pending", "--skip", first["id"], "--url", unread) == others
    assert "no job 'x' is pending" in refused("pending", "--skip", "x", "--url", unread)
    assert graphmem("pending", "--retry", "--url", unread).exit_code == 0
    assert "Leeds" not in graphmem("facts", "--url", unread).stdout
    assert asked("stats", "--url", unread)["messages"] == 6
    graphmem("check", "--url", unread)


def test_a_retry_that_fails_says_why(unread: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHMEM_EXTRACTOR", "llm")
    monkeypatch.setenv("GRAPHMEM_LLM_MODEL", "none")
    result = graphmem("pending", "--retry", "--url", unread, code=1)
    assert "messages could not be extracted yet and are kept" in result.stderr


@pytest.mark.parametrize("command", ["check", "pending", "expire"])
def test_an_unknown_user_is_named(command: str, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHMEM_TTL", "60")
    assert "no such user 'bob'; the store has alice" in refused(command, "--user", "bob", "--url", stored)


def test_to_retry_and_to_skip_is_not_one_thing(unread: str) -> None:
    assert "not both" in refused("pending", "--retry", "--skip", "x", "--url", unread, code=2)
