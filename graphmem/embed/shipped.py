"""Embeddings from the small model that ships in the package: a fine-tuned encoder, run by ONNX Runtime."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extraction.local.network import on_cores, open_network
from extraction.local.tagger import MODEL as EXTRACTOR_MODEL
from extraction.local.tagger_windows import encodable, load_tokenizer
from graphmem.embed.base import EmbeddingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODEL = Path(__file__).parent / "model" / "embedding.onnx"
NAME = "local-1"
"""Names the vectors: to be changed with the model, so that those of an older one are replaced."""

MAX_TOKENS = 256
"""Tokens of a text that count; the encoder has learned no longer ones."""


class ShippedEmbedder:
    """An embedder that opens its model on first use and runs it in threads.

    Args:
        path: the network.
    """

    model = NAME

    def __init__(self, path: Path = MODEL) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._opened: tuple[Any, Any] | None = None

    async def __call__(self, texts: list[str]) -> Any:
        """Return a vector of 384 numbers for each text.

        Raises:
            EmbeddingError: the model is missing or damaged.
        """
        return await asyncio.to_thread(self._embed_all, texts)

    def _embed_all(self, texts: list[str]) -> list[NDArray[np.float32]]:
        opened = self._open()
        return on_cores(lambda text: _embed(*opened, text), texts, "graphmem-embedder")

    def _open(self) -> tuple[Any, Any]:
        with self._lock:
            if self._opened is None:
                try:
                    session = open_network(self._path)
                    tokenizer = load_tokenizer(EXTRACTOR_MODEL / "tokenizer.json")
                except Exception as error:
                    # Neither library has an exception class of its own for a file that is missing or damaged.
                    told = " ".join(str(error).split())
                    raise EmbeddingError(f"its model cannot be opened ({told[:300]}): reinstall graphmem") from error
                tokenizer.enable_truncation(MAX_TOKENS)
                self._opened = session, tokenizer
            return self._opened


def _embed(session: Any, tokenizer: Any, text: str) -> NDArray[np.float32]:
    # One text at a time: the quantised network scales its numbers by the largest of a run, so that a text would have a
    # slightly different vector in different company.
    import numpy as np

    ids = np.array([tokenizer.encode(encodable(text)).ids], dtype=np.int64)
    (vectors,) = session.run(["embedding"], {"ids": ids, "mask": np.ones_like(ids)})
    vector: NDArray[np.float32] = vectors[0]
    return vector
