"""Reading one interaction that waits: from its messages to facts in the ledger."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from extraction.base import Extractor
from extraction.catalogue import Catalogue
from extraction.hybrid import HybridExtractor
from extraction.records import NO_USAGE, EntityMention, Extraction, ExtractionContext, Turn, Usage
from graphmem.bounding import within
from graphmem.endings import endings_of
from graphmem.limits import Limits
from graphmem.reconcile import update_replacing, update_with
from graphmem.records import Fact, Message, Statement
from graphmem.statements import to_statements
from graphmem.stores.base import Job, Store

logger = logging.getLogger(__name__)


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


class JobReader:
    """Reads the facts of jobs and writes them.

    Of a `extraction.HybridExtractor` the local reading is written first and the job stays pending; when the language
    model has answered, the two are joined and what was written is replaced by that, in the transaction that finishes the
    job.

    Args:
        store: where the facts go.
        extractor: reads the facts.
        catalogue: the relations.
        limits: of what is read.
    """

    def __init__(self, store: Store, extractor: Extractor, catalogue: Catalogue, limits: Limits) -> None:
        self._store = store
        self._extractor = extractor
        self._hybrid = extractor if isinstance(extractor, HybridExtractor) else None
        self._catalogue = catalogue
        self._limits = limits

    @property
    def reads_at_once(self) -> bool:
        """Whether there is a local reading that does not wait for the other."""
        return self._hybrid is not None

    async def read_at_once(self, job: Job) -> tuple[Extraction | None, tuple[Fact, ...]]:
        """Read a job locally and write that; return the reading and its facts. Without a local extractor there is neither."""
        if self._hybrid is None:
            return None, ()
        local = await self._hybrid.read_locally(_turns(job), _context(job))
        if job.attempts or not local.facts:
            return local, ()
        statements, sweeping = self._statements(local, job)
        update = update_with(job.user_id, statements, self._catalogue, sweeping)
        return local, (await self._store.apply(job.user_id, update, job_id=job.id, finish=False)).facts

    async def read(self, job: Job, local: Extraction | None, *, new: bool) -> Done:
        """Read a job, write its facts and finish it.

        Args:
            job: what to read.
            local: what `read_at_once` read of it.
            new: nothing but ``local`` was ever read in it.

        Raises:
            ExtractionError: it cannot be read now.
            GraphMemError: the store failed.
        """
        turns, context = _turns(job), _context(job)
        if self._hybrid is None or local is None:
            read = await self._extractor.extract(turns, context)
        else:
            read = self._hybrid.joined(turns, local, await self._hybrid.llm.extract(turns, context))
        statements, sweeping = self._statements(read, job, warn=True)
        if local is None:
            update = update_with(job.user_id, statements, self._catalogue, sweeping)
        else:
            said = {(message.session_id, message.id) for message in job.messages}
            before = {s.id for some in self._statements(local, job) for s in some} if new else None
            update = update_replacing(job.user_id, said, statements, self._catalogue, sweeping, before)
        changes = await self._store.apply(job.user_id, update, job_id=job.id, usage=read.usage)
        return Done(changes.facts, removed=changes.removed_facts, usage=read.usage)

    def _statements(self, read: Extraction, job: Job, *, warn: bool = False) -> tuple[list[Statement], list[Statement]]:
        bounded = within(read.facts, self._limits)
        if warn and bounded.surplus:
            most = f"the {self._limits.message_facts:,} surest of a message are kept (limits.message_facts)"
            logger.warning("%s: %s of %s facts are left out: %s", name_of(job), bounded.surplus, len(read.facts), most)
        if warn and bounded.unwieldy:
            why = f"a name has more than {self._limits.name_chars:,} characters (limits.name_chars)"
            logger.warning("%s: %s of %s facts are left out: %s", name_of(job), bounded.unwieldy, len(read.facts), why)
        statements, sweeping = to_statements(bounded.facts, job.messages, self._catalogue)
        return statements, [*sweeping, *endings_of(statements, job.messages, self._catalogue)]


def name_of(job: Job) -> str:
    """Return what is in a job, in words that a user knows."""
    more = f" and {len(job.messages) - 1} more" if len(job.messages) > 1 else ""
    first = f"message {job.messages[0].id!r}{more}" if job.messages else "messages"
    return f"{first} of session {job.session_id!r}"


def _turns(job: Job) -> list[Turn]:
    return [_turn(message) for message in job.messages]


def _context(job: Job) -> ExtractionContext:
    names = {job.user_id} if job.user_name == "User" else {job.user_id, job.user_name}
    known = tuple(EntityMention(e.name, e.label, e.aliases) for e in job.known if e.label != "User")
    return ExtractionContext(tuple(map(_turn, job.history)), known, frozenset(names))


def _turn(message: Message) -> Turn:
    return Turn(message.role, message.text, message.name, message.at, message.id)
