"""The graph as messages and statements of one session, and back.

Each node, each edge, each change of a node and each look at some nodes is a message of its own, with its content as metadata, so that
writing is appending and the graph is a function of what is stored. What says something about the world (a node's type, an
edge, a task) is also a statement of that message: it is in the graph as long as its statement is in the ledger. So whatever
is forgotten of the ledger or of the session is gone here as well, and a statement that outlives its message still is an edge.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from extraction.records import USER_LABEL
from graphmem.memlayer.rules import CONCEPT, new_attributes
from graphmem.memlayer.wording import HAS_TASK
from graphmem.records import Fact, FactStatus, Message, Statement

if TYPE_CHECKING:
    from graphmem.memlayer.rules import Graph

KEY = "memlayer"
"""Where the content stands in the metadata of a message."""

ROLE = "tool"
"""Of the messages: nobody said them, so nothing is read from them."""

Pair = tuple[str, str]


@dataclass(slots=True)
class Kept:
    """What is stored.

    Args:
        graph: the graph; edges whose fact does not hold any more have ``ended``.
        ids: of each node, the id of the record that it is made of.
        nodes, edges: ids of all messages about a node or an edge, those that do not count any more among them.
        looks: ids of the messages that count accesses.
        told: of each edge, its statement.
        loose: by the names of a node or an edge that has no message any more, the ids of its facts.
    """

    graph: Graph
    ids: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    edges: dict[Pair, list[str]] = field(default_factory=lambda: defaultdict(list))
    looks: list[str] = field(default_factory=list)
    told: dict[Pair, Statement] = field(default_factory=dict)
    loose: dict[tuple[str, ...], list[str]] = field(default_factory=lambda: defaultdict(list))


def read(session_id: str, messages: Sequence[Message], facts: Sequence[Fact]) -> Kept:
    """Return what ``messages`` and ``facts`` of a session come to.

    Args:
        session_id: the session.
        messages: all of its messages, oldest first.
        facts: all facts of its user.
    """
    import networkx as nx

    kept = Kept(nx.DiGraph())
    told: dict[str, list[tuple[Statement, Fact]]] = defaultdict(list)
    for fact in facts:
        for statement in fact.statements:
            if statement.session_id == session_id:
                told[statement.message_id].append((statement, fact))
    there = {message.id for message in messages}
    _read_loose(kept, [pair for id, pairs in told.items() if id not in there for pair in pairs])
    by_id: dict[str, str] = {}
    for message in messages:
        content = content_of(message)
        said = told.get(message.id, [])
        if "node" in content:
            name = content["node"]
            kept.nodes[name].append(message.id)
            by_id[message.id] = name
            if (said or not content["said"]) and name not in kept.ids:
                kept.ids[name] = message.id
                kept.graph.add_node(name, **content["attributes"])
        elif "edge" in content:
            start, predicate, end = content["edge"]
            kept.edges[start, end].append(message.id)
            if said or (not content["said"] and kept.graph.has_node(start) and kept.graph.has_node(end)):
                _add_edge(kept, (start, end), predicate, said, message.at.timestamp())
        elif "change" in content:
            name = by_id.get(content["change"], "")
            kept.nodes[name].append(message.id)
            if kept.ids.get(name) == content["change"]:
                kept.graph.nodes[name].update(content["attributes"])
        elif "looks" in content:
            kept.looks.append(message.id)
    counting = set(kept.looks)
    _count(kept, by_id, sum_of_looks(m for m in messages if m.id in counting))
    return kept


def content_of(message: Message) -> dict[str, Any]:
    """Return the content of a message of the graph; empty for any other message."""
    content = json.loads(message.metadata or "{}").get(KEY) if message.role == ROLE else None
    return content if isinstance(content, dict) else {}


def sum_of_looks(messages: Iterable[Message]) -> dict[str, tuple[int, float]]:
    """Return how often and when last (Unix seconds) nodes were looked at, by the id of a node's record.

    Args:
        messages: those that count looks; what one of them sums up does not count again.
    """
    contents = {message.id: content_of(message) for message in messages}
    summed_up = {id for content in contents.values() for id in content.get("instead", ())}
    total: dict[str, tuple[int, float]] = {}
    for id, content in contents.items():
        if id not in summed_up:
            for node, (count, last) in content.get("looks", {}).items():
                before = total.get(node, (0, last))
                total[node] = (before[0] + count, max(before[1], last))
    return total


def messages_about(kept: Kept, names: Collection[str]) -> list[str]:
    """Return the ids of all messages about nodes and their edges: the edges' first, of a node the newest first."""
    edges = [id for ends, ids in kept.edges.items() if not set(ends).isdisjoint(names) for id in ids]
    return edges + [id for name in names for id in reversed(kept.nodes.get(name, []))]


def loose_facts(kept: Kept, names: Collection[str]) -> list[str]:
    """Return the ids of facts without a message about nodes and their edges."""
    return [id for ends, ids in kept.loose.items() if not set(ends).isdisjoint(names) for id in ids]


def _read_loose(kept: Kept, pairs: list[tuple[Statement, Fact]]) -> None:
    """Add the nodes and edges of statements whose messages have passed their time."""
    for statement, fact in sorted(pairs, key=lambda pair: (pair[0].at, pair[0].id)):
        start, end = statement.subject.name, statement.object.name
        names: tuple[str, ...]
        if statement.verb is None:
            names = (start,)
            if not kept.graph.has_node(start):
                kept.graph.add_node(start, **new_attributes(end, statement.at.timestamp()))
        elif statement.subject.label == USER_LABEL and statement.verb == HAS_TASK:
            continue
        else:
            names = (start, end)
            _add_edge(kept, (start, end), statement.verb, [(statement, fact)], statement.at.timestamp())
        if all(s.session_id == statement.session_id for s in fact.statements):
            kept.loose[names].append(fact.id)


def _add_edge(kept: Kept, ends: Pair, predicate: str, said: Sequence[tuple[Statement, Fact]], at: float) -> None:
    for name in ends:
        if not kept.graph.has_node(name):
            kept.graph.add_node(name, **new_attributes(CONCEPT, at))
    ended = bool(said) and all(f.predicate != "RELATED_TO" and f.status is not FactStatus.CURRENT for _, f in said)
    if kept.graph.has_edge(*ends):
        if not kept.graph.edges[ends].get("ended"):
            return
        kept.graph.remove_edge(*ends)
    kept.graph.add_edge(*ends, type=predicate)
    if ended:
        kept.graph.edges[ends]["ended"] = True
    if said:
        kept.told[ends] = said[0][0]


def _count(kept: Kept, by_id: dict[str, str], looks: dict[str, tuple[int, float]]) -> None:
    for id, (count, last) in looks.items():
        name = by_id.get(id, "")
        if kept.ids.get(name) == id:
            node = kept.graph.nodes[name]
            node["access_count"] = node.get("access_count", 0) + count
            node["last_accessed_timestamp"] = max(last, node.get("last_accessed_timestamp", last))
