"""Ranking by meaning what was found by words: asks for a question's vector while the store is read, and sees to those of messages.

What the user says gets its vector when its facts are read, in the transaction that writes them; in the background where no facts are
read. All else does, replies for instance, when it is found without one. What fails is left: the message is ranked by its words until
it is found the next time.
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
from graphmem.stores.base import Recalled
from graphmem.stores.embedding import ShortVectorStore, StoredText

logger = logging.getLogger(__name__)

BATCH = 16
"""How many messages are embedded and written at once."""
_AT_ONCE = 64
"""How many of an interaction's messages are embedded with one call, which may not take for ever."""
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

    def schedule(self, messages: Iterable[Message]) -> None:
        """Embed messages in the background."""
        if asyncio.get_running_loop().time() < self._not_until:
            return
        for message in messages:
            if len(self._waiting) >= MOST_WAITING:
                break
            text = StoredText(message.user_id, message.session_id, message.id, message.text, message.at)
            self._waiting[message.session_id, message.id] = text
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._run(), name="graphmem-short-vectors")

    async def vectors_of(self, texts: Sequence[str]) -> dict[str, str]:
        """Return the vectors of messages' texts, as a store keeps them; none when they cannot be had now."""
        if asyncio.get_running_loop().time() < self._not_until:
            return {}
        try:
            return dict(zip(texts, await self._embedded(texts), strict=True))
        except EmbeddingError as error:
            self._leave(error)
            return {}

    async def vector_of(self, question: str | None) -> bytes | None:
        """Return the vector of a question; None when there is none, or it cannot be had now."""
        similar = None if question is None else await self._model.similar_to(question)
        return None if similar is None else similar.vector

    async def compared(self, recalled: Recalled, vector: bytes | None) -> Recalled:
        """Return what was recalled with how near its messages are to the question.

        Args:
            recalled: what a store brought. Those of its matches that lack a vector get one in the background.
            vector: of the question; None means that of the session's last user message, where it is among what was brought.
        """
        vectors = recalled.short_vectors
        self.schedule(m for m in recalled.matches if not is_known(vectors.get((m.session_id, m.seq))))
        if not vectors:
            return recalled
        if vector is None:
            vector = await self.vector_of(next((m.text for m in recalled.messages[::-1] if m.role == "user"), None))
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
        for start in range(0, len(texts), _AT_ONCE):
            vectors += await self._model.embed(texts[start : start + _AT_ONCE])
        return [kept(vector) for vector in vectors]

    def _leave(self, error: Exception) -> None:
        logger.warning("messages are ranked by their words alone for %g seconds: %s", REST_SECONDS, error)
        self._waiting.clear()
        self._not_until = asyncio.get_running_loop().time() + REST_SECONDS
