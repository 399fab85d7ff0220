"""What a store may leave behind when it is closed: nothing."""

from __future__ import annotations

import asyncio
import os
import threading
from dataclasses import dataclass
from pathlib import Path

_DESCRIPTORS = Path("/proc/self/fd")
_LOOP_EXECUTOR = "asyncio_"


@dataclass(frozen=True)
class Resources:
    """Open files and sockets (Linux only), tasks of the running loop and threads that keep a process alive."""

    descriptors: frozenset[tuple[str, str]]
    tasks: frozenset[asyncio.Task[object]]
    threads: frozenset[threading.Thread]

    @classmethod
    def now(cls) -> Resources:
        return cls(_descriptors(), frozenset(asyncio.all_tasks()), _threads())

    def since(self, before: Resources) -> list[str]:
        """What is there and was not before, in words."""
        current = asyncio.current_task()
        return [
            *(f"descriptor {number} -> {target}" for number, target in sorted(self.descriptors - before.descriptors)),
            *(f"task {task!r}" for task in self.tasks - before.tasks if task is not current and not task.done()),
            *(f"thread {thread.name}" for thread in self.threads - before.threads),
        ]


async def assert_nothing_left(before: Resources) -> None:
    """Fail when something that was opened since ``before`` stays open; sockets get some turns of the loop to close."""
    for _ in range(50):
        left = Resources.now().since(before)
        if not left:
            return
        await asyncio.sleep(0.02)
    assert not left, "left behind after close(): " + "; ".join(left)


def _descriptors() -> frozenset[tuple[str, str]]:
    if not _DESCRIPTORS.is_dir():
        return frozenset()
    found = set()
    for name in os.listdir(_DESCRIPTORS):
        try:
            found.add((name, os.readlink(_DESCRIPTORS / name)))
        except OSError:
            continue
    return frozenset(found)


def _threads() -> frozenset[threading.Thread]:
    """Threads of the loop's own executor (`asyncio.to_thread`) are the loop's to end, not the store's."""
    return frozenset(t for t in threading.enumerate() if not t.daemon and not t.name.startswith(_LOOP_EXECUTOR))
