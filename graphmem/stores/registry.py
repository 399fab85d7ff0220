"""Which stores there are: the built-in ones and those that other packages bring by a ``graphmem.stores`` entry point."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from graphmem.config import MemLayerConfig
    from graphmem.stores.base import Store

StoreFactory = Callable[["MemLayerConfig"], Awaitable["Store"]]
"""Opens the store of a configuration. Raises `StoreUnavailable` or `ConfigError` when it cannot be opened."""

_BUILT_IN = {
    "sqlite": "graphmem.stores.sqlite:open_store",
    "neo4j": "graphmem.stores.neo4j:open_store",
}


def known_providers() -> tuple[str, ...]:
    """Names that ``MemLayerConfig.provider`` may have, the built-in ones first."""
    return (*_BUILT_IN, *sorted(set(_plugins()) - set(_BUILT_IN)))


def store_factory(provider: str) -> StoreFactory:
    """Return the factory of a known provider; its module is imported now and not before.

    Raises:
        KeyError: the provider is unknown.
    """
    if provider in _BUILT_IN:
        module, _, name = _BUILT_IN[provider].partition(":")
        return cast(StoreFactory, getattr(importlib.import_module(module), name))
    return cast(StoreFactory, _plugins()[provider].load())


@cache
def _plugins() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group="graphmem.stores")}
