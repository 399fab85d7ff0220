"""A store of another package that keeps what it must and nothing else."""

from __future__ import annotations

from dataclasses import replace
from inspect import getmembers, isfunction
from types import SimpleNamespace

import pytest

from graphmem import MemLayer, MemLayerConfig
from graphmem.errors import ConfigError
from graphmem.stores.base import Store
from graphmem.stores.sqlite import open_store


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """SQLite as such a store; one entry for each time that it is closed."""
    times: list[bool] = []

    async def open_narrow(config: MemLayerConfig) -> SimpleNamespace:
        store = await open_store(config)

        async def close() -> None:
            times.append(True)
            await store.close()

        verbs = {name: getattr(store, name) for name, _ in getmembers(Store, isfunction) if not name.startswith("_")}
        return SimpleNamespace(**{**verbs, "close": close})

    monkeypatch.setattr("graphmem.parts.store_factory", lambda provider: open_narrow)
    return times


async def test_it_remembers_and_ranks_by_words(sqlite_config: MemLayerConfig, closed: list[bool]) -> None:
    async with MemLayer(replace(sqlite_config, extractor="rules")) as memory:
        await memory.store("s", {"input": "I live in Leeds."}, user_id="ada")
        assert memory._reranker is None
        assert "Leeds" in (await memory.get_context("s", "ada", "Where do I live?")).text
        assert len(await memory.search("live in Leeds", "ada")) == 1
    assert closed == [True]


async def test_it_is_closed_when_an_embedder_is_asked_of_it_that_it_cannot_serve(
    sqlite_config: MemLayerConfig, closed: list[bool]
) -> None:
    memory = MemLayer(replace(sqlite_config, extractor="rules", embedder="local"))
    with pytest.raises(ConfigError, match=r"embedder.*keeps no vectors"):
        await memory.stats()
    assert closed == [True]
    await memory.aclose()
