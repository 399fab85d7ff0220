"""The outbox: interactions that are stored wait here, in the store itself, until their facts are in.

A job is claimed with a lease, so that several processes share the work and a dead one's is taken over; the lease is renewed
while the work goes on. A failure leaves the job pending with its cause and a time to try again; after `MAX_ATTEMPTS` it is
parked and blocks nothing. That an endpoint is left alone for a while is no attempt.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from extraction.base import ExtractionError, Extractor, NotAsked
from extraction.catalogue import Catalogue
from extraction.hybrid import HybridExtractor
from extraction.records import NO_USAGE, EntityMention, Extraction, ExtractionContext, Turn, Usage
from graphmem.errors import ExtractionPending, GraphMemError, StoreError
from graphmem.reconcile import update_replacing, update_with
from graphmem.records import Fact, Message
from graphmem.statements import to_statements
from graphmem.stores.base import Changes, Claim, Job, LedgerUpdate, Store

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
FIRST_RETRY = timedelta(seconds=2)
LAST_RETRY = timedelta(minutes=5)
_POLL_SECONDS = (0.02, 0.5)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a job: its facts, the ids of facts that are no more, or the cause of its failure.

    ``usage`` is what a language model was asked, also in vain; ``rest`` says that it was not asked, and for how many seconds
    it will not be.
    """

    facts: tuple[Fact, ...] = ()
    error: str | None = None
    removed: frozenset[str] = frozenset()
    usage: Usage = NO_USAGE
    rest: float | None = None


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
        self._held: dict[str, Job] = {}
        self._keeper: asyncio.Task[None] | None = None
        self._after_rest: asyncio.Task[None] | None = None

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
                done = await asyncio.gather(*(self._spawn(job, self._work(job)) for job in jobs))
                if any(one.rest is not None for one in done):
                    return
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
            held = next(iter(self._held.values()), None)
            which = "" if held is None else f" ({_name_of(held)})"
            raise ExtractionPending(
                f"{left} messages are still to be extracted after {timeout:g} seconds; they are kept{which}"
            ) from None

    async def close(self, timeout: float) -> None:
        """Wait for the work in hand for ``timeout`` seconds, then hand back what is left."""
        for timer in [*self._timers, *(task for task in (self._keeper,) if task is not None)]:
            timer.cancel()
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=timeout)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _flush(self) -> int:
        extracted, wait = 0, _POLL_SECONDS[0]
        failed: list[tuple[Job, Done]] = []
        self._try_now()
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
                        failed.append((job, done))
                if jobs and not any(done.rest is not None for _, done in failed):
                    continue
                description = await self._store.describe(limit=0)
                if failed or description.parked:
                    told = _worst(failed)
                    cause = description.last_error if told is None else f"{told[1].error} ({_name_of(told[0])})"
                    pending = description.stats.pending
                    raise ExtractionPending(f"{pending} messages could not be extracted yet and are kept: {cause}")
                if not description.stats.pending:
                    return extracted
                await asyncio.sleep(wait)
                wait = min(wait * 1.5, _POLL_SECONDS[1])
        finally:
            # only now: a job given back earlier would be claimed again at once
            for job, done in failed:
                await self._failed(job, done)

    async def _work(self, job: Job, at_once: asyncio.Future[tuple[Fact, ...]] | None = None) -> Done:
        done = await self._attempt(job, at_once)
        _settle(at_once, ())
        if done.error is not None:
            await self._failed(job, done)
        return done

    async def _attempt(self, job: Job, at_once: asyncio.Future[tuple[Fact, ...]] | None = None) -> Done:
        try:
            local = None
            if self._hybrid is not None:
                local, facts = await self._read_at_once(job, self._hybrid)
                _settle(at_once, facts)
            async with self._slots:
                return await self._extract(job, local, new=at_once is not None)
        except NotAsked as error:
            return Done(error=str(error), usage=error.usage, rest=error.wait)
        except ExtractionError as error:
            return Done(error=str(error) or type(error).__name__, usage=error.usage)
        except GraphMemError as error:
            return Done(error=str(error) or type(error).__name__)
        except asyncio.CancelledError:
            await self._hand_back(job)
            raise
        except Exception as error:
            logger.exception("extraction of %s failed", _name_of(job))
            return Done(error=f"{type(error).__name__}: {error}")

    def _spawn(self, job: Job, work: Coroutine[None, None, Done]) -> asyncio.Task[Done]:
        task = asyncio.create_task(work, name=f"graphmem-extract-{job.id}")
        self._running[task] = job
        self._held[job.id] = job
        task.add_done_callback(lambda done: self._ended(done, job))
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep_leases(), name="graphmem-leases")
        return task

    def _ended(self, task: asyncio.Task[Done], job: Job) -> None:
        self._running.pop(task, None)
        if _succeeded(task):
            self._held.pop(job.id, None)

    async def _keep_leases(self) -> None:
        """Renew the leases of the jobs in hand until there are none."""
        while True:
            await asyncio.sleep(self.lease.total_seconds() / 3)
            if not self._held:
                return
            try:
                await self._store.claim(
                    Claim(self.worker, self._clock(), limit=0, lease=self.lease, renew=tuple(self._held))
                )
            except GraphMemError as error:
                logger.warning("leases could not be renewed, another process may take over: %s", error)

    def _try_now(self) -> None:
        """Let an endpoint that is left alone be asked at once: somebody waits."""
        try_now = getattr(self._extractor, "try_now", None)
        if try_now is not None:
            try_now()

    def _try_again_in(self, wait: timedelta) -> asyncio.Task[None]:
        async def later() -> None:
            await asyncio.sleep(wait.total_seconds())
            await self.take_over()

        timer = asyncio.create_task(later(), name="graphmem-retry")
        self._timers.add(timer)
        timer.add_done_callback(self._timers.discard)
        return timer

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
        changes = await self._store.apply(job.user_id, update, job_id=job.id, usage=read.usage)
        return Done(changes.facts, removed=changes.removed_facts, usage=read.usage)

    async def _failed(self, job: Job, done: Done) -> None:
        """Give a job back with the cause of its failure, and look at it again when it is due."""
        if done.rest is not None:
            await self._left_alone(job, done, timedelta(seconds=done.rest))
            return
        attempts = job.attempts + 1
        parked = attempts >= MAX_ATTEMPTS
        wait = min(FIRST_RETRY * 2 ** (attempts - 1), LAST_RETRY)
        how = f"attempt {attempts}{', parked' if parked else ''}"
        logger.warning("%s could not be read (%s): %s", _name_of(job), how, done.error)
        await self._note_usage(job, done.usage)
        await self._give_back(job, error=done.error, retry_at=self._clock() + wait, parked=parked)
        if not parked:
            self._try_again_in(wait)

    async def _left_alone(self, job: Job, done: Done, rest: timedelta) -> None:
        logger.debug("%s is not read now: %s", _name_of(job), done.error)
        await self._note_usage(job, done.usage)
        await self._give_back(job, error=done.error, retry_at=self._clock() + rest, attempted=False)
        if self._after_rest is None or self._after_rest.done():
            self._after_rest = self._try_again_in(rest)

    async def _note_usage(self, job: Job, usage: Usage) -> None:
        """Add what a language model was asked in vain to the sums."""
        if usage == NO_USAGE:
            return
        nothing = LedgerUpdate(frozenset(), frozenset(), frozenset(), lambda _: Changes())
        try:
            await self._store.apply(job.user_id, nothing, usage=usage)
        except GraphMemError as error:
            logger.warning("what a language model was asked could not be noted: %s", error)

    async def _hand_back(self, job: Job) -> None:
        await asyncio.shield(self._give_back(job, error=None, retry_at=None))

    async def _give_back(self, job: Job, **how: Any) -> None:
        try:
            await self._store.release(job.id, **how)
        except GraphMemError as error:
            logger.warning("%s could not be given back, its lease will run out: %s", _name_of(job), error)
        finally:
            self._held.pop(job.id, None)


def _succeeded(task: asyncio.Task[Done]) -> bool:
    return not task.cancelled() and task.exception() is None and task.result().error is None


def _worst(failed: list[tuple[Job, Done]]) -> tuple[Job, Done] | None:
    """Return the last failure that says why, before one that says that nothing was tried."""
    return max(failed, key=lambda one: one[1].rest is None, default=None)


def _name_of(job: Job) -> str:
    """What is in a job, in words that a user knows."""
    more = f" and {len(job.messages) - 1} more" if len(job.messages) > 1 else ""
    first = f"message {job.messages[0].id!r}{more}" if job.messages else "messages"
    return f"{first} of session {job.session_id!r}"


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
