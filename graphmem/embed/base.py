"""What an embedder is, for one's own, and how it says that it failed."""

from __future__ import annotations

from graphmem.config import Embedder

__all__ = ["Embedder", "EmbeddingError"]


class EmbeddingError(Exception):
    """An embedder could not do its work; ``str()`` is the cause in one line and has no word of a text.

    Args:
        cause: in one line.
        passing: the same may succeed later. False means that these texts, as far as anybody can tell, are refused for ever.
    """

    def __init__(self, cause: str, *, passing: bool = True) -> None:
        super().__init__(cause)
        self.passing = passing
