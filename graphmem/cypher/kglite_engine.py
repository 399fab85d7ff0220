"""kglite as the engine: a graph in memory, loaded in bulk, then read-only."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any

from graphmem.cypher import rows
from graphmem.cypher.engine import Limits
from graphmem.cypher.places import Place, complaint
from graphmem.cypher.shape import Graph, Node, Relationship
from graphmem.errors import CypherError, CypherNotAllowed, CypherTimeout

_SECONDS_AT_MOST = 3600.0
_TITLE = "name"


class KgliteEngine:
    """Runs queries on a graph with kglite.

    kglite allows one node a label and id. Ids of messages are unique in their session only, so the second message with an id
    gets a label of the engine's own in front of its real one, which `graphmem.cypher.rows` takes out of the answers.
    """

    def __init__(self, graph: Graph) -> None:
        import kglite

        kglite.set_query_warning_policy("silent")
        self._kglite = kglite
        self._lock = Lock()
        places = _types(graph.nodes)
        self._graph = kglite.from_records(
            {"nodes": _node_records(graph.nodes, places), "connections": _links(graph.relationships, places)},
            on_missing_endpoint="error",
        )
        for (type_, label), ids in _further_labels(graph.nodes, places).items():
            self._graph.add_label(type_, ids, label)
        self._graph.read_only(True)

    def run(self, query: str, parameters: Mapping[str, Any], limits: Limits) -> list[dict[str, Any]]:
        """See `graphmem.cypher.engine.CypherEngine.run`."""
        kglite = self._kglite
        try:
            with self._lock:
                result: Any = self._graph.cypher(
                    query,
                    params=dict(parameters),
                    timeout_ms=max(1, round(min(limits.seconds, _SECONDS_AT_MOST) * 1000)),
                    row_limit=limits.rows,
                    max_work_units=limits.work,
                    hide_structural_keys=True,
                )
                found = result.to_list()
        except kglite.CypherTimeoutError as error:
            raise CypherTimeout(
                f"the query took longer than {limits.seconds:g} seconds; narrow it with labels and properties, or raise timeout"
            ) from error
        except kglite.ReadOnlyError as error:
            raise CypherNotAllowed(
                f"the query would write, and cypher() only reads the graph ({_said(error)})"
            ) from error
        except (kglite.KgError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise CypherError(_explained(query, error, limits)) from error
        return [rows.public_row(row) for row in found]


def _types(nodes: Iterable[Node]) -> dict[tuple[str, ...], str]:
    """The kglite type of each node by its key: its first label, or one of the engine's own where the id is taken."""
    taken: dict[tuple[str, Any], int] = defaultdict(int)
    types: dict[tuple[str, ...], str] = {}
    for node in nodes:
        label, node_id = node.labels[0], node.properties["id"]
        taken[label, node_id] += 1
        types[node.key] = rows.internal_label(label, taken[label, node_id])
    return types


def _node_records(nodes: Iterable[Node], types: Mapping[tuple[str, ...], str]) -> list[dict[str, Any]]:
    records: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for node in nodes:
        # The title is what kglite takes for a missing name, so it must be there, though empty.
        records[types[node.key]].append({_TITLE: None, **node.properties})
    return [
        {"type": type_, "id_field": "id", "title_field": _TITLE, "records": found} for type_, found in records.items()
    ]


def _links(relationships: Iterable[Relationship], types: Mapping[tuple[str, ...], str]) -> list[dict[str, Any]]:
    records: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for link in relationships:
        # A key ends with the node's id.
        records[link.type, types[link.start], types[link.end]].append(
            {"from": link.start[-1], "to": link.end[-1], **link.properties}
        )
    return [
        {
            "type": type_,
            "source_type": source,
            "source_id_field": "from",
            "target_type": target,
            "target_id_field": "to",
            "records": found,
        }
        for (type_, source, target), found in records.items()
    ]


def _further_labels(nodes: Iterable[Node], types: Mapping[tuple[str, ...], str]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for node in nodes:
        for label in node.labels:
            if label != types[node.key]:
                found[types[node.key], label].append(node.properties["id"])
    return found


_POSITION = re.compile(r"^(?:Cypher \w+ error)?(?: at line \d+, col \d+)?:? ?")


def _said(error: BaseException) -> str:
    text = str(error.args[0] if error.args else error)
    return _POSITION.sub("", text.split("\n")[0]).strip()


def _explained(query: str, error: BaseException, limits: Limits) -> str:
    said = _said(error)
    if "max_work_units" in said:
        return f"the query needs more than {limits.work} steps; narrow it with labels, properties and LIMIT"
    line, column = getattr(error, "line", None), getattr(error, "col", None)
    if line is None or column is None:
        return f"{said}\n  {query.strip().splitlines()[0][:100]}" if query.strip() else said
    return complaint(query, Place(line, column), said)
