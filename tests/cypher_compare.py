"""Rows of a projection and of Neo4j's driver, in a form in which equal answers are equal."""

from __future__ import annotations

from typing import Any

import neo4j
from neo4j.graph import Node, Path, Relationship


def neo4j_rows(session: neo4j.Session, query: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """Run a query on Neo4j; nodes, relationships, paths and times as `graphmem.cypher.run` gives them."""
    return [{key: _plain(value) for key, value in record.items()} for record in session.run(query, parameters)]


def comparable(query: str, rows: list[dict[str, Any]]) -> list[Any]:
    """Return rows with what has no promised order put in order: labels and keys, and the rows without ORDER BY."""
    found = [[(name, _ordered(value)) for name, value in row.items()] for row in rows]
    if "RETURN *" in query:
        found = [sorted(row) for row in found]
    return found if "ORDER BY" in query else sorted(found, key=repr)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        steps = [_plain(value.start_node)]
        for link, node in zip(value.relationships, value.nodes[1:], strict=True):
            steps += [_plain(link), _plain(node)]
        return steps
    if isinstance(value, (Node, Relationship)):
        return {key: _plain(found) for key, found in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value.to_native() if hasattr(value, "to_native") else value


def _ordered(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 9)
    if isinstance(value, list):
        items = [_ordered(item) for item in value]
        return sorted(items) if items and all(isinstance(item, str) for item in items) else items
    if isinstance(value, dict):
        return sorted((key, _ordered(item)) for key, item in value.items())
    return value
