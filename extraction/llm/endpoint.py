"""What all extractors of a process share about one endpoint: who asks at the moment, when the next may, and whether it is down.

It may be used from several threads, each with an event loop of its own.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from extraction.base import NotAsked

FAILURES = 3
"""So many calls in a row have to fail, each with all its attempts, until the endpoint is left alone."""
FIRST_REST = 5.0
LONGEST_REST = 60.0
_LOOK_AGAIN = 0.05


class Endpoint:
    """One endpoint, as this process sees it. Get it from `endpoint_of`.

    After `FAILURES` calls in a row that failed by its fault it rests: calls are refused at once for `FIRST_REST` seconds,
    then one is let through while others wait for its outcome. When it succeeds all is as before, else the next rest is twice
    as long, up to `LONGEST_REST`.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._lock = threading.Lock()
        self._waiting: deque[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = deque()
        self._under_way = 0
        self._next_start = 0.0
        self._failures = 0
        self._rest = 0.0
        self._rests_until = 0.0
        self._is_tried = False
        self._cause = ""

    @asynccontextmanager
    async def slot(self, limit: int) -> AsyncIterator[None]:
        """Wait until fewer than ``limit`` calls are under way, and be one of them."""
        await self._enter(limit)
        try:
            yield
        finally:
            self._leave()

    def reserve(self, interval: float) -> float:
        """Return in how many seconds the next request may start, when requests are ``interval`` seconds apart."""
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next_start)
            self._next_start = start + interval
            return start - now

    async def permission(self) -> bool:
        """Return when a call may be made, and whether it is the trial after a rest; that has to end in `succeeded`, `failed` or
        `undecided`.

        Raises:
            NotAsked: the endpoint rests.
        """
        while True:
            with self._lock:
                if self._failures < FAILURES:
                    return False
                left = self._rests_until - time.monotonic()
                if left > 0:
                    raise NotAsked(f"{self._cause}; it is left alone for {left:.0f} more seconds", left)
                if not self._is_tried:
                    self._is_tried = True
                    return True
            await asyncio.sleep(_LOOK_AGAIN)

    def try_now(self) -> None:
        """End a rest: the next call is a trial."""
        with self._lock:
            self._rests_until = 0.0

    def succeeded(self) -> None:
        """Note that a call was answered."""
        with self._lock:
            self._failures, self._rest, self._is_tried = 0, 0.0, False

    def failed(self, cause: str) -> None:
        """Note that a call failed by the endpoint's fault."""
        with self._lock:
            self._failures += 1
            self._cause = cause
            if self._failures == FAILURES or self._is_tried:
                self._rest = min(2 * self._rest, LONGEST_REST) or FIRST_REST
                self._rests_until = time.monotonic() + self._rest
            self._is_tried = False

    def undecided(self) -> None:
        """Note that a call ended in a way that says nothing of the endpoint: another may be the trial."""
        with self._lock:
            self._is_tried = False

    async def _enter(self, limit: int) -> None:
        while True:
            loop = asyncio.get_running_loop()
            with self._lock:
                if self._under_way < limit:
                    self._under_way += 1
                    return
                turn: asyncio.Future[None] = loop.create_future()
                self._waiting.append((loop, turn))
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._wake()
                raise

    def _leave(self) -> None:
        with self._lock:
            self._under_way -= 1
        self._wake()

    def _wake(self) -> None:
        """Let the next one that waits look whether it may go on, whatever loop it waits in."""
        while True:
            with self._lock:
                if not self._waiting:
                    return
                loop, turn = self._waiting.popleft()
            try:
                loop.call_soon_threadsafe(self._resolve, turn)
            except RuntimeError:
                continue  # its loop is closed, and nobody waits there any more
            return

    def _resolve(self, turn: asyncio.Future[None]) -> None:
        if turn.done():
            self._wake()  # it gave up meanwhile, and another waits
        else:
            turn.set_result(None)


def endpoint_of(address: str) -> Endpoint:
    """Return the endpoint with this address, the same one as long as somebody uses it."""
    with _endpoints_lock:
        endpoint = _endpoints.get(address)
        if endpoint is None:
            endpoint = _endpoints[address] = Endpoint(address)
        return endpoint


_endpoints: WeakValueDictionary[str, Endpoint] = WeakValueDictionary()
_endpoints_lock = threading.Lock()
