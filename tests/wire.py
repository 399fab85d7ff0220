"""Counts what goes over the wire to Neo4j, as its driver logs it."""

from __future__ import annotations

import logging

import pytest


class Wire:
    """Counts what the driver logs of its own traffic."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG, logger="neo4j.io")
        self._caplog = caplog

    def since_last(self) -> tuple[int, int]:
        """Transactions begun and queries run since the last call."""
        lines = [record.getMessage() for record in self._caplog.records if record.name == "neo4j.io"]
        self._caplog.clear()
        return sum("C: BEGIN " in line for line in lines), sum("C: RUN " in line for line in lines)
