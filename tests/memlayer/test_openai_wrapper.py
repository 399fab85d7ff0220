"""memlayer's OpenAI wrapper with its graph in graphmem: real HTTP to a local server, on each store."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from memlayer import services
from memlayer.wrappers.openai import OpenAI
from openai_server import completion, openai_server, says

from graphmem import MemLayer
from graphmem.errors import StoreError
from graphmem.memlayer import GraphStorage

SAID = "My name is Maya and I work at Acme on Project Phoenix with Ana."
KNOWLEDGE = {
    "facts": [],
    "entities": [{"name": "Acme", "type": "Organization"}, {"name": "Ana", "type": "Person"}],
    "relationships": [
        {"subject": "User", "predicate": "works at", "object": "Acme"},
        {"subject": "Ana", "predicate": "works on", "object": "Project Phoenix"},
    ],
}


def calls(name, **arguments):
    """A completion that calls one tool."""
    call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    return completion([{"index": 0, "message": message, "finish_reason": "tool_calls"}])


def script(tool=None):
    """A server that reads KNOWLEDGE in every text, finds Ana in every question, and calls ``tool`` once."""

    def answer(body):
        first = body["messages"][0]["content"] or ""
        if "Knowledge Graph Engineer" in first:
            return says(KNOWLEDGE)
        if "entity extraction model" in first:
            return says({"entities": ["ana"]})
        asked = body["messages"][-1]["role"] == "user"
        return tool if tool is not None and asked else says("All right.")

    return answer


@pytest.fixture
def connect(tmp_path):
    """Wrappers with a graph of ours; they are closed in the end, and their graphs twice."""
    made = []

    def connect(server, graph, **more):
        client = OpenAI(
            api_key="no-key",
            base_url=server.base_url,
            model="m",
            operation_mode="lightweight",
            storage_path=str(tmp_path / "memlayer"),
            **more,
        )
        client._graph_storage = graph
        made.append(client)
        return client

    yield connect
    for client in made:
        client.close()
        client.close()
    assert not (tmp_path / "memlayer").exists()


def chat(client, text):
    """Chat and wait for what goes on behind it."""
    answer = client.chat([{"role": "user", "content": text}])
    assert client.consolidation_service._consolidation_complete.wait(600)
    return answer


def test_what_is_said_in_a_chat_is_in_the_users_graph_and_facts(memory, user_id, connect):
    with openai_server(script=script()) as server:
        client = connect(server, GraphStorage(memory, user_id), user_id="maya")
        assert chat(client, SAID) == "All right."
        client.close()
    again = GraphStorage(memory, user_id)
    assert again.get_subgraph_context("User") == ["(Concept) User --[works at]--> (Organization) Acme"]
    assert {f.text for f in memory.facts(user_id)} >= {"works at Acme", "Ana works on Project Phoenix"}
    assert GraphStorage(memory, f"{user_id}-other").get_all_memories_for_curation() == []


def test_a_task_that_the_model_schedules_is_told_when_it_is_due(memory, user_id, connect):
    due = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(time.time() - 60))
    task = calls("schedule_task", task_description="Call Ana", due_date=due)
    with openai_server(script=script(task)) as server:
        client = connect(server, GraphStorage(memory, user_id), user_id="maya")
        assert chat(client, "Remind me to call Ana.") == "All right."
        assert "Task successfully scheduled" in server.requests[-1]["messages"][-1]["content"]
    with openai_server(script=script()) as server:
        client = connect(server, GraphStorage(memory, user_id), user_id="maya")
        chat(client, "Hello again, I am Maya.")
        reminded = [b["messages"][0]["content"] for b in server.requests if "tools" in b]
    assert "REMINDER: Call Ana" in reminded[0]


def test_the_memory_tool_finds_the_graph_by_a_deep_search(memory, user_id, connect):
    class Vectors:
        def get_embeddings(self, texts):
            return [[1.0] for _ in texts]

        def search_memories(self, query_embedding, user_id, top_k):
            return []

    graph = GraphStorage(memory, user_id)
    graph.add_entity("Ana", "Person")
    graph.add_relationship("Ana", "works on", "Project Phoenix")
    with openai_server(script=script(calls("search_memory", query="Who is Ana?", search_tier="deep"))) as server:
        client = connect(server, graph, user_id="maya")
        client._search_service = services.SearchService(Vectors(), graph, Vectors())
        chat(client, "Who is Ana?")
        told = [m["content"] for b in server.requests for m in b["messages"] if m["role"] == "tool"]
    assert "(Person) Ana --[works on]--> (Concept) Project Phoenix" in told[0]
    assert graph.graph.nodes["Ana"]["access_count"] == 1


def test_a_streamed_chat_is_kept_too(memory, user_id, connect):
    with openai_server(script=script()) as server:
        client = connect(server, GraphStorage(memory, user_id), user_id="maya")
        answer = "".join(client.chat([{"role": "user", "content": SAID}], stream=True))
        assert answer == "All right."
        assert client.consolidation_service._consolidation_complete.wait(600)
    assert "works at Acme" in {f.text for f in memory.facts(user_id)}


async def test_a_wrapper_in_threads_of_an_asynchronous_program(store_config, user_id, connect):
    async with MemLayer(config=store_config) as memory:
        with openai_server(script=script()) as server:
            clients = [connect(server, GraphStorage(memory, f"{user_id}-{n}"), user_id="maya") for n in range(4)]
            answers = await asyncio.gather(*(asyncio.to_thread(chat, client, SAID) for client in clients))
            assert answers == ["All right."] * 4
            for n in range(4):
                assert "works at Acme" in {f.text for f in await memory.facts(f"{user_id}-{n}")}
            with pytest.raises(StoreError, match=r"asyncio\.to_thread"):
                clients[0].graph_storage.get_pending_tasks()
            await asyncio.gather(*(asyncio.to_thread(client.close) for client in clients))
