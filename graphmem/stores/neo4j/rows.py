"""Records to rows of a query and back. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from extraction.records import USER_LABEL, EntityMention, FactStatus
from graphmem.clock import from_text, to_text
from graphmem.records import Entity, Fact, Message, Statement
from graphmem.stores.base import NewMessage
from graphmem.stores.neo4j.fragments import SEPARATOR
from graphmem.stores.neo4j.keys import message_key, name_key, name_keys, owner_key
from graphmem.stores.neo4j.vocabulary import checked_label, checked_type
from graphmem.text import link_keys_of, probe, terms

Row = Sequence[Any]


def message_of(row: Row | str, user_id: str) -> Message:
    """Return the message of a row of `fragments.MESSAGE`; one that is a list may have more after it."""
    fields: Row = row.split(SEPARATOR, 7) if isinstance(row, str) else row[:8]
    id, session_id, seq, role, name, at, metadata, text = fields
    return Message(id, session_id, user_id, int(seq), role, name or None, text, from_text(at), metadata or None)


def new_message_row(session_id: str, new: NewMessage, *, linked: bool) -> dict[str, Any]:
    """Return what `queries.APPEND` needs to know of a message.

    ``names`` are the keys of entities that it may name, when they are to be ``linked``; ``asks`` the terms to search for
    when it comes to be the query, ``asks_for`` the entities it names then, and ``keys`` their keys in full where one of
    them was too long for an index.
    """
    sought = probe(new.text)
    asked = [name_key(key) for key in sought.keys]
    return {
        "key": message_key(session_id, new.id),
        "id": new.id,
        "role": new.role,
        "name": new.name,
        "text": new.text,
        "at": to_text(new.at),
        "metadata": new.metadata,
        "short_vector": new.short_vector,
        "terms": list(dict.fromkeys(terms(new.text))),
        "names": [name_key(key) for key in link_keys_of(new.text)] if linked else [],
        "asks": list(sought.terms) if new.role == "user" else None,
        "asks_for": asked,
        "keys": None if asked == list(sought.keys) else list(sought.keys),
    }


def entity_of(row: Row) -> Entity:
    """Return the entity of a row of `fragments.ENTITY`."""
    id, name, label, aliases = row
    return Entity(id, name, label, tuple(aliases))


def entity_row(entity: Entity) -> dict[str, Any]:
    """Return what `ledger_queries.WRITE_LEDGER` needs to know of an entity.

    Raises:
        StoreError: its label may not be one.
    """
    return {
        "id": entity.id,
        "name": entity.name,
        "label": checked_label(entity.label),
        "aliases": list(entity.aliases),
        "names": name_keys(entity),
    }


def fact_of(row: Row | str, entities: Mapping[str, Entity]) -> Fact:
    """Return the fact of a row of `fragments.FACT`; ``entities`` has those at its ends, by id."""
    fields: Row = row.split(SEPARATOR, 13) if isinstance(row, str) else row
    id, predicate, polarity, status, valid_from, valid_to, recorded_at, retired_at, confidence = fields[:9]
    source, subject_id, object_id, text, evidence = fields[9:]
    message_ids, supersedes, statements = json.loads(source)
    return Fact(
        id=id,
        subject=entities[subject_id],
        predicate=predicate,
        object=entities[object_id],
        text=text,
        status=FactStatus(status),
        polarity=polarity,
        valid_from=valid_from or None,
        valid_to=valid_to or None,
        recorded_at=from_text(recorded_at),
        confidence=float(confidence),
        message_ids=tuple(message_ids),
        evidence=evidence,
        retired_at=from_text(retired_at) if retired_at else None,
        supersedes=tuple(supersedes),
        statements=tuple(_statement_of(packed) for packed in statements),
    )


def fact_row(user_id: str, fact: Fact) -> dict[str, Any]:
    """Return what `ledger_queries.WRITE_LEDGER` needs to know of a fact.

    Raises:
        StoreError: its predicate may not be a relationship type.
    """
    owner, current = owner_key(user_id), fact.status is FactStatus.CURRENT
    recorded_at = to_text(fact.recorded_at)
    stated = {
        message_key(s.session_id, s.message_id): None for s in fact.statements if s.message_id in fact.message_ids
    }
    present: dict[str, Any] = {"fact_id": fact.id, "since": fact.valid_from, "confidence": fact.confidence}
    if fact.predicate == "RELATED_TO":
        present["text"] = fact.statements[-1].verb if fact.statements else None
    source = [fact.message_ids, fact.supersedes, [_packed_statement(s) for s in fact.statements]]
    return {
        "id": fact.id,
        "messages": list(stated),
        "supersedes": list(fact.supersedes),
        "present": [present] if current else [],
        "properties": {
            "id": fact.id,
            "user_id": user_id,
            "predicate": checked_type(fact.predicate),
            "text": fact.text,
            "polarity": fact.polarity,
            "status": str(fact.status),
            "valid_from": fact.valid_from,
            "valid_to": fact.valid_to,
            "recorded_at": recorded_at,
            "retired_at": None if fact.retired_at is None else to_text(fact.retired_at),
            "confidence": float(fact.confidence),
            "evidence": fact.evidence,
            "owner": owner,
            "own": owner if USER_LABEL in (fact.subject.label, fact.object.label) else None,
            "rank": f"{int(current)} {recorded_at} {fact.id}",
            "subject_id": fact.subject.id,
            "object_id": fact.object.id,
            "terms": [owner, *dict.fromkeys(terms(fact.text))],
            "source": json.dumps(source, ensure_ascii=False, separators=(",", ":")),
        },
    }


def _packed_statement(s: Statement) -> list[Any]:
    return [
        s.id,
        s.session_id,
        s.message_id,
        to_text(s.at),
        s.order,
        _packed_mention(s.subject),
        s.predicate,
        _packed_mention(s.object),
        s.status,
        s.valid_from,
        s.valid_to,
        s.confidence,
        s.evidence,
        s.verb,
        s.replaces,
    ]


def _statement_of(packed: Row) -> Statement:
    id, session_id, message_id, at, order, subject, predicate, object, status, *rest = packed
    return Statement(
        id,
        session_id,
        message_id,
        from_text(at),
        order,
        _mention_of(subject),
        predicate,
        _mention_of(object),
        FactStatus(status),
        *rest,
    )


def _packed_mention(mention: EntityMention) -> list[Any]:
    return [mention.name, mention.label, mention.aliases, mention.unnamed]


def _mention_of(packed: Row) -> EntityMention:
    name, label, aliases, unnamed = packed
    return EntityMention(name, label, tuple(aliases), unnamed)
