"""The outbox: interactions that are stored wait here, in the store itself, until their facts are in.

A job is claimed with a lease, so that several processes share the work and a dead one's is taken over; the lease is renewed
while the work goes on. A failure leaves the job pending with its cause and a time to try again; after `Limits.attempts` it is
parked and blocks nothing. That an endpoint is left alone for a while is no attempt.

A process holds `Limits.in_hand` jobs at most. What is stored beyond that waits in the store, held by nobody, and is claimed by
whoever has room: this process looks whenever work in hand has ended, when something is to be tried again, and every
`LOOK_EVERY` seconds anyway.
"""

from __future__ import annotations

import asyncio
import logging
import math
import weakref
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from extraction.base import ExtractionError, Extractor, NotAsked
from extraction.catalogue import Catalogue
from extraction.records import NO_USAGE, Usage
from graphmem.errors import ExtractionPending, GraphMemError, StoreError
from graphmem.job_reading import Done, JobReader, name_of
from graphmem.limits import Limits
from graphmem.records import Fact
from graphmem.stores.base import Appended, Changes, Claim, Job, LedgerUpdate, NewInteraction, Store

logger = logging.getLogger(__name__)

FIRST_RETRY = timedelta(seconds=2)
LAST_RETRY = timedelta(minutes=5)
LOOK_EVERY = 15.0
"""Seconds after which an outbox looks for work that somebody else left."""
HAND_BACK_SECONDS = 3.0
"""How long closing waits for the store to take back what is handed back; else the leases have to run out."""
_POLL_SECONDS = (0.02, 0.5)
_GRAIN = 0.25
"""Times to look again are rounded up to this, so that there are never many of them."""


@dataclass(frozen=True, slots=True)
class Work:
    """A job of an interaction that was stored.

    Args:
        at_once: the facts of the extractor that answers at once (empty when there is none).
        done: what becomes of the job in the end; None when it was left in the store.
    """

    at_once: asyncio.Future[tuple[Fact, ...]]
    done: asyncio.Task[Done] | None


@dataclass(slots=True)
class _Flush:
    """A flush under way: what failed in it is held until it ends, for given back earlier it would be claimed again at once."""

    user_id: str | None
    failed: list[tuple[Job, Done]] = field(default_factory=list)
    is_over: bool = False

    @property
    def rests(self) -> bool:
        """Whether an endpoint is left alone, so that there is no use in going on."""
        return any(done.rest is not None for _, done in self.failed)


class Outbox:
    """Turns pending interactions into facts.

    Args:
        store: where they wait and where the facts go.
        extractor: reads the facts; see `graphmem.job_reading.JobReader` for a hybrid one.
        catalogue: the relations.
        clock: the present, for leases and retries.
        lease: how long a claimed job is this outbox's.
        concurrency: how many jobs are read at once.
        limits: how many are held, how often they are tried, and what is kept of what was read.
        on_read: called with the user whose facts have been written.
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
        limits: Limits,
        on_read: Callable[[str], None] = lambda user_id: None,
    ) -> None:
        self.worker = uuid4().hex
        self.lease = lease
        self._store = store
        self._extractor = extractor
        self._reader = JobReader(store, extractor, catalogue, limits)
        self._clock = clock
        self._limits = limits
        self._on_read = on_read
        self._slots = asyncio.Semaphore(concurrency)
        self._running: dict[asyncio.Task[Done], Job] = {}
        self._held: dict[str, Job] = {}
        self._coming = 0
        self._left: set[asyncio.Future[tuple[Fact, ...]]] = set()
        self._extracted = 0
        self._keeper: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._may_be_more = True
        self._look_at: set[float] = set()
        self._rests_until = 0.0
        self._store_is_down = False
        self._closed = False

    @property
    def in_hand(self) -> int:
        """How many jobs this outbox holds."""
        return len(self._held)

    def start(self) -> None:
        """Take over what earlier processes left, and look for more from now on."""
        self._look()
        self._set_timer()

    async def append(self, interaction: NewInteraction, *, waited_for: bool) -> tuple[Appended, Work | None]:
        """Append an interaction to the store and begin to read it; beyond the limit it is left in the store.

        Args:
            interaction: what to append; its job is this outbox's affair.
            waited_for: somebody waits for the facts, and so it is begun in any case.

        Returns:
            What the store did, and the work; None when nothing was new.
        """
        holds = not self._closed and (waited_for or self._room() > 0)
        self._coming += holds
        try:
            worker = self.worker if holds else None
            appended = await self._store.append(
                replace(interaction, job_id=uuid4().hex, worker=worker, lease=self.lease)
            )
        finally:
            self._coming -= holds
        if appended.job is None:
            return appended, None
        return appended, self._begin(appended.job) if holds else self._leave(appended.job)

    async def outcome(self, work: Work) -> Done | None:
        """Wait for what becomes of work; None when it was left in the store or is handed back to it."""
        if work.done is None:
            return None
        try:
            await asyncio.wait({work.done})
        except asyncio.CancelledError:
            if self._room() < 0:
                work.done.cancel()  # it was begun beyond the limit for somebody who does not wait any more
            raise
        return None if work.done.cancelled() else work.done.result()

    async def flush(self, timeout: float | None, user_id: str | None = None) -> int:
        """Extract everything that is pending, in every process; what was set aside after its last failure is tried again.

        Args:
            timeout: seconds to wait; None waits as long as something goes on. What is under way then goes on.
            user_id: only what is that user's; None for everybody's.

        Returns:
            The number of messages extracted meanwhile in this process.

        Raises:
            ExtractionPending: something could not be extracted, or not within ``timeout``.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self._flush(_Flush(user_id))
        except TimeoutError:
            left = (await self._store.backlog(user_id)).messages
            if not left:
                return 0
            held = next((job for job in self._held.values() if user_id in (None, job.user_id)), None)
            which = "" if held is None else f" ({name_of(held)})"
            raise ExtractionPending(
                f"{left} messages are still to be extracted after {timeout:g} seconds; they are kept{which}"
            ) from None

    async def close(self, timeout: float) -> None:
        """Wait for the work in hand for ``timeout`` seconds, then hand back what is left."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        end = asyncio.get_running_loop().time() + timeout
        if self._looking is not None:
            await asyncio.wait({self._looking}, timeout=timeout)
        under_way: set[asyncio.Future[Any]] = {*self._running, *self._left}
        if under_way:
            left = max(0.0, end - asyncio.get_running_loop().time())
            _, late = await asyncio.wait(under_way, timeout=left)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=HAND_BACK_SECONDS)
        if self._held:
            await self._hand_back()
        for helper in (self._looking, self._keeper):
            if helper is not None:
                helper.cancel()

    def _room(self) -> int:
        """How many more jobs this outbox may take; below 0 when it works on more because somebody waits for them."""
        return self._limits.in_hand - len(self._running) - self._coming

    def _has_room(self) -> bool:
        """Whether there is room enough that looking for work is worth it."""
        return self._room() >= max(1, self._limits.in_hand // 4)

    def _begin(self, job: Job) -> Work:
        at_once: asyncio.Future[tuple[Fact, ...]] = asyncio.get_running_loop().create_future()
        if not self._reader.reads_at_once:
            at_once.set_result(())
        done = self._spawn(job, self._work(job, at_once))
        # whatever ends the work, even before its first step, nobody waits for its facts any longer
        done.add_done_callback(lambda _: _settle(at_once, ()))
        return Work(at_once, done)

    def _leave(self, job: Job) -> Work:
        """Leave a job in the store, but for what is read at once."""
        at_once = asyncio.ensure_future(self._read_only_at_once(job))
        self._left.add(at_once)
        at_once.add_done_callback(self._left.discard)
        self._may_be_more = True
        self._look()
        return Work(at_once, None)

    async def _read_only_at_once(self, job: Job) -> tuple[Fact, ...]:
        try:
            return (await self._reader.read_at_once(job))[1]
        except GraphMemError as error:
            logger.warning("%s is read later: %s", name_of(job), error)
            return ()

    async def _claim(self, claim: Claim) -> list[Job]:
        """Claim as many jobs as there is room for."""
        most = max(0, min(claim.limit, self._room()))
        self._coming += most
        try:
            return await self._store.claim(replace(claim, limit=most))
        finally:
            self._coming -= most

    def _look(self) -> None:
        """Take from the store what there is room for, in the background, unless that is under way."""
        resting = asyncio.get_running_loop().time() < self._rests_until
        if self._closed or not self._may_be_more or resting or not self._has_room():
            return
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._take(), name="graphmem-outbox")

    async def _take(self) -> None:
        loop = asyncio.get_running_loop()
        while self._may_be_more and not self._closed and self._has_room() and loop.time() >= self._rests_until:
            self._may_be_more = False
            try:
                jobs = await self._claim(Claim(self.worker, self._clock(), lease=self.lease))
            except StoreError as error:
                how = logging.DEBUG if self._store_is_down else logging.WARNING
                logger.log(how, "pending extractions are left for later: %s", error)
                self._store_is_down = True
                return
            self._store_is_down = False
            if self._closed:
                for job in jobs:
                    await self._give_back(job, error=None, retry_at=None)
                return
            for job in jobs:
                self._may_be_more = True
                self._spawn(job, self._work(job))

    def _look_in(self, seconds: float) -> None:
        """Look for work after ``seconds``, too."""
        when = asyncio.get_running_loop().time() + seconds
        self._look_at.add(math.ceil(when / _GRAIN) * _GRAIN)
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._closed:
            return
        loop = asyncio.get_running_loop()
        when = min(self._look_at, default=math.inf)
        # a weak reference, so that a memory that was dropped without being closed can go
        self._timer = loop.call_at(min(when, loop.time() + LOOK_EVERY), _time_to_look, weakref.ref(self))

    def _time_to_look(self) -> None:
        now = asyncio.get_running_loop().time()
        self._look_at = {when for when in self._look_at if when > now}
        self._may_be_more = True
        self._look()
        self._set_timer()

    async def _flush(self, flush: _Flush) -> int:
        before, wait, may_be_more = self._extracted, _POLL_SECONDS[0], True
        self._try_now()
        try:
            while True:
                mine = self._running_of(flush.user_id)
                takes = not flush.rests and self._room() > 0 and ((may_be_more and self._has_room()) or not mine)
                if not takes and (mine or (self._room() <= 0 and self._running)):
                    await asyncio.wait(mine or list(self._running), return_when=asyncio.FIRST_COMPLETED)
                    continue
                in_hand = sum(len(self._running[task].messages) for task in mine)
                backlog = await self._store.backlog(flush.user_id)
                if takes:
                    others = backlog.messages > in_hand
                    jobs = await self._claim(self._everything_for(flush)) if others else []
                    for job in jobs:
                        self._spawn(job, self._work(job, flush=flush))
                    may_be_more = bool(jobs)
                    if jobs or mine:
                        continue
                if flush.failed or backlog.parked:
                    told = _worst(flush.failed)
                    cause = backlog.last_error if told is None else f"{told[1].error} ({name_of(told[0])})"
                    raise ExtractionPending(
                        f"{backlog.messages} messages could not be extracted yet and are kept: {cause}"
                    )
                if not backlog.messages:
                    return self._extracted - before
                await asyncio.sleep(wait)
                wait = min(wait * 1.5, _POLL_SECONDS[1])
        finally:
            flush.is_over = True
            for job, done in flush.failed:
                await self._failed(job, done)

    def _everything_for(self, flush: _Flush) -> Claim:
        """All that waits. Once many have failed, only what is due: the others are given back as they fail, not held."""
        everything = len(flush.failed) < self._limits.in_hand
        return Claim(
            self.worker,
            self._clock(),
            limit=self._limits.in_hand,
            lease=self.lease,
            user_id=flush.user_id,
            all_due=everything,
            parked=everything,
        )

    def _running_of(self, user_id: str | None) -> list[asyncio.Task[Done]]:
        return [task for task, job in self._running.items() if user_id in (None, job.user_id)]

    async def _work(
        self, job: Job, at_once: asyncio.Future[tuple[Fact, ...]] | None = None, flush: _Flush | None = None
    ) -> Done:
        done = await self._attempt(job, at_once)
        _settle(at_once, ())
        if done.error is None:
            return done
        if flush is not None and not flush.is_over and len(flush.failed) < self._limits.in_hand:
            flush.failed.append((job, done))
        else:
            await self._failed(job, done)
        return done

    async def _attempt(self, job: Job, at_once: asyncio.Future[tuple[Fact, ...]] | None) -> Done:
        try:
            local, facts = await self._reader.read_at_once(job)
            _settle(at_once, facts)
            async with self._slots:
                return await self._reader.read(job, local, new=at_once is not None)
        except NotAsked as error:
            return Done(error=str(error), usage=error.usage, rest=error.wait)
        except ExtractionError as error:
            return Done(error=str(error) or type(error).__name__, usage=error.usage)
        except GraphMemError as error:
            return Done(error=str(error) or type(error).__name__)
        except asyncio.CancelledError:
            if not self._closed:  # else all are given back together
                await asyncio.shield(self._give_back(job, error=None, retry_at=None))
            raise
        except Exception as error:
            logger.exception("extraction of %s failed", name_of(job))
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
            self._extracted += len(job.messages)
            self._held.pop(job.id, None)
            self._on_read(job.user_id)
        elif task.cancelled():
            self._may_be_more = True
        self._look()

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
        self._rests_until = 0.0
        try_now = getattr(self._extractor, "try_now", None)
        if try_now is not None:
            try_now()

    async def _failed(self, job: Job, done: Done) -> None:
        """Give a job back with the cause of its failure, and look at it again when it is due."""
        if done.rest is not None:
            await self._left_alone(job, done, done.rest)
            return
        attempts = job.attempts + 1
        parked = attempts >= self._limits.attempts
        wait = min(FIRST_RETRY * 2 ** min(attempts - 1, 10), LAST_RETRY)
        how = f"attempt {attempts}{', parked' if parked else ''}"
        logger.warning("%s could not be read (%s): %s", name_of(job), how, done.error)
        await self._note_usage(job, done.usage)
        await self._give_back(job, error=done.error, retry_at=self._clock() + wait, parked=parked)
        if not parked:
            self._look_in(wait.total_seconds())

    async def _left_alone(self, job: Job, done: Done, rest: float) -> None:
        logger.debug("%s is not read now: %s", name_of(job), done.error)
        until = asyncio.get_running_loop().time() + rest
        if until > self._rests_until:
            self._rests_until = until
            self._look_in(rest)
        await self._note_usage(job, done.usage)
        retry_at = self._clock() + timedelta(seconds=rest)
        await self._give_back(job, error=done.error, retry_at=retry_at, attempted=False)

    async def _note_usage(self, job: Job, usage: Usage) -> None:
        """Add what a language model was asked in vain to the sums."""
        if usage == NO_USAGE:
            return
        nothing = LedgerUpdate(frozenset(), frozenset(), frozenset(), lambda _: Changes())
        try:
            await self._store.apply(job.user_id, nothing, usage=usage)
        except GraphMemError as error:
            logger.warning("what a language model was asked could not be noted: %s", error)

    async def _hand_back(self) -> None:
        """Give everything back at once, by leases that have run out."""
        over = Claim(self.worker, self._clock(), limit=0, lease=-self.lease, renew=tuple(self._held))
        try:
            async with asyncio.timeout(HAND_BACK_SECONDS):
                await self._store.claim(over)
        except (GraphMemError, TimeoutError) as error:
            logger.warning("%d interactions are free only when their leases run out: %s", len(self._held), error)
        self._held.clear()

    async def _give_back(self, job: Job, **how: Any) -> None:
        try:
            await self._store.release(job.id, **how)
        except GraphMemError as error:
            logger.warning("%s could not be given back, its lease will run out: %s", name_of(job), error)
        finally:
            self._held.pop(job.id, None)


def _time_to_look(outbox: weakref.ref[Outbox]) -> None:
    alive = outbox()
    if alive is not None:
        alive._time_to_look()


def _succeeded(task: asyncio.Task[Done]) -> bool:
    return not task.cancelled() and task.exception() is None and task.result().error is None


def _worst(failed: list[tuple[Job, Done]]) -> tuple[Job, Done] | None:
    """Return the last failure that says why, before one that says that nothing was tried."""
    return max(failed, key=lambda one: one[1].rest is None, default=None)


def _settle(at_once: asyncio.Future[tuple[Fact, ...]] | None, facts: tuple[Fact, ...]) -> None:
    if at_once is not None and not at_once.done():
        at_once.set_result(facts)
