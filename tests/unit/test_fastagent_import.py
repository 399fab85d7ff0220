"""Where FastAgent cannot be, its integration says so in one sentence, and the rest of graphmem works."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest


def error_of(code: str) -> str:
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return run.stderr.strip().splitlines()[-1]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python is new enough for FastAgent")
def test_an_older_python_is_named():
    message = error_of("from graphmem.fastagent import remember")
    assert message.startswith(
        "ImportError: graphmem.fastagent needs Python 3.12 or newer, as FastAgent does; this is 3.11."
    )


@pytest.mark.skipif(importlib.util.find_spec("fast_agent") is not None, reason="FastAgent is installed")
def test_a_missing_package_is_named_with_the_command_that_installs_it():
    pretend = "import sys; sys.version_info = max(sys.version_info, (3, 12, 0, 'final', 0)); import graphmem.fastagent"
    assert "fast-agent-mcp 0.10 or newer" in error_of(pretend)
    assert error_of(pretend).endswith("pip install 'graphmem[fastagent]'")
