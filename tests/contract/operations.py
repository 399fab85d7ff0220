"""Random operations on a store: what they are, and a player that performs them and returns comparable answers.

An operation names users, sessions, jobs and messages by small numbers, so that they meet; a player makes identifiers of
them with a prefix of its own. Two players with the same prefix do the same to two stores, at the same times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from hypothesis import strategies as st

from extraction.names import normalize_name
from extraction.records import USER_LABEL, FactStatus
from graphmem.errors import GraphMemError
from graphmem.identity import named_entity, user_entity
from graphmem.records import Entity, Fact, Message
from graphmem.stores.base import (
    Changes,
    Claim,
    Job,
    Ledger,
    NewInteraction,
    NewMessage,
    Recall,
    Selection,
    Store,
    touched_entities,
)
from graphmem.text import probe

from .builders import START, by_id, changes_of, fact, in_order, revise, supported_by, update

T = TypeVar("T")
USERS, SESSIONS = 2, 3
STEP = timedelta(minutes=7)
LEASE = timedelta(minutes=10, seconds=30)
RETRY = timedelta(minutes=17, seconds=30)
"""Leases and retries never end at the very moment of an operation."""

ENTITIES = (
    ("Ana", "Person", ("sister", "Annie")),
    ("Bob", "Person", ()),
    ("São Paulo", "Place", ("Sampa",)),
    ("Faro", "Place", ()),
    ("tea", "Thing", ()),
    ("ｚ tea", "Thing", ("tea house",)),
    ("🦓", "Thing", ()),
    ("Zebra", "Thing", ("🦓 friend",)),
)
PREDICATES = ("LIVES_IN", "LIKES", "HAS_FRIEND", "RELATED_TO")
SYMMETRIC = ("HAS_FRIEND",)
TEXTS = (
    "I live in Faro with Ana",
    "My sister likes tea, tea and tea",
    "Bob moved from Sao Paulo to Faro",
    "",
    "the of and",
    "Ana's 🦓 in Sampa",
    "What's new?",
    "Tea house, Annie? 東京",
)


@dataclass(frozen=True)
class Append:
    session: int
    user: int | None
    messages: tuple[tuple[int, str, int, int], ...]
    """Each as (id, role, text, days ago)."""
    job: bool
    worker: int | None
    history: int


@dataclass(frozen=True)
class ClaimJobs:
    worker: int
    user: int
    limit: int
    all_due: bool


@dataclass(frozen=True)
class Release:
    job: int
    error: str | None
    later: bool
    parked: bool


@dataclass(frozen=True)
class Claimed:
    """What a message is taken to say: subject and object by number (the user is -1), a predicate and a status."""

    subject: int
    predicate: int
    object: int
    status: FactStatus
    message: int


@dataclass(frozen=True)
class Learn:
    user: int
    facts: tuple[Claimed, ...]
    whole: bool


@dataclass(frozen=True)
class Finish:
    job: int
    facts: tuple[Claimed, ...]


@dataclass(frozen=True)
class Rename:
    user: int
    entity: int
    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Ask:
    user: int
    keys: tuple[str, ...]
    predicates: tuple[int, ...]
    symmetric: bool


@dataclass(frozen=True)
class Remember:
    user: int | None
    session: int | None
    query: int | None
    newest: int
    candidates: int
    facts: int
    days: int | None


@dataclass(frozen=True)
class Read:
    user: int | None
    session: int | None
    limit: int | None
    days: int | None


@dataclass(frozen=True)
class ReadLedger:
    user: int


@dataclass(frozen=True)
class Describe:
    user: int


@dataclass(frozen=True)
class Forget:
    user: int | None
    session: int | None
    message: int | None
    fact: int | None
    days: int | None
    facts: bool


Operation = (
    Append | ClaimJobs | Release | Learn | Finish | Rename | Ask | Remember | Read | ReadLedger | Describe | Forget
)

_user, _session, _job = st.integers(0, USERS - 1), st.integers(0, SESSIONS - 1), st.integers(0, 5)
_worker = st.integers(0, 1)
_days = st.none() | st.integers(0, 3)
_text = st.integers(0, len(TEXTS) - 1)
_end = st.integers(-1, len(ENTITIES) - 1)
_predicate = st.integers(0, len(PREDICATES) - 1)
_status = st.sampled_from([FactStatus.CURRENT, FactStatus.CURRENT, *FactStatus])
_message = st.tuples(
    st.integers(0, 30), st.sampled_from(["user", "user", "user", "assistant"]), _text, st.sampled_from([0, 0, 1, 2, 3])
)
_facts = st.lists(st.builds(Claimed, _end, _predicate, _end, _status, st.integers(0, 5)), min_size=1, max_size=4).map(
    tuple
)
_names = st.lists(st.sampled_from([n for name, _, aliases in ENTITIES for n in (name, *aliases)]), max_size=3).map(
    tuple
)
_small = st.integers(0, 6) | st.just(400)


def _mostly(value: T, other: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """``value`` four times in five, so that most operations meet something."""
    return st.integers(0, 4).flatmap(lambda n: other if n == 4 else st.just(value))


def _append(session: int) -> st.SearchStrategy[Append]:
    return st.builds(
        Append,
        st.just(session),
        _mostly(session % USERS, st.none() | _user),
        st.lists(_message, min_size=1, max_size=4).map(tuple),
        st.booleans(),
        _mostly(None, _worker),
        st.integers(0, 3),
    )


def _forget() -> st.SearchStrategy[Forget]:
    nothing, yes, maybe_user = st.none(), st.just(True), st.none() | _user
    return st.one_of(
        st.builds(Forget, maybe_user, _session, st.integers(0, 30), nothing, nothing, yes),
        st.builds(Forget, maybe_user, _session, st.integers(0, 3), nothing, nothing, yes),
        st.builds(Forget, _user, nothing, nothing, st.integers(0, 5), nothing, yes),
        st.builds(Forget, _user, nothing, nothing, nothing, st.integers(0, 3), st.booleans()),
        st.builds(Forget, maybe_user, _session, nothing, nothing, nothing, yes),
        st.builds(Forget, _user, nothing, nothing, nothing, nothing, yes),
    )


_CHOICES: tuple[tuple[int, st.SearchStrategy[Operation]], ...] = (
    (4, _session.flatmap(_append)),
    (4, st.builds(Learn, _user, _facts, st.booleans())),
    (3, st.builds(Finish, _job, _facts)),
    (4, st.builds(ClaimJobs, _worker, _user, st.integers(1, 3), st.booleans())),
    (
        3,
        st.builds(
            Release, _job, st.none() | st.sampled_from(["down", "bad"]), st.booleans(), _mostly(False, st.just(True))
        ),
    ),
    (2, st.builds(Rename, _user, _end, st.sampled_from(["Anna", "Z", "zebra 🦓", "ZEBRA", "Faro"]), _names)),
    (2, st.builds(Ask, _user, _names, st.lists(_predicate, max_size=2).map(tuple), st.booleans())),
    (
        4,
        st.builds(
            Remember, _mostly(None, _user), _session, st.none() | _text, st.integers(0, 4), _small, _small, _days
        ),
    ),
    (3, st.builds(Remember, _user, st.none(), _text, st.just(0), _small, _small, _days)),
    (1, st.builds(Read, _user, st.none() | _session, st.none() | st.integers(0, 4), _days)),
    (1, st.builds(Read, _mostly(None, _user), _session, st.none() | st.integers(0, 4), _days)),
    (1, st.builds(ReadLedger, _user)),
    (2, st.builds(Describe, _user)),
    (3, _forget()),
)
_operation: st.SearchStrategy[Operation] = st.sampled_from(
    [choice for weight, choice in _CHOICES for _ in range(weight)]
).flatmap(lambda choice: choice)


def operations(most: int) -> st.SearchStrategy[list[Operation]]:
    """Lists of operations, at most ``most`` of them after a beginning in which every user says something and is known for something."""
    spoken = [st.builds(lambda one: replace(one, job=True), _append(session)) for session in range(SESSIONS)]
    known = [st.builds(Learn, st.just(user), _facts, st.booleans()) for user in range(USERS)]
    beginning = st.tuples(*spoken, *known).map(list)
    return st.builds(
        lambda first, rest: [*first, *rest], beginning, st.lists(_operation, min_size=most // 2, max_size=most)
    )


class Player:
    """Performs operations on one store and returns answers that can be compared for equality.

    Args:
        store: where.
        prefix: of every identifier.
        marked: every text and name of a user carries that user's `marker`.
    """

    def __init__(self, store: Store, prefix: str, *, marked: bool = False) -> None:
        self.store, self.prefix, self.marked = store, prefix, marked
        self.now = START
        self.jobs: list[Job] = []

    def user(self, number: int) -> str:
        return f"{self.prefix}-u{number}-{self.marker(number)}" if self.marked else f"{self.prefix}-u{number}"

    def marker(self, number: int) -> str:
        """A word that only the user of this number says."""
        return f"zq{self.prefix}{number}"

    def session(self, number: int) -> str:
        return f"{self.prefix}-s{number}"

    @property
    def users(self) -> list[str]:
        """All users that there may be: a session without one belongs to the user of its own id."""
        return [*(self.user(n) for n in range(USERS)), *(self.session(n) for n in range(SESSIONS))]

    async def play(self, operation: Operation) -> object:
        """Perform ``operation``; an error of graphmem is an answer, by its kind and its words."""
        self.now += STEP
        try:
            return await self._answer(operation)
        except GraphMemError as error:
            return type(error), str(error)

    async def _answer(self, operation: Operation) -> object:
        match operation:
            case Append():
                return await self._append(operation)
            case ClaimJobs(worker, user, limit, all_due):
                wanted = Claim(f"w{worker}", self.now, limit, LEASE, self.user(user), all_due)
                return [_same(job) for job in await self.store.claim(wanted)]
            case Release(job, error, later, parked):
                if not self.jobs:
                    return None
                retry_at = self.now + RETRY if later else None
                id = self.jobs[job % len(self.jobs)].id
                await self.store.release(id, error=error, retry_at=retry_at, parked=parked)
                return None
            case Learn():
                return await self._learn(operation)
            case Finish():
                return await self._finish(operation)
            case Rename(user, entity, name, aliases):
                named = self._entity(self.user(user), entity)
                renamed = Entity(named.id, self._say(user, name), named.label, aliases)
                return await self.store.apply(self.user(user), update(lambda seen: _if_known(seen, renamed)))
            case Ask():
                return await self._ask(operation)
            case Remember():
                return await self._recall(operation)
            case Read(user, session, limit, days):
                return await self.store.messages(
                    user_id=None if user is None else self.user(user),
                    session_id=None if session is None else self.session(session),
                    limit=limit,
                    not_before=self._ago(days),
                )
            case ReadLedger(user):
                return _spelled(await self.store.ledger(self.user(user)))
            case Describe(user):
                waits = await self.store.backlog(self.user(user))
                described = await self.store.describe(self.user(user))
                return described, replace(waits, last_error=None), waits.last_error is None
            case Forget():
                return await self._forget(operation)

    async def _append(self, wanted: Append) -> object:
        speaker = wanted.user if wanted.user is not None else await self.owner(wanted.session)
        messages = tuple(
            NewMessage(
                f"m{id}",
                role,
                self._say(speaker, TEXTS[text]),
                self.now - timedelta(days=days) + timedelta(seconds=position),
                None if id % 2 else "Ana",
            )
            for position, (id, role, text, days) in enumerate(wanted.messages)
        )
        appended = await self.store.append(
            NewInteraction(
                self.session(wanted.session),
                None if wanted.user is None else self.user(wanted.user),
                messages,
                self.now,
                f"{self.prefix}-j{self.now:%d%H%M}" if wanted.job else None,
                None if wanted.worker is None else f"w{wanted.worker}",
                LEASE,
                wanted.history,
            )
        )
        if appended.job:
            self.jobs.append(appended.job)
        return replace(appended, job=appended.job and _same(appended.job))

    async def _learn(self, wanted: Learn) -> object:
        user = self.user(wanted.user)
        said = await self.store.messages(user_id=user, session_id=None)
        if not said:
            return None
        facts = [self._fact(user, claimed, said[claimed.message % len(said)]) for claimed in wanted.facts]
        keys = [name for f in facts for name in (f.subject.name, f.object.name)]

        def decide(ledger: Ledger) -> Changes | None:
            return None if wanted.whole and not ledger.whole else _merged(ledger, facts)

        return _spelled(
            await self.store.apply(user, update(decide, keys=keys, predicates=PREDICATES, symmetric=PREDICATES))
        )

    async def _finish(self, wanted: Finish) -> object:
        if not self.jobs:
            return None
        job = self.jobs[wanted.job % len(self.jobs)]
        said = job.messages
        facts = [self._fact(job.user_id, claimed, said[claimed.message % len(said)]) for claimed in wanted.facts]
        whole = update(lambda ledger: _merged(ledger, facts) if ledger.whole else None)
        return _spelled(await self.store.apply(job.user_id, whole, job_id=job.id))

    async def _ask(self, wanted: Ask) -> object:
        seen: list[Ledger] = []

        def look(ledger: Ledger) -> Changes:
            seen.append(ledger)
            return Changes()

        predicates = [PREDICATES[n] for n in wanted.predicates]
        symmetric = [p for p in predicates if p in SYMMETRIC and wanted.symmetric]
        asked = update(look, keys=wanted.keys, predicates=predicates, symmetric=symmetric)
        await self.store.apply(self.user(wanted.user), asked)
        named = [e for e in seen[-1].entities if e.label == USER_LABEL or asked.keys & _keys(e)]
        return by_id(named), seen[-1].facts, [f.statements for f in seen[-1].facts], seen[-1].whole

    async def _recall(self, wanted: Remember) -> object:
        query = None if wanted.query is None else probe(TEXTS[wanted.query])
        not_before = self._ago(wanted.days) if query else None
        brought = await self.store.recall(
            Recall(
                None if wanted.user is None and wanted.session is not None else self.user(wanted.user or 0),
                None if wanted.session is None else self.session(wanted.session),
                query,
                wanted.newest,
                wanted.candidates,
                wanted.facts,
                not_before,
            )
        )
        unordered = replace(
            brought,
            matches=tuple(in_order(brought.matches)),
            linked=tuple(by_id(brought.linked)),
            message_count=0 if not_before else brought.message_count,
        )
        return unordered, [f.statements for f in brought.facts]

    async def _forget(self, wanted: Forget) -> object:
        user = None if wanted.user is None else self.user(wanted.user)
        fact_id = None
        if wanted.fact is not None and user is not None:
            known = (await self.store.ledger(user)).facts
            fact_id = known[wanted.fact % len(known)].id if known else f"{self.prefix}-none"
        return await self.store.forget(
            Selection(
                user,
                None if wanted.session is None else self.session(wanted.session),
                None if wanted.message is None else f"m{wanted.message}",
                fact_id,
                self._ago(wanted.days),
                wanted.facts,
            ),
            revise,
        )

    async def owner(self, session: int) -> int | None:
        """The number of the user who owns the session."""
        for number in range(USERS):
            if self.session(session) in (await self.store.describe(self.user(number))).session_ids:
                return number
        return None

    def _say(self, user: int | None, text: str) -> str:
        return f"{text} {self.marker(user)}" if self.marked and user is not None else text

    def _ago(self, days: int | None) -> datetime | None:
        return None if days is None else self.now - timedelta(days=days, hours=12)

    def _entity(self, user_id: str, number: int) -> Entity:
        if number < 0:
            return user_entity(user_id)
        name, label, aliases = ENTITIES[number]
        owner = next((n for n in range(USERS) if self.user(n) == user_id), None)
        return replace(
            named_entity(user_id, label, name),
            aliases=(*aliases, *([self.marker(owner)] if self.marked and owner is not None else ())),
        )

    def _fact(self, user_id: str, claimed: Claimed, said: Message) -> Fact:
        ends = self._entity(user_id, claimed.subject), self._entity(user_id, claimed.object)
        id = f"{user_id}-f{claimed.subject}{claimed.predicate}{claimed.object}"
        made = fact(ends[0], PREDICATES[claimed.predicate], ends[1], said, status=claimed.status, id=id)
        if claimed.status is FactStatus.CURRENT:
            return made
        detail = replace(
            made.statements[0], verb="knows", replaces=True, subject=replace(made.statements[0].subject, unnamed=True)
        )
        return replace(made, statements=(detail,), retired_at=said.at + STEP, valid_to="2024-02", confidence=1 / 3)


def _merged(ledger: Ledger, facts: list[Fact]) -> Changes:
    """The changes that add the statements of ``facts`` to the facts that are there, and nothing when they are there already."""
    known = {f.id: f for f in ledger.facts}
    entities = {**touched_entities(ledger.facts), **{e.id: e for e in ledger.entities}}
    changed: dict[str, Fact] = {}
    for new in facts:
        old = known.get(new.id)
        before = old.statements if old else ()
        fresh = tuple(s for s in new.statements if s.id not in {b.id for b in before})
        if not fresh:
            continue
        statements = tuple(sorted((*before, *fresh), key=lambda s: (s.at, s.session_id, s.order, s.id)))
        ends = {"subject": entities.get(new.subject.id, new.subject), "object": entities.get(new.object.id, new.object)}
        changed[new.id] = known[new.id] = supported_by(replace(new, **ends), statements)  # type: ignore[arg-type]
    return changes_of(*changed.values())


def _if_known(ledger: Ledger, entity: Entity) -> Changes | None:
    if not ledger.whole:
        return None
    return Changes(entities=(entity,)) if entity.id in {e.id for e in ledger.entities} else Changes()


def _keys(entity: Entity) -> set[str]:
    return {normalize_name(name) for name in (entity.name, *entity.aliases)}


def _same(job: Job) -> Job:
    """The job with what has no promised order in an order of ours."""
    return replace(job, known=tuple(by_id(job.known)))


def _spelled(value: Ledger | Changes) -> object:
    """The value and the statements of its facts, which a fact's repr leaves out."""
    if isinstance(value, Changes):
        value = replace(
            value, entities=tuple(by_id(value.entities)), facts=tuple(sorted(value.facts, key=lambda f: f.id))
        )
    return value, [f.statements for f in value.facts]
