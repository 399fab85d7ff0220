"""What may still be written of a decision when messages that it was made from have been forgotten meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from graphmem.records import Fact
from graphmem.stores.base import Changes, Ledger, touched_entities
from graphmem.stores.neo4j.keys import message_key


def surviving(changes: Changes, known: Ledger, gone: Container[str]) -> Changes:
    """Return ``changes`` without the statements of messages whose key is in ``gone``.

    A fact without statements goes, and so does an entity that only such facts named and that is not in ``known``.
    """
    facts = tuple(left for fact in changes.facts if (left := _fact_left(fact, gone)) is not None)
    if facts == changes.facts:
        return changes
    needed = {*touched_entities(facts), *(e.id for e in known.entities)}
    dropped = touched_entities(changes.facts).keys() - needed
    return replace(changes, entities=tuple(e for e in changes.entities if e.id not in dropped), facts=facts)


def _fact_left(fact: Fact, gone: Container[str]) -> Fact | None:
    statements = tuple(s for s in fact.statements if message_key(s.session_id, s.message_id) not in gone)
    if statements == fact.statements:
        return fact
    if not statements:
        return None
    said = {s.message_id for s in statements}
    return replace(
        fact,
        statements=statements,
        message_ids=tuple(id for id in fact.message_ids if id in said),
        evidence=statements[-1].evidence,
        recorded_at=statements[0].at,
    )
