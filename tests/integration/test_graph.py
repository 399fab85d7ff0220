"""``memory.graph``: the same networkx graph on every store and of both facades, and of nobody else's facts."""

from __future__ import annotations

import networkx
import pytest

from graphmem import MemLayer, MemLayerConfig, sync
from graphmem.errors import InvalidInteraction
from graphmem.page.graph import MemoryGraph


def triples(graph: MemoryGraph) -> set[tuple[str, str, str, str]]:
    return {
        (graph.nodes[a]["label"], data["predicate"], graph.nodes[b]["name"], data["status"])
        for a, b, data in graph.edges(data=True)
    }


async def test_the_graph_of_a_user_is_that_users_alone(store_config: MemLayerConfig, user_id: str, unique: str) -> None:
    async with MemLayer(store_config) as memory:
        for number, text in enumerate(["I live in Leeds.", "I moved to Porto."]):
            await memory.store(f"{unique}-{number}", {"input": text, "output": "ok"}, user_id=user_id)
        await memory.store(f"{unique}-other", {"input": "I live in Oslo.", "output": "ok"}, user_id=f"{user_id}-other")
        graph = await memory.graph(user_id=user_id)
        facts = await memory.facts(user_id=user_id)
    assert isinstance(graph, networkx.MultiDiGraph)
    assert triples(graph) == {("User", "LIVES_IN", "Leeds", "ended"), ("User", "LIVES_IN", "Porto", "current")}
    assert graph.facts == facts
    assert "I moved to Porto." in graph.to_html()
    assert "Oslo" not in graph.to_html().partition('id="content"')[2].partition("</script>")[0]


def test_the_blocking_facade_gives_the_same(sqlite_config: MemLayerConfig) -> None:
    with sync.MemLayer(sqlite_config) as memory:
        memory.store("s", {"input": "I live in Leeds.", "output": "ok"}, user_id="alice")
        assert triples(memory.graph("alice")) == {("User", "LIVES_IN", "Leeds", "current")}


async def test_of_an_unknown_user_there_is_the_user_alone(sqlite_config: MemLayerConfig) -> None:
    async with MemLayer(sqlite_config) as memory:
        graph = await memory.graph("nobody")
        assert [data["label"] for _, data in graph.nodes(data=True)] == ["User"]
        assert not graph.edges
        assert "What is known about nobody" in graph.to_html()
        with pytest.raises(InvalidInteraction):
            await memory.graph("")
