"""Running the command line: in this process, or as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from graphmem.cli import cli

ROOT = Path(__file__).resolve().parents[2]

TURNS = [
    {
        "session_id": "s1",
        "user_id": "alice",
        "id": "m1",
        "at": "2023-02-11T18:30:00Z",
        "input": "I live in Leeds.",
        "output": "Nice.",
    },
    {
        "session_id": "s1",
        "user_id": "alice",
        "id": "m2",
        "at": "2023-02-11T18:31:00Z",
        "input": "I'm allergic to peanuts.",
        "output": "I see.",
    },
    {
        "session_id": "s2",
        "user_id": "alice",
        "id": "m3",
        "at": "2024-05-20T20:05:00Z",
        "input": "I moved to Porto.",
        "output": "Lovely!",
    },
]


def graphmem(*arguments: str, input: str | None = None, code: int = 0) -> Result:
    """Run the command in this process and check its exit code."""
    result = CliRunner().invoke(cli, list(arguments), input=input)
    assert result.exit_code == code, result.output
    return result


def asked(*arguments: str) -> Any:
    """Run the command with ``--json`` and return what it printed."""
    return json.loads(graphmem(*arguments, "--json").stdout)


def refused(*arguments: str, code: int = 1, input: str | None = None) -> str:
    """Run a command that must fail, and return the one line it says."""
    result = graphmem(*arguments, code=code, input=input)
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("graphmem: ")
    return lines[0].removeprefix("graphmem: ")


def environment(**more: str) -> dict[str, str]:
    """The environment of a process that runs this checkout."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **more}


_PATIENCE = 600
"""Seconds after which a process counts as hanging, also on a slow machine with a server that has just begun."""


def process(
    *arguments: str, script: Sequence[str] = ("-m", "graphmem.cli"), **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run the command as a process."""
    options.setdefault("env", environment())
    return subprocess.run(
        [sys.executable, *script, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_PATIENCE,
        **options,
    )


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until a condition holds, however slow the machine is."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def size_of(path: Path) -> int:
    """Return the size of a database with the files beside it."""
    return sum(part.stat().st_size for part in path.parent.glob(path.name + "*"))
