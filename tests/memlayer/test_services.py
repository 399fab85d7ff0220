"""memlayer's own services on a `GraphStorage`: what they keep is in the memory, and what is forgotten there is gone here."""

from __future__ import annotations

import threading
import time

from memlayer import services

from graphmem.memlayer import GraphStorage

KNOWLEDGE = {
    "facts": [{"fact": "Ana works on Project Phoenix."}],
    "entities": [{"name": "Ana", "type": "Person"}, {"name": "Project Phoenix", "type": "Project"}, "Lisbon"],
    "relationships": [
        {"subject": "Ana", "predicate": "works on", "object": "Project Phoenix"},
        {"subject": "Project Phoenix", "predicate": "is run from", "object": "Lisbon"},
        {"subject": "The user", "predicate": "collaborates closely with", "object": "Ana"},
        {"subject": "Ana", "predicate": "", "object": "Lisbon"},
    ],
}


class Model:
    """A language model that reads the same in every text."""

    def analyze_and_extract_knowledge(self, text):
        return KNOWLEDGE

    def extract_query_entities(self, query):
        return [word.strip("?.") for word in query.split() if word[0].isupper()]


class EverythingIsWorthSaving:
    """A gate that lets all pass."""

    def is_worth_saving(self, text):
        return True


class Vectors:
    """A vector store with nothing in it, and its embedding model: a deep search of memlayer needs some."""

    def get_embeddings(self, texts):
        return [[1.0] for _ in texts]

    def search_memories(self, query_embedding, user_id, top_k):
        return []


def consolidate(graph, user_id="default_user"):
    service = services.ConsolidationService(None, graph, None, EverythingIsWorthSaving(), Model())
    service.consolidate("a conversation", user_id)
    assert service._consolidation_complete.wait(600)


def search(graph, query):
    return services.SearchService(Vectors(), graph, Vectors()).search(query, "default_user", "deep", Model())["result"]


def test_what_is_consolidated_is_found_by_a_deep_search_and_counted(memory, user_id):
    graph = GraphStorage(memory, user_id)
    consolidate(graph)
    found = search(graph, "What does ana do? Tell me about Phoenix.")
    assert "(Project) Project Phoenix --[is run from]--> (Concept) Lisbon" in found
    assert "(Person) Ana --[works on]--> (Project) Project Phoenix" in search(graph, "Who is Ana?")
    counts = {m["id"]: m["access_count"] for m in graph.get_all_memories_for_curation()}
    assert counts["Project Phoenix"] == 2
    assert counts["The user"] == 0


def test_it_is_in_the_facts_the_search_the_context_and_the_cypher_of_the_memory(memory, user_id, session_id):
    consolidate(GraphStorage(memory, user_id))
    texts = {fact.text for fact in memory.facts(user_id, status="current")}
    assert {
        "Ana works on Project Phoenix",
        "Project Phoenix is run from Lisbon",
        "collaborates closely with Ana",
        "Ana is a Person",
        "Project Phoenix is a Project",
    } == texts
    assert {f.predicate for f in memory.facts(user_id)} == {"RELATED_TO", "IS_A"}
    assert memory.search("Phoenix", user_id, kind="fact")
    assert "Project Phoenix is run from Lisbon" in str(memory.get_context(session_id, user_id, "Where is Phoenix run?"))
    rows = memory.cypher("MATCH (u:User)-[:RELATED_TO]->(p:Person) RETURN p.name AS name", user_id=user_id)
    assert rows == [{"name": "Ana"}]


def test_nothing_is_read_from_what_is_kept_but_what_was_kept(memory, user_id):
    """The offline extractor does not read the messages of the graph: they are nobody's words."""
    graph = GraphStorage(memory, user_id)
    graph.add_relationship("The user", "said", "I live in Porto")
    memory.flush()
    assert [(f.predicate, f.text) for f in memory.facts(user_id)] == [("RELATED_TO", "said I live in Porto")]


def test_due_tasks_are_told_once_and_are_facts_until_they_are_done(memory, user_id):
    graph = GraphStorage(memory, user_id)
    assert graph.add_task("Call Ana", time.time() - 60, "default_user")
    assert graph.add_task("Pay the rent", time.time() + 3600, "default_user")
    facts = memory.facts(user_id, status="current")
    assert [f.text.split(" (due")[0] for f in facts] == ["has the task Pay the rent", "has the task Call Ana"]
    service = services.SearchService(None, graph, None)
    assert "REMINDER: Call Ana" in service.get_triggered_tasks_context("default_user")
    assert service.get_triggered_tasks_context("default_user") == ""
    assert [task["description"] for task in graph.get_pending_tasks()] == ["Pay the rent"]
    assert [f.text.split(" (due")[0] for f in memory.facts(user_id, status="ended")] == [
        "formerly: has the task Call Ana"
    ]
    assert [f.text.split(" (due")[0] for f in memory.facts(user_id, status="current")] == ["has the task Pay the rent"]


def test_the_scheduler_triggers_what_is_due(memory, user_id):
    graph = GraphStorage(memory, user_id)
    due, later = (graph.add_task("a task", time.time() + wait, "default_user") for wait in (-5, 3600))
    scheduler = services.SchedulerService(graph, check_interval_seconds=3600)
    scheduler.start()
    while len(graph.get_pending_tasks()) > 1:
        time.sleep(0.02)
    scheduler.stop()
    assert [task["id"] for task in graph.get_pending_tasks()] == [later]
    assert graph.graph.nodes[due]["status"] == "triggered"


def test_curation_forgets_what_has_expired_and_archives_what_nobody_asks_for(memory, user_id):
    graph = GraphStorage(memory, user_id)
    graph.add_entity("Door code 1234", "Secret", {"expiration_timestamp": time.time() - 1})
    graph.add_relationship("Door code 1234", "opens", "Office")
    graph.add_entity("Old thing", "Thing", {"importance_score": 0.01})
    graph.add_entity("Ana", "Person")
    curation = services.CurationService(None, graph, interval_seconds=3600)
    curation.start()
    while {m["id"]: m["status"] for m in graph.get_all_memories_for_curation()}.get("Old thing") == "active":
        time.sleep(0.02)
    curation.stop()
    left = {m["id"]: m["status"] for m in graph.get_all_memories_for_curation()}
    assert left == {"Old thing": "archived", "Office": "active", "Ana": "active"}
    assert not any("Door code" in f"{m.text}{m.metadata}" for m in memory.messages(user_id=user_id))
    assert not any("Door code" in f.text for f in memory.facts(user_id))


def test_conversations_of_several_users_at_once_stay_apart(memory, user_id):
    graphs = {name: GraphStorage(memory, f"{user_id}-{name}") for name in ("a", "b", "c")}

    def live(name):
        consolidate(graphs[name], user_id="default_user")
        graphs[name].add_relationship("Ana", "knows", f"Person of {name}")
        graphs[name].add_task(f"Task of {name}", 1.0, "default_user")

    threads = [threading.Thread(target=live, args=(name,)) for name in graphs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, graph in graphs.items():
        assert [m for m in graph.find_matching_nodes("person of") if m != f"Person of {name}"] == []
        assert [t["description"] for t in graph.get_due_tasks_for_user("default_user")] == [f"Task of {name}"]
        assert f"Person of {name}" in "\n".join(graph.get_subgraph_context("Ana"))
