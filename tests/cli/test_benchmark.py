"""The benchmark: it runs, measures what it says it measures, and leaves nothing behind on a server."""

from __future__ import annotations

import json
import os

import neo4j
import pytest
from command_line import ROOT, environment, process
from neo4j_server import Address

BENCHMARK = (str(ROOT / "scripts" / "benchmark.py"),)
SMALL = ("--users", "1,2", "--messages", "2,12", "--rounds", "5", "--ingest", "10", "--json")


def test_it_explains_itself() -> None:
    assert os.access(BENCHMARK[0], os.X_OK)
    assert "Example:" in process("--help", script=BENCHMARK).stdout
    assert process("--rounds", "1", script=BENCHMARK).returncode == 2


@pytest.mark.slow
def test_every_figure_is_there_on_sqlite() -> None:
    done = process(*SMALL, "--facts", "1000", script=BENCHMARK)
    assert done.returncode == 0, done.stderr
    rows = {row["what"]: row for row in json.loads(done.stdout)}
    for users in ("1 users", "2 users"):
        assert {f"store, {users}", f"store, 16 at once, {users}", f"get_context, 12 messages, {users}"} <= set(rows)
    assert "get_context among 1,000 facts" in rows
    assert all(row["p50"] > 0 for row in rows.values())
    assert rows["get_context, 2 messages, 1 users"]["floor"] == "read"
    assert "database: " in done.stderr


@pytest.mark.slow
def test_nothing_stays_on_a_server(neo4j_address: Address) -> None:
    user, password = neo4j_address.auth or (None, None)
    login = {} if user is None else {"GRAPHMEM_USER": user, "GRAPHMEM_PASSWORD": str(password)}
    done = process(*SMALL, "--url", neo4j_address.url, script=BENCHMARK, env=environment(**login))
    assert done.returncode == 0, done.stderr
    with neo4j.GraphDatabase.driver(neo4j_address.url, auth=neo4j_address.auth) as driver:
        query = "MATCH (n) WHERE n.user_id STARTS WITH 'bench-' OR n:GraphmemBenchmark RETURN count(n) AS left"
        assert driver.execute_query(query).records[0]["left"] == 0
