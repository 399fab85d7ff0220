"""Turns of conversation in, entities and facts out. Knows no database and imports nothing of graphmem."""

from __future__ import annotations

from extraction.base import ExtractionError, Extractor
from extraction.catalogue import Catalogue, Relation
from extraction.records import EntityMention, ExtractedFact, Extraction, ExtractionContext, FactStatus, Turn

__all__ = [
    "Catalogue",
    "EntityMention",
    "ExtractedFact",
    "Extraction",
    "ExtractionContext",
    "ExtractionError",
    "Extractor",
    "FactStatus",
    "Relation",
    "Turn",
]
