"""Storing transcripts: many files at once, the conversations of one user always in order, again and again without doubles."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from graphmem.errors import GraphMemError, StoreUnavailable
from graphmem.records import StoreResult
from graphmem.transcripts.records import Exchange, Problem, Summary
from graphmem.transcripts.source import Source
from graphmem.transcripts.transcript import Transcript

_QUEUED = 64
BATCH, BATCH_FOR_A_MODEL = 100, 20
"""Messages of a session that are stored at once, and where a language model reads what is stored at once with one request."""


class Memory(Protocol):
    """What loading needs of ``graphmem.MemLayer``."""

    async def store(
        self, *, session_id: str, interaction: list[dict[str, object]], user_id: str | None = None
    ) -> StoreResult: ...


@dataclass(slots=True)
class FileReport:
    """What became of one file.

    Args:
        path: the file.
        summary: what it holds; None when it could not be read at all.
        stored: how many of its messages are in the store now, new or from before.
        new: how many of these were not there before.
        facts: how many facts they added or changed.
        error: why it could not be stored, or not wholly; None when all is well.
    """

    path: str
    summary: Summary | None = None
    stored: int = 0
    new: int = 0
    facts: int = 0
    error: GraphMemError | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The lines that were skipped."""
        return self.summary.problems if self.summary else ()


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to read the files (see `Transcript`), how many users to store at a time, and how many messages of a session at once.

    With ``batch`` 1 each exchange is stored by itself.
    """

    format: str = "auto"
    user_id: str | None = None
    skip_bad: bool = False
    jobs: int = 1
    batch: int = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """What to call when a file has been checked, when some of its messages are stored, and when it is done or has failed.

    ``checked`` may hear of a file before an earlier one is done.
    """

    checked: Callable[[FileReport], None] = lambda report: None
    stored: Callable[[FileReport, int], None] = lambda report, messages: None
    finished: Callable[[FileReport], None] = lambda report: None


@dataclass(slots=True)
class _Open:
    """A file of which exchanges are still on their way."""

    report: FileReport
    waiting: int = 0
    read: bool = False


@dataclass(slots=True)
class _Lanes:
    """A bounded queue for each job; a user always takes the same one, so that their exchanges stay in order."""

    queues: list[asyncio.Queue[tuple[_Open, Exchange]]]
    lane_of: dict[str, int] = field(default_factory=dict)

    def of(self, user_id: str) -> asyncio.Queue[tuple[_Open, Exchange]]:
        lane = self.lane_of.setdefault(user_id, len(self.lane_of) % len(self.queues))
        return self.queues[lane]


async def load(
    memory: Memory,
    paths: Sequence[str | Path | Source],
    options: LoadOptions | None = None,
    progress: Progress | None = None,
) -> list[FileReport]:
    """Store the conversations of files. What is stored already is recognised by its ids, so an interrupted run is
    finished by running it again.

    Args:
        memory: where to.
        paths: the files, in the order in which one user's conversations are to be stored.
        options: how to read them.
        progress: what to tell on the way.

    Returns:
        A report for each file, in order. A file that cannot be read or stored has its error there and stops no other.

    Raises:
        StoreUnavailable: the store cannot be reached; going on would fail for every file.
    """
    options, progress = options or LoadOptions(), progress or Progress()
    lanes = _Lanes([asyncio.Queue(_QUEUED) for _ in range(max(1, options.jobs))])
    workers = [asyncio.create_task(_work(memory, queue, progress, options.batch)) for queue in lanes.queues]
    feeder = asyncio.create_task(_feed(paths, options, lanes, progress))
    try:
        await _first_failure_or(feeder, workers)
        reports = feeder.result()
        drained = asyncio.gather(*(queue.join() for queue in lanes.queues))
        await _first_failure_or(drained, workers)
    finally:
        for task in (feeder, *workers):
            task.cancel()
        await asyncio.gather(feeder, *workers, return_exceptions=True)
    return reports


async def _feed(
    paths: Sequence[str | Path | Source], options: LoadOptions, lanes: _Lanes, progress: Progress
) -> list[FileReport]:
    reports = []
    for path in paths:
        report = FileReport(str(path))
        reports.append(report)
        file = _Open(report)
        try:
            transcript = Transcript(path, format=options.format, user_id=options.user_id, skip_bad=options.skip_bad)
            report.summary = await asyncio.to_thread(transcript.check)
            progress.checked(report)
            for exchange in transcript.exchanges():
                if report.error is not None:
                    break
                file.waiting += 1
                await lanes.of(exchange.user_id).put((file, exchange))
        except GraphMemError as error:
            report.error = error
        file.read = True
        if not file.waiting:
            progress.finished(report)
    return reports


async def _work(memory: Memory, queue: asyncio.Queue[tuple[_Open, Exchange]], progress: Progress, batch: int) -> None:
    held: tuple[_Open, Exchange] | None = None
    while True:
        file, exchange = held or await queue.get()
        exchanges, held = _alike(queue, file, exchange, batch)
        if file.report.error is None:
            await _store(memory, file.report, exchanges, progress)
        file.waiting -= len(exchanges)
        if file.read and not file.waiting:
            progress.finished(file.report)
        for _ in exchanges:
            queue.task_done()


def _alike(
    queue: asyncio.Queue[tuple[_Open, Exchange]], file: _Open, first: Exchange, batch: int
) -> tuple[list[Exchange], tuple[_Open, Exchange] | None]:
    """Take what waits and belongs to the session of ``first``, up to ``batch`` messages, and the one after it that does not."""
    exchanges, size = [first], len(first.messages)
    while size < batch and not queue.empty():
        other, exchange = queue.get_nowait()
        if other is not file or (exchange.session_id, exchange.user_id) != (first.session_id, first.user_id):
            return exchanges, (other, exchange)
        exchanges.append(exchange)
        size += len(exchange.messages)
    return exchanges, None


async def _store(memory: Memory, report: FileReport, exchanges: Sequence[Exchange], progress: Progress) -> None:
    """Store exchanges of one session at once; when that is refused, one by one up to the one that is to blame."""
    messages = [message for exchange in exchanges for message in exchange.interaction()]
    try:
        result = await memory.store(
            session_id=exchanges[0].session_id, user_id=exchanges[0].user_id, interaction=messages
        )
    except StoreUnavailable:
        raise
    except GraphMemError as error:
        if len(exchanges) == 1:
            report.error = error
            return
        for exchange in exchanges:
            if report.error is None:
                await _store(memory, report, [exchange], progress)
    else:
        report.stored += len(messages)
        report.new += len(result.new_ids)
        report.facts += len(result.facts)
        progress.stored(report, len(messages))


async def _first_failure_or(goal: asyncio.Future[Any], workers: list[asyncio.Task[None]]) -> None:
    """Wait for ``goal``; a worker only ever ends by failing, and then its error is raised."""
    await asyncio.wait([goal, *workers], return_when=asyncio.FIRST_COMPLETED)
    for worker in workers:
        if worker.done():
            goal.cancel()
            worker.result()
    await goal
