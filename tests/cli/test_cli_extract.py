"""Facts of a transcript without a store."""

from __future__ import annotations

import json
from pathlib import Path

from command_line import graphmem, refused


def test_a_table_and_json_lines_without_any_store(transcript: Path, tmp_path: Path) -> None:
    table = graphmem("extract", str(transcript)).stdout
    assert "lives in Leeds" in table
    assert "is allergic to peanuts" in table
    facts = [json.loads(line) for line in graphmem("extract", str(transcript), "--json").stdout.splitlines()]
    porto = next(fact for fact in facts if fact["object"]["name"] == "Porto")
    assert porto["predicate"] == "LIVES_IN"
    assert porto["subject"]["label"] == "User"
    assert porto["evidence"] in "I moved to Porto."
    assert (porto["session_id"], porto["message_id"], porto["user_id"]) == ("s2", "m3", "alice")
    assert list(tmp_path.iterdir()) == [transcript]


def test_no_facts_and_bad_files(tmp_path: Path) -> None:
    path = tmp_path / "dull.txt"
    path.write_text("User: ok\nAssistant: I live in Leeds.\n")
    result = graphmem("extract", str(path))
    assert (result.stdout, result.stderr) == ("", "no facts\n")
    assert graphmem("extract", str(path), "--json").stdout == ""
    path.write_text("once upon a time")
    assert "dull.txt:1: nobody says this" in refused("extract", str(path))


def test_several_speakers(tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_text("Alice: I live in Leeds.\nBob: I live in Oslo.\n")
    facts = [json.loads(line) for line in graphmem("extract", str(path), "--json").stdout.splitlines()]
    lives = {
        (f["subject"]["label"], f["subject"]["name"], f["object"]["name"])
        for f in facts
        if f["predicate"] == "LIVES_IN"
    }
    assert lives == {("User", "User", "Leeds"), ("Person", "Bob", "Oslo")}
