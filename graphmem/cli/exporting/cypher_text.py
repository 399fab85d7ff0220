"""Cypher text that recreates the graph in an empty database."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

from graphmem.cli.exporting.graph import Edge, Node, elements

_KEY = "_export_key"
_MARK = "_Exported"
_INVISIBLE = "\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff"
_ESCAPED = re.compile(rf"[\\'{_INVISIBLE}]")
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}

FIRST = (f"CREATE INDEX graphmem_export IF NOT EXISTS FOR (n:{_MARK}) ON (n.{_KEY});",)
LAST = (f"MATCH (n:{_MARK}) REMOVE n:{_MARK}, n.{_KEY};", "DROP INDEX graphmem_export IF EXISTS;")


async def statements(records: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[str]:
    """Yield statements that recreate the graph of ``records``, each on one line with its semicolon.

    A relationship finds its ends by a key that the nodes carry while the text runs; what was forgotten is not found, and
    then the relationship is not made. The statements are meant for an empty database, one transaction each.
    """
    for statement in FIRST:
        yield statement
    later = []
    async for record in records:
        for element in elements(record):
            if isinstance(element, Node):
                yield _node(element)
            elif element.type == "SUPERSEDES":
                later.append(element)  # the only relationship whose end may come after it
            else:
                yield _edge(element)
    for edge in later:
        yield _edge(edge)
    for statement in LAST:
        yield statement


def literal(value: object) -> str:
    """Return ``value`` as a Cypher literal, on one line.

    >>> literal("it's\\n")
    "'it\\\\'s\\\\n'"
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    return "'" + _ESCAPED.sub(_escaped, str(value)) + "'"


def _node(node: Node) -> str:
    labels = ":".join(_name(label) for label in (*node.labels, _MARK))
    return f"CREATE (:{labels} {_map({**node.properties, _KEY: node.key})});"


def _edge(edge: Edge) -> str:
    ends = ", ".join(f"({n}:{_MARK} {{{_KEY}: {literal(k)}}})" for n, k in (("a", edge.start), ("b", edge.end)))
    properties = f" {_map(edge.properties)}" if edge.properties else ""
    verb = "MERGE" if edge.type == "MENTIONS" else "CREATE"
    return f"MATCH {ends} {verb} (a)-[:{_name(edge.type)}{properties}]->(b);"


def _map(properties: Mapping[str, object]) -> str:
    return "{" + ", ".join(f"{_name(name)}: {literal(value)}" for name, value in properties.items()) + "}"


def _name(name: str) -> str:
    return name if name.isidentifier() and name.isascii() else "`" + name.replace("`", "``") + "`"


def _escaped(found: re.Match[str]) -> str:
    character = found.group()
    follower = found.string[found.end() : found.end() + 1]
    if character == "\\" and follower and (follower in "uU" or _ESCAPED.match(follower)):
        # Cypher may read \uXXXX before it reads the text around it, so no backslash of the text may stand before a u.
        return "\\\\' + '"
    return _ESCAPES.get(character) or f"\\u{ord(character):04x}"
