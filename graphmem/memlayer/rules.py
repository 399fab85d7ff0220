"""How memlayer's own graph behaves, as pure functions on a graph: which names are one node, and what its questions answer.

Node names are compared by words and case as memlayer compares them, so that a program that moves here from its
``NetworkXStorage`` sees the same nodes. A node is ``name -> attributes``, an edge ``(from, to) -> {"type": predicate}``; an edge
with ``ended`` is one whose fact does not hold any more, and no answer tells it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from networkx import DiGraph

    Graph = DiGraph[str]

CONCEPT = "Concept"
TASK = "Task"
PENDING = "pending"
SAME_ENTITY = 0.85
"""Share of words in common from which two names of the same type are one entity."""
_UNNAMED_RELATION = "related to"


class Edge(NamedTuple):
    """An edge that was added; ``moved_from`` is the edge that it replaces, when two nodes became one."""

    start: str
    end: str
    moved_from: tuple[str, str] | None = None


class Draft:
    """A graph that is being changed, with a note of what was added, in order, and which nodes went.

    Args:
        graph: changed in place.
        now: the time (Unix seconds) that new nodes are given.
    """

    def __init__(self, graph: Graph, now: float) -> None:
        self.graph = graph
        self.now = now
        self.new_nodes: list[str] = []
        self.new_edges: list[Edge] = []
        self.gone: set[str] = set()

    def add_entity(self, name: str, node_type: str, metadata: Mapping[str, Any] | None = None) -> str:
        """Add a node unless it is there by this or a longer name; return the name that it goes by."""
        if not name.strip():
            return name
        canonical, shorter = canonical_name(self.graph, name, node_type)
        if shorter is not None:
            self._merge(shorter, canonical)
        if not self.graph.has_node(canonical):
            self._add_node(canonical, {**new_attributes(node_type, self.now), **(metadata or {})})
        return canonical

    def add_relationship(
        self, subject: str, predicate: str, object: str, metadata: Mapping[str, Any] | None = None
    ) -> None:
        """Add an edge unless there is one in this direction; ends that are missing come into being as concepts."""
        start = self.add_entity(subject, CONCEPT, metadata)
        end = self.add_entity(object, CONCEPT, metadata)
        if not self.graph.has_edge(start, end) or self.graph.edges[start, end].get("ended"):
            self._add_edge(Edge(start, end), {"type": predicate})

    def add_task(self, task_id: str, description: str, due_timestamp: float, user_id: str) -> None:
        """Add a task and join it to the node of its user."""
        attributes = {"type": TASK, "description": description, "due_timestamp": due_timestamp, "status": PENDING}
        self._add_node(task_id, {**attributes, "user_id": user_id, "created_timestamp": self.now})
        if user_id:
            self.add_entity(user_id, "User")
            self.add_relationship(user_id, "has_task", task_id)

    def _add_node(self, name: str, attributes: Mapping[str, Any]) -> None:
        self.graph.add_node(name, **attributes)
        self.new_nodes.append(name)

    def _add_edge(self, edge: Edge, data: Mapping[str, Any]) -> None:
        for end in edge[:2]:
            if not self.graph.has_node(end):
                self._add_node(end, {})
        if self.graph.has_edge(edge.start, edge.end):
            self.graph.remove_edge(edge.start, edge.end)
        self.graph.add_edge(edge.start, edge.end, **data)
        self.new_edges.append(edge)

    def _merge(self, old: str, new: str) -> None:
        """Let the node ``old`` go by the name ``new``, with its edges."""
        if old == new:
            return
        if not self.graph.has_node(new):
            self._add_node(new, dict(self.graph.nodes[old]))
        for before in list(self.graph.predecessors(old)):
            self._move((before, old), (before, new))
        for after in list(self.graph.successors(old)):
            self._move((old, after), (new, after))
        self.graph.remove_node(old)
        self.gone.add(old)
        self.new_nodes = [name for name in self.new_nodes if name != old]
        self.new_edges = [edge for edge in self.new_edges if old not in edge[:2]]

    def _move(self, source: tuple[str, str], target: tuple[str, str]) -> None:
        if not self.graph.has_edge(*target):
            self._add_edge(Edge(*target, moved_from=source), dict(self.graph.edges[source]))


def new_attributes(node_type: str, now: float) -> dict[str, Any]:
    """Return what memlayer notes with a new node; ``now`` in Unix seconds."""
    return {
        "type": node_type,
        "status": "active",
        "access_count": 0,
        "created_timestamp": now,
        "last_accessed_timestamp": now,
        "importance_score": 0.5,
        "expiration_timestamp": None,
    }


def canonical_name(graph: Graph, name: str, node_type: str) -> tuple[str, str | None]:
    """Return the name that ``name`` goes by, and the node that has to be renamed to it, if any.

    Of names of one type whose words are contained in one another the longer one stays ("Dr. Watson" and "Dr. Emma Watson").
    """
    known = [node for node, data in graph.nodes(data=True) if data.get("type") == node_type]
    lowered = name.lower().strip()
    for node in known:
        if node.lower() == lowered:
            return node, None
    words = lowered.split()
    for node in known:
        theirs = node.lower().split()
        if set(theirs) <= set(words):
            return (name, node) if len(words) > len(theirs) else (node, None)
        if set(words) <= set(theirs):
            return node, None
    best, share = None, 0.0
    for node in known:
        alike = _words_in_common(set(words), set(node.lower().split()))
        if alike >= SAME_ENTITY and alike > share:
            best, share = node, alike
    if best is None:
        return name, None
    return (name, best) if len(name) > len(best) else (best, None)


def matching_nodes(graph: Graph, query: str, threshold: float) -> list[str]:
    """Return the node called ``query`` whatever its case, else those that contain it, are contained in it or share words, best first."""
    if not query.strip():
        return []
    lowered = query.lower()
    for node in graph.nodes():
        if node.lower() == lowered:
            return [node]
    words = set(lowered.split())
    found: list[tuple[str, float]] = []
    for node in graph.nodes():
        other = node.lower()
        if lowered in other or other in lowered:
            found.append((node, 1.0))
        elif (theirs := set(other.split())) and (alike := _words_in_common(words, theirs)) >= threshold:
            found.append((node, alike))
    return [node for node, _ in sorted(found, key=lambda one: one[1], reverse=True)]


def related_concepts(graph: Graph, name: str, limit: int) -> list[dict[str, Any]]:
    """Return the neighbours of a node, those that its own edges lead to first."""
    if not graph.has_node(name):
        return []
    found = [
        {"name": end, "relationship_type": _type(graph, name, end), "type": _node_type(graph, end)}
        for end in graph.successors(name)
    ]
    found += [
        {
            "name": start,
            "relationship_type": f"is {_type(graph, start, name)} of",
            "type": _node_type(graph, start),
        }
        for start in graph.predecessors(name)
    ]
    return found[: max(limit, 0)]


def subgraph_lines(graph: Graph, name: str, depth: float) -> Iterator[str]:
    """Yield the edges between the nodes that at most ``depth`` edges lead to from ``name``, as memlayer writes them."""
    import networkx as nx

    if graph.has_node(name):
        for start, end in nx.ego_graph(graph, name, radius=depth).edges():
            yield f"({_node_type(graph, start)}) {start} --[{_type(graph, start, end)}]--> ({_node_type(graph, end)}) {end}"


def drop_ended(graph: Graph) -> Graph:
    """Take the edges that have ended out of ``graph`` and return it."""
    graph.remove_edges_from([(start, end) for start, end, data in graph.edges(data=True) if data.get("ended")])
    return graph


def _words_in_common(some: set[str], others: set[str]) -> float:
    union = some | others
    return len(some & others) / len(union) if union else 0.0


def _type(graph: Graph, start: str, end: str) -> Any:
    return graph.edges[start, end].get("type", _UNNAMED_RELATION)


def _node_type(graph: Graph, name: str) -> Any:
    return graph.nodes[name].get("type", CONCEPT)
