"""`graphmem.memlayer.GraphStorage` by itself, on each store: durable, one for each user, and one with the memory.

What it answers on the same calls as memlayer's own is compared in ``tests/memlayer``.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time

import pytest

from graphmem import MemLayer, MemLayerConfig
from graphmem.errors import ConfigError, GraphMemError, InvalidInteraction, StoreError, StoreUnavailable
from graphmem.memlayer import GraphStorage
from graphmem.sync import MemLayer as Blocking

LINE = re.compile(r"\((.+?)\) (.+?) --\[(.+)\]--> \((.+?)\) (.+)")


@pytest.fixture
def memory(store_config):
    with Blocking(config=store_config) as memory:
        yield memory


@pytest.fixture
def graph(memory, user_id):
    return GraphStorage(memory, user_id)


def words_about(memory, user_id, word):
    """Everything that is stored of a user and holds ``word``."""
    said = [f"{m.text} {m.metadata}" for m in memory.messages(user_id=user_id)]
    return [text for text in [*said, *(f"{f.text} {f.evidence}" for f in memory.facts(user_id))] if word in text]


def test_it_is_there_in_another_process_and_after_closing_twice(store_config, user_id):
    with Blocking(config=store_config) as memory:
        graph = GraphStorage(memory, user_id)
        graph.add_relationship("Ana", "works on", "Atlas")
        task = graph.add_task("Call Ana", time.time() + 60, "default_user")
        graph.track_memory_access(["Ana", "Ana", "unknown"])
        graph.close()
        graph.close()
        assert graph.graph.has_node("Ana")
        before = graph.get_all_memories_for_curation()
    if store_config.connection_url == ":memory:":
        return
    with Blocking(config=store_config) as memory:
        graph = GraphStorage(memory, user_id)
        assert graph.get_all_memories_for_curation() == before
        assert [t["id"] for t in graph.get_pending_tasks()] == [task]
        assert graph.graph.nodes["Ana"]["access_count"] == 2


def test_users_with_the_same_words_have_graphs_of_their_own(memory, user_id):
    ana, ben = (GraphStorage(memory, f"{user_id}-{name}") for name in ("ana", "ben"))
    ana.add_relationship("User", "lives in", "Porto")
    task = ana.add_task("Call Eve", 1.0, "default_user")
    ben.add_entity("Porto", "Wine")
    assert ben.get_subgraph_context("User", 3) == []
    assert ben.get_related_concepts("Porto") == []
    assert ben.get_due_tasks_for_user("default_user") == []
    assert ben.update_task_status(task, "completed") is False
    ben.delete_memory("User")
    ben.update_memory_status("User", "archived")
    ben.track_memory_access(["User"])
    assert ana.get_subgraph_context("User") == ["(Concept) User --[lives in]--> (Concept) Porto"]
    assert ana.graph.nodes["User"]["status"] == "active"
    assert ana.graph.nodes["User"]["access_count"] == 0
    assert [t["id"] for t in ana.get_due_tasks_for_user("default_user")] == [task]


@pytest.mark.parametrize(
    "name",
    ["Robert'); DROP TABLE messages;--", "a\nb", "{name: 'x'}", "((A)) --[x]--> B", "日本", "‮evil", "\\", "a" * 5000],
)
def test_names_and_predicates_come_back_word_for_word(graph, memory, user_id, name):
    graph.add_relationship(name, f"is not {name}", "Atlas")
    assert graph.get_related_concepts(name) == [
        {"name": "Atlas", "relationship_type": f"is not {name}", "type": "Concept"}
    ]
    assert graph.find_matching_nodes(name.upper()) == [name] or name.upper().lower() != name.lower()
    (fact,) = memory.facts(user_id)
    assert fact.predicate == "RELATED_TO"
    graph.delete_memory(name)
    assert words_about(memory, user_id, name) == []


def test_lines_are_as_memlayer_reads_them(graph):
    graph.add_entity("Ana", "Person")
    graph.add_relationship("Ana", "is lead engineer for", "Atlas")
    (line,) = graph.get_subgraph_context("Ana")
    assert LINE.fullmatch(line).groups() == ("Person", "Ana", "is lead engineer for", "Concept", "Atlas")


def test_free_predicates_end_nothing(graph, memory, user_id):
    for city in ("Leeds", "Porto"):
        graph.add_relationship("User", "lives in", city)
    assert {(f.status, f.predicate, f.text) for f in memory.facts(user_id)} == {
        ("current", "RELATED_TO", "lives in Leeds"),
        ("current", "RELATED_TO", "lives in Porto"),
    }
    assert len(graph.get_subgraph_context("User")) == 2


def test_typed_predicates_are_those_of_the_catalogue_and_the_graph_tells_what_holds(memory, user_id):
    graph = GraphStorage(memory, user_id, typed=True)
    graph.add_entity("Ana", "Person")
    graph.add_entity("Acme", "Company")
    graph.add_relationship("Ana", "works_at", "Acme")
    graph.add_relationship("User", "lives in", "Leeds")
    graph.add_relationship("User", "LIVES_IN", "Porto")
    graph.add_relationship("Atlas", "lives in", "Porto")
    graph.add_relationship("User", "collaborates closely with", "Ana")
    facts = {(f.status, f.predicate, f.text) for f in memory.facts(user_id) if f.predicate != "IS_A"}
    assert facts == {
        ("current", "WORKS_AT", "Ana works at Acme"),
        ("ended", "LIVES_IN", "lived in Leeds"),
        ("current", "LIVES_IN", "lives in Porto"),
        ("current", "RELATED_TO", "Atlas lives in Porto"),
        ("current", "RELATED_TO", "collaborates closely with Ana"),
    }
    assert graph.get_subgraph_context("User") == [
        "(Concept) User --[LIVES_IN]--> (Concept) Porto",
        "(Concept) User --[collaborates closely with]--> (Person) Ana",
    ]
    rows = memory.cypher("MATCH (:User)-[:LIVES_IN]->(p:Place) RETURN p.name AS city", user_id=user_id)
    assert rows == [{"city": "Porto"}]
    graph.add_relationship("User", "lives in", "Leeds")
    assert [f.text for f in memory.facts(user_id, status="current", predicate="LIVES_IN")] == ["lives in Leeds"]
    assert graph.get_subgraph_context("User")[-1] == "(Concept) User --[lives in]--> (Concept) Leeds"


def test_an_old_home_does_not_come_back_when_its_node_gets_a_longer_name(memory, user_id):
    graph = GraphStorage(memory, user_id, typed=True)
    for city in ("Leeds", "Porto"):
        graph.add_relationship("User", "lives in", city)
    assert graph.add_entity("Leeds West", "Concept") == "Leeds West"
    current = memory.facts(user_id, status="current", predicate="LIVES_IN")
    assert [f.text for f in current] == ["lives in Porto"]
    assert words_about(memory, user_id, "Leeds") == words_about(memory, user_id, "Leeds West")


def test_a_typed_task_is_a_plan_until_it_is_done(memory, user_id):
    graph = GraphStorage(memory, user_id, typed=True)
    task = graph.add_task("Call Ana", 4102444800.0, "maya")
    assert [(f.predicate, f.text) for f in memory.facts(user_id, status="current")] == [
        ("PLANS_TO", "plans to Call Ana (due 2100-01-01 00:00 UTC)")
    ]
    assert graph.update_task_status(task, "completed")
    assert memory.facts(user_id, status="current") == []
    assert graph.update_task_status(task, "pending")
    assert len(memory.facts(user_id, status="current")) == 1


def test_a_merged_name_leaves_nothing_of_the_old_one(graph, memory, user_id):
    graph.add_entity("Dr. Watson", "Person", {"importance_score": 0.7})
    graph.add_relationship("Dr. Watson", "treats", "Maya")
    graph.add_relationship("Acme", "employs", "Dr. Watson")
    graph.track_memory_access(["Dr. Watson"])
    assert graph.add_entity("Dr. Emma Watson", "Person") == "Dr. Emma Watson"
    assert graph.add_entity("Dr. Watson", "Person") == "Dr. Emma Watson"
    assert words_about(memory, user_id, "Dr. Watson") == []
    assert {f.text for f in memory.facts(user_id, about="Dr. Emma Watson")} == {
        "Dr. Emma Watson is a Person",
        "Dr. Emma Watson treats Maya",
        "Acme employs Dr. Emma Watson",
    }
    node = graph.graph.nodes["Dr. Emma Watson"]
    assert (node["importance_score"], node["access_count"]) == (0.7, 1)


def test_forgetting_a_fact_a_message_a_session_or_a_user_takes_it_out_of_the_graph(graph, memory, user_id):
    graph.add_entity("Ana", "Person")
    graph.add_relationship("Ana", "works on", "Atlas")
    graph.add_relationship("Ana", "lives in", "Porto")
    task = graph.add_task("Call Ana", 1.0, "maya")
    facts = {f.text.split(" (")[0]: f.id for f in memory.facts(user_id)}
    memory.forget(user_id=user_id, fact_id=facts["Ana works on Atlas"])
    assert graph.get_subgraph_context("Ana") == ["(Person) Ana --[lives in]--> (Concept) Porto"]
    graph.add_relationship("Ana", "works on", "Atlas")
    assert len(graph.get_subgraph_context("Ana")) == 2
    memory.forget(user_id=user_id, fact_id=facts["Ana is a Person"])
    assert graph.get_subgraph_context("Ana")[0].startswith("(Concept) Ana")
    memory.forget(user_id=user_id, fact_id=facts["has the task Call Ana"])
    assert graph.get_due_tasks_for_user("maya") == []
    assert graph.update_task_status(task, "completed") is False
    (message,) = [m for m in memory.messages(graph.session_id) if m.text == "Ana lives in Porto"]
    memory.forget(session_id=graph.session_id, message_id=message.id)
    assert graph.get_subgraph_context("Ana") == ["(Concept) Ana --[works on]--> (Concept) Atlas"]
    memory.forget(session_id=graph.session_id)
    assert graph.get_all_memories_for_curation() == []
    graph.add_entity("Ana", "Person")
    memory.forget(user_id=user_id)
    assert not graph.graph.has_node("Ana")
    assert memory.stats(user_id).messages == 0


def test_deleting_takes_everything_with_the_name_and_nothing_else(graph, memory, user_id):
    memory.store(f"chat-{user_id}", {"input": "I live in Porto.", "output": "Nice."}, user_id)
    graph.add_entity("Secret 77", "Code")
    for other in ("Ana", "Ben"):
        graph.add_relationship("Secret 77", "is known to", other)
        graph.add_relationship(other, "guards", "Secret 77")
    graph.update_memory_status("Secret 77", "archived")
    graph.track_memory_access(["Secret 77", "Ana"])
    graph.delete_memory("Secret 77")
    graph.delete_memory("Secret 77")
    graph.delete_memory("mem_0123456789abcdef")
    assert words_about(memory, user_id, "Secret") == []
    assert {m["id"]: m["access_count"] for m in graph.get_all_memories_for_curation()} == {"Ana": 1, "Ben": 0}
    assert [f.text for f in memory.facts(user_id)] == ["lives in Porto"]


def test_many_looks_are_counted_and_do_not_pile_up(store_config, user_id):
    with Blocking(config=MemLayerConfig(connection_url=":memory:")) as memory:
        graph = GraphStorage(memory, user_id)
        graph.add_entity("Ana", "Person")
        for _ in range(150):
            graph.track_memory_access(["Ana"])
        assert graph.graph.nodes["Ana"]["access_count"] == 150
        assert len(memory.messages(graph.session_id)) < 70


def test_looks_at_more_nodes_than_fit_into_one_message_are_counted():
    with Blocking(config=MemLayerConfig(connection_url=":memory:", extractor="none")) as memory:
        graph = GraphStorage(memory, "maya")
        names = [f"node{n}" for n in range(1200)]
        scribe = graph._scribe
        for some in (names[:600], names[600:]):
            notes = [scribe.unsaid_node(name, {"type": "Concept"}) for name in some]
            memory.load(record for note in notes for record in note.records)
        for _ in range(66):
            graph.track_memory_access(names)
        assert {data["access_count"] for _, data in graph.graph.nodes(data=True)} == {66}
        assert len(memory.messages(graph.session_id)) < 1200 + 200


def test_relationships_outlive_messages_that_have_passed_their_time(tmp_path):
    path = str(tmp_path / "graphmem.db")
    with Blocking(config=MemLayerConfig(connection_url=path)) as memory:
        graph = GraphStorage(memory, "maya")
        graph.add_entity("Ana", "Person")
        graph.add_relationship("Ana", "works on", "Atlas")
        graph.add_task("Call Ana", 1.0, "maya")
    time.sleep(0.01)
    with Blocking(config=MemLayerConfig(connection_url=path, ttl=0.001)) as memory:
        memory.expire()
        graph = GraphStorage(memory, "maya")
        assert memory.messages(graph.session_id) == []
        assert graph.get_subgraph_context("Ana") == ["(Person) Ana --[works on]--> (Concept) Atlas"]
        assert graph.get_pending_tasks() == []
    with Blocking(config=MemLayerConfig(connection_url=path)) as memory:
        graph = GraphStorage(memory, "maya")
        graph.track_memory_access(["Ana"])
        graph.update_memory_status("Atlas", "archived")
        assert graph.graph.nodes["Ana"]["access_count"] == 1
        assert graph.graph.nodes["Atlas"]["status"] == "archived"
        graph.delete_memory("Ana")
        assert words_about(memory, "maya", "Ana works") == []
        assert [m["id"] for m in graph.get_all_memories_for_curation()] == ["Atlas"]


def test_threads_lose_nothing_and_double_nothing(graph, memory, user_id):
    graph.add_entity("Hub", "Concept")
    failures = []

    def work(number):
        try:
            for step in range(4):
                graph.add_relationship("Hub", f"knows {number}", f"Person{number}x{step}")
                graph.add_entity("Shared", "Person")
                graph.track_memory_access(["Hub"])
                graph.get_subgraph_context("Hub")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(graph.get_subgraph_context("Hub")) == 24
    assert graph.graph.nodes["Hub"]["access_count"] == 24
    assert len([m for m in memory.messages(graph.session_id) if m.text == "Shared is a Person"]) == 1


def test_two_storages_of_one_user_see_each_others_changes(memory, user_id):
    one, other = GraphStorage(memory, user_id), GraphStorage(memory, user_id)
    one.add_relationship("Ana", "works on", "Atlas")
    assert other.add_entity("ana", "Concept") == "Ana"
    other.track_memory_access(["Ana"])
    one.track_memory_access(["Ana"])
    assert one.graph.nodes["Ana"]["access_count"] == other.graph.nodes["Ana"]["access_count"] == 2


async def test_an_asynchronous_memory_is_called_from_threads(store_config, user_id):
    async with MemLayer(config=store_config) as memory:
        graph = GraphStorage(memory, user_id)
        await asyncio.gather(*(asyncio.to_thread(graph.add_relationship, "Ana", "knows", f"P{n}") for n in range(5)))
        assert len(await asyncio.to_thread(graph.get_subgraph_context, "Ana")) == 5
        assert len(await memory.facts(user_id)) == 5
        with pytest.raises(StoreError, match=r"await asyncio\.to_thread"):
            graph.get_pending_tasks()


def test_an_event_loop_that_has_ended_is_an_error_and_no_wait(store_config, user_id):
    async def make():
        async with MemLayer(config=store_config) as memory:
            return GraphStorage(memory, user_id)

    graph = asyncio.run(make())
    with pytest.raises(StoreUnavailable, match=r"graphmem\.sync\.MemLayer"):
        graph.get_pending_tasks()


def test_a_memory_that_is_none_is_refused_with_what_to_do():
    with pytest.raises(ConfigError, match=r"graphmem\.sync\.MemLayer"):
        GraphStorage(MemLayer(), "maya")
    with pytest.raises(ConfigError, match=r"graphmem\.sync\.MemLayer"):
        GraphStorage("graphmem.db", "maya")


def test_bad_arguments_are_refused_in_one_line(memory, user_id, graph):
    for user in ("", None, 7):
        with pytest.raises(InvalidInteraction, match="user_id must be a text"):
            GraphStorage(memory, user)
    with pytest.raises(ConfigError, match="typed"):
        GraphStorage(memory, user_id, typed="yes")
    wrong = [
        lambda: graph.add_entity(5),
        lambda: graph.add_entity("Ana", "Person", {"x": object()}),
        lambda: graph.add_entity("Ana", "Person", {"x": float("nan")}),
        lambda: graph.add_entity("Ana", "Person", ["x"]),
        lambda: graph.add_entity("\ud800", "Person"),
        lambda: graph.add_entity("a" * 70_000, "Person"),
        lambda: graph.add_relationship("Ana", ["knows"], "Ben"),
        lambda: graph.update_memory_status("Ana", None),
        lambda: graph.update_task_status("task_0", 3),
        lambda: graph.find_matching_nodes(5),
    ]
    for call in wrong:
        with pytest.raises(GraphMemError) as caught:
            call()
        assert "\n" not in str(caught.value)
    assert graph.get_all_memories_for_curation() == []


@pytest.mark.parametrize("due", [0, None, "tomorrow", float("nan"), float("inf")])
def test_a_task_without_a_time_is_none(graph, due):
    assert graph.add_task("Call Ana", due, "maya") == ""
    assert graph.add_task("", 1.0, "maya") == ""
    assert graph.get_pending_tasks() == []


def test_a_closed_memory_is_an_error(user_id):
    memory = Blocking(config=MemLayerConfig(connection_url=":memory:"))
    graph = GraphStorage(memory, user_id)
    graph.add_entity("Ana")
    memory.close()
    with pytest.raises(StoreError, match="closed"):
        graph.get_pending_tasks()
    graph.close()


def test_a_store_that_is_down_is_an_error():
    config = MemLayerConfig(provider="neo4j", connection_url="bolt://127.0.0.1:9", auth=("neo4j", "x"))
    with Blocking(config=config) as memory:
        graph = GraphStorage(memory, "maya")
        with pytest.raises(StoreUnavailable):
            graph.get_due_tasks_for_user("maya")
        with pytest.raises(StoreUnavailable):
            graph.add_relationship("Ana", "knows", "Ben")
        graph.close()


def test_what_was_begun_and_not_finished_is_not_in_the_graph_and_can_be_done_again(memory, graph, user_id):
    """A process that dies between a message and its statement leaves nothing that counts."""
    note = graph._scribe.edge(("Ana", {}), "works on", ("Atlas", {}), said_at=None)
    memory.load([record for record in note.records if record["type"] == "message"])
    assert graph.get_all_memories_for_curation() == []
    graph.add_relationship("Ana", "works on", "Atlas")
    assert graph.get_subgraph_context("Ana") == ["(Concept) Ana --[works on]--> (Concept) Atlas"]
    graph.delete_memory("Ana")
    assert words_about(memory, user_id, "Ana") == []


def test_what_somebody_says_in_the_session_of_the_graph_is_not_the_graph(memory, graph, user_id):
    """Content counts only where the graph itself wrote it: no user's message is one of those."""
    said = {"node": "Eve", "attributes": {"type": "Person"}, "said": False}
    for content in (said, 5, [], "node", None):
        memory.store(graph.session_id, {"input": "Hello", "output": "Hi", "metadata": {"memlayer": content}}, user_id)
    assert graph.get_all_memories_for_curation() == []


def test_the_store_is_as_it_should_be_afterwards(memory, graph, user_id):
    graph.add_entity("Dr. Watson", "Person")
    graph.add_relationship("Dr. Watson", "treats", "User")
    graph.add_relationship("Ana", "knows", "Ana")
    graph.add_entity("Dr. Emma Watson", "Person")
    task = graph.add_task("Call Ana", 1.0, "maya")
    graph.update_task_status(task, "completed")
    graph.delete_memory("Ana")
    assert memory.check(user_id) == []
    assert memory.stats(user_id).pending == 0


def test_a_session_that_somebody_else_took_is_an_error_and_shows_nothing(memory, user_id, graph):
    memory.store(graph.session_id, {"input": "I live in Porto.", "output": "Nice."}, f"{user_id}-thief")
    with pytest.raises(GraphMemError, match="belongs to another user"):
        graph.add_entity("Ana")


def test_an_exported_graph_is_the_same_after_it_is_read_back(memory, graph, user_id):
    graph.add_relationship("Ana", "works on", "Atlas")
    graph.add_task("Call Ana", 5.0, "maya")
    graph.track_memory_access(["Ana"])
    with Blocking(config=MemLayerConfig(connection_url=":memory:")) as other:
        other.load(memory.export(user_id))
        copy = GraphStorage(other, user_id)
        assert copy.get_all_memories_for_curation() == graph.get_all_memories_for_curation()
        assert copy.get_pending_tasks() == graph.get_pending_tasks()
        assert copy.get_subgraph_context("Ana", 2) == graph.get_subgraph_context("Ana", 2)
