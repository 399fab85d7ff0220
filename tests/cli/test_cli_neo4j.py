"""The same commands on a real Neo4j server, and an export that recreates the graph in one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import neo4j
import neo4j_server
import pytest
from command_line import TURNS, asked, graphmem, refused

pytestmark = pytest.mark.neo4j


@pytest.fixture
def server(neo4j_address: neo4j_server.Address, monkeypatch: pytest.MonkeyPatch) -> str:
    """The server's URL, with its user and password in the environment."""
    if neo4j_address.user is not None:
        monkeypatch.setenv("GRAPHMEM_USER", neo4j_address.user)
        monkeypatch.setenv("GRAPHMEM_PASSWORD", neo4j_address.password or "")
    return neo4j_address.url


@pytest.fixture
def mine(tmp_path: Path, unique: str) -> Path:
    """The transcript of a user and sessions that no other test has."""
    turns = [{**turn, "user_id": f"alice-{unique}", "session_id": f"{turn['session_id']}-{unique}"} for turn in TURNS]
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(turn) + "\n" for turn in turns))
    return path


def test_ingest_ask_and_forget(server: str, mine: Path, unique: str) -> None:
    at = ("--url", server, "--user", f"alice-{unique}")
    counts = asked("ingest", str(mine), "--url", server)
    assert (counts["failed"], counts["pending"]) == (0, 0)
    graphmem("ingest", str(mine), "--url", server)
    assert asked("stats", *at)["messages"] == 6
    assert [f["text"] for f in asked("facts", *at, "--predicate", "LIVES_IN", "--status", "current")] == [
        "lives in Porto"
    ]
    query = "MATCH (u:User)-[:LIVES_IN]->(p:Place) RETURN p.name AS city"
    assert asked("cypher", query, *at) == [{"city": "Porto"}]
    everybody = query.replace("RETURN", "WHERE u.user_id = $me RETURN")
    assert asked("cypher", everybody, "--all", "--param", f"me=alice-{unique}", "--url", server) == [{"city": "Porto"}]
    assert "peanuts" in graphmem("context", "What can I eat?", *at).stdout
    assert asked("forget", "--yes", *at)["messages"] == 6
    assert re.search(rf"no such user 'alice-{unique}'|nothing is stored", refused("facts", *at))


def test_an_export_moves_a_user_from_a_file_to_a_server(server: str, mine: Path, unique: str) -> None:
    graphmem("ingest", str(mine), "--url", "memory.db")
    graphmem("export", "memory.jsonl", "--url", "memory.db")
    graphmem("import", "memory.jsonl", "--url", server)
    assert asked("facts", "--url", server, "--user", f"alice-{unique}") == asked("facts", "--url", "memory.db")


def test_the_cypher_export_recreates_the_graph(neo4j_address: neo4j_server.Address, mine: Path, unique: str) -> None:
    with mine.open("a") as file:
        awkward = 'I like \\u0027 it\'s \\ a "test" \\'
        file.write(
            json.dumps({"user_id": f"alice-{unique}", "session_id": f"s9-{unique}", "id": "m9", "input": awkward})
            + "\n"
        )
    graphmem("ingest", str(mine), "--url", "memory.db")
    graphmem("export", "memory.cypher", "--url", "memory.db")
    lines = Path("memory.cypher").read_text().splitlines()
    statements = [line.removesuffix(";") for line in lines if not line.startswith(("CREATE INDEX", "DROP INDEX"))]
    with (
        neo4j.GraphDatabase.driver(neo4j_address.url, auth=neo4j_address.auth) as driver,
        driver.session() as session,
        session.begin_transaction() as transaction,
    ):
        for statement in statements:
            transaction.run(statement).consume()  # type: ignore[arg-type]

        def rows(query: str) -> list[dict[str, Any]]:
            return transaction.run(query, me=f"alice-{unique}").data()  # type: ignore[arg-type]

        assert rows("MATCH (m:Message {user_id: $me, id: 'm9'}) RETURN m.text AS text") == [{"text": awkward}]
        for query in (
            "MATCH (n {user_id: $me}) UNWIND labels(n) AS label RETURN label, count(*) AS n ORDER BY label",
            "MATCH (a {user_id: $me})-[r]->(b) RETURN type(r) AS type, count(*) AS n ORDER BY type",
            "MATCH (f:Fact {user_id: $me})-[:STATED_IN]->(m) RETURN f.text AS text, f.status AS status, m.id AS id ORDER BY text, id",
        ):
            there = rows(query)
            here = asked(
                "cypher", query.replace("{user_id: $me}", "").replace(" {user_id: $me}", ""), "--url", "memory.db"
            )
            assert there == here, query
        transaction.rollback()
