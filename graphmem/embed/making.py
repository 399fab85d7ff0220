"""Which embedder a configuration means."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from graphmem.embed.endpoint import DEFAULT_MODEL, OpenAIEmbedder
from graphmem.embed.local import SentenceTransformersEmbedder
from graphmem.embed.model import EmbeddingModel, name_of
from graphmem.embed.shipped import NAME, ShippedEmbedder
from graphmem.embed.short import ShortEmbedder
from graphmem.errors import ConfigError

if TYPE_CHECKING:
    from graphmem.config import MemLayerConfig


def make_embedder(config: MemLayerConfig) -> EmbeddingModel | None:
    """Return the embedding model of a configuration; None without one.

    Raises:
        ConfigError: it needs a key or a package that is not there.
    """
    given, seconds = config.embedder, config.embedder_timeout
    if given is None:
        return None
    if not isinstance(given, str):
        return EmbeddingModel(given, name_of(given), question_seconds=seconds)
    kind, _, model = given.partition(":")
    if kind == "local":
        return EmbeddingModel(ShippedEmbedder(), NAME, question_seconds=seconds, is_built_in=True)
    if kind == "openai":
        model = model or DEFAULT_MODEL
        endpoint = _endpoint(config, model)
        return EmbeddingModel(endpoint, f"openai:{model}", question_seconds=seconds, is_built_in=True)
    if find_spec("sentence_transformers") is None:
        raise ConfigError(
            "embedder",
            given,
            "it needs the package sentence-transformers: pip install 'graphmem[sentence-transformers]'",
        )
    return EmbeddingModel(SentenceTransformersEmbedder(model), given, question_seconds=seconds, is_built_in=True)


def make_short_embedder(config: MemLayerConfig) -> EmbeddingModel:
    """Return the model whose vectors are cut down, for ranking what was found by words."""
    return EmbeddingModel(
        ShortEmbedder(), ShortEmbedder.model, question_seconds=config.embedder_timeout, is_built_in=True
    )


def _endpoint(config: MemLayerConfig, model: str) -> OpenAIEmbedder:
    base_url = config.llm.base_url if config.llm else None
    api_key = config.llm.api_key if config.llm else None
    address = base_url or os.environ.get("OPENAI_BASE_URL")
    if not (api_key or address or os.environ.get("OPENAI_API_KEY")):
        raise ConfigError(
            "embedder",
            config.embedder,
            "it needs a key: set OPENAI_API_KEY, or OPENAI_BASE_URL of a server without keys",
        )
    if address and (urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname):
        raise ConfigError("embedder", config.embedder, "it needs a base_url such as http://localhost:8000/v1")
    return OpenAIEmbedder(model, base_url, api_key)
