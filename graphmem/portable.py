"""A store's content as plain records, and back: what ``export`` and ``import`` are made of.

Records are dicts of JSON values with a ``type``: "user", "session", "message", "entity" and "fact". A fact carries the
statements it was derived from; reading back, the facts are derived from these again, so that they come out the same.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from extraction.catalogue import Catalogue
from extraction.records import USER_LABEL
from graphmem.clock import to_text, utc_now
from graphmem.errors import InvalidInteraction
from graphmem.identity import user_entity
from graphmem.interaction import check_id, parse_interaction
from graphmem.limits import Limits
from graphmem.reconcile import reconcile, update_with
from graphmem.records import Entity, Fact, Forgotten, Message, Statement
from graphmem.stated import read_statement, statement_record
from graphmem.stores.base import Changes, Ledger, LedgerUpdate, NewInteraction, NewMessage, Store

logger = logging.getLogger(__name__)

_BATCH = 500
_DEFAULTS = Limits()
_FEW = 50
"""Statements up to which the part of the ledger that they touch is read, and not the whole."""

Completed = Callable[[Sequence[NewMessage]], Awaitable[tuple[NewMessage, ...]]]


def user_records(user_id: str, ledger: Ledger, messages: Sequence[Message]) -> Iterator[dict[str, Any]]:
    """Yield the records of one user: the user, the sessions, their messages, the entities, the facts.

    The messages of a session stand together in their own order, in which they are read back: times alone do not tell it.
    """
    yield {"type": "user", "id": user_id}
    sessions = {session_id: place for place, session_id in enumerate(dict.fromkeys(m.session_id for m in messages))}
    for session_id in sessions:
        yield {"type": "session", "id": session_id, "user_id": user_id}
    for message in sorted(messages, key=lambda m: (sessions[m.session_id], m.seq)):
        metadata = None if message.metadata is None else json.loads(message.metadata)
        yield {"type": "message", **asdict(message), "at": to_text(message.at), "metadata": metadata}
    for entity in (*_own_entity(user_id, ledger, messages), *ledger.entities):
        yield {"type": "entity", "user_id": user_id, **entity_record(entity)}
    for fact in reversed(ledger.facts):
        yield {
            "type": "fact",
            "user_id": user_id,
            **fact_record(fact),
            "statements": [statement_record(s) for s in fact.statements],
        }


def _own_entity(user_id: str, ledger: Ledger, messages: Sequence[Message]) -> tuple[Entity, ...]:
    """The user's own entity where nothing is known yet. It is there with the first message; not every store writes it down."""
    known = any(entity.label == USER_LABEL for entity in ledger.entities)
    return () if known or not messages else (user_entity(user_id),)


def entity_record(entity: Entity) -> dict[str, Any]:
    """Return an entity as JSON values."""
    return {**asdict(entity), "aliases": list(entity.aliases)}


def fact_record(fact: Fact) -> dict[str, Any]:
    """Return a fact as JSON values, without its statements."""
    return {
        "id": fact.id,
        "subject": entity_record(fact.subject),
        "predicate": fact.predicate,
        "object": entity_record(fact.object),
        "text": fact.text,
        "status": fact.status.value,
        "polarity": fact.polarity,
        "valid_from": fact.valid_from,
        "valid_to": fact.valid_to,
        "recorded_at": to_text(fact.recorded_at),
        "confidence": fact.confidence,
        "message_ids": list(fact.message_ids),
        "evidence": fact.evidence,
        "retired_at": None if fact.retired_at is None else to_text(fact.retired_at),
        "supersedes": list(fact.supersedes),
    }


async def load_records(
    store: Store,
    records: Iterable[Mapping[str, Any]],
    catalogue: Catalogue,
    limits: Limits = _DEFAULTS,
    completed: Completed | None = None,
) -> Forgotten:
    """Write records into a store; what is there already stays as it is.

    Args:
        store: where to.
        records: what `user_records` made.
        catalogue: the relations.
        limits: of single messages; how long a session may be does not count here.
        completed: gives messages what is kept with them beside what a record has; None for nothing.

    Returns:
        How many messages, facts, entities and sessions were new.

    Raises:
        InvalidInteraction: a record is malformed; the message names its number, counted from 1.
    """
    batches: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    statements: dict[str, dict[str, Statement]] = {}
    sessions: set[str] = set()
    new_messages = 0
    for number, record in enumerate(records, 1):
        try:
            kind = record["type"]
            if kind == "message":
                key = (check_id(record["user_id"], "user_id"), check_id(record["session_id"], "session_id"))
                batch = batches.setdefault(key, [])
                said = {key: record[key] for key in ("id", "role", "name", "at")}
                batch.append({"content": record["text"], "metadata": record.get("metadata"), **said})
            elif kind == "fact":
                known = statements.setdefault(check_id(record["user_id"], "user_id"), {})
                known.update({s.id: s for s in (read_statement(told, catalogue) for told in record["statements"])})
            elif kind not in ("user", "session", "entity"):
                raise ValueError(f"unknown type {kind!r}")
        except (KeyError, TypeError, ValueError, InvalidInteraction) as error:
            detail = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
            raise InvalidInteraction(f"record {number} is not one of an export: {detail}") from error
        if kind == "message" and len(batch) >= _BATCH:
            new_messages += await _append(store, key, batches.pop(key), sessions, limits, completed)
    for key, batch in batches.items():
        new_messages += await _append(store, key, batch, sessions, limits, completed)
    facts = entities = 0
    _warn_of_unknown({s.predicate for told in statements.values() for s in told.values()}, catalogue)
    for user_id, told in statements.items():
        changes = await store.apply(user_id, _update(user_id, list(told.values()), catalogue))
        facts, entities = facts + len(changes.facts), entities + len(changes.entities)
    return Forgotten(messages=new_messages, facts=facts, entities=entities, sessions=len(sessions))


def _warn_of_unknown(predicates: Collection[str], catalogue: Catalogue) -> None:
    if unknown := sorted(predicate for predicate in predicates if predicate not in catalogue):
        logger.warning(
            "what is said of %s was judged without knowing these relations: set catalogue, and check(repair=True) judges it anew",
            ", ".join(unknown),
        )


def _update(user_id: str, statements: Sequence[Statement], catalogue: Catalogue) -> LedgerUpdate:
    if len(statements) <= _FEW:
        return update_with(user_id, statements, catalogue)
    whole = partial(_with_whole, user_id, statements, catalogue)
    return LedgerUpdate(frozenset(), frozenset(), frozenset(), whole)


def _with_whole(user_id: str, statements: Sequence[Statement], catalogue: Catalogue, known: Ledger) -> Changes | None:
    return reconcile(known, statements, user_id=user_id, catalogue=catalogue) if known.whole else None


async def _append(
    store: Store,
    key: tuple[str, str],
    batch: list[Mapping[str, Any]],
    sessions: set[str],
    limits: Limits,
    completed: Completed | None,
) -> int:
    user_id, session_id = key
    now = utc_now()
    messages = parse_interaction(batch, now=now, limits=replace(limits, interaction_messages=_BATCH))
    if completed is not None:
        messages = await completed(messages)
    appended = await store.append(NewInteraction(session_id=session_id, user_id=user_id, messages=messages, now=now))
    if any(m.seq == 1 and m.id in appended.new_ids for m in appended.messages):
        sessions.add(session_id)
    return len(appended.new_ids)
