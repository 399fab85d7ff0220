"""Fixtures that every part of the tests shares: a real Neo4j server, stores' configurations, and users of one's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import neo4j_server
import pytest
from hypothesis import settings

from graphmem.config import MemLayerConfig

settings.register_profile("graphmem", deadline=None)
settings.load_profile("graphmem")

FURTHER_ENVIRONMENTS = tuple(sorted(file.parent for file in Path(__file__).parent.glob("*/environment.txt")))
"""Folders of tests that need what is not installed here; `scripts/test` runs each in an environment of its own."""

PROVIDERS = (pytest.param("sqlite", id="sqlite"), pytest.param("neo4j", id="neo4j", marks=pytest.mark.neo4j))


@pytest.fixture(scope="session")
def neo4j_address() -> Iterator[neo4j_server.Address]:
    """A real Neo4j server of this process alone, unless one is named. Skips without one, but fails with CI=true.

    Processes that shared one would disturb each other: a flush takes over whatever another test has pending.
    """
    try:
        with neo4j_server.acquire() as address:
            yield address
    except neo4j_server.NoServer as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def neo4j_url(neo4j_address: neo4j_server.Address) -> str:
    """The URL of a real Neo4j server."""
    return neo4j_address.url


@pytest.fixture
def neo4j_config(neo4j_address: neo4j_server.Address) -> MemLayerConfig:
    """A configuration for the real Neo4j server."""
    return MemLayerConfig(provider="neo4j", connection_url=neo4j_address.url, auth=neo4j_address.auth)


@pytest.fixture
def sqlite_config(tmp_path: Path) -> MemLayerConfig:
    """A configuration for an SQLite file of the test's own."""
    return MemLayerConfig(provider="sqlite", connection_url=str(tmp_path / "graphmem.db"))


@pytest.fixture(params=PROVIDERS)
def store_config(request: pytest.FixtureRequest) -> MemLayerConfig:
    """A configuration for each built-in store in turn. A Neo4j server is shared: use ids of `unique`."""
    config: MemLayerConfig = request.getfixturevalue(f"{request.param}_config")
    return config


@pytest.fixture
def unique() -> str:
    """A text that no other test has, for ids in a shared database."""
    return uuid4().hex


@pytest.fixture
def user_id(unique: str) -> str:
    """A user that no other test has."""
    return f"user-{unique}"


@pytest.fixture
def session_id(unique: str) -> str:
    """A session that no other test has."""
    return f"session-{unique}"


@pytest.fixture(autouse=True)
def no_live_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches a live model: whatever asks the default endpoint meets a closed port, with a key that is none."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "no-key")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    for name in ("OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "GRAPHMEM_LLM_MODEL"):
        monkeypatch.delenv(name, raising=False)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what runs in an environment of its own, unless this is it or it is asked for by name."""
    return True if collection_path in _left_out(config) else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out."""
    for folder in () if os.environ.get("GRAPHMEM_TEST_ENVIRONMENT") else _left_out(config):
        name = f"tests/{folder.name}"
        terminalreporter.write_line(f"{name} needs an environment of its own and is left out here: scripts/test {name}")


def _left_out(config: pytest.Config) -> list[Path]:
    if chosen := os.environ.get("GRAPHMEM_TEST_ENVIRONMENT"):
        return [folder for folder in FURTHER_ENVIRONMENTS if folder.name != chosen]
    asked = [(config.invocation_params.dir / argument.partition("::")[0]).resolve() for argument in config.args]
    return [folder for folder in FURTHER_ENVIRONMENTS if not any(path.is_relative_to(folder) for path in asked)]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever takes the server is marked so, before ``-m`` chooses."""
    for item in items:
        if any(name.startswith("neo4j") for name in getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.neo4j)
