"""Storing transcripts: again stores nothing twice, also after a kill and when a file has grown."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import TURNS, asked, environment, graphmem, process, size_of, wait_until
from openai_server import openai_server, says


def facts(url: str) -> list[tuple[str, str, str | None]]:
    return sorted((f["text"], f["status"], f["valid_from"]) for f in asked("facts", "--url", url))


def test_the_report(transcript: Path) -> None:
    result = graphmem("ingest", str(transcript), "--url", "memory.db")
    assert f"{transcript}: 6 messages of user alice (jsonl), all new" in result.stderr
    counts = {line.rpartition(" ")[0].strip(): line.split()[-1] for line in result.stdout.splitlines()[1:]}
    assert counts["new messages"] == "6"
    assert counts["conversations"] == "2"
    assert counts["failed"] == "0"
    again = asked("ingest", str(transcript), "--url", "memory.db")
    assert (again["new_messages"], again["already_there"], again["new_facts"]) == (0, 6, 0)
    assert again["failures"] == []


def test_a_file_that_grew_adds_what_is_new(transcript: Path) -> None:
    graphmem("ingest", str(transcript), "--url", "memory.db")
    with transcript.open("a") as file:
        file.write(
            json.dumps({"session_id": "s2", "user_id": "alice", "input": "I speak Portuguese.", "output": "Bom!"})
            + "\n"
        )
    again = asked("ingest", str(transcript), "--url", "memory.db")
    assert (again["new_messages"], again["already_there"]) == (2, 6)
    with transcript.open("a") as file:
        file.write('{"session_id": "s2", "user_id": "alice", "input": "I speak Welsh."}\n')
    assert "9 messages of user alice (jsonl), 1 new" in graphmem("ingest", str(transcript), "--url", "memory.db").stderr
    assert ", none new" in graphmem("ingest", str(transcript), "--url", "memory.db").stderr


def test_a_bad_file_stops_no_other_and_fails_in_the_end(tmp_path: Path, transcript: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text("oops\n" + json.dumps(TURNS[0]) + "\n")
    result = graphmem("ingest", str(bad), str(tmp_path), str(transcript), "--url", "memory.db", "--json", code=1)
    counts = json.loads(result.stdout)
    assert (counts["failed"], counts["new_messages"]) == (2, 6)
    assert len(counts["failures"]) == 2
    assert f"failed: {bad}:1: not JSON" in result.stderr
    assert "this is a folder" in result.stderr


def test_bad_lines_are_reported_and_skipped_when_asked(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text("oops\n" + json.dumps(TURNS[0]) + "\n" + '{"role": "wizard", "content": "x"}\n')
    result = graphmem("ingest", str(bad), "--skip-bad", "--url", "memory.db", "--json")
    counts = json.loads(result.stdout)
    assert (counts["skipped_lines"], counts["new_messages"]) == (2, 2)
    assert f"skipped {bad}:1: not JSON" in result.stderr
    assert f"skipped {bad}:3: role='wizard' is not a role" in result.stderr


def test_the_user_is_the_given_one_or_the_first_who_speaks_or_the_name_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "carol.jsonl").write_text('{"input": "I live in Rome.", "output": "Nice"}\n')
    (tmp_path / "chat.txt").write_text("Bob: I live in Oslo.\nAssistant: Nice\n")
    graphmem("ingest", "carol.jsonl", "chat.txt", "--url", "memory.db")
    graphmem("ingest", "chat.txt", "--url", "memory.db", "--user", "dave")
    users = asked("cypher", "MATCH (u:User) RETURN u.user_id AS id ORDER BY id", "--url", "memory.db", "--all")
    assert [row["id"] for row in users] == ["Bob", "carol", "dave"]
    assert [f["text"] for f in asked("facts", "--url", "memory.db", "--user", "dave")] == ["lives in Oslo"]


def test_a_session_of_another_user_fails_in_one_line(transcript: Path) -> None:
    graphmem("ingest", str(transcript), "--url", "memory.db")
    result = graphmem("ingest", str(transcript), "--url", "memory.db", "--user", "mallory", code=1)
    assert "belongs to another user" in result.stderr
    assert asked("stats", "--url", "memory.db")["users"] == 1


def test_a_text_that_changed_under_its_id_is_a_conflict(transcript: Path) -> None:
    graphmem("ingest", str(transcript), "--url", "memory.db")
    transcript.write_text(transcript.read_text().replace("Leeds", "York"))
    result = graphmem("ingest", str(transcript), "--url", "memory.db", code=1)
    assert "already in session 's1' with a different text" in result.stderr


def test_without_an_extractor_messages_are_kept_and_facts_are_not(transcript: Path) -> None:
    graphmem("ingest", str(transcript), "--url", "memory.db", "--extractor", "none")
    assert asked("facts", "--url", "memory.db") == []
    assert asked("stats", "--url", "memory.db")["messages"] == 6


def test_a_language_model_that_is_down_leaves_the_messages_pending(transcript: Path) -> None:
    pytest.importorskip("extraction.llm")
    server = {"GRAPHMEM_LLM_MODEL": "none", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "OPENAI_API_KEY": "x"}
    done = process(
        "ingest",
        str(transcript),
        "--url",
        "memory.db",
        "--extractor",
        "llm",
        env=environment(**server, GRAPHMEM_LLM_TIMEOUT="2"),
    )
    assert done.returncode == 1
    assert "the messages are stored, but facts are missing" in done.stderr
    assert "Traceback" not in done.stderr
    assert asked("stats", "--url", "memory.db")["messages"] == 6


def test_a_language_model_reads_many_exchanges_with_one_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.jsonl"
    path.write_text("".join(json.dumps({"input": f"Number {n}", "output": "Good"}) + "\n" for n in range(30)))
    with openai_server(says({"facts": []})) as server:
        monkeypatch.setenv("GRAPHMEM_LLM_MODEL", "m")
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        monkeypatch.setenv("GRAPHMEM_SUMMARIZER", "none")
        graphmem("ingest", str(path), "--url", "memory.db", "--user", "alice", "--extractor", "llm")
        asked = [request["messages"][-1]["content"] for request in server.requests]
    assert len(asked) == 3
    assert all(sum(f"Number {n}" in text for text in asked) >= 1 for n in range(30))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_kill_in_the_middle_loses_and_doubles_nothing(tmp_path: Path) -> None:
    cities = ["Leeds", "Porto", "Oslo", "Rome", "Lima", "Cairo", "Delhi", "Quito"]
    path = tmp_path / "long.jsonl"
    path.write_text(
        "".join(
            json.dumps(
                {
                    "input": f"I have been to {city}. I like number {n}.",
                    "output": "Good",
                    "at": f"2024-01-01T00:{n // 60:02}:{n % 60:02}Z",
                }
            )
            + "\n"
            for n in range(600)
            for city in [cities[n % 8]]
        )
    )
    for size in (60_000, 150_000, 300_000):
        running = subprocess.Popen(
            [sys.executable, "-m", "graphmem.cli", "ingest", str(path), "--url", "killed.db"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        wait_until(lambda: size_of(tmp_path / "killed.db") > size or running.poll() is not None)  # noqa: B023
        running.kill()
        running.wait()
    graphmem("ingest", str(path), "--url", "killed.db")
    graphmem("ingest", str(path), "--url", "whole.db")
    assert asked("stats", "--url", "killed.db") == asked("stats", "--url", "whole.db")
    assert asked("stats", "--url", "killed.db")["messages"] == 1200
    assert facts("killed.db") == facts("whole.db")
