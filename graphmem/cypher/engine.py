"""The engine that runs Cypher in memory, behind a protocol so that another can take its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from graphmem.cypher.shape import Graph


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use: rows that come back, seconds, and units of work (rows and list items made on the way)."""

    rows: int
    seconds: float
    work: int = 1_000_000


class CypherEngine(Protocol):
    """Runs queries on the one graph that it was made from, and can change neither it nor anything else."""

    def run(self, query: str, parameters: Mapping[str, Any], limits: Limits) -> list[dict[str, Any]]:
        """Run one query that `graphmem.cypher.guard.check_read_only` has passed; any number of threads may call at once.

        Returns:
            The first ``limits.rows`` rows by column name. Nodes and relationships are their properties, a path is a list that
            alternates between the two.

        Raises:
            CypherTimeout: it took longer than ``limits.seconds``.
            CypherNotAllowed: the engine itself found that it would do more than read.
            CypherError: it is wrong, or needs more work than ``limits.work``.
        """
        ...


class EngineFactory(Protocol):
    """Makes an engine of a graph."""

    def __call__(self, graph: Graph) -> CypherEngine: ...


def default_engine(graph: Graph) -> CypherEngine:
    """Return the engine that graphmem brings: kglite, imported now and not before."""
    from graphmem.cypher.kglite_engine import KgliteEngine

    return KgliteEngine(graph)
