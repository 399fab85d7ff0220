"""One embedding model: asked with care, its answers checked, left alone for a while when it fails somebody who waits."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Sequence

from graphmem.embed.base import Embedder, EmbeddingError
from graphmem.embed.vectors import packed
from graphmem.stores.embedding import BYTES_OF_A_NUMBER, Similar, VectorSpace

logger = logging.getLogger(__name__)

MAX_CHARS = 4_000
"""Characters of a text that are embedded; endpoints refuse what is much longer."""
BATCH_SECONDS = 60.0
"""How long one call for several texts may take."""
REST_SECONDS = 15.0
"""How long no question is embedded after one failed or took too long: whoever asks is answered by words alone meanwhile."""
_BLANK = "."
"""What is embedded in place of a text of spaces, which endpoints refuse."""


class EmbeddingModel:
    """An embedder with its name and what is known of its vectors.

    Args:
        call: the embedder.
        name: names the model: vectors of another name are not compared with its own.
        question_seconds: how long a question may take.
        is_built_in: the embedder is one of graphmem's own, to be prepared and closed.
    """

    def __init__(self, call: Embedder, name: str, *, question_seconds: float, is_built_in: bool = False) -> None:
        self.name = name
        self._call = call
        self._is_built_in = is_built_in
        self._question_seconds = question_seconds
        self._size = 0
        self._not_until = 0.0

    @property
    def space(self) -> VectorSpace:
        """The model's name and, once it has answered, how many numbers its vectors have."""
        return VectorSpace(self.name, self._size)

    async def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return the vectors of ``texts``, one for each.

        Raises:
            EmbeddingError: there are none.
        """
        return await self._within(BATCH_SECONDS, texts)

    async def similar_to(self, text: str | None) -> Similar | None:
        """Return what to compare with a question, or None when it cannot be embedded now.

        Args:
            text: the question; None for the session's last message, whose own vector is compared.
        """
        if text is None:
            return Similar(self.space, None) if self._size else None
        loop = asyncio.get_running_loop()
        if not text.strip() or loop.time() < self._not_until:
            return None
        try:
            prepare = getattr(self._call, "prepare", None) if self._is_built_in else None
            if prepare is not None:
                await prepare()
            (vector,) = await self._within(self._question_seconds, [text])
        except EmbeddingError as error:
            self._not_until = loop.time() + REST_SECONDS
            logger.warning("questions are answered by their words alone for %g seconds: %s", REST_SECONDS, error)
            return None
        return Similar(self.space, vector)

    async def aclose(self) -> None:
        """Close what the embedder holds, when it is one of graphmem's own."""
        close = getattr(self._call, "aclose", None) if self._is_built_in else None
        if close is not None:
            await close()

    async def _within(self, seconds: float, texts: Sequence[str]) -> list[bytes]:
        try:
            async with asyncio.timeout(seconds):
                return await self._asked(texts)
        except TimeoutError as late:
            raise EmbeddingError(f"{self.name} did not answer within {seconds:g} seconds") from late

    async def _asked(self, texts: Sequence[str]) -> list[bytes]:
        try:
            given = await self._call([text[:MAX_CHARS] if text.strip() else _BLANK for text in texts])
        except (EmbeddingError, TimeoutError):
            raise
        except Exception as error:
            # what it says may quote a text
            raise EmbeddingError(f"{self.name} failed with {type(error).__name__}") from error
        try:
            vectors = packed(given, len(texts))
        except EmbeddingError as error:
            raise EmbeddingError(f"{self.name}: {error}", passing=error.passing) from error
        size = len(vectors[0]) // BYTES_OF_A_NUMBER if vectors else self._size
        if self._size not in (0, size):
            raise EmbeddingError(f"{self.name} gave vectors of {size} numbers, and of {self._size} before")
        self._size = size
        return vectors


def name_of(embedder: Embedder) -> str:
    """Return the name by which an embedder's vectors are known: its ``model`` or ``name``, else where it is defined."""
    for attribute in ("model", "name"):
        name = getattr(embedder, attribute, None)
        if isinstance(name, str) and name.strip():
            return name.strip()
    function = embedder.func if isinstance(embedder, functools.partial) else embedder
    defined = function if hasattr(function, "__qualname__") else type(function)
    return f"{defined.__module__}.{defined.__qualname__}"
