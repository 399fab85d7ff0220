"""An export as GraphML or as Cypher text is the whole graph: what a query on the store finds is there, and nothing else."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import neo4j
import neo4j_server
import networkx
import pytest
from command_line import graphmem
from neo4j.exceptions import DriverError, Neo4jError

from graphmem import MemLayer, MemLayerConfig

NODES = "MATCH (n) RETURN labels(n) AS labels, properties(n) AS node"
EDGES = """\
MATCH (a)-[r]->(b)
RETURN labels(a) AS start_labels, a.id AS start, a.session_id AS start_session, type(r) AS type, properties(r) AS properties,
       labels(b) AS end_labels, b.id AS end, b.session_id AS end_session"""
HOSTILE = "I like 'tea' \\ \"milk\"; \\u0027 </data> & ]]> \u2028 ${x} `y` // no comment"


@pytest.fixture
def filled() -> str:
    """A store with two users of whom much is known and one of whom nothing is, and with what was forgotten."""

    async def fill() -> None:
        async with MemLayer(MemLayerConfig(connection_url="memory.db", extractor="rules")) as memory:
            for user in ("ana", "bo 'b'"):
                said = [
                    "I live in Leeds.",
                    "My sister Ida works at Siemens. I don't own a car.",
                    "I moved to Porto in May 2024.",
                    "I live in Leeds, and I volunteer at the shelter.",
                    HOSTILE,
                ]
                for number, text in enumerate(said):
                    interaction = {"input": text, "output": "I see.", "id": f"m{number}", "metadata": {"n": number}}
                    await memory.store(f"s-{user}-{number % 2}", interaction, user_id=user)
                await memory.forget(session_id=f"s-{user}-1", message_id="m3")
            await memory.store("s-quiet", {"input": "What time is it?"}, user_id="quiet")

    asyncio.run(fill())
    return "memory.db"


def test_graphml_in_networkx_is_the_graph(filled: str) -> None:
    graphmem("export", "memory.graphml", "--url", filled)
    graph = networkx.read_graphml("memory.graphml", force_multigraph=True)
    nodes, edges = _asked(filled)
    found = {}
    for key, data in graph.nodes(data=True):
        labels = data.pop("labels").split(":")
        assert data.pop("label") == labels[0]
        if "aliases" in data:
            data["aliases"] = json.loads(data["aliases"])
        found[key] = {"labels": labels, "node": data}
    assert _rows(found.values()) == _rows(nodes)
    told = [
        {
            **{f"start{k}": v for k, v in _end(found[start]).items()},
            **{f"end{k}": v for k, v in _end(found[end]).items()},
            "type": data.pop("type"),
            "properties": {name: value for name, value in data.items() if name != "id"},
        }
        for start, end, data in graph.edges(data=True)
    ]
    assert _rows(told) == _rows(edges)
    assert HOSTILE in {data["node"].get("text") for data in found.values()}


@pytest.mark.slow
@pytest.mark.neo4j
def test_cypher_text_on_an_empty_neo4j_is_the_graph(filled: str, empty_server: str) -> None:
    graphmem("export", "memory.cypher", "--url", filled)
    nodes, edges = _asked(filled)
    with neo4j.GraphDatabase.driver(empty_server) as driver, driver.session() as session:
        for line in Path("memory.cypher").read_text(encoding="utf-8").split("\n"):
            if line:
                session.run(line.removesuffix(";")).consume()  # type: ignore[arg-type]
        assert _rows(session.run(NODES).data()) == _rows(nodes)
        assert _rows(session.run(EDGES).data()) == _rows(edges)
        left = "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"
        assert session.run(left).data() == [], "nothing of the export's own stays"


@pytest.fixture
def empty_server(tmp_path: Path) -> Iterator[str]:
    """An empty Neo4j of the test's own."""
    version, port = neo4j_server.DEFAULT_VERSION, neo4j_server.free_port()
    try:
        java, jars = neo4j_server.java_for(version), neo4j_server.jars_of(version)
    except neo4j_server.NoServer as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(f"a server of its own cannot be started: {reason}")
    server = neo4j_server.start_java(java, jars, version, tmp_path / "neo4j", port)
    try:
        asyncio.run(_serving(f"bolt://127.0.0.1:{port}"))
        yield f"bolt://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


async def _serving(url: str) -> None:
    for _ in range(600):
        try:
            async with neo4j.AsyncGraphDatabase.driver(url, connection_timeout=1) as driver:
                await driver.execute_query("RETURN 1")
                return
        except (DriverError, Neo4jError, OSError):
            await asyncio.sleep(0.2)
    raise AssertionError("the server did not come up")


def _asked(url: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    async def ask() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        async with MemLayer(MemLayerConfig(connection_url=url, extractor="none")) as memory:
            return await memory.cypher(NODES, scope="all"), await memory.cypher(EDGES, scope="all")

    nodes, edges = asyncio.run(ask())
    assert len(nodes) > 40
    assert len(edges) > 60
    return nodes, edges


def _end(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "_labels": node["labels"],
        "": node["node"]["id"],
        "_session": node["node"].get("session_id"),
    }


def _rows(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Rows in an order of their own, with labels in theirs."""
    return sorted(
        json.dumps({k: sorted(v) if k.endswith("labels") else v for k, v in row.items()}, sort_keys=True)
        for row in rows
    )
