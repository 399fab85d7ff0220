"""memlayer's real package, without the gigabytes of it that a graph never touches.

It is installed by itself (``pip install --no-deps memlayer``). Some of its modules import chromadb, gqlalchemy and torch when they are
imported; these names stand in for them, and whoever uses one finds nothing there.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator

import pytest

from graphmem.config import MemLayerConfig
from graphmem.sync import MemLayer

for absent, names in {"chromadb": [], "gqlalchemy": ["Memgraph"], "torch": ["Tensor"]}.items():
    module = types.ModuleType(absent)
    for name in names:
        setattr(module, name, type(name, (), {}))
    sys.modules.setdefault(absent, module)


@pytest.fixture
def memory(store_config: MemLayerConfig) -> Iterator[MemLayer]:
    """A blocking memory on each store in turn."""
    with MemLayer(config=store_config) as memory:
        yield memory
