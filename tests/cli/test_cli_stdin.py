"""A transcript through stdin: its format is sniffed, and it is known again when it comes again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import ROOT, asked, graphmem, process, refused

SCRIPT = (str(ROOT / "scripts" / "extract_transcript.py"),)
TALK = "Alice: I live in Leeds.\nAssistant: Nice.\n"


def counts(text: str, *arguments: str) -> dict[str, int]:
    counted: dict[str, int] = json.loads(graphmem("ingest", "-", *arguments, "--json", input=text).stdout)
    return counted


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (TALK, 2),
        ('{"input": "I live in Leeds.", "output": "Nice."}\n', 2),
        ('[{"role": "user", "content": "I live in Leeds."}]', 1),
    ],
    ids=["text", "jsonl", "messages"],
)
def test_it_is_stored_and_again_adds_nothing(text: str, messages: int) -> None:
    assert counts(text, "--url", "memory.db", "--user", "ann")["new_messages"] == messages
    again = counts(text, "--url", "memory.db", "--user", "ann")
    assert (again["new_messages"], again["already_there"]) == (0, messages)
    assert [f["text"] for f in asked("facts", "--url", "memory.db")] == ["lives in Leeds"]


def test_the_content_tells_user_and_session(transcript: Path) -> None:
    counts(transcript.read_text(), "--url", "memory.db")
    rows = asked("cypher", "MATCH (s:Session) RETURN s.id AS id ORDER BY id", "--url", "memory.db", "--all")
    assert [row["id"] for row in rows] == ["s1", "s2"]
    assert asked("facts", "--url", "memory.db", "--user", "alice")
    counts(TALK, "--url", "talk.db")
    counts(TALK.replace("Leeds", "Oslo"), "--url", "talk.db")
    assert asked("stats", "--url", "talk.db", "--user", "Alice")["sessions"] == 2


def test_beside_files_and_once_only(transcript: Path) -> None:
    result = graphmem("ingest", str(transcript), "-", "--url", "memory.db", input=TALK)
    assert f"{transcript}: 6 messages of user alice (jsonl), all new" in result.stderr
    assert "stdin: 2 messages of user Alice (text), all new" in result.stderr
    assert "stdin: 1 message of user Bob (text), all new" in graphmem("ingest", "-", input="Bob: Hello\n").stderr
    assert "give '-' once" in refused("ingest", "-", "-", input=TALK, code=2)


def test_extract_reads_it(tmp_path: Path) -> None:
    facts = [json.loads(line) for line in graphmem("extract", "-", "--json", input=TALK).stdout.splitlines()]
    assert [(f["text"], f["user_id"]) for f in facts] == [("lives in Leeds", "Alice")]
    done = process("-", script=SCRIPT, input=TALK)
    assert [(f["file"], f["text"]) for f in map(json.loads, done.stdout.splitlines())] == [("stdin", "lives in Leeds")]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["ingest", "extract"])
def test_what_is_wrong_with_it_is_named_and_makes_no_database(command: str, tmp_path: Path) -> None:
    assert refused(command, "-", input="") == "stdin: the file is empty"
    assert "stdin: this is a binary file" in refused(command, "-", input="a\0b")
    assert list(tmp_path.iterdir()) == []
    assert "stdin:2: not JSON" in graphmem(command, "-", input='{"input": "Hi", "output": ""}\n{oops\n', code=1).stderr
