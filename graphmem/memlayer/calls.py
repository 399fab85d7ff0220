"""Calling a memory from any thread, be it the blocking one or one that lives in an event loop."""

from __future__ import annotations

import asyncio
import concurrent.futures
from typing import Any

from graphmem import memory as asynchronous
from graphmem import sync
from graphmem.errors import ConfigError, StoreError, StoreUnavailable

_LOOK_AGAIN_SECONDS = 1.0


class Calls:
    """The verbs of a memory, blocking.

    Args:
        memory: a `graphmem.sync.MemLayer`; or a `graphmem.MemLayer`, and then this is made inside the event loop that it
            lives in, and called from other threads.

    Raises:
        ConfigError: ``memory`` is neither, or no event loop runs here for an asynchronous one.
    """

    def __init__(self, memory: asynchronous.MemLayer | sync.MemLayer) -> None:
        self._memory = memory
        self._loop: asyncio.AbstractEventLoop | None = None
        if isinstance(memory, asynchronous.MemLayer):
            try:
                self._loop = asyncio.get_running_loop()
            except RuntimeError:
                raise ConfigError(
                    "memory",
                    "graphmem.MemLayer",
                    "an asynchronous MemLayer is given inside its event loop; elsewhere give a graphmem.sync.MemLayer",
                ) from None
        elif not isinstance(memory, sync.MemLayer):
            raise ConfigError("memory", memory, "a graphmem.sync.MemLayer or a graphmem.MemLayer")

    def __call__(self, verb: str, *args: Any, **named: Any) -> Any:
        """Return what the memory's ``verb`` returns, or raise what it raises.

        Raises:
            StoreError: this is the thread of the memory's own event loop, which would wait for itself.
            StoreUnavailable: that event loop has ended.
        """
        call = getattr(self._memory, verb)
        return call(*args, **named) if self._loop is None else _in_loop(self._loop, call(*args, **named))


def _in_loop(loop: asyncio.AbstractEventLoop, coroutine: Any) -> Any:
    try:
        here = asyncio.get_running_loop()
    except RuntimeError:
        here = None
    if here is loop:
        coroutine.close()
        raise StoreError(
            "this blocks, and was called in the event loop that it waits for; call it in another thread, as in "
            "await asyncio.to_thread(client.chat, messages)"
        )
    if not loop.is_running():
        coroutine.close()
        raise StoreUnavailable(
            "the event loop of the MemLayer has ended; use a graphmem.sync.MemLayer, which has its own"
        )
    future = asyncio.run_coroutine_threadsafe(coroutine, loop)
    while True:
        try:
            return future.result(timeout=_LOOK_AGAIN_SECONDS)
        except concurrent.futures.TimeoutError:
            if future.done():
                return future.result()
            if not loop.is_running():
                raise StoreUnavailable("the event loop of the MemLayer ended before the answer came") from None
        except concurrent.futures.CancelledError:
            raise StoreUnavailable("the event loop of the MemLayer ended before the answer came") from None
