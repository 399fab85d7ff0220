"""What may still be written of a decision when messages that it was made from were forgotten meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from graphmem.records import Entity, Fact, Statement
from graphmem.stores.base import Changes, Ledger, LedgerUpdate, touched_entities


def surviving(changes: Changes, known: Ledger, gone: Collection[str]) -> Changes:
    """Return ``changes`` without the statements whose ids are in ``gone`` and without what only these brought.

    A fact stays with the statements that are left; one that has none, or that is left with what was known already, is
    not written. An entity is written when a fact that stays touches it or when it was there, and then only with words
    that were known or are said by what is left. When nothing new is left, nothing is written at all.

    Args:
        changes: as decided.
        known: what the decision was made from.
        gone: ids of statements of messages that are no more, but for statements that outlived their message in the ledger.
    """
    if not gone:
        return changes
    old = {s.id for f in known.facts for s in f.statements}
    facts = [left for fact in changes.facts if (left := _left(fact, gone, old)) is not None]
    said = [s for f in facts for s in f.statements if s.id not in old]
    if not said:
        return Changes()
    before = {e.id: e for e in (*touched_entities(known.facts).values(), *known.entities)}
    needed = touched_entities(facts).keys() | before.keys()
    words = _words(said)
    entities = {e.id: _in_known_words(e, before.get(e.id), words) for e in changes.entities if e.id in needed}
    return replace(changes, entities=tuple(entities.values()), facts=tuple(_with_entities(f, entities) for f in facts))


def without(update: LedgerUpdate, changes: Changes, gone: Collection[str]) -> LedgerUpdate | None:
    """Return the update that decides as if the messages had never been of which ``changes`` has statements in ``gone``.

    None when there are none, or when the update cannot; `surviving` is what may be written then.
    """
    decide = update.decide_without
    said_in = frozenset((s.session_id, s.message_id) for f in changes.facts for s in f.statements if s.id in gone)
    if not said_in or decide is None:
        return None
    return replace(update, decide=lambda known: decide(known, said_in))


def _left(fact: Fact, gone: Collection[str], old: Collection[str]) -> Fact | None:
    statements = tuple(s for s in fact.statements if s.id not in gone)
    if statements == fact.statements:
        return fact
    if all(s.id in old for s in statements):
        return None
    said_in = {s.message_id for s in statements}
    return replace(
        fact,
        statements=statements,
        message_ids=tuple(id for id in fact.message_ids if id in said_in),
        evidence=statements[-1].evidence,
        recorded_at=min(s.at for s in statements),
    )


def _words(statements: Iterable[Statement]) -> set[str]:
    return {word for s in statements for m in (s.subject, s.object) for word in (m.name, *m.aliases)}


def _in_known_words(entity: Entity, before: Entity | None, said: Collection[str]) -> Entity:
    known = {*said, *((before.name, *before.aliases) if before else ())}
    name = before.name if before is not None and entity.name not in known else entity.name
    return replace(entity, name=name, aliases=tuple(word for word in entity.aliases if word in known))


def _with_entities(fact: Fact, entities: dict[str, Entity]) -> Fact:
    subject, object = entities.get(fact.subject.id, fact.subject), entities.get(fact.object.id, fact.object)
    return replace(fact, subject=subject, object=object)
