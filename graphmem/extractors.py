"""Which extractor a configuration means."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

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
    if name in ("local", "rules"):
        from extraction import LocalExtractor, RuleExtractor

        return (LocalExtractor() if name == "local" else RuleExtractor()), True
    llm = _llm(config)
    if name == "llm":
        return llm, False
    from extraction import HybridExtractor, LocalExtractor

    return HybridExtractor(LocalExtractor(), llm), False


def _llm(config: MemLayerConfig) -> LLMExtractor:
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
            concurrency=config.llm.concurrency,
            requests_per_minute=config.llm.requests_per_minute,
        )
    except ValueError as error:
        raise ConfigError("llm", config.llm.model, str(error)) from error
