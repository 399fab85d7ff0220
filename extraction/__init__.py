"""Turns of conversation in, entities and facts out. Knows no database and imports nothing of graphmem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extraction.base import EndpointError, ExtractionError, Extractor, NotAsked
from extraction.catalogue import Catalogue, Relation
from extraction.records import EntityMention, ExtractedFact, Extraction, ExtractionContext, FactStatus, Turn, Usage

if TYPE_CHECKING:
    from extraction.hybrid import HybridExtractor
    from extraction.llm.extractor import LLMExtractor
    from extraction.local.extractor import LocalExtractor, RuleExtractor
    from extraction.spacy_component import pipeline

_LAZY = {
    "HybridExtractor": "extraction.hybrid",
    "LLMExtractor": "extraction.llm.extractor",
    "LocalExtractor": "extraction.local.extractor",
    "RuleExtractor": "extraction.local.extractor",
    "pipeline": "extraction.spacy_component",
}

__all__ = [
    "Catalogue",
    "EndpointError",
    "EntityMention",
    "ExtractedFact",
    "Extraction",
    "ExtractionContext",
    "ExtractionError",
    "Extractor",
    "FactStatus",
    "HybridExtractor",
    "LLMExtractor",
    "LocalExtractor",
    "NotAsked",
    "Relation",
    "RuleExtractor",
    "Turn",
    "Usage",
    "pipeline",
]


def __getattr__(name: str) -> Any:
    """Import the extractors on first use: their parts are heavy."""
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
