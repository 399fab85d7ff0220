"""The server that the tests run against: where it comes from, and that it goes when its last user goes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import neo4j_server
import pytest
from neo4j_server import Address, NoServer, acquire


def test_a_given_server_is_taken_as_it_is() -> None:
    """GRAPHMEM_TEST_NEO4J_URL wins over everything that could be started."""
    with acquire({"GRAPHMEM_TEST_NEO4J_URL": "bolt://db:1"}) as address:
        assert address == Address("bolt://db:1")
        assert address.auth is None
    given = {
        "GRAPHMEM_TEST_NEO4J_URL": "bolt://db:1",
        "GRAPHMEM_TEST_NEO4J_USER": "neo4j",
        "GRAPHMEM_TEST_NEO4J_PASSWORD": "secret",
    }
    with acquire(given) as address:
        assert address.auth == ("neo4j", "secret")


def test_a_version_that_is_none_is_refused_before_anything_runs() -> None:
    """The version becomes part of a path and of a pom."""
    with pytest.raises(NoServer, match="is not a version such as 5"):
        neo4j_server.jars_of("../5.26")


def test_the_reasons_and_what_to_install_reach_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Docker engine, Java and Maven each reason is given, and what to do."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    script = f"""
import sys, tempfile
sys.path.insert(0, {str(Path(neo4j_server.__file__).parent)!r})
import neo4j_server
try:
    with neo4j_server.acquire({{}}):
        pass
except neo4j_server.NoServer as reason:
    print(reason)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert "no Docker engine answers" in done.stdout
    assert "is not installed" in done.stdout
    assert "GRAPHMEM_TEST_NEO4J_URL" in done.stdout
