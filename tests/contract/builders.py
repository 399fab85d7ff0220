"""Small builders of valid records, so that a test names only what it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from extraction.catalogue import Catalogue
from extraction.names import normalize_name
from extraction.records import USER_LABEL, EntityMention, FactStatus
from graphmem.identity import derived_id, named_entity, user_entity
from graphmem.records import Entity, Fact, Message, Statement
from graphmem.stores.base import (
    Appended,
    Changes,
    Claim,
    Gone,
    Job,
    Ledger,
    LedgerUpdate,
    NewInteraction,
    NewMessage,
    Recall,
    Recalled,
    Store,
    touched_entities,
)
from graphmem.text import probe

START = datetime(2024, 3, 1, 10, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
CATALOGUE = Catalogue()


def minute(number: float) -> datetime:
    """The time ``number`` minutes after `START`."""
    return START + timedelta(minutes=number)


def message(
    id: str, text: str = "Hello there", *, role: str = "user", at: float = 0, name: str | None = None
) -> NewMessage:
    """A message to append, said ``at`` minutes after `START`."""
    return NewMessage(id, role, text, minute(at), name)


def interaction(
    session_id: str,
    *messages: NewMessage,
    user_id: str | None = None,
    job_id: str | None = None,
    worker: str | None = None,
    lease: timedelta = LEASE,
    now: float = 0,
    history: int = 6,
) -> NewInteraction:
    """An interaction to append, ``now`` minutes after `START`."""
    return NewInteraction(session_id, user_id, messages, minute(now), job_id, worker, lease, history)


async def tell(
    store: Store,
    user_id: str,
    session_id: str,
    *texts: str,
    at: float = 0,
    prefix: str = "m",
    job_id: str | None = None,
) -> tuple[Message, ...]:
    """Append user messages ``<prefix>1``, ``<prefix>2``, ... one minute apart, as one interaction, and return them as stored."""
    said = [message(f"{prefix}{i}", text, at=at + i - 1) for i, text in enumerate(texts, 1)]
    appended = await store.append(interaction(session_id, *said, user_id=user_id, job_id=job_id, now=at))
    return appended.messages


async def append_job(store: Store, user_id: str, session_id: str, job_id: str, *, at: float = 0) -> Appended:
    """Append one message with a job that nobody holds; the message's id is ``m-<job id>``."""
    new = message(f"m-{job_id}", f"About {job_id}", at=at)
    return await store.append(interaction(session_id, new, user_id=user_id, job_id=job_id, now=at))


async def claim(store: Store, worker: str, user_id: str | None, at: float, **settings: Any) -> list[Job]:
    """Claim for ``worker`` at ``at`` minutes after `START`."""
    return await store.claim(Claim(worker, minute(at), user_id=user_id, **settings))


def job_ids(jobs: Iterable[Job]) -> list[str]:
    return [job.id for job in jobs]


def place(user_id: str, name: str, *aliases: str) -> Entity:
    return named_entity(user_id, "Place", name, aliases)


def person(user_id: str, name: str, *aliases: str) -> Entity:
    return named_entity(user_id, "Person", name, aliases)


def organization(user_id: str, name: str, *aliases: str) -> Entity:
    return named_entity(user_id, "Organization", name, aliases)


def thing(user_id: str, name: str, *aliases: str) -> Entity:
    return named_entity(user_id, "Thing", name, aliases)


def mention(entity: Entity) -> EntityMention:
    """A mention that resolves to ``entity``."""
    if entity.label == USER_LABEL:
        return EntityMention("User", USER_LABEL)
    return EntityMention(entity.name, entity.label, entity.aliases)


def statement(said: Message, subject: Entity, predicate: str, object: Entity, /, **fields: Any) -> Statement:
    """What the message ``said`` claims; its evidence is the message's text."""
    values: dict[str, Any] = {
        "id": derived_id("statement", said.user_id, said.session_id, said.id, subject.id, predicate, object.id),
        "session_id": said.session_id,
        "message_id": said.id,
        "at": said.at,
        "order": said.seq * 1000,
        "subject": mention(subject),
        "predicate": predicate,
        "object": mention(object),
        "evidence": said.text,
        **fields,
    }
    return Statement(**values)


def fact(subject: Entity, predicate: str, object: Entity, /, *said: Message, **fields: Any) -> Fact:
    """A fact that the messages ``said`` state, oldest first; ``fields`` replace what follows from them."""
    status = FactStatus(str(fields.get("status", FactStatus.CURRENT)))
    subject_name = "" if subject.label == USER_LABEL else subject.name
    values: dict[str, Any] = {
        "id": derived_id("fact", subject.id, predicate, object.id),
        "subject": subject,
        "predicate": predicate,
        "object": object,
        "text": CATALOGUE[predicate].sentence(subject_name, object.name, status),
        "status": status,
        "polarity": "-" if status in (FactStatus.NEGATED, FactStatus.RETRACTED) else "+",
        "valid_from": None,
        "valid_to": None,
        "recorded_at": min((m.at for m in said), default=START),
        "confidence": 0.9,
        "message_ids": tuple(m.id for m in said),
        "evidence": said[-1].text if said else "",
        "statements": tuple(statement(m, subject, predicate, object, status=status) for m in said),
        **fields,
    }
    return Fact(**values)


def changes_of(*facts: Fact, entities: Iterable[Entity] = ()) -> Changes:
    """The changes that write ``facts`` with the entities at their ends, and ``entities``."""
    return Changes(tuple({**touched_entities(facts), **{e.id: e for e in entities}}.values()), facts)


def update(
    decide: Callable[[Ledger], Changes | None],
    *,
    keys: Iterable[str] = (),
    predicates: Iterable[str] = (),
    symmetric: Iterable[str] = (),
) -> LedgerUpdate:
    """A ledger update; the keys are normalised here."""
    names = frozenset(normalize_name(k) for k in keys)
    return LedgerUpdate(names, frozenset(predicates), frozenset(symmetric), decide)


async def learn(
    store: Store, user_id: str, *facts: Fact, entities: Iterable[Entity] = (), job_id: str | None = None
) -> Changes:
    """Write ``facts`` with their entities, whatever is there."""
    changes = changes_of(*facts, entities=entities)
    return await store.apply(user_id, update(lambda _: changes), job_id=job_id)


async def recall(
    store: Store, user_id: str | None, query: str | None = None, session_id: str | None = None, **settings: Any
) -> Recalled:
    """Recall with the probe of the text ``query``; the matches come without their neighbours unless these are asked for."""
    wanted = None if query is None else probe(query)
    return await store.recall(Recall(user_id, session_id, wanted, **{"neighbours": 0, **settings}))


def revise(ledger: Ledger, gone: Gone) -> Changes:
    """Revise a ledger the plain way: statements of messages that are gone go, then facts without any, then entities without facts."""
    kept: list[Fact] = []
    changed: list[Fact] = []
    for known in ledger.facts:
        rest = tuple(s for s in known.statements if (s.session_id, s.message_id) not in gone.messages)
        if known.id in gone.facts or (known.statements and not rest):
            continue
        if rest != known.statements:
            known = supported_by(known, rest)
            changed.append(known)
        kept.append(known)
    left = {f.id for f in kept}
    ends = touched_entities(kept)
    return Changes(
        facts=tuple(changed),
        removed_facts=frozenset(f.id for f in ledger.facts if f.id not in left),
        removed_entities=frozenset(e.id for e in ledger.entities if e.id not in ends and e.label != USER_LABEL),
    )


def supported_by(known: Fact, statements: tuple[Statement, ...]) -> Fact:
    """``known`` with these statements and what follows from them."""
    return replace(
        known,
        statements=statements,
        message_ids=tuple(s.message_id for s in statements),
        evidence=statements[-1].evidence,
        recorded_at=statements[0].at,
    )


def by_id(entities: Iterable[Entity]) -> list[Entity]:
    """Entities in the order of their ids, for answers that promise no order."""
    return sorted(entities, key=lambda e: e.id)


def in_order(messages: Iterable[Message]) -> list[Message]:
    """Messages by session and ``seq``, for answers that promise no order."""
    return sorted(messages, key=lambda m: (m.session_id, m.seq))


def newest_first(facts: Iterable[Fact]) -> list[Fact]:
    """Facts in the order of the ledger: newest first, by ``recorded_at`` and then by id, both falling."""
    return sorted(facts, key=lambda f: (f.recorded_at, f.id), reverse=True)


def me(user_id: str, name: str = "User", *aliases: str) -> Entity:
    return user_entity(user_id, name, aliases)
