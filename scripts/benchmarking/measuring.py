"""Timing: samples taken in turn with the floor, so that a busy machine slows both; figures of a list of samples."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from extraction.base import Extractor
from extraction.records import Extraction, ExtractionContext, Turn

Call = Callable[[int], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what, median and 95th percentile in ms, calls a second, the median in floors, and the mean of the
    processor's time that this process took, which other programs on the machine hardly change."""

    what: str
    p50: float
    p95: float
    per_second: float
    floors: float | None = None
    floor: str = ""
    cpu: float | None = None


class Samples(list[float]):
    """Seconds of calls, and the processor's seconds of all of them together."""

    cpu: float = 0.0


class TimedExtractor:
    """An extractor whose own time is known: what remains of a ``store`` is the store's."""

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor
        self.seconds = 0.0

    async def extract(self, turns: Sequence[Turn], context: ExtractionContext | None = None) -> Extraction:
        """See `extraction.Extractor.extract`."""
        started = time.perf_counter()
        try:
            return await self._extractor.extract(turns, context)
        finally:
            self.seconds += time.perf_counter() - started


async def in_turn(calls: Sequence[Call], rounds: int, warm_up: int = 5) -> list[Samples]:
    """Call each of ``calls`` once a round, and return the seconds of each call; the first ``warm_up`` rounds do not count."""
    samples = [Samples() for _ in calls]
    for number in range(warm_up + rounds):
        for call, seconds in zip(calls, samples, strict=True):
            started, cpu = time.perf_counter(), time.process_time()
            await call(number)
            if number >= warm_up:
                seconds.append(time.perf_counter() - started)
                seconds.cpu += time.process_time() - cpu
    return samples


async def at_once(call: Call, rounds: int, concurrency: int) -> tuple[list[float], float]:
    """Make ``rounds`` calls, so many at a time; return the seconds of each, and of all."""
    numbers = iter(range(rounds))
    seconds: list[float] = []

    async def lane() -> None:
        for number in numbers:
            started = time.perf_counter()
            await call(number)
            seconds.append(time.perf_counter() - started)

    began = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(concurrency)))
    return seconds, time.perf_counter() - began


def row(
    what: str, seconds: Sequence[float], *, floor: float | None = None, name: str = "", total: float | None = None
) -> Row:
    """Return the figures of ``seconds``.

    Args:
        floor: the median of the floor in the same rounds.
        name: of the floor.
        total: seconds of all calls together when they ran at once.
    """
    median = percentile(seconds, 0.5)
    rate = len(seconds) / (sum(seconds) if total is None else total)
    cpu = seconds.cpu / len(seconds) * 1000 if isinstance(seconds, Samples) else None
    floors = None if floor is None else median / floor
    return Row(what, median * 1000, percentile(seconds, 0.95) * 1000, rate, floors, name, cpu)


def percentile(seconds: Sequence[float], share: float) -> float:
    """Return the smallest sample that is at least as long as ``share`` of all."""
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * share))]
