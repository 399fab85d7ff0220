"""The outbox: interactions that are stored wait here, in the store itself, until their facts are in.

A job is claimed with a lease, so that several processes share the work and a dead one's is taken over. A failure leaves
the job pending with its cause and a time to try again; after `MAX_ATTEMPTS` it is parked and blocks nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from extraction.base import ExtractionError, Extractor
from extraction.catalogue import Catalogue
from extraction.records import EntityMention, ExtractionContext, Turn
from graphmem.errors import ExtractionPending, GraphMemError, StoreError
from graphmem.reconcile import update_with
from graphmem.records import Fact, Message
from graphmem.statements import to_statements
from graphmem.stores.base import Claim, Job, Store

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
FIRST_RETRY = timedelta(seconds=2)
LAST_RETRY = timedelta(minutes=5)
_POLL_SECONDS = (0.02, 0.5)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a job: its facts, or the cause of its failure."""

    facts: tuple[Fact, ...] = ()
    error: str | None = None


class Outbox:
    """Turns pending interactions into facts.

    Args:
        store: where they wait and where the facts go.
        extractor: reads the facts.
        catalogue: the relations.
        clock: the present, for leases and retries.
        lease: how long a claimed job is this outbox's.
        concurrency: how many jobs are worked on at once.
    """

    def __init__(
        self,
        store: Store,
        extractor: Extractor,
        catalogue: Catalogue,
        *,
        clock: Callable[[], datetime],
        lease: timedelta,
        concurrency: int,
    ) -> None:
        self.worker = uuid4().hex
        self.lease = lease
        self._store = store
        self._extractor = extractor
        self._catalogue = catalogue
        self._clock = clock
        self._slots = asyncio.Semaphore(concurrency)
        self._running: set[asyncio.Task[Done]] = set()
        self._timers: set[asyncio.Task[None]] = set()

    async def work(self, job: Job) -> Done:
        """Extract one job that this outbox holds and write its facts, or give it back with the cause of the failure."""
        done = await self._attempt(job)
        if done.error is not None:
            await self._failed(job, done.error)
        return done

    def schedule(self, job: Job) -> asyncio.Task[Done]:
        """Start work on a job that this outbox holds, in the background."""
        return self._spawn(self.work(job), f"graphmem-extract-{job.id}")

    async def take_over(self) -> None:
        """Claim what an earlier process left, and work on it; for the start of a process."""
        try:
            while jobs := await self._store.claim(Claim(self.worker, self._clock(), lease=self.lease)):
                await asyncio.gather(*(self.schedule(job) for job in jobs))
        except StoreError as error:
            logger.warning("pending extractions are left for later: %s", error)

    async def flush(self, timeout: float | None) -> int:
        """Extract everything that is pending, in every process.

        Args:
            timeout: seconds to wait; None waits as long as something goes on.

        Returns:
            The number of messages extracted here.

        Raises:
            ExtractionPending: something could not be extracted, or not within ``timeout``.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self._flush()
        except TimeoutError:
            left = (await self._store.describe(limit=0)).stats.pending
            raise ExtractionPending(
                f"{left} messages are still to be extracted after {timeout:g} seconds; they are kept"
            ) from None

    async def close(self, timeout: float) -> None:
        """Wait for the work in hand for ``timeout`` seconds, then hand back what is left."""
        for timer in self._timers:
            timer.cancel()
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=timeout)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _flush(self) -> int:
        extracted, wait = 0, _POLL_SECONDS[0]
        failed: list[tuple[Job, str]] = []
        try:
            while True:
                if self._running:
                    await asyncio.wait(set(self._running))
                jobs = await self._store.claim(Claim(self.worker, self._clock(), lease=self.lease, all_due=True))
                tasks = [self._spawn(self._attempt(job), f"graphmem-flush-{job.id}") for job in jobs]
                for job, done in zip(jobs, await asyncio.gather(*tasks), strict=True):
                    if done.error is None:
                        extracted += len(job.messages)
                    else:
                        failed.append((job, done.error))
                if jobs:
                    continue
                description = await self._store.describe(limit=0)
                if failed or description.parked:
                    cause = failed[-1][1] if failed else description.last_error
                    pending = description.stats.pending
                    raise ExtractionPending(f"{pending} messages could not be extracted yet and are kept: {cause}")
                if not description.stats.pending:
                    return extracted
                await asyncio.sleep(wait)
                wait = min(wait * 1.5, _POLL_SECONDS[1])
        finally:
            # only now: a job given back earlier would be claimed again at once
            for job, cause in failed:
                await self._failed(job, cause)

    async def _attempt(self, job: Job) -> Done:
        async with self._slots:
            try:
                return Done(await self._extract(job))
            except (ExtractionError, GraphMemError) as error:
                return Done(error=str(error) or type(error).__name__)
            except asyncio.CancelledError:
                await self._hand_back(job)
                raise
            except Exception as error:
                logger.exception("extraction of job %s failed", job.id)
                return Done(error=f"{type(error).__name__}: {error}")

    def _spawn(self, work: Coroutine[None, None, Done], name: str) -> asyncio.Task[Done]:
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def _try_again_in(self, wait: timedelta) -> None:
        async def later() -> None:
            await asyncio.sleep(wait.total_seconds())
            await self.take_over()

        timer = asyncio.create_task(later(), name="graphmem-retry")
        self._timers.add(timer)
        timer.add_done_callback(self._timers.discard)

    async def _extract(self, job: Job) -> tuple[Fact, ...]:
        names = {job.user_id} if job.user_name == "User" else {job.user_id, job.user_name}
        known = tuple(EntityMention(e.name, e.label, e.aliases) for e in job.known if e.label != "User")
        context = ExtractionContext(tuple(map(_turn, job.history)), known, frozenset(names))
        extraction = await self._extractor.extract([_turn(m) for m in job.messages], context)
        statements, sweeping = to_statements(extraction.facts, job.messages, self._catalogue)
        update = update_with(job.user_id, statements, self._catalogue, sweeping)
        changes = await self._store.apply(job.user_id, update, job_id=job.id)
        return changes.facts

    async def _failed(self, job: Job, cause: str) -> None:
        attempts = job.attempts + 1
        parked = attempts >= MAX_ATTEMPTS
        wait = min(FIRST_RETRY * 2 ** (attempts - 1), LAST_RETRY)
        logger.warning("job %s failed (attempt %d%s): %s", job.id, attempts, ", parked" if parked else "", cause)
        try:
            await self._store.release(job.id, error=cause, retry_at=self._clock() + wait, parked=parked)
        except GraphMemError as error:
            logger.warning("job %s could not be given back, its lease will run out: %s", job.id, error)
        if not parked:
            self._try_again_in(wait)

    async def _hand_back(self, job: Job) -> None:
        try:
            await asyncio.shield(self._store.release(job.id, error=None, retry_at=None))
        except GraphMemError as error:
            logger.warning("job %s could not be given back, its lease will run out: %s", job.id, error)


def _turn(message: Message) -> Turn:
    return Turn(message.role, message.text, message.name, message.at, message.id)
