"""Keeping the vectors: in the background, batch by batch, until every message and fact has one of the present model."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from graphmem.embed.base import EmbeddingError
from graphmem.embed.model import EmbeddingModel
from graphmem.errors import GraphMemError
from graphmem.stores.embedding import EmbeddingStore, Kind, Similar, StoredText

logger = logging.getLogger(__name__)

BATCH = 64
"""How many texts are embedded with one call."""
PAGE = 1024
"""How many texts are read from the store in one go."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
"""Seconds until a failure is tried again, twice as long each time."""
_STUBBORN = 3
"""After so many failures the texts of a batch are tried one by one: one of them may be what is refused."""
_ANY_TEXT = "hello"
_MAX_REFUSED = 10_000


class EmbeddingKeeper:
    """Embeds what has no vector, and asks for what is near.

    What was stored is looked at at once (`schedule`); all users are looked through at the start, with a `flush`, and after what
    may have changed anything (`sweep`). A failure loses nothing: it is tried again, the longer it lasts the less often.

    Args:
        store: where texts and vectors are.
        model: who embeds.
        not_before: gives the moment before which messages are past their time; None for no limit.
    """

    def __init__(
        self, store: EmbeddingStore, model: EmbeddingModel, *, not_before: Callable[[], datetime | None]
    ) -> None:
        self._store = store
        self._model = model
        self._not_before = not_before
        self._users: dict[str, datetime | None] = {}
        self._all = False
        self._refused: set[tuple[str, str | None, str]] = set()
        self._failures = 0
        self._task: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._hurry = asyncio.Event()

    def schedule(self, user_id: str, since: datetime | None = None) -> None:
        """Embed what a user's messages since a time, and all of the user's facts, lack, in the background."""
        self._note(user_id, since)
        self._start()

    def sweep(self) -> None:
        """Embed what anybody's messages and facts lack, in the background."""
        self._all = True
        self._start()

    async def similar_to(self, question: str | None) -> Similar | None:
        """Return what a recall is to compare; see `EmbeddingModel.similar_to`."""
        unknown = not self._model.space.size
        similar = await self._model.similar_to(question)
        if unknown and self._model.space.size:
            self.sweep()  # now it is known which vectors are of another size
        return similar

    async def wait(self, timeout: float | None) -> None:
        """Wait until everything is embedded, or has been tried in vain, for ``timeout`` seconds at most."""
        task = self._task
        if task is None or task.done():
            return
        self._tried.clear()
        self._hurry.set()
        tried = asyncio.create_task(self._tried.wait())
        try:
            await asyncio.wait({task, tried}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            tried.cancel()

    async def close(self) -> None:
        """Stop. What has no vector yet gets one later."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._model.aclose()

    def _note(self, user_id: str, since: datetime | None) -> None:
        known = self._users.get(user_id, since)
        self._users[user_id] = None if known is None or since is None else min(known, since)

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="graphmem-embeddings")

    async def _run(self) -> None:
        while self._all or self._users:
            try:
                await self._embed_next()
                self._failures = 0
            except (EmbeddingError, GraphMemError) as error:
                await self._rest(error)
            except Exception as error:
                logger.exception("embedding failed")
                await self._rest(error)

    async def _rest(self, error: Exception) -> None:
        """Wait a while, or until somebody waits for this."""
        wait = min(FIRST_WAIT * 2.0**self._failures, LONGEST_WAIT)
        self._failures += 1
        logger.warning("messages are not embedded yet and are tried again in %g seconds: %s", wait, error)
        self._hurry.clear()
        self._tried.set()
        try:
            await asyncio.wait_for(self._hurry.wait(), wait)
        except TimeoutError:
            return

    async def _embed_next(self) -> None:
        """Do one user's part, or find out whose parts there are. What fails stays to be done."""
        if self._users:
            user_id, since = next(iter(self._users.items()))
            del self._users[user_id]  # what is stored meanwhile is looked at once more
            try:
                await self._embed_user(user_id, since)
            except BaseException:
                self._note(user_id, since)
                raise
            return
        self._all = False
        try:
            found = await self._store.users_without_vector(self._model.space, since=self._not_before())
        except BaseException:
            self._all = True
            raise
        self._users |= dict.fromkeys(found)

    async def _embed_user(self, user_id: str, since: datetime | None) -> None:
        oldest = self._not_before()
        first = max((moment for moment in (since, oldest) if moment is not None), default=None)
        await self._embed_all(user_id, "message", first)
        await self._embed_all(user_id, "fact", None)

    async def _embed_all(self, user_id: str, kind: Kind, since: datetime | None) -> None:
        until: datetime | None = None
        seen: set[tuple[str | None, str]] = set()
        while True:
            found = await self._store.without_vector(
                self._model.space, user_id=user_id, kind=kind, since=since, until=until, limit=PAGE
            )
            new = [t for t in found if (t.session_id, t.id) not in seen]
            wanted = [t for t in new if _key(t) not in self._refused]
            for start in range(0, len(wanted), BATCH):
                await self._embed_batch(wanted[start : start + BATCH])
            if len(found) < PAGE or not new:
                return
            until = found[-1].at
            seen = {(t.session_id, t.id) for t in found}

    async def _embed_batch(self, texts: Sequence[StoredText]) -> None:
        try:
            vectors = await self._model.embed([t.text for t in texts])
        except EmbeddingError as error:
            if error.passing and self._failures < _STUBBORN:
                raise
            await self._model.embed([_ANY_TEXT])  # it is not the texts when this is refused as well
            if len(texts) == 1:
                self._refuse(texts[0], error)
            else:
                for text in texts:
                    await self._embed_batch([text])
        else:
            await self._store.keep_vectors(self._model.space, list(zip(texts, vectors, strict=True)))

    def _refuse(self, text: StoredText, error: EmbeddingError) -> None:
        """Let a text be without a vector as long as this process lives."""
        if len(self._refused) >= _MAX_REFUSED:
            self._refused.clear()
        self._refused.add(_key(text))
        logger.warning("the %s %r is found by its words only: %s", text.kind, text.id, error)


def _key(text: StoredText) -> tuple[str, str | None, str]:
    return (text.user_id, text.session_id, text.id)
