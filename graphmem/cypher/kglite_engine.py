"""kglite as the engine: a graph in memory, loaded in bulk, then read-only."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from threading import Lock
from typing import Any

from graphmem.cypher import rows
from graphmem.cypher.engine import Limits
from graphmem.cypher.functions import AGGREGATES
from graphmem.cypher.kglite_dialect import Rewritten, rewrite
from graphmem.cypher.places import complaint
from graphmem.cypher.shape import Graph, Node, Relationship
from graphmem.cypher.tokens import Token, tokenize
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
        self._has_own_labels = any(rows.MARK in type_ for type_ in places.values())

    def run(self, query: str, parameters: Mapping[str, Any], limits: Limits) -> list[dict[str, Any]]:
        """See `graphmem.cypher.engine.CypherEngine.run`."""
        kglite = self._kglite
        tokens = tokenize(query)
        before = len(_EXPLAIN)
        said = rewrite(query, tokens, parameters, hide_labels=self._has_own_labels)
        try:
            with self._lock:
                self._check_plan(said.text, parameters)
                before = 0
                result: Any = self._graph.cypher(
                    said.text,
                    params=dict(parameters),
                    timeout_ms=max(1, round(min(limits.seconds, _SECONDS_AT_MOST) * 1000)),
                    row_limit=limits.rows,
                    max_work_units=limits.work,
                    hide_structural_keys=True,
                )
                found = result.to_list()
        except kglite.CypherTimeoutError as error:
            raise CypherTimeout(
                f"the query took longer than {limits.seconds:g} seconds; narrow it with labels and properties, or raise timeout "
                "(usually limits.cypher_seconds)"
            ) from error
        except kglite.ReadOnlyError as error:
            raise CypherNotAllowed(f"the query would write, and cypher() only reads the graph ({error})") from error
        except (kglite.KgError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise CypherError(_explained(said, tokens, error, limits, before)) from error
        columns = {column: said.original_column(column) for column in result.columns}
        try:
            return [rows.public_row(row, columns) for row in found]
        except RecursionError as error:
            raise CypherError("a value of the answer is nested too deep") from error

    def _check_plan(self, query: str, parameters: Mapping[str, Any]) -> None:
        """Refuse what kglite itself takes for more than reading the graph: it reads files in ``LOAD CSV`` though read-only."""
        plan: Any = self._graph.cypher(_EXPLAIN + query, params=dict(parameters))
        for step in plan:
            if _OUTSIDE.match(step["operation"]):
                raise CypherNotAllowed(f"{step['operation']} is not allowed: cypher() only reads the graph")


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


_EXPLAIN = "EXPLAIN\n"
_OUTSIDE = re.compile(r"(?:LoadCsv|Call|Show\w*|Create\w*|Drop\w*|Merge|Set|Delete|DetachDelete|Remove|Foreach)\b")
_PLACE = re.compile(r"^(?:Schema error|Cypher \w+ error)?(?: at line \d+, col \d+)?:? ?")
_OFFSET = re.compile(r" at position (\d+)")
_NAMED = re.compile(r"'([^']+)'|Unknown function: (\w+)")


def _explained(said: Rewritten, tokens: Sequence[Token], error: BaseException, limits: Limits, before: int) -> str:
    what = _PLACE.sub("", str(error.args[0] if error.args else error).split("\n")[0]).strip().replace(rows.MARK, "")
    if "max_work_units" in what:
        return f"the query needs more than {limits.work} steps; narrow it with labels, properties and LIMIT"
    if "cannot be used outside of RETURN/WITH" in what:
        what = "an aggregate cannot stand in CASE, IS NULL, AND, OR or NOT here; name it in a WITH and use the name"
        return complaint(said.original, _first_aggregate(tokens), what)
    offset = _offset(_EXPLAIN[:before] + said.text, what, error)
    if offset is not None:
        return complaint(said.original, said.original_offset(max(0, offset - before)), _OFFSET.sub("", what))
    named = _NAMED.search(what)
    name = (named[1] or named[2]).casefold() if named else None
    for token in tokens:
        if token.is_name and token.text.casefold() == name:
            return complaint(said.original, token.start, what)
    return f"{what}, in the query\n  {' '.join(said.original.split())[:200]}"


def _first_aggregate(tokens: Sequence[Token]) -> int:
    called = (
        t.start for t, following in pairwise(tokens) if t.text.casefold() in AGGREGATES and following.is_symbol("(")
    )
    return next(called, 0)


def _offset(query: str, what: str, error: BaseException) -> int | None:
    """Where in ``query`` kglite found the error: it gives a line and column from 1, or an offset, or nothing."""
    line, column = getattr(error, "line", None), getattr(error, "col", None)
    if line is not None and column is not None:
        lines = query.split("\n")
        return sum(len(text) + 1 for text in lines[: int(line) - 1]) + int(column) - 1
    position = _OFFSET.search(what)
    return int(position[1]) if position else None
