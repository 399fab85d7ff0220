"""Embeddings from the small model that ships in the package: a fine-tuned encoder, run by ONNX Runtime."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extraction.local.network import on_cores, open_network
from extraction.local.tagger_windows import encodable, load_tokenizer
from graphmem.embed.base import EmbeddingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODEL = Path(__file__).parent / "model" / "embedding.onnx"
NAME = "local-2"
"""Names the vectors: to be changed with the model, so that those of an older one are replaced."""

MAX_TOKENS = 256
"""Tokens of a text that count; the encoder has learned no longer ones."""

_SHORT = 200
"""Characters of a short text: fifty tokens, two milliseconds."""

_opening = threading.Lock()
_opened: dict[Path, tuple[Any, Any]] = {}
"""The network and the tokenizer by the network's file, for all memories of a process."""


class ShippedEmbedder:
    """An embedder that opens its model on first use and runs it in threads.

    Args:
        path: the network.
        max_tokens: how many tokens of a text count, `MAX_TOKENS` at most.
    """

    model = NAME

    def __init__(self, path: Path = MODEL, max_tokens: int = MAX_TOKENS) -> None:
        self._path = path
        self._max_tokens = max_tokens

    async def __call__(self, texts: list[str]) -> Any:
        """Return a vector of 384 numbers for each text. A single short one is read on the spot: to hand it over takes as long.

        Raises:
            EmbeddingError: the model is missing or damaged.
        """
        if len(texts) == 1 and len(texts[0]) <= _SHORT and self._path in _opened:
            return self._embed_all(texts)
        return await asyncio.to_thread(self._embed_all, texts)

    async def prepare(self) -> None:
        """Open the model, so that the first question need not wait for it.

        Raises:
            EmbeddingError: it is missing or damaged.
        """
        if self._path not in _opened:
            await asyncio.to_thread(_open, self._path)

    def _embed_all(self, texts: list[str]) -> list[NDArray[np.float32]]:
        opened = _open(self._path)
        return on_cores(lambda text: _embed(*opened, text, self._max_tokens), texts, "graphmem-embedder")


def _open(path: Path) -> tuple[Any, Any]:
    from extraction.local.tagger import MODEL as EXTRACTOR_MODEL

    with _opening:
        if path not in _opened:
            try:
                session = open_network(path)
                tokenizer = load_tokenizer(EXTRACTOR_MODEL / "tokenizer.json")
            except Exception as error:
                # Neither library has an exception class of its own for a file that is missing or damaged.
                told = " ".join(str(error).split())
                raise EmbeddingError(f"its model cannot be opened ({told[:300]}): reinstall graphmem") from error
            tokenizer.enable_truncation(MAX_TOKENS)
            _opened[path] = session, tokenizer
        return _opened[path]


def _embed(session: Any, tokenizer: Any, text: str, max_tokens: int) -> NDArray[np.float32]:
    # One text at a time: the quantised network scales its numbers by the largest of a run, so that a text would have a
    # slightly different vector in different company.
    import numpy as np

    tokens = tokenizer.encode(encodable(text)).ids
    if len(tokens) > max_tokens:
        tokens = [*tokens[: max_tokens - 1], tokens[-1]]
    ids = np.array([tokens], dtype=np.int64)
    (vectors,) = session.run(["embedding"], {"ids": ids, "mask": np.ones_like(ids)})
    vector: NDArray[np.float32] = vectors[0]
    return vector
