"""The same surface for scripts: every verb blocks. An event loop of its own runs in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from graphmem import memory
from graphmem.config import MemLayerConfig
from graphmem.errors import StoreError
from graphmem.records import Context, Fact, FactStatus, Finding, Forgotten, Hit, Message, PendingJob, Stats, StoreResult
from graphmem.turn import BlockingTurn

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

    from graphmem.page.graph import MemoryGraph

_T = TypeVar("_T")


class MemLayer:
    """Long-term memory for LLM agents; see `graphmem.MemLayer` for every verb. May be called from several threads.

    Args:
        config: the settings; None for the defaults.
    """

    def __init__(self, config: MemLayerConfig | None = None) -> None:
        self.config = config or MemLayerConfig()
        self._lock = threading.Lock()
        self._context: AbstractContextManager[BlockingPortal] | None = None
        self._portal: BlockingPortal | None = None
        self._memory: memory.MemLayer | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def store(
        self,
        session_id: str,
        interaction: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        user_id: str | None = None,
        wait: bool | None = None,
    ) -> StoreResult:
        """See `graphmem.MemLayer.store`."""
        return self._run(lambda m: m.store(session_id, interaction, user_id, wait))

    def get_context(
        self, session_id: str, user_id: str | None = None, query: str | None = None, max_tokens: int | None = None
    ) -> Context:
        """See `graphmem.MemLayer.get_context`."""
        return self._run(lambda m: m.get_context(session_id, user_id, query, max_tokens))

    def turn(self, session_id: str, user_id: str | None, text: str, max_tokens: int | None = None) -> BlockingTurn:
        """See `graphmem.MemLayer.turn`; used with ``with``."""
        return BlockingTurn(self, session_id, user_id, text, max_tokens)

    def facts(
        self,
        user_id: str,
        status: FactStatus | str | None = None,
        predicate: str | None = None,
        subject: str | None = None,
        about: str | None = None,
        as_of: datetime | str | None = None,
    ) -> list[Fact]:
        """See `graphmem.MemLayer.facts`."""
        return self._run(lambda m: m.facts(user_id, status, predicate, subject, about, as_of))

    def search(
        self, query: str, user_id: str, limit: int = 10, kind: Literal["message", "fact", "any"] = "message"
    ) -> list[Hit]:
        """See `graphmem.MemLayer.search`."""
        return self._run(lambda m: m.search(query, user_id, limit, kind))

    def messages(
        self, session_id: str | None = None, user_id: str | None = None, limit: int | None = None
    ) -> list[Message]:
        """See `graphmem.MemLayer.messages`."""
        return self._run(lambda m: m.messages(session_id, user_id, limit))

    def cypher(
        self,
        query: str,
        user_id: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        scope: Literal["user", "all"] = "user",
        limit: int | None = None,
        timeout: float | None = None,
    ) -> list[dict[str, Any]]:
        """See `graphmem.MemLayer.cypher`."""
        return self._run(lambda m: m.cypher(query, user_id, parameters, scope, limit, timeout))

    def graph(self, user_id: str) -> MemoryGraph:
        """See `graphmem.MemLayer.graph`."""
        return self._run(lambda m: m.graph(user_id))

    def forget(
        self,
        user_id: str | None = None,
        session_id: str | None = None,
        message_id: str | None = None,
        fact_id: str | None = None,
    ) -> Forgotten:
        """See `graphmem.MemLayer.forget`."""
        return self._run(lambda m: m.forget(user_id, session_id, message_id, fact_id))

    def stats(self, user_id: str | None = None) -> Stats:
        """See `graphmem.MemLayer.stats`."""
        return self._run(lambda m: m.stats(user_id))

    def users(self, limit: int = 1000) -> list[str]:
        """See `graphmem.MemLayer.users`."""
        return self._run(lambda m: m.users(limit))

    def flush(self, timeout: float | None = None) -> int:
        """See `graphmem.MemLayer.flush`."""
        return self._run(lambda m: m.flush(timeout))

    def expire(self, user_id: str | None = None) -> int:
        """See `graphmem.MemLayer.expire`."""
        return self._run(lambda m: m.expire(user_id))

    def pending(self, user_id: str | None = None, limit: int = 1000) -> list[PendingJob]:
        """See `graphmem.MemLayer.pending`."""
        return self._run(lambda m: m.pending(user_id, limit))

    def skip(self, job_id: str, user_id: str) -> None:
        """See `graphmem.MemLayer.skip`."""
        self._run(lambda m: m.skip(job_id, user_id))

    def check(self, user_id: str | None = None, repair: bool = False) -> list[Finding]:
        """See `graphmem.MemLayer.check`."""
        return self._run(lambda m: m.check(user_id, repair))

    def export(self, user_id: str | None = None) -> Iterator[dict[str, Any]]:
        """See `graphmem.MemLayer.export`."""

        async def everything(m: memory.MemLayer) -> list[dict[str, Any]]:
            return [record async for record in m.export(user_id)]

        return iter(self._run(everything))

    def load(self, records: Iterable[Mapping[str, Any]]) -> Forgotten:
        """See `graphmem.MemLayer.load`."""
        return self._run(lambda m: m.load(records))

    def close(self) -> None:
        """Finish or hand back the work in hand and release every resource; a second call does nothing."""
        with self._lock:
            if self._portal is not None and self._memory is not None and self._context is not None:
                try:
                    self._portal.call(self._memory.aclose)
                finally:  # else a signal that comes here would leave the loop's thread behind
                    self._context.__exit__(None, None, None)
            self._portal = self._memory = self._context = None
            self._closed = True

    def _run(self, verb: Callable[[memory.MemLayer], Coroutine[Any, Any, _T]]) -> _T:
        portal, layer = self._started()
        result: _T = portal.call(verb, layer)
        return result

    def _started(self) -> tuple[BlockingPortal, memory.MemLayer]:
        from anyio.from_thread import start_blocking_portal

        with self._lock:
            if self._closed:
                raise StoreError("this MemLayer is closed; make a new one")
            if self._portal is None or self._memory is None:
                self._context = start_blocking_portal()
                self._portal = self._context.__enter__()
                self._memory = self._portal.call(self._make)
            return self._portal, self._memory

    async def _make(self) -> memory.MemLayer:
        return memory.MemLayer(config=self.config)
