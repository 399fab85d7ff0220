"""graphmem: long-term memory for LLM agents. Conversations in, a knowledge graph of what the user said underneath, a short
context out for the next prompt. `MemLayer` is the way in; errors are in `graphmem.errors`."""

from __future__ import annotations

from graphmem.config import LLMConfig, MemLayerConfig
from graphmem.limits import Limits
from graphmem.memory import MemLayer
from graphmem.records import Context, Entity, Fact, FactStatus, Forgotten, Hit, Message, Stats, StoreResult

__version__ = "0.1.0"

__all__ = [
    "Context",
    "Entity",
    "Fact",
    "FactStatus",
    "Forgotten",
    "Hit",
    "LLMConfig",
    "Limits",
    "MemLayer",
    "MemLayerConfig",
    "Message",
    "Stats",
    "StoreResult",
]
