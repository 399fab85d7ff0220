"""Turns that are to be written: at once when the store answers, later when it is down, each session's in their order."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from graphmem.errors import StoreError, StoreUnavailable

logger = logging.getLogger(__name__)

CAPACITY = 1000
"""How many turns of one memory wait for its store at most; then the oldest is given up for each new one."""
ATTEMPT_SECONDS = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 15.0
_ATTEMPTS_WHEN_REFUSED = 5
_MAX_REMEMBERED_FAILURES = 1000

_T = TypeVar("_T")


async def within(seconds: float, work: Coroutine[Any, Any, _T]) -> _T:
    """Return what ``work`` returns, or stop waiting after ``seconds``; it is cancelled then, and not waited for.

    Raises:
        TimeoutError: it took longer.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if task.done():
            return task.result()
        raise TimeoutError(f"took longer than {seconds:g} s")
    finally:
        if not task.done():
            task.add_done_callback(_look_at)
            task.cancel()


class Trouble:
    """Says in the log that a memory fails, once until it works again, and not once per turn."""

    def __init__(self) -> None:
        self._down: set[str] = set()
        self._said: set[tuple[str, str, type[BaseException]]] = set()

    def failed(self, step: str, session_id: str, error: BaseException, consequence: str) -> None:
        """Note that ``step`` failed for a session."""
        if may_pass(error):
            if step not in self._down:
                self._down.add(step)
                logger.warning("the memory does not %s (%s: %s); %s", step, type(error).__name__, error, consequence)
            return
        key = (step, session_id, type(error))
        if key not in self._said:
            if len(self._said) >= _MAX_REMEMBERED_FAILURES:
                self._said.clear()
            self._said.add(key)
            logger.warning("the memory does not %s in session %r; %s", step, session_id, consequence, exc_info=error)

    def worked(self, step: str) -> None:
        """Note that ``step`` works."""
        if step in self._down:
            self._down.discard(step)
            logger.info("the memory does %s again", step)


def may_pass(error: BaseException) -> bool:
    """Whether trying again later may help, for as long as it takes."""
    return isinstance(error, StoreUnavailable | OSError)  # TimeoutError and ConnectionError are OSErrors


@dataclass(eq=False)
class _Turn:
    number: int
    session_id: str
    write: Callable[[], Awaitable[None]]
    context: contextvars.Context
    over: asyncio.Event = field(default_factory=asyncio.Event)
    attempts: int = 0


class Keeper:
    """Writes the turns of one memory.

    Turns of a session are written in their order, one after the other; sessions do not wait for each other. A turn whose
    store is unavailable or too slow is tried again, with growing pauses, until it is written. It waits in this process alone:
    it is lost when the process ends, when `CAPACITY` later ones wait, or when the store refuses it for good. Each loss is logged.

    Args:
        capacity: how many turns wait at most.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.trouble = Trouble()
        self._capacity = capacity
        self._waiting: dict[str, deque[_Turn]] = {}
        self._writers: dict[str, asyncio.Task[None]] = {}
        self._numbers = itertools.count()
        self._try_now = asyncio.Event()
        self._lost = 0

    @property
    def waiting(self) -> int:
        """How many turns are not written yet."""
        return sum(map(len, self._waiting.values()))

    async def keep(self, session_id: str, write: Callable[[], Awaitable[None]], patience: float) -> None:
        """Write a turn; return when it is written or given up, or after ``patience`` seconds while it goes on waiting.

        Args:
            session_id: whose turns are written in order.
            write: writes it; may be called again after it failed.
            patience: seconds.
        """
        if self.waiting >= self._capacity:
            self._give_up_oldest()
        turn = _Turn(next(self._numbers), session_id, write, contextvars.copy_context())
        self._waiting.setdefault(session_id, deque()).append(turn)
        if session_id not in self._writers:
            writer = asyncio.create_task(self._write_all(session_id), name="graphmem-keeper")
            self._writers[session_id] = writer
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await turn.over.wait()

    async def flush(self, timeout: float | None = None) -> int:
        """Try now what waits, and return how many turns still wait after ``timeout`` seconds (None: until none does)."""
        loop = asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + timeout
        while self._writers and (end is None or loop.time() < end):
            self._nudge()
            left = 0.5 if end is None else max(0.0, min(0.5, end - loop.time()))
            await asyncio.wait(set(self._writers.values()), timeout=left)
        return self.waiting

    async def _write_all(self, session_id: str) -> None:
        turns = self._waiting[session_id]
        pause = _FIRST_PAUSE
        try:
            while turns:
                turn = turns[0]
                if await self._is_settled(turn):
                    turn.over.set()
                    if turns and turns[0] is turn:  # else it was given up meanwhile
                        turns.popleft()
                    pause = _FIRST_PAUSE
                else:
                    await self._rest(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE)
        except asyncio.CancelledError:
            logger.error(
                "%d turns of session %r are lost: the event loop ended before their store came back",
                len(turns),
                session_id,
            )
            raise
        finally:
            del self._waiting[session_id], self._writers[session_id]

    async def _is_settled(self, turn: _Turn) -> bool:
        """Write a turn; False when it is to be tried again."""
        turn.attempts += 1
        task = asyncio.create_task(self._write(turn), context=turn.context)
        try:
            await task
        except Exception as error:  # whatever an overridden step raises, the conversation goes on
            if may_pass(error):
                self.trouble.failed(
                    "write", turn.session_id, error, "turns wait in this process and are written when it does"
                )
                return False
            if isinstance(error, StoreError) and turn.attempts < _ATTEMPTS_WHEN_REFUSED:
                return False
            self.trouble.failed("write", turn.session_id, error, "turns like this one are not stored")
            return True
        self.trouble.worked("write")
        self._nudge()
        return True

    async def _write(self, turn: _Turn) -> None:
        async with asyncio.timeout(ATTEMPT_SECONDS):
            await turn.write()

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._try_now.wait()

    def _nudge(self) -> None:
        """End the pauses of all who wait at this moment."""
        self._try_now.set()
        self._try_now.clear()

    def _give_up_oldest(self) -> None:
        """Give up the oldest turn of all."""
        oldest = min((turns[0] for turns in self._waiting.values() if turns), key=lambda turn: turn.number)
        self._waiting[oldest.session_id].popleft()
        oldest.over.set()
        self._lost += 1
        if self._lost == 1 or self._lost % 100 == 0:
            logger.error("%d turns are lost so far: more than %d wait for the store", self._lost, self._capacity)


_KEEPERS: WeakKeyDictionary[object, tuple[asyncio.AbstractEventLoop, Keeper]] = WeakKeyDictionary()


def keeper_of(memory: object) -> Keeper:
    """Return the keeper of a memory: one for all agents that use it in this event loop."""
    loop = asyncio.get_running_loop()
    found = _KEEPERS.get(memory)
    if found is None or found[0] is not loop:
        found = _KEEPERS[memory] = (loop, Keeper())
    return found[1]


async def flush(memory: object, timeout: float | None = 10.0) -> int:
    """Write the turns that wait for a memory's store, before the process ends say.

    Args:
        memory: the `graphmem.MemLayer` that was given to `remember`.
        timeout: seconds to wait at most; None waits until all are written.

    Returns:
        How many turns still wait.
    """
    return await keeper_of(memory).flush(timeout)


def _look_at(task: asyncio.Task[Any]) -> None:
    """Keep asyncio from complaining about an error that nobody waits for."""
    if not task.cancelled():
        task.exception()
