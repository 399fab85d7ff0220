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
from extraction.hybrid import HybridExtractor
from extraction.records import EntityMention, Extraction, ExtractionContext, Turn
from graphmem.errors import ExtractionPending, GraphMemError, StoreError
from graphmem.reconcile import update_replacing, update_with
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
    """What became of a job: its facts, the ids of facts that are no more, or the cause of its failure."""

    facts: tuple[Fact, ...] = ()
    error: str | None = None
    removed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Work:
    """A job that is worked on.

    Args:
        at_once: the facts of the extractor that answers at once (empty when there is none).
        done: what becomes of the job in the end.
    """

    at_once: asyncio.Future[tuple[Fact, ...]]
    done: asyncio.Task[Done]


class Outbox:
    """Turns pending interactions into facts.

    Of a `extraction.HybridExtractor` the local reading is written first and the job stays pending; when the language
    model has answered, the two are joined and what was written is replaced by that, in the transaction that finishes the
    job. When the model fails the local facts stand, and the job is tried again like any other.

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
        self._hybrid = extractor if isinstance(extractor, HybridExtractor) else None
        self._catalogue = catalogue
        self._clock = clock
        self._slots = asyncio.Semaphore(concurrency)
        self._running: dict[asyncio.Task[Done], Job] = {}
        self._timers: set[asyncio.Task[None]] = set()

    def schedule(self, job: Job) -> Work:
        """Start work on a new job that this outbox holds, in the background: its facts are written, or it is given
        back with the cause of the failure."""
        at_once: asyncio.Future[tuple[Fact, ...]] = asyncio.get_running_loop().create_future()
        if self._hybrid is None:
            at_once.set_result(())
        done = self._spawn(job, self._work(job, at_once))
        # whatever ends the work, even before its first step, nobody waits for its facts any longer
        done.add_done_callback(lambda _: _settle(at_once, ()))
        return Work(at_once, done)

    async def take_over(self) -> None:
        """Claim what an earlier process left, and work on it; for the start of a process."""
        try:
            while jobs := await self._store.claim(Claim(self.worker, self._clock(), lease=self.lease)):
                await asyncio.gather(*(self._spawn(job, self._work(job)) for job in jobs))
        except StoreError as error:
            logger.warning("pending extractions are left for later: %s", error)

    async def flush(self, timeout: float | None) -> int:
        """Extract everything that is pending, in every process; what was set aside after its last failure is tried again.

        Args:
            timeout: seconds to wait; None waits as long as something goes on.

        Returns:
            The number of messages extracted meanwhile in this process.

        Raises:
            ExtractionPending: something could not be extracted, or not within ``timeout``.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self._flush()
        except TimeoutError:
            left = (await self._store.describe(limit=0)).stats.pending
            if not left:
                return 0
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
                if running := dict(self._running):
                    finished, _ = await asyncio.wait(running)
                    extracted += sum(len(running[task].messages) for task in finished if _succeeded(task))
                jobs = await self._store.claim(
                    Claim(self.worker, self._clock(), lease=self.lease, all_due=True, parked=True)
                )
                tasks = [self._spawn(job, self._attempt(job)) for job in jobs]
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

    async def _work(self, job: Job, at_once: asyncio.Future[tuple[Fact, ...]] | None = None) -> Done:
        done = await self._attempt(job, at_once)
        _settle(at_once, ())
        if done.error is not None:
            await self._failed(job, done.error)
        return done

    async def _attempt(self, job: Job, at_once: asyncio.Future[tuple[Fact, ...]] | None = None) -> Done:
        try:
            local = None
            if self._hybrid is not None:
                local, facts = await self._read_at_once(job, self._hybrid)
                _settle(at_once, facts)
            async with self._slots:
                return await self._extract(job, local, new=at_once is not None)
        except (ExtractionError, GraphMemError) as error:
            return Done(error=str(error) or type(error).__name__)
        except asyncio.CancelledError:
            await self._hand_back(job)
            raise
        except Exception as error:
            logger.exception("extraction of job %s failed", job.id)
            return Done(error=f"{type(error).__name__}: {error}")

    def _spawn(self, job: Job, work: Coroutine[None, None, Done]) -> asyncio.Task[Done]:
        task = asyncio.create_task(work, name=f"graphmem-extract-{job.id}")
        self._running[task] = job
        task.add_done_callback(lambda done: self._running.pop(done, None))
        return task

    def _try_again_in(self, wait: timedelta) -> None:
        async def later() -> None:
            await asyncio.sleep(wait.total_seconds())
            await self.take_over()

        timer = asyncio.create_task(later(), name="graphmem-retry")
        self._timers.add(timer)
        timer.add_done_callback(self._timers.discard)

    async def _read_at_once(self, job: Job, hybrid: HybridExtractor) -> tuple[Extraction, tuple[Fact, ...]]:
        """Return the local reading of a job, and the facts that it brought."""
        local = await hybrid.read_locally(_turns(job), _context(job))
        if job.attempts or not local.facts:
            return local, ()
        statements, sweeping = to_statements(local.facts, job.messages, self._catalogue)
        update = update_with(job.user_id, statements, self._catalogue, sweeping)
        return local, (await self._store.apply(job.user_id, update, job_id=job.id, finish=False)).facts

    async def _extract(self, job: Job, local: Extraction | None, *, new: bool) -> Done:
        """Read a job and write its facts; ``new`` tells that nothing but ``local`` was ever read in it."""
        turns, context = _turns(job), _context(job)
        if self._hybrid is None or local is None:
            read = await self._extractor.extract(turns, context)
        else:
            read = self._hybrid.joined(turns, local, await self._hybrid.llm.extract(turns, context))
        statements, sweeping = to_statements(read.facts, job.messages, self._catalogue)
        if local is None:
            update = update_with(job.user_id, statements, self._catalogue, sweeping)
        else:
            said = {(message.session_id, message.id) for message in job.messages}
            known = to_statements(local.facts, job.messages, self._catalogue)
            before = {s.id for some in known for s in some} if new else None
            update = update_replacing(job.user_id, said, statements, self._catalogue, sweeping, before)
        changes = await self._store.apply(job.user_id, update, job_id=job.id)
        return Done(changes.facts, removed=changes.removed_facts)

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


def _succeeded(task: asyncio.Task[Done]) -> bool:
    return not task.cancelled() and task.exception() is None and task.result().error is None


def _settle(at_once: asyncio.Future[tuple[Fact, ...]] | None, facts: tuple[Fact, ...]) -> None:
    if at_once is not None and not at_once.done():
        at_once.set_result(facts)


def _turns(job: Job) -> list[Turn]:
    return [_turn(message) for message in job.messages]


def _context(job: Job) -> ExtractionContext:
    names = {job.user_id} if job.user_name == "User" else {job.user_id, job.user_name}
    known = tuple(EntityMention(e.name, e.label, e.aliases) for e in job.known if e.label != "User")
    return ExtractionContext(tuple(map(_turn, job.history)), known, frozenset(names))


def _turn(message: Message) -> Turn:
    return Turn(message.role, message.text, message.name, message.at, message.id)
