"""Ranking by meaning what was found by words: asks for a question's vector while the store is read, and sees to those of messages.

What the user says gets its vector when it is stored, and comes into the store with it. What is there without one gets it in the
background when it is found; until then, or while that fails, it is ranked by its words. Replies are, always: they are long, and say
little of the user that the user has not said.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from graphmem.embed.base import EmbeddingError
from graphmem.embed.model import EmbeddingModel
from graphmem.embed.short import is_known, kept, nearness
from graphmem.errors import GraphMemError
from graphmem.records import Message
from graphmem.stores.base import NewMessage, Recalled
from graphmem.stores.embedding import ShortVectorStore, StoredText

logger = logging.getLogger(__name__)

_USER = "user"
BATCH = 64
"""How many messages are embedded with one call, and those in the background written at once."""
MOST_WAITING = 10_000
"""Messages that wait for their vector beyond this many are left until they are found again."""
REST_SECONDS = 15.0
"""How long nothing is embedded after a failure."""
CLOSE_SECONDS = 1.0
"""How long closing waits for what still waits."""


class Reranker:
    """Compares what a recall brought with its question, and keeps messages' short vectors up to date.

    Args:
        store: where the vectors are.
        model: gives vectors that `graphmem.embed.short` can keep.
    """

    def __init__(self, store: ShortVectorStore, model: EmbeddingModel) -> None:
        self._store = store
        self._model = model
        self._waiting: dict[tuple[str, str], StoredText] = {}
        self._task: asyncio.Task[None] | None = None
        self._not_until = 0.0

    async def with_vectors(self, messages: Sequence[NewMessage]) -> tuple[NewMessage, ...]:
        """Return messages that are to be stored with their vectors; without them when these cannot be had now."""
        texts = [message.text for message in messages if message.role == _USER]
        if not texts or self._rests():
            return tuple(messages)
        try:
            vectors = dict(zip(texts, await self._embedded(texts), strict=True))
        except EmbeddingError as error:
            self._leave(error)
            return tuple(messages)
        return tuple(replace(m, short_vector=vectors[m.text]) if m.role == _USER else m for m in messages)

    async def vector_of(self, question: str | None) -> bytes | None:
        """Return the vector of a question; None when there is none, or it cannot be had now."""
        similar = None if question is None else await self._model.similar_to(question)
        return None if similar is None else similar.vector

    def compared(self, recalled: Recalled, vector: bytes | None) -> Recalled:
        """Return what was recalled with how near its messages are to the question.

        Args:
            recalled: what a store brought. What the user said of it and lacks a vector gets one in the background.
            vector: of the question; None when it cannot be had.
        """
        vectors = recalled.short_vectors
        self._embed_later(
            m for m in recalled.matches if m.role == _USER and not is_known(vectors.get((m.session_id, m.seq)))
        )
        return recalled if vector is None else replace(recalled, nearness=nearness(vectors, vector))

    async def wait(self, timeout: float | None) -> None:
        """Wait until every message that waits has its vector, or was tried in vain, for ``timeout`` seconds at most."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=timeout)

    async def close(self) -> None:
        """Finish what waits when that is soon done, and stop."""
        await self.wait(CLOSE_SECONDS)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _embed_later(self, messages: Iterable[Message]) -> None:
        if self._rests():
            return
        for message in messages:
            if len(self._waiting) >= MOST_WAITING:
                break
            self._waiting[message.session_id, message.id] = StoredText.of(message)
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._run(), name="graphmem-short-vectors")

    async def _run(self) -> None:
        while self._waiting:
            batch = {key: self._waiting[key] for key in list(self._waiting)[:BATCH]}
            try:
                vectors = await self._embedded([text.text for text in batch.values()])
                await self._store.keep_short_vectors(list(zip(batch.values(), vectors, strict=True)))
            except (EmbeddingError, GraphMemError) as error:
                self._leave(error)
                return
            except Exception as error:
                logger.exception("embedding failed")
                self._leave(error)
                return
            for key, text in batch.items():
                if self._waiting.get(key) is text:
                    del self._waiting[key]

    async def _embedded(self, texts: Sequence[str]) -> list[str]:
        vectors: list[bytes] = []
        for start in range(0, len(texts), BATCH):
            vectors += await self._model.embed(texts[start : start + BATCH])
        return [kept(vector) for vector in vectors]

    def _rests(self) -> bool:
        return asyncio.get_running_loop().time() < self._not_until

    def _leave(self, error: Exception) -> None:
        logger.warning("messages are ranked by their words alone for %g seconds: %s", REST_SECONDS, error)
        self._waiting.clear()
        self._not_until = asyncio.get_running_loop().time() + REST_SECONDS
