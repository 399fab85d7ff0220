"""The graph storage of the ``memlayer`` package, kept in a graphmem memory."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from extraction.catalogue import Catalogue
from graphmem import arguments
from graphmem.extractors import catalogue_of
from graphmem.interaction import check_id
from graphmem.memlayer import rules
from graphmem.memlayer.calls import Calls
from graphmem.memlayer.records import Kept, loose_facts, messages_about, read, sum_of_looks
from graphmem.memlayer.rules import PENDING, TASK, Draft
from graphmem.memlayer.scribe import Note, Scribe, session_of
from graphmem.memlayer.wording import Wording

if TYPE_CHECKING:
    from graphmem import sync
    from graphmem.memlayer.rules import Graph
    from graphmem.memory import MemLayer

_T = TypeVar("_T")
_MOST_LOOKS = 64
"""How many messages may count accesses before they are made one."""


class GraphStorage:
    """A durable graph for memlayer's wrappers and services, one for each user: ``client._graph_storage = GraphStorage(...)``.

    It has the methods of memlayer's ``NetworkXStorage`` and answers as that does. Nodes, relationships and tasks are messages
    of one session of the user, and statements in the ledger, so that ``facts``, ``search``, ``get_context``, ``cypher`` and ``forget``
    of the memory see and remove them. Every method blocks, reads what is stored now, and may be called from any thread.

    Args:
        memory: a `graphmem.sync.MemLayer`; or a `graphmem.MemLayer`, and then this is made inside its event loop and
            called from other threads (``asyncio.to_thread``). It stays the caller's to close.
        user_id: whose graph it is. Another user's is another graph.
        typed: predicates that plainly are the wording of a relation of the catalogue ("lives in") become that relation, with
            all that follows: who moves house does not live in the old place any more, and the graph tells only what holds. Without,
            every predicate is ``RELATED_TO`` with its words as text, and never superseded.

    Raises:
        ConfigError: ``memory`` or ``typed`` is not valid.
        InvalidInteraction: ``user_id`` cannot be an id.

    Every method raises `graphmem.errors.StoreUnavailable` when the store cannot be reached, `ConfigError` when a name is no text,
    and `InvalidInteraction` when what is given cannot be stored (metadata that is not JSON, for one).
    """

    def __init__(self, memory: MemLayer | sync.MemLayer, user_id: str, typed: bool = False) -> None:
        self._call = Calls(memory)
        self.user_id = check_id(user_id, "user_id")
        self.session_id = session_of(user_id)
        wording = Wording(_catalogue(memory), typed=arguments.flag("typed", typed))
        self._scribe = Scribe(user_id, self.session_id, wording)
        self._lock = threading.RLock()

    @property
    def graph(self) -> Graph:
        """The graph as it is now, as a ``networkx.DiGraph`` of one's own: what is changed in it is not stored."""
        return self._asked(lambda graph: graph)

    def add_entity(self, name: str, node_type: str = rules.CONCEPT, metadata: Mapping[str, Any] | None = None) -> str:
        """Add an entity unless it is there; return the name that it goes by, which may be a longer one that is known.

        Args:
            name: its name; a blank one is returned as it is.
            node_type: its type, a free text ("Person").
            metadata: attributes that it gets beside or instead of the usual ones (``importance_score``, ``expiration_timestamp``).
        """
        if not name:
            return name
        arguments.text("name", name)
        arguments.mapping("metadata", metadata)
        return self._change(lambda draft: draft.add_entity(name, node_type, metadata))

    def add_relationship(
        self, subject_name: str, predicate: str, object_name: str, metadata: Mapping[str, Any] | None = None
    ) -> None:
        """Add a relationship unless there is one in this direction; ends that are missing come into being as concepts.

        Args:
            subject_name, predicate, object_name: the relationship in words. When one is empty nothing is done.
            metadata: attributes of the ends that come into being.
        """
        if not all([subject_name, predicate, object_name]):
            return
        for field, value in (("subject_name", subject_name), ("predicate", predicate), ("object_name", object_name)):
            arguments.text(field, value)
        arguments.mapping("metadata", metadata)
        self._change(lambda draft: draft.add_relationship(subject_name, predicate, object_name, metadata))

    def get_related_concepts(self, concept_name: str, limit: int = 5) -> list[dict[str, Any]]:
        """Return neighbours of an entity as ``{"name", "relationship_type", "type"}``, those that it leads to first."""
        return self._asked(lambda graph: rules.related_concepts(graph, concept_name, limit))

    def find_matching_nodes(self, query_name: str, threshold: float = 0.7) -> list[str]:
        """Return the names of entities that are like ``query_name``, best first; of an equal one that alone.

        Args:
            query_name: a name, whatever its case.
            threshold: share of words in common from which one is like another.
        """
        if not query_name:
            return []
        arguments.text("query_name", query_name)
        return self._asked(lambda graph: rules.matching_nodes(graph, query_name, threshold))

    def get_subgraph_context(self, concept_name: str, depth: int = 1) -> list[str]:
        """Return what is at most ``depth`` relationships away, as ``(TypeA) A --[predicate]--> (TypeB) B``."""
        return self._asked(lambda graph: list(rules.subgraph_lines(graph, concept_name, depth)))

    def add_task(self, description: str, due_timestamp: float, user_id: str) -> str:
        """Add a task; return its id, or an empty text when it has no words or no time.

        Args:
            description: what is to be done.
            due_timestamp: when, in Unix seconds.
            user_id: memlayer's name for the user; the task is in this graph's memory whatever it is.
        """
        if not description or not _is_time(due_timestamp):
            return ""
        arguments.text("description", description)
        id = f"task_{uuid4().hex[:12]}"
        self._change(lambda draft: draft.add_task(id, description, due_timestamp, user_id))
        return id

    def get_pending_tasks(self) -> list[dict[str, Any]]:
        """Return the tasks that are pending, each with its ``id``."""
        return self._asked(lambda graph: [t for t in _nodes(graph, tasks=True) if t.get("status") == PENDING])

    def get_due_tasks_for_user(self, user_id: str) -> list[dict[str, Any]]:
        """Return the pending tasks of ``user_id`` (memlayer's name for the user) whose time has come."""
        now = time.time()
        return [t for t in self.get_pending_tasks() if t.get("user_id") == user_id and now >= t["due_timestamp"]]

    def update_task_status(self, task_id: str, new_status: str) -> bool:
        """Set the status of a task; return whether there is such a task."""
        arguments.text("new_status", new_status)
        return self._set(task_id, {"status": new_status, "updated_timestamp": time.time()}, task=True)

    def track_memory_access(self, node_names: Iterable[str]) -> None:
        """Count that entities were looked at; unknown names are passed over."""
        with self._lock:
            kept = self._read()
            names = [name for name in node_names if kept.graph.has_node(name)]
            if not names:
                return
            without = [name for name in dict.fromkeys(names) if name not in kept.ids]
            notes = [self._scribe.unsaid_node(name, kept.graph.nodes[name]) for name in without]
            ids = kept.ids | {name: note.id for name, note in zip(without, notes, strict=True)}
            looks = {ids[name]: (names.count(name), time.time()) for name in names}
            self._write([*notes, *self._scribe.looks(looks)])
            if len(kept.looks) >= _MOST_LOOKS:
                self._sum_up_looks(kept)

    def get_all_memories_for_curation(self) -> list[dict[str, Any]]:
        """Return all entities that are not tasks with their attributes, each with its ``id``."""
        return self._asked(lambda graph: list(_nodes(graph, tasks=False)))

    def update_memory_status(self, node_id: str, new_status: str) -> None:
        """Set the status of an entity ("archived"); an unknown one is passed over."""
        arguments.text("new_status", new_status)
        self._set(node_id, {"status": new_status})

    def delete_memory(self, node_id: str) -> None:
        """Forget an entity and its relationships for good, with their messages and facts; an unknown one is passed over."""
        with self._lock:
            kept = self._read()
            if kept.graph.has_node(node_id):
                self._forget(kept, {node_id})

    def close(self) -> None:
        """Do nothing: all is stored already, and the memory is the caller's to close. May be called again, and so may the rest."""

    def _asked(self, question: Callable[[Graph], _T]) -> _T:
        with self._lock:
            return question(rules.drop_ended(self._read().graph))

    def _read(self) -> Kept:
        messages = self._call("messages", session_id=self.session_id, user_id=self.user_id)
        return read(self.session_id, messages, self._call("facts", self.user_id))

    def _change(self, change: Callable[[Draft], _T]) -> _T:
        """Change the graph, and store what came to it before what left it goes: nothing is lost in between."""
        with self._lock:
            kept = self._read()
            draft = Draft(kept.graph, time.time())
            outcome = change(draft)
            graph, scribe = draft.graph, self._scribe
            notes = [scribe.node(name, graph.nodes[name], alone=not draft.new_edges) for name in draft.new_nodes]
            for edge in draft.new_edges:
                start, end = ((name, graph.nodes[name]) for name in edge[:2])
                told = kept.told.get(edge.moved_from) if edge.moved_from else None
                predicate = str(graph.edges[edge[:2]]["type"])
                notes.append(scribe.edge(start, predicate, end, said_at=None if told is None else told.at))
            self._write(notes)
            self._forget(kept, draft.gone)
            return outcome

    def _set(self, name: str, attributes: dict[str, Any], *, task: bool = False) -> bool:
        with self._lock:
            kept = self._read()
            if not kept.graph.has_node(name) or (task and kept.graph.nodes[name].get("type") != TASK):
                return False
            node = kept.graph.nodes[name]
            before = dict(node)
            node.update(attributes)
            if name in kept.ids:
                self._write([self._scribe.change(kept.ids[name], before, attributes)])
            else:
                self._write([self._scribe.unsaid_node(name, node)])
            return True

    def _forget(self, kept: Kept, names: Collection[str]) -> None:
        for id in messages_about(kept, names):
            self._call("forget", session_id=self.session_id, message_id=id)
        for id in loose_facts(kept, names):
            self._call("forget", user_id=self.user_id, fact_id=id)

    def _sum_up_looks(self, kept: Kept) -> None:
        there = set(kept.ids.values())
        messages = self._call("messages", session_id=self.session_id, user_id=self.user_id)
        looks = sum_of_looks(m for m in messages if m.id in kept.looks)
        self._write(self._scribe.looks({id: look for id, look in looks.items() if id in there}, instead=kept.looks))
        for id in kept.looks:
            self._call("forget", session_id=self.session_id, message_id=id)

    def _write(self, notes: Sequence[Note]) -> None:
        if notes:
            self._call("load", [record for note in notes for record in note.records])


def _nodes(graph: Graph, *, tasks: bool) -> list[dict[str, Any]]:
    return [{**data, "id": name} for name, data in graph.nodes(data=True) if (data.get("type") == TASK) == tasks]


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and bool(value) and math.isfinite(value)


def _catalogue(memory: MemLayer | sync.MemLayer) -> Catalogue:
    extractor = memory.config.extractor
    return catalogue_of(memory.config, None if isinstance(extractor, str) else extractor)
