"""Asking: facts, search, context, cypher and stats, for people and as JSON."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from command_line import asked, environment, graphmem, process


def texts(*arguments: str) -> list[str]:
    return [fact["text"] for fact in asked("facts", *arguments)]


def test_facts_as_a_table(stored: str) -> None:
    lines = graphmem("facts", "--url", stored).stdout.splitlines()
    assert lines[0].split() == ["FACT", "PREDICATE", "STATUS", "FROM", "TO", "SURE"]
    assert any(line.startswith("lives in Porto") and "LIVES_IN" in line and "current" in line for line in lines)
    assert any(line.startswith("lived in Leeds") and "ended" in line for line in lines)


def test_facts_as_json(stored: str) -> None:
    found = asked("facts", "--url", stored, "--status", "current")
    porto = next(fact for fact in found if fact["predicate"] == "LIVES_IN")
    assert porto["object"]["name"] == "Porto"
    assert porto["object"]["label"] == "Place"
    assert porto["message_ids"] == ["m3"]
    assert datetime.fromisoformat(porto["recorded_at"]).tzinfo is not None
    assert "statements" not in porto
    assert all(fact["status"] == "current" for fact in found)


def test_facts_are_filtered(stored: str) -> None:
    assert texts("--url", stored, "--predicate", "lives_in", "--status", "current") == ["lives in Porto"]
    assert texts("--url", stored, "--about", "peanuts") == ["is allergic to peanuts"]
    assert "lived in Leeds" in texts("--url", stored, "--as-of", "2023-06-01")
    assert "lives in Porto" not in texts("--url", stored, "--as-of", "2023-06-01")
    empty = graphmem("facts", "--url", stored, "--about", "Mars")
    assert (empty.stdout, empty.stderr) == ("", "no facts\n")
    assert asked("facts", "--url", stored, "--about", "Mars") == []


def test_the_common_options_may_stand_before_and_after_the_command(stored: str) -> None:
    after = graphmem("facts", "--url", stored, "--user", "alice", "--json").stdout
    assert graphmem("--url", stored, "--user", "alice", "--json", "facts").stdout == after
    assert graphmem("--url", "other.db", "--json", "facts", "--url", stored).stdout == after, "the later one counts"


def test_the_url_may_come_from_the_environment(stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHMEM_URL", stored)
    assert texts("--about", "Porto") == ["lives in Porto"]
    monkeypatch.setenv("GRAPHMEM_URL", "bolt://127.0.0.1:1")
    assert texts("--url", stored, "--about", "Porto") == ["lives in Porto"], "--url counts more"


def test_search(stored: str) -> None:
    table = graphmem("search", "Porto", "--url", stored).stdout
    assert "I moved to Porto." in table
    assert "lives in Porto" in table
    messages = asked("search", "Porto", "--url", stored, "--kind", "message", "--limit", "1")
    assert [hit["message"]["id"] for hit in messages] == ["m3"]
    assert messages[0]["fact"] is None
    nothing = graphmem("search", "zebra", "--url", stored)
    assert (nothing.stdout, nothing.stderr) == ("", "nothing found\n")


def test_context(stored: str) -> None:
    context = asked("context", "What can I eat?", "--url", stored)
    assert "peanuts" in context["text"]
    assert context["messages"] == []
    assert graphmem("context", "What can I eat?", "--url", stored).stdout == context["text"] + "\n"
    running = asked("context", "What can I eat?", "--url", stored, "--session", "s2", "--max-tokens", "500")
    assert [message["id"] for message in running["messages"]] == ["m3", "m3:reply"]
    assert asked("stats", "--url", stored)["sessions"] == 2, "asking makes no session"


def test_a_context_without_anything_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"input": "Hello there", "output": "Hi"}\n')
    graphmem("ingest", "a.jsonl", "--url", "memory.db")
    result = graphmem("context", "zebra", "--url", "memory.db")
    assert (result.stdout, result.stderr) == ("", "nothing is known that helps\n")
    assert asked("context", "zebra", "--url", "memory.db")["text"] == ""


def test_cypher(stored: str) -> None:
    query = "MATCH (u:User)-[:LIVES_IN]->(p:Place) RETURN p.name AS city"
    assert graphmem("cypher", query, "--url", stored).stdout == "CITY\nPorto\n"
    assert asked("cypher", query, "--url", stored) == [{"city": "Porto"}]
    assert json.loads(graphmem("cypher", "-", "--url", stored, "--json", input=query).stdout) == [{"city": "Porto"}]
    assert asked("cypher", query, "--url", stored, "--all") == [{"city": "Porto"}]
    assert graphmem("cypher", query + " LIMIT 0", "--url", stored).stderr == "no rows\n"


def test_cypher_parameters_are_json_or_text(stored: str) -> None:
    query = "MATCH (p:Place) WHERE p.name = $name RETURN p.name AS name, $n + 1 AS n"
    rows = asked("cypher", query, "--url", stored, "--param", "name=Porto", "--param", "n=41")
    assert rows == [{"name": "Porto", "n": 42}]


@pytest.mark.parametrize(
    "query", ["CREATE (n:X) RETURN n", "MATCH (n) DETACH DELETE n", "RETURN ", "MATCH (n RETURN n"]
)
def test_cypher_that_writes_or_is_wrong_is_refused_in_one_line(stored: str, query: str) -> None:
    result = graphmem("cypher", query, "--url", stored, code=1)
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_stats(stored: str) -> None:
    counts = asked("stats", "--url", stored)
    assert (counts["users"], counts["sessions"], counts["messages"], counts["pending"]) == (1, 2, 6, 0)
    assert "current facts" in graphmem("stats", "--url", stored, "--user", "alice").stdout


def test_output_steers_no_terminal(tmp_path: Path) -> None:
    path = tmp_path / "evil.jsonl"
    path.write_text(json.dumps({"user_id": "eve", "input": "I live in Leeds \x1b]0;owned\x07 \x9b31m now"}) + "\n")
    graphmem("ingest", str(path), "--url", "evil.db")
    for command in (
        ["search", "Leeds"],
        ["facts"],
        ["context", "Leeds"],
        ["cypher", "MATCH (m:Message) RETURN m.text AS t"],
    ):
        out = graphmem(*command, "--url", "evil.db").stdout
        assert not {"\x1b", "\x07", "\x9b"} & set(out)


def test_a_terminal_without_unicode_still_gets_json_and_text(tmp_path: Path) -> None:
    path = tmp_path / "unicode.jsonl"
    path.write_text(json.dumps({"user_id": "zoë", "input": "I live in São Paulo."}) + "\n")
    graphmem("ingest", str(path), "--url", "unicode.db")
    ascii_only = environment(PYTHONIOENCODING="ascii")
    shown = process("search", "Paulo", "--url", "unicode.db", "--json", env=ascii_only)
    assert json.loads(shown.stdout)[0]["message"]["text"] == "I live in São Paulo."
    assert process("search", "Paulo", "--url", "unicode.db", env=ascii_only).returncode == 0
