"""The queries of ``cypher_queries.cypher``, one a line, and their parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PARAMETERS: dict[str, Any] = {
    "names": ["Porto", "Lyon"],
    "n": 2,
    "text": "climb",
    "map": {"a": 1, "b": [1, 2]},
    "rows": [{"name": "Porto", "x": 1}, {"name": "Nowhere", "x": 2}],
}

QUERIES, WHOLE = (
    [line for line in part.splitlines() if line and not line.startswith("//")]
    for part in Path(__file__).with_suffix(".cypher").read_text(encoding="utf-8").split("\n\n")
)
"""``QUERIES`` ask for single values, ``WHOLE`` for whole nodes and relationships."""
