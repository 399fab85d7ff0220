"""Exports: JSON Lines rebuild the store, GraphML and Cypher hold the graph, a file is there wholly or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import networkx
import pytest
from command_line import asked, graphmem, refused

from graphmem.cli.atomic import replacing
from graphmem.cli.exporting import cypher_text


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_json_lines_rebuild_the_store(stored: str, tmp_path: Path) -> None:
    graphmem("export", "memory.jsonl", "--url", stored)
    added = asked("import", "memory.jsonl", "--url", "copy.db")
    assert (added["sessions"], added["messages"]) == (2, 6)
    assert asked("stats", "--url", "copy.db") == asked("stats", "--url", stored)
    assert asked("facts", "--url", "copy.db") == asked("facts", "--url", stored)
    graphmem("export", "again.jsonl", "--url", "copy.db")
    assert records(Path("again.jsonl").read_text()) == records(Path("memory.jsonl").read_text())
    again = asked("import", "memory.jsonl", "--url", "copy.db")
    assert set(again.values()) == {0}, "again adds nothing"


def test_through_a_pipe(stored: str) -> None:
    text = graphmem("export", "--url", stored).stdout
    assert {record["type"] for record in records(text)} == {"user", "session", "message", "entity", "fact"}
    graphmem("import", "-", "--url", "copy.db", input=text)
    assert asked("stats", "--url", "copy.db") == asked("stats", "--url", stored)


def test_one_user_alone(stored: str, tmp_path: Path) -> None:
    (tmp_path / "bob.txt").write_text("Bob: I live in Oslo.\n")
    graphmem("ingest", "bob.txt", "--url", stored)
    assert "Leeds" not in graphmem("export", "--url", stored, "--user", "Bob").stdout
    assert "Leeds" in graphmem("export", "--url", stored).stdout


@pytest.mark.parametrize("file", ["memory.graphml", "memory.xml"])
def test_graphml(stored: str, file: str) -> None:
    report = asked("export", file, "--format", "graphml", "--url", stored)
    assert report["format"] == "graphml"
    graph = networkx.read_graphml(file)
    labels = {data["label"] for _, data in graph.nodes(data=True)}
    assert {"User", "Place", "Fact", "Message", "Session"} <= labels
    names = {data.get("name"): key for key, data in graph.nodes(data=True)}
    lives = [(a, b) for a, b, data in graph.edges(data=True) if data["type"] == "LIVES_IN"]
    assert [b for _, b in lives] == [names["Porto"]], "only what is current has a typed relationship"
    types = {data["type"] for _, _, data in graph.edges(data=True)}
    assert {"HAS_MESSAGE", "MENTIONS", "SUBJECT", "OBJECT", "STATED_IN", "SUPERSEDES"} <= types


def test_cypher_text_has_one_statement_a_line(stored: str) -> None:
    graphmem("export", "memory.cypher", "--url", stored)
    lines = Path("memory.cypher").read_text().splitlines()
    assert all(line.endswith(";") for line in lines)
    assert sum(":Message" in line and line.startswith("CREATE (") for line in lines) == 6
    assert sum("[:LIVES_IN" in line for line in lines) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("it's", r"'it\'s'"),
        ("a\\b", r"'a\\b'"),
        ("\\u0041", r"'\\' + 'u0041'"),
        ("two\nlines\u2028", r"'two\nlines\u2028'"),
        (["a", "b'"], r"['a', 'b\'']"),
        (True, "true"),
        (0.5, "0.5"),
    ],
)
def test_cypher_literals(value: object, text: str) -> None:
    assert cypher_text.literal(value) == text


def test_an_export_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "memory.jsonl"
    path.write_text("old")
    path.chmod(0o640)
    with pytest.raises(UnicodeEncodeError):
        _write(path, "half\ud800")
    assert path.read_text() == "old"
    with replacing(path) as file:
        file.write("new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path], "nothing else is left in the folder"


def _write(path: Path, text: str) -> None:
    with replacing(path) as file:
        file.write("something\n" * 10_000)
        file.write(text)


def test_an_export_to_nowhere(stored: str) -> None:
    assert "cannot be written" in refused("export", "gone/memory.jsonl", "--url", stored)
    Path("folder").mkdir()
    assert "folder is a folder" in refused("export", "folder", "--url", stored)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("oops\n", "bad.jsonl:1: not JSON"),
        (
            '{"role": "user", "content": "hi"}\n',
            "not a record of a graphmem export; to store a transcript use graphmem ingest",
        ),
        ('{"type": "user", "id": "a"}\n[1]\n', "bad.jsonl:2: not a record"),
        ('{"type": "message", "id": "a"}\n', "record 1"),
        ("", "the file is empty"),
    ],
)
def test_an_import_of_something_else(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "bad.jsonl").write_text(content)
    assert says in refused("import", "bad.jsonl", "--url", "copy.db")
