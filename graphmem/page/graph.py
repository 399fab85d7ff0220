"""A user's graph for networkx."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import networkx

from graphmem.page.content import Records
from graphmem.page.document import document, notebook_frame

if TYPE_CHECKING:
    from graphmem.records import Entity, Fact

    _Base = networkx.MultiDiGraph[str]
else:
    _Base = networkx.MultiDiGraph


class MemoryGraph(_Base):
    """What is known of a user: a node for each entity, an edge for each fact, those that are over among them.

    Nodes are ids of entities, with ``name``, ``label`` and, where there are some, ``aliases`` (joined by "; "). Keys of edges are
    ids of facts; an edge has ``predicate``, ``text``, ``status``, ``polarity``, ``recorded_at`` (ISO 8601), ``confidence``,
    ``evidence``, and ``since`` and ``until`` where these are known. All values are texts and numbers, so that networkx can write
    the graph in any format. In a notebook it shows itself as the page that ``graphmem show`` writes, and so does a part of it
    (``graph.subgraph(...)``).

    Args:
        data: as for ``networkx.MultiDiGraph``.
        records: what the page shows beside; `memory_graph` gives it.
        attributes: attributes of the graph.
    """

    def __init__(self, data: Any = None, records: Records | None = None, **attributes: Any) -> None:
        super().__init__(data, **attributes)
        self._records = records

    @property
    def records(self) -> Records | None:
        """The entities, facts and messages of the graph that this is, or is a part of."""
        graph: Any = self
        while getattr(graph, "_records", None) is None and hasattr(graph, "_graph"):
            graph = graph._graph
        found: Records | None = getattr(graph, "_records", None)
        return found

    @property
    def entities(self) -> list[Entity]:
        """The entities of the nodes."""
        return [e for e in self.records.entities if e.id in self] if self.records else []

    @property
    def facts(self) -> list[Fact]:
        """The facts of the edges, newest first."""
        facts = self.records.facts if self.records else ()
        return [f for f in facts if self.has_edge(f.subject.id, f.object.id, f.id)]

    def copy(self, as_view: bool = False) -> Self:
        """Return a copy, or a view that cannot be changed; see ``networkx.MultiDiGraph.copy``."""
        copied: Self = super().copy(as_view)
        copied._records = self.records
        return copied

    def to_html(self, *, with_messages: bool = True) -> str:
        """Return the page of this graph: one HTML document that loads nothing.

        Args:
            with_messages: include the words of the messages that the facts come from.

        Raises:
            ValueError: the graph was not made by ``memory.graph``.
        """
        if self.records is None:
            raise ValueError("this graph has no facts to show; memory.graph(user_id) makes one that has")
        r = self.records
        part = Records(r.user_id, self.entities, self.facts, r.messages, r.catalogue)
        return document(part, with_messages=with_messages)

    def _repr_html_(self) -> str | None:
        return None if self.records is None else notebook_frame(self.to_html())


def memory_graph(records: Records) -> MemoryGraph:
    """Return what is known of a user as a graph."""
    graph = MemoryGraph(records=records, user_id=records.user_id)
    for entity in records.entities:
        graph.add_node(entity.id, **_given(name=entity.name, label=entity.label, aliases="; ".join(entity.aliases)))
    for fact in records.facts:
        graph.add_edge(
            fact.subject.id,
            fact.object.id,
            key=fact.id,
            **_given(
                predicate=fact.predicate,
                text=fact.text,
                status=str(fact.status),
                polarity=fact.polarity,
                since=fact.valid_from,
                until=fact.valid_to,
                recorded_at=fact.recorded_at.isoformat(),
                confidence=fact.confidence,
                evidence=fact.evidence,
            ),
        )
    return graph


def _given(**attributes: str | float | None) -> dict[str, str | float]:
    return {name: value for name, value in attributes.items() if value not in (None, "")}
