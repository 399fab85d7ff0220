"""Agents of the real package, with a model on loopback and a real memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import fast_agent
import pytest
from agent_model import AgentModel, agent_model

from graphmem import MemLayer
from graphmem.config import MemLayerConfig
from graphmem.fastagent import remember

SETTINGS: dict[str, Any] = {"instruction": "You are a test.", "model": "generic.m", "skills": []}


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[AgentModel]:
    """The model that ``generic.m`` is."""
    with agent_model() as model:
        monkeypatch.setenv("GENERIC_BASE_URL", model.server.base_url)
        monkeypatch.setenv("GENERIC_API_KEY", "no-key")
        yield model


@pytest.fixture
def held_model(model: AgentModel) -> AgentModel:
    """The same, keeping all requests until it is told to answer."""
    model.server.hold()
    return model


@pytest.fixture
async def memory(store_config: MemLayerConfig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MemLayer]:
    """A memory on each store in turn, and patience with it: how long a busy machine takes is no matter here."""
    monkeypatch.setitem(remember.__kwdefaults__, "time_limit", 60.0)
    async with MemLayer(config=store_config) as memory:
        await memory.stats()
        yield memory


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where FastAgent saves sessions."""
    return tmp_path / "home"


@pytest.fixture
def fast(home: Path) -> fast_agent.FastAgent:
    """A plain FastAgent application."""
    return fast_agent.FastAgent("test", parse_cli_args=False, quiet=True, home=home)


@pytest.fixture
def declare(fast: fast_agent.FastAgent) -> Callable[..., None]:
    """Declare an agent of a class: ``declare(remember(memory), "a", ...)``."""

    def declare(agent_class: type, name: str = "a", **settings: Any) -> None:
        async def agent() -> None:
            """FastAgent declares agents by decorating a function."""

        fast.custom(agent_class, name=name, **{**SETTINGS, **settings})(agent)

    return declare
