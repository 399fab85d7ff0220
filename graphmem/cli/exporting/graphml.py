"""GraphML, for Gephi, yEd, NetworkX and others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from graphmem.cli.exporting.graph import Node, elements

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(records: Iterable[Mapping[str, Any]]) -> str:
    """Return the records' graph as a GraphML document.

    Nodes have ``label`` (the most telling of their labels) and ``labels``; relationships have ``type``. Lists become JSON
    texts and characters that XML cannot hold become U+FFFD. Relationships to what was forgotten are left out.
    """
    import networkx

    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    edges = []
    for record in records:
        for element in elements(record):
            if isinstance(element, Node):
                attributes = {"label": element.labels[0], "labels": ":".join(element.labels), **element.properties}
                graph.add_node(_safe(element.key), **{name: _value(value) for name, value in attributes.items()})
            else:
                edges.append(element)
    seen = set()
    for edge in edges:
        start, end = _safe(edge.start), _safe(edge.end)
        mark = (start, edge.type, end, edge.properties.get("fact_id"))
        if mark in seen or start not in graph or end not in graph:
            continue
        seen.add(mark)
        graph.add_edge(start, end, type=edge.type, **{k: _value(v) for k, v in edge.properties.items()})
    lines = networkx.generate_graphml(graph, encoding="utf-8", named_key_ids=True)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join(lines) + "\n"


def _value(value: object) -> object:
    if isinstance(value, str):
        return _safe(value)
    return value if isinstance(value, int | float | bool) else _safe(json.dumps(value, ensure_ascii=False))


def _safe(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
