"""Which extractor a configuration means."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

from extraction.catalogue import Catalogue
from graphmem.errors import ConfigError

if TYPE_CHECKING:
    from extraction import LLMExtractor
    from extraction.base import Extractor
    from graphmem.config import MemLayerConfig


def is_offline(config: MemLayerConfig) -> bool:
    """Whether what is stored is read at once, with no language model of graphmem's own."""
    return config.extractor not in ("llm", "hybrid") and (config.extractor != "auto" or config.llm is None)


def make_extractor(config: MemLayerConfig) -> tuple[Extractor | None, bool]:
    """Return the extractor of a configuration (None for "none"), and whether ``store`` waits for it by default.

    Offline extractors are fast and waited for; a language model works in the background.
    """
    if not isinstance(config.extractor, str):
        return config.extractor, True
    name = config.extractor
    if name == "auto":
        name = "local" if config.llm is None else "hybrid"
    if name == "none":
        return None, True
    catalogue = _given_catalogue(config)
    if name in ("local", "rules"):
        from extraction import LocalExtractor, RuleExtractor

        return (LocalExtractor(catalogue) if name == "local" else RuleExtractor(catalogue)), True
    llm = _llm(config, catalogue)
    if name == "llm":
        return llm, False
    from extraction import HybridExtractor, LocalExtractor

    return HybridExtractor(LocalExtractor(catalogue), llm), False


def catalogue_of(config: MemLayerConfig, extractor: Extractor | None) -> Catalogue:
    """Return the relations that a memory knows: the configuration's, else those of its extractor, else version 1.

    Raises:
        ConfigError: what the configuration names cannot be imported, or is no catalogue.
    """
    given = _given_catalogue(config)
    if given is not None:
        return given
    own: Catalogue | None = getattr(extractor, "catalogue", None)
    return Catalogue() if own is None else own


def _given_catalogue(config: MemLayerConfig) -> Catalogue | None:
    if not isinstance(config.catalogue, str):
        return config.catalogue
    module, _, name = config.catalogue.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        allowed = f"MODULE:NAME that can be imported, from PYTHONPATH or an installed package ({error})"
        raise ConfigError("catalogue", config.catalogue, allowed) from error
    catalogue = getattr(found, "catalogue", found)
    if not isinstance(catalogue, Catalogue):
        raise ConfigError("catalogue", config.catalogue, "the name of a Catalogue, or of an extractor that has one")
    return catalogue


def _llm(config: MemLayerConfig, catalogue: Catalogue | None) -> LLMExtractor:
    from extraction import LLMExtractor

    assert config.llm is not None  # noqa: S101 - the configuration was checked when it was made
    if not (
        config.llm.api_key
        or config.llm.base_url
        or os.environ.get("OPENAI_API_KEY")
        or os.environ.get("OPENAI_BASE_URL")
    ):
        raise ConfigError(
            "llm.api_key", None, "set it or OPENAI_API_KEY, or llm.base_url of a server that needs no key"
        )
    try:
        return LLMExtractor(
            config.llm.model,
            config.llm.base_url,
            config.llm.api_key,
            config.llm.timeout,
            catalogue,
            concurrency=config.llm.concurrency,
            requests_per_minute=config.llm.requests_per_minute,
        )
    except ValueError as error:
        raise ConfigError("llm", config.llm.model, str(error)) from error
