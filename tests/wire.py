"""Counts what goes over the wire to Neo4j, as its driver logs it."""

from __future__ import annotations

import logging
import re
from typing import NamedTuple

import pytest

_LINE = re.compile(r"\[#(\w+)\]\s+([CS]): (\w+)")


class Traffic(NamedTuple):
    """What was sent.

    Args:
        transactions: that were begun, or that a query by itself was.
        queries: that were run.
        trips: how often the driver waited for the server.
    """

    transactions: int
    queries: int
    trips: int


class Wire:
    """Counts what the driver logs of its own traffic."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG, logger="neo4j.io")
        self._caplog = caplog

    def since_last(self) -> Traffic:
        """What was sent since the last call."""
        lines = [record.getMessage() for record in self._caplog.records if record.name == "neo4j.io"]
        self._caplog.clear()
        begun, alone, queries, trips = 0, 0, 0, 0
        waits: dict[str, bool] = {}
        open_in: set[str] = set()
        for connection, side, what in (found.groups() for line in lines if (found := _LINE.match(line))):
            trips += side == "S" and waits.get(connection, False)
            waits[connection] = side == "C"
            match what:
                case "BEGIN":
                    begun += 1
                    open_in.add(connection)
                case "COMMIT" | "ROLLBACK":
                    open_in.discard(connection)
                case "RUN":
                    queries += 1
                    alone += connection not in open_in
        return Traffic(begun + alone, queries, trips)
