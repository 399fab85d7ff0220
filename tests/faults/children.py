"""Child processes of the tests of faults, and when they are killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from graphmem import clock, memory

KILLS = int(os.environ.get("GRAPHMEM_TEST_KILLS", "24"))
"""How many processes each of the tests kills; the slow ones ten times as many."""
SEED = int(os.environ.get("GRAPHMEM_TEST_SEED", "1"))
"""The seed of everything that is chosen at random."""

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


class Nursery:
    """Runs functions of `workload` in child processes, one at a time."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(HERE)))}
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "nursery.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(
        self,
        work: str,
        *arguments: Any,
        statement: int | None = None,
        wire: int | None = None,
        after: float | None = None,
    ) -> bool:
        """Run a child process until it ends, or is killed at its statement, its line on the wire or after so many seconds.

        Returns:
            Whether it was killed.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"work": work, "arguments": arguments, "statement": statement, "wire": wire, "after": after}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        assert code in (0, -signal.SIGKILL), f"the child failed by itself: {code}"
        return code != 0

    def close(self) -> None:
        """End the process that forks."""
        self._process.communicate()


def seeds(number: int, seed: int = SEED) -> list[int]:
    """Return as many seeds, the same in every run with the same `SEED`."""
    choose = random.Random(seed)
    return [choose.randrange(2**32) for _ in range(number)]


@contextmanager
def an_hour_later(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the leases of those who died be over."""
    with monkeypatch.context() as patch:
        patch.setattr(memory, "utc_now", lambda: clock.utc_now() + timedelta(hours=1))
        yield
