"""Turns of conversation in, entities and facts out. Knows no database and imports nothing of graphmem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extraction.base import ExtractionError, Extractor
from extraction.catalogue import Catalogue, Relation
from extraction.records import EntityMention, ExtractedFact, Extraction, ExtractionContext, FactStatus, Turn

if TYPE_CHECKING:
    from extraction.local.extractor import LocalExtractor, RuleExtractor

_LAZY = {
    "LocalExtractor": "extraction.local.extractor",
    "RuleExtractor": "extraction.local.extractor",
}

__all__ = [
    "Catalogue",
    "EntityMention",
    "ExtractedFact",
    "Extraction",
    "ExtractionContext",
    "ExtractionError",
    "Extractor",
    "FactStatus",
    "LocalExtractor",
    "Relation",
    "RuleExtractor",
    "Turn",
]


def __getattr__(name: str) -> Any:
    """Import the extractors on first use: their parts are heavy."""
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
