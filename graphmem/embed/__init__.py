"""Embeddings: an option by which memories are found by their meaning too. What is here asks a model and keeps what it gives up to
date; `graphmem.stores.embedding` says how a store keeps it."""

from graphmem.embed.base import Embedder, EmbeddingError
from graphmem.embed.keeper import EmbeddingKeeper
from graphmem.embed.making import make_embedder, make_short_embedder
from graphmem.embed.model import EmbeddingModel
from graphmem.embed.reranking import Reranker

__all__ = [
    "Embedder",
    "EmbeddingError",
    "EmbeddingKeeper",
    "EmbeddingModel",
    "Reranker",
    "make_embedder",
    "make_short_embedder",
]
