"""Which summariser a configuration means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmem.errors import ConfigError
from graphmem.summarize.base import Summarizer
from graphmem.summarize.llm import LLMSummarizer

if TYPE_CHECKING:
    from graphmem.config import MemLayerConfig


def make_summarizer(config: MemLayerConfig) -> Summarizer | None:
    """Return the summariser of a configuration other than "none"; None for the extractive summary.

    Raises:
        ConfigError: the language model's settings cannot be used.
    """
    if not isinstance(config.summarizer, str):
        return config.summarizer
    if config.llm is None or config.summarizer == "extractive":
        return None
    try:
        return LLMSummarizer(config.llm)
    except ValueError as error:
        raise ConfigError("llm", config.llm.model, str(error)) from error
