"""Embeddings from a model in this process, with the package sentence-transformers."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from graphmem.embed.base import EmbeddingError


class SentenceTransformersEmbedder:
    """An embedder that loads a model of sentence-transformers on first use and runs it in a thread.

    Args:
        model: a name of theirs, or a folder.
    """

    def __init__(self, model: str) -> None:
        self.model = model
        self._one_at_a_time = threading.Lock()
        self._loaded: Any = None

    async def __call__(self, texts: list[str]) -> Any:
        """Return a vector for each text, as an array.

        Raises:
            EmbeddingError: the model cannot be loaded.
        """
        return await asyncio.to_thread(self._encode, texts)

    def _encode(self, texts: list[str]) -> Any:
        with self._one_at_a_time:
            if self._loaded is None:
                try:
                    from sentence_transformers import SentenceTransformer

                    self._loaded = SentenceTransformer(self.model)
                except Exception as error:
                    told = " ".join(str(error).split())
                    raise EmbeddingError(f"the model {self.model} cannot be loaded: {told[:300]}") from error
            return self._loaded.encode(texts, convert_to_numpy=True, show_progress_bar=False)
