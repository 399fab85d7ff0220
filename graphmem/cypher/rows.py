"""What kglite answers, as what users get: nodes and relationships as their properties, paths as lists, no labels of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

MARK = "\u2063"
"""What a name of kglite's own has and no other: an invisible separator."""
_INTERNAL = re.compile(rf"(\w+){MARK}\d+")
_NODE = {"id", "labels", "properties"}
_RELATIONSHIP = {"id", "start", "end", "type", "properties"}
_PATH = {"nodes", "relationships"}
_DURATION = {"months", "days", "seconds", "nanoseconds"}
_STRUCTURAL = ("title", "type")


def internal_label(label: str, number: int) -> str:
    """Return the label under which kglite keeps the ``number``-th node with an id: the label itself for the first."""
    return label if number == 1 else f"{label}{MARK}{number}"


def public_row(row: dict[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """Return a row with every value in the form that users get, under the names that ``columns`` gives by kglite's."""
    return {columns.get(column, column): public_value(value) for column, value in row.items()}


def public_value(value: Any) -> Any:
    """Return a value of kglite's in the form that users get."""
    if isinstance(value, str):
        return _public_label(value) if MARK in value else value
    if isinstance(value, (list, tuple)):
        return _public_list(value)
    if isinstance(value, dict):
        if _is_node(value):
            return _public_properties(value["properties"])
        if _is_relationship(value):
            return {key: public_value(found) for key, found in value["properties"].items()}
        if _is_path(value):
            return _public_path(value)
        if _is_duration(value):
            return _public_duration(**value)
        return {key: public_value(found) for key, found in value.items()}
    return value


def _public_label(text: str) -> str:
    found = _INTERNAL.fullmatch(text)
    return found[1] if found else text


def _public_list(values: list[Any] | tuple[Any, ...]) -> list[Any]:
    kept = [v for v in values if not (isinstance(v, str) and _INTERNAL.fullmatch(v) and _public_label(v) in values)]
    return [public_value(value) for value in kept]


def _public_properties(properties: dict[str, Any]) -> dict[str, Any]:
    return {key: public_value(value) for key, value in properties.items() if key not in _STRUCTURAL}


def _is_node(value: dict[str, Any]) -> bool:
    if value.keys() != _NODE or not isinstance(value["properties"], dict) or not isinstance(value["labels"], list):
        return False
    # A map that a query made up may have the same keys, but not kglite's own properties.
    return (
        bool(value["labels"])
        and value["properties"].get("type") == value["labels"][0]
        and "title" in value["properties"]
    )


def _is_relationship(value: dict[str, Any]) -> bool:
    return (
        value.keys() == _RELATIONSHIP
        and all(isinstance(value[key], int) for key in ("id", "start", "end"))
        and isinstance(value["type"], str)
        and isinstance(value["properties"], dict)
    )


def _is_path(value: dict[str, Any]) -> bool:
    if value.keys() != _PATH:
        return False
    nodes, links = value["nodes"], value["relationships"]
    return (
        isinstance(nodes, list)
        and isinstance(links, list)
        and len(nodes) == len(links) + 1
        and all(isinstance(n, dict) and _is_node(n) for n in nodes)
        and all(isinstance(r, dict) and _is_relationship(r) for r in links)
    )


def _public_path(path: dict[str, Any]) -> list[Any]:
    steps = [public_value(path["nodes"][0])]
    for link, node in zip(path["relationships"], path["nodes"][1:], strict=True):
        steps += [public_value(link), public_value(node)]
    return steps


def _is_duration(value: dict[str, Any]) -> bool:
    return value.keys() | {"nanoseconds"} == _DURATION and all(type(part) is int for part in value.values())


def _public_duration(months: int, days: int, seconds: int, nanoseconds: int = 0) -> timedelta | str:
    """Python's duration, which knows no months; with months the text of ISO 8601."""
    rest = timedelta(days=days, seconds=seconds, microseconds=nanoseconds // 1000)
    if not months:
        return rest
    clock = f"T{seconds + nanoseconds / 1e9:g}S" if seconds or nanoseconds else ""
    return f"P{months}M{f'{days}D' if days else ''}{clock}"
