"""The store protocol: what a place that keeps memories must be able to do, in ten coarse verbs.

A store keeps messages, the ledger of facts and what is pending. It decides nothing about facts: where a decision is
needed it reads what is touched, calls the pure function that it was given and writes the outcome, all in one atomic
change of one user's data. It may therefore be anything that can change one user's data atomically.

Rules for every verb:

- Every key contains the user. No verb reads or writes across users unless it says so.
- Each verb is atomic: it happens wholly or, when it raises, not at all (a connection cut during the commit may leave
  it done; every verb can be repeated with the same arguments).
- ``asyncio`` safe: any number of calls may run at once, in any number of processes.
- Raises `StoreUnavailable` when the store cannot be reached now, `StoreError` when it refuses. No driver error escapes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from extraction.records import NO_USAGE, Usage
from graphmem.errors import LimitExceeded
from graphmem.records import Entity, Fact, Forgotten, Message, Stats, SummaryLine
from graphmem.stores.embedding import Nearness, Similar
from graphmem.text import Probe

OWN_SHARE, LINKED_SHARE, WORDED_SHARE = 6, 2, 4
"""Which part of the facts of a recall each of its first kinds may take: a sixth, a half, a quarter."""

TIES = 8
"""How many of the user's facts may lead to somebody whom a query means without a name."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to append. ``id`` is unique within its session; the same id with the same role and text is the same message.
    ``metadata`` is canonical JSON or None; see `Message`. ``short_vector`` is a text to be kept with it; see
    `graphmem.stores.embedding.ShortVectorStore`."""

    id: str
    role: str
    text: str
    at: datetime
    name: str | None = None
    metadata: str | None = None
    short_vector: str | None = None


@dataclass(frozen=True, slots=True)
class NewInteraction:
    """Messages that belong together, to be appended in their order.

    Args:
        session_id: the session; it comes into being with its first message.
        user_id: the session's user; None means its owner, or the session id itself for a new session.
        messages: at least one.
        job_id: id of the extraction job to leave pending with these messages; None when nothing is to be extracted.
        worker, lease: the worker that holds the new job from the start and for how long; without a worker the job is
            free for `claim` at once.
        now: the time by the caller's clock, from which the lease counts.
        history: how many messages before these come back with the job.
        most: how many messages the session may have with these, counting those that were forgotten; None for any number.
    """

    session_id: str
    user_id: str | None
    messages: tuple[NewMessage, ...]
    now: datetime
    job_id: str | None = None
    worker: str | None = None
    lease: timedelta = timedelta(seconds=60)
    history: int = 6
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One interaction whose facts are still to come.

    Args:
        id: the job.
        user_id, session_id: whose it is.
        messages: the interaction, in its order.
        history: the session's messages just before it, oldest first.
        user_name: the name of the user's own entity ("User" until a name is known).
        known: entities of the user whose name or alias occurs in ``messages`` (`graphmem.text.link_keys_of`).
        attempts: how often it has failed so far.
        error: cause of the last failure, or None.
    """

    id: str
    user_id: str
    session_id: str
    messages: tuple[Message, ...]
    history: tuple[Message, ...] = ()
    user_name: str = "User"
    known: tuple[Entity, ...] = ()
    attempts: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """What `Store.append` did: the owner, all messages of the interaction as stored, which of them are new, and the job
    when one was left pending (None when nothing was new or ``job_id`` was None). ``summarized`` is the ``seq`` up to which
    the session's summary goes; 0 without one."""

    user_id: str
    messages: tuple[Message, ...]
    new_ids: frozenset[str]
    job: Job | None
    summarized: int = 0


@dataclass(frozen=True, slots=True)
class Ledger:
    """Entities and facts of one user; ``whole`` when these are all of them. Facts come newest first (recorded_at, then id)."""

    entities: tuple[Entity, ...] = ()
    facts: tuple[Fact, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be written to one user's ledger.

    Args:
        entities: entities that are new or changed (name, label, aliases).
        facts: facts that are new or changed, complete with their statements.
        removed_facts, removed_entities: ids that are no more.
    """

    entities: tuple[Entity, ...] = ()
    facts: tuple[Fact, ...] = ()
    removed_facts: frozenset[str] = frozenset()
    removed_entities: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.entities or self.facts or self.removed_facts or self.removed_entities)


@dataclass(frozen=True, slots=True)
class LedgerUpdate:
    """A change of one user's ledger, decided by pure code inside the store's transaction.

    Args:
        keys: normalised names. The store reads every entity of the user that has one of them among the lookup keys of its
            name and aliases (`graphmem.identity.lookup_keys`), and every fact that touches such an entity.
        predicates: the store also reads every fact of these predicates that has the User entity as subject or object,
            and for symmetric predicates every fact of them.
        symmetric: those of ``predicates`` that are symmetric.
        decide: gets what was read (`Ledger.whole` False) and returns the changes, or None when it needs the whole
            ledger; then it is called once more with that. The User entity is in the ledger it gets when it exists.
        decide_without: decides as ``decide`` would had some messages, (session id, message id), never been: those that were
            forgotten while they were read. Without it what only they say is left out of what was decided.
    """

    keys: frozenset[str]
    predicates: frozenset[str]
    symmetric: frozenset[str]
    decide: Callable[[Ledger], Changes | None]
    decide_without: Callable[[Ledger, Collection[tuple[str, str]]], Changes | None] | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Which jobs to claim: at most ``limit`` of ``user_id`` (None: of any user), held by ``worker`` until ``now + lease``.

    ``all_due``: also those whose retry time has not come yet (a flush does not wait for it). ``parked``: also those that were
    set aside, which then are not any more. ``renew``: ids of jobs that the worker holds already, whose lease counts anew from
    ``now``; they do not come back, and one that the worker does not hold any more stays as it is. With a ``lease`` below 0 they are free at
    once.
    """

    worker: str
    now: datetime
    limit: int = 16
    lease: timedelta = timedelta(seconds=60)
    user_id: str | None = None
    all_due: bool = False
    parked: bool = False
    renew: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recall:
    """What to bring for a context or a search, in one round trip.

    Args:
        user_id: whose memory; None means the session's owner (or the session id itself when it is unknown).
        session_id: the session whose newest messages to bring; None for none.
        query: what to look for; None means the session's last user message.
        newest: how many of the session's newest messages.
        candidates: at most how many messages that share a term with the query: those whose shared terms weigh most together
            (`graphmem.text.idf`: rare ones weigh more), then the newest. Of a term that thousands of the user's messages have a
            store may look only at the newest of them, and at those that share a rarer one too.
        facts: at most how many facts; see `Store.recall`.
        not_before: messages said before that are left out (their time to live has passed); None for no limit.
        neighbours: for how many of the candidates, the first in that order, the messages around them in their session come
            too: an answer seldom has the words of its question.
        reach: how many places before and after them in their session that is.
        similar: what is to be compared by meaning; None for nothing. See `graphmem.stores.embedding`.
        predicates: groups of predicates; of each group some of the user's own facts come whatever else there is.
        through: predicates by which somebody whom the query means is tied to the user ("my sister").
    """

    user_id: str | None
    session_id: str | None
    query: Probe | None
    newest: int = 8
    candidates: int = 200
    facts: int = 400
    not_before: datetime | None = None
    neighbours: int = 100
    reach: int = 1
    similar: Similar | None = None
    predicates: tuple[tuple[str, ...], ...] = ()
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recalled:
    """What `Store.recall` brought.

    Args:
        user_id: whose memory it is.
        query: the probe that was used (of the session's last user message when none was given); None when there is none.
        messages: the session's newest messages, oldest first.
        matches: the user's messages that share a term with the query, and those around the best of them (``seq`` at most
            ``reach`` less or more in the same session), each once and in no promised order.
        linked: entities that the query names by a key.
        user: the user's own entity, or None when nothing is known yet.
        facts: see `Store.recall`, newest first.
        message_count: how many messages the user has.
        summary: the session's summary, in its order, without lines that may have words of a message said before
            ``Recall.not_before``.
        nearness: how near they are by meaning; None when nothing was compared.
        frequencies: in how many of the user's messages each term of the query stands.
        short_vectors: of the matches, by (session id, ``seq``); see `graphmem.stores.embedding.ShortVectorStore`.
    """

    user_id: str
    query: Probe | None
    messages: tuple[Message, ...]
    matches: tuple[Message, ...]
    linked: tuple[Entity, ...]
    user: Entity | None
    facts: tuple[Fact, ...]
    message_count: int
    summary: tuple[SummaryLine, ...] = ()
    nearness: Nearness | None = None
    frequencies: Mapping[str, int] = field(default_factory=dict)
    short_vectors: Mapping[tuple[str, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Selection:
    """What to forget; exactly one of the forms:

    ``user_id`` alone: all of the user. ``session_id`` (and ``user_id``): a session. ``session_id`` and ``message_id``: a
    message. ``user_id`` and ``fact_id``: a fact. ``expired_before``: every message said before it, of every user or of
    ``user_id``; with ``facts`` False their statements stay in the ledger with their evidence text, and messages that still
    wait for a job stay until it is finished.
    """

    user_id: str | None = None
    session_id: str | None = None
    message_id: str | None = None
    fact_id: str | None = None
    expired_before: datetime | None = None
    facts: bool = True


@dataclass(frozen=True, slots=True)
class Gone:
    """What is being forgotten of one user, for the function that revises the ledger: messages as (session_id, message_id),
    and fact ids. A store always sets ``user_id``."""

    messages: frozenset[tuple[str, str]] = frozenset()
    facts: frozenset[str] = frozenset()
    user_id: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """Counts, and the ids of users and sessions (of the one user when asked for one), sorted, at most ``limit`` of each."""

    stats: Stats
    user_ids: tuple[str, ...]
    session_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many messages wait for their facts, how many of their jobs are set aside, and why a job failed last."""

    messages: int = 0
    parked: int = 0
    last_error: str | None = None


class Store(Protocol):
    """A place that keeps memories; see the module's text for the rules. Made, open and ready, by a `StoreFactory`."""

    async def append(self, interaction: NewInteraction) -> Appended:
        """Append an interaction's messages to their session, and leave a job pending for them, in one transaction.

        A message whose id is in the session already, with the same role and text, is left as it is; the job covers the
        new ones only, and there is none when none of them is new. ``seq`` goes on from the session's highest ever.

        Raises:
            SessionOwnerError: the session belongs to another user than ``user_id``.
            IdempotencyConflict: an id is in the session with another role or text. Nothing is appended then.
            LimitExceeded: new messages would make the session longer than ``most``; see `check_length`.
        """
        ...

    async def claim(self, claim: Claim) -> list[Job]:
        """Take jobs that nobody holds (no lease, or a lease that has run out), the oldest first, and lease them to the worker.

        No two callers ever hold the same job at a time. A job whose messages are all gone is dropped, not returned.
        Jobs of one session come in their order; one whose earlier sibling is held by another worker is left out.
        """
        ...

    async def apply(
        self,
        user_id: str,
        update: LedgerUpdate,
        *,
        job_id: str | None = None,
        finish: bool = True,
        usage: Usage = NO_USAGE,
    ) -> Changes:
        """Change a user's ledger in one transaction: lock the user, read what ``update`` asks for, call its ``decide``, write.

        With ``job_id`` the job is finished in the same transaction; when it is finished or gone already (another worker
        was faster, or its messages were forgotten meanwhile) nothing is written and the changes are empty. Statements
        whose messages are gone are never written: a store checks the messages of the job inside the transaction. With
        ``finish`` False all that holds as well, but the job stays as it is: more is to come for it. ``usage`` is added to the
        user's sums, which `describe` gives.

        Returns:
            What was written. Idempotent: ``decide`` finds nothing to change when everything is there.
        """
        ...

    async def release(
        self,
        job_id: str,
        *,
        error: str | None,
        retry_at: datetime | None,
        parked: bool = False,
        attempted: bool = True,
    ) -> None:
        """Give a job back: with ``error`` its attempts go up by one and it is due at ``retry_at``; without, it is free at once.

        ``attempted`` False leaves the number of attempts as it is: nothing was tried. ``parked`` sets it aside: `claim` returns
        it only when asked to, `backlog` counts it. A job that is gone is no error.
        """
        ...

    async def backlog(self, user_id: str | None = None) -> Backlog:
        """Tell what waits to be extracted, of one user or of all. It costs by what waits, not by what is stored."""
        ...

    async def recall(self, request: Recall) -> Recalled:
        """Bring what a context or a search needs, in exactly one round trip (one read transaction of one statement on a server).

        Facts, in this order until ``request.facts`` are there, without repeats: of each group of ``request.predicates`` the
        user's own facts; facts that touch an entity which is linked, or which one of the user's own facts of
        ``request.through`` ties to the user (the first `TIES` of these facts); facts that share a term with the query, those that
        share most first; the rest of those that touch such an entity; facts that touch a neighbour of one other than the user;
        the user's own facts; the rest of those that share a term. The first three are at most ``request.facts`` divided by
        `OWN_SHARE`, `LINKED_SHARE` and `WORDED_SHARE`, so that none of them crowds out the others. Within each, current before
        others, then newest first (recorded_at, then id). An unknown user or session brings nothing and is no error. Of a term
        that hundreds of facts have a store may look only at the newest of them.

        Raises:
            SessionOwnerError: the session belongs to another user than ``user_id``.
        """
        ...

    async def ledger(self, user_id: str) -> Ledger:
        """Return all entities (by label, name, id) and facts (newest first) of a user; empty for an unknown one."""
        ...

    async def messages(
        self,
        *,
        user_id: str | None,
        session_id: str | None,
        limit: int | None = None,
        not_before: datetime | None = None,
    ) -> list[Message]:
        """Return messages of a session, or of all sessions of a user (one of the two is given; with both, the owner is checked).

        Oldest first: by ``seq`` within a session, by (at, session id, seq) over several; of these the newest ``limit``.

        Raises:
            SessionOwnerError: the session belongs to another user than ``user_id``.
        """
        ...

    async def forget(self, selection: Selection, revise: Callable[[Ledger, Gone], Changes]) -> Forgotten:
        """Remove what is selected and everything that came only from it, in one transaction a user.

        The messages go, with their search entries and pending jobs; then ``revise`` gets the user's whole ledger and what
        is gone, and its changes are written. A session without messages goes, and a user without sessions and facts.
        Selecting what does not exist removes nothing and is no error. What remains in the store's files holds no byte of it.
        Of a session's summary the lines go that may have words of it; see `graphmem.stores.summarizing`.

        Raises:
            SessionOwnerError: the session belongs to another user than ``user_id``.
        """
        ...

    async def describe(self, user_id: str | None = None, *, limit: int = 1000) -> Description:
        """Count what is there, for one user or over all; zeros for an unknown user."""
        ...

    async def close(self) -> None:
        """Release every resource. A second call does nothing."""
        ...


def check_length(interaction: NewInteraction, last_seq: int, new: int) -> None:
    """Check that a session may become as long as an interaction makes it.

    Args:
        interaction: what is appended.
        last_seq: the session's highest ``seq`` ever.
        new: how many of its messages are new.

    Raises:
        LimitExceeded: it may not.
    """
    if interaction.most is not None and new and last_seq + new > interaction.most:
        raise LimitExceeded(
            f"session {interaction.session_id!r} would have {last_seq + new:,} messages; the limit is {interaction.most:,} "
            "(limits.session_messages): begin another session"
        )


def touched_entities(facts: Iterable[Fact]) -> dict[str, Entity]:
    """The entities at the ends of ``facts``, by id."""
    return {e.id: e for f in facts for e in (f.subject, f.object)}
