"""Which extractor a configuration means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmem.errors import ConfigError

if TYPE_CHECKING:
    from extraction.base import Extractor
    from graphmem.config import MemLayerConfig


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
    raise ConfigError("extractor", config.extractor, "this version extracts offline only: one of local, rules, none")
