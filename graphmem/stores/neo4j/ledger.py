"""The ledger inside a transaction: what was read as records, what was decided as rows."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from graphmem.errors import StoreError
from graphmem.records import Entity, Fact
from graphmem.stores.base import Changes, Ledger
from graphmem.stores.neo4j.connection import row, rows
from graphmem.stores.neo4j.keys import message_key, owner_key
from graphmem.stores.neo4j.ledger_queries import WHOLE_LEDGER, WRITE_LEDGER
from graphmem.stores.neo4j.rows import Row, entity_of, entity_row, fact_of, fact_row

if TYPE_CHECKING:
    from neo4j import AsyncManagedTransaction


def ledger_of(entity_rows: list[Row], fact_rows: list[Row], *, whole: bool = False) -> Ledger:
    """Return the ledger of rows, entities by label, name and id, facts newest first."""
    entities = entities_of(entity_rows)
    ordered = sorted(entities.values(), key=lambda e: (e.label, e.name, e.id))
    facts = sorted(facts_of(fact_rows, entities), key=lambda f: (f.recorded_at, f.id), reverse=True)
    return Ledger(tuple(ordered), tuple(facts), whole)


def entities_of(entity_rows: list[Row]) -> dict[str, Entity]:
    """Return entities by id."""
    return {e.id: e for e in map(entity_of, entity_rows)}


def facts_of(fact_rows: list[Row], entities: dict[str, Entity]) -> tuple[Fact, ...]:
    """Return the facts of rows, in their order."""
    return tuple(fact_of(packed, entities) for packed in fact_rows)


def statements_of(changes: Changes, messages: Collection[str]) -> frozenset[str]:
    """Return the ids of the statements in ``changes`` that the messages of these keys make."""
    if not messages:
        return frozenset()
    said = (s for fact in changes.facts for s in fact.statements)
    return frozenset(s.id for s in said if message_key(s.session_id, s.message_id) in messages)


async def read_whole(tx: AsyncManagedTransaction, user_id: str) -> Ledger:
    """Return all of a user's ledger."""
    found = await rows(tx, WHOLE_LEDGER, {"owner": owner_key(user_id)})
    entity_rows = [record["entity"] for record in found if record["entity"] is not None]
    return ledger_of(entity_rows, [r["fact"] for r in found if r["fact"] is not None], whole=True)


async def write(tx: AsyncManagedTransaction, user_id: str, changes: Changes) -> None:
    """Write ``changes`` and all that follows from them, in one query.

    Raises:
        StoreError: a label or predicate may not be stored, or a fact names an entity that is not there.
    """
    facts = [fact_row(user_id, fact) for fact in changes.facts]
    parameters: dict[str, Any] = {
        "owner": owner_key(user_id),
        "entities": [entity_row(entity) for entity in changes.entities],
        "facts": facts,
        "touched": [*(fact["id"] for fact in facts), *changes.removed_facts],
        "removed_facts": list(changes.removed_facts),
        "removed_entities": list(changes.removed_entities),
    }
    outcome = await row(tx, WRITE_LEDGER, parameters)
    if outcome is None or outcome["written"] != len(facts):
        raise StoreError("a fact was to be written whose subject or object is not in the graph; nothing was written")
