"""The ledger of a user: reading all of it or what a change touches, and writing what was decided, within a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from graphmem.identity import user_entity
from graphmem.records import Entity, Fact, Forgotten, Statement
from graphmem.stores.base import Changes, Ledger, LedgerUpdate, touched_entities
from graphmem.stores.sqlite import queries
from graphmem.stores.sqlite.rows import (
    entity_of,
    entity_row,
    fact_row,
    facts_of,
    keys_of,
    statement_row,
    tokens,
)


def ledger(connection: sqlite3.Connection, user_id: str) -> Ledger:
    """See `graphmem.stores.base.Store.ledger`."""
    found = connection.execute(queries.USER, (user_id,)).fetchone()
    return Ledger(whole=True) if found is None else whole_ledger(connection, found[0])


def whole_ledger(connection: sqlite3.Connection, user: int) -> Ledger:
    """Return everything that is known of a user."""
    entities = {row[0]: entity_of(row) for row in connection.execute(queries.ENTITIES_OF_USER, (user,))}
    facts = facts_of(
        connection.execute(queries.FACTS_OF_USER, (user,)),
        connection.execute(queries.STATEMENTS_OF_USER, (user,)),
        connection.execute(queries.SUPERSEDED_OF_USER, (user,)),
        entities,
    )
    return Ledger(tuple(entities.values()), tuple(newest_first(facts)), whole=True)


def touched_ledger(connection: sqlite3.Connection, user: int, user_id: str, update: LedgerUpdate) -> Ledger:
    """Return what ``update`` asks for."""
    named = entities_named(connection, user, sorted(update.keys))
    own = _entities_by_id(connection, user, [user_entity(user_id).id])
    facts = set(_facts_touching(connection, user, list(named)))
    alone, symmetric = sorted(update.predicates - update.symmetric), sorted(update.symmetric)
    for part in queries.chunks(symmetric):
        query = queries.filled(queries.FACTS_OF_PREDICATES, len(part))
        facts.update(pk for (pk,) in connection.execute(query, (user, *part)))
    for pk in own:
        for part in queries.chunks(alone):
            query = queries.filled(queries.FACTS_OF_PREDICATES_TOUCHING, len(part))
            facts.update(fact for (fact,) in connection.execute(query, (user, *part, pk, pk)))
    entities = {**own, **named}
    return Ledger(
        tuple(entities.values()), tuple(newest_first(read_facts(connection, user, list(facts), entities).values()))
    )


def read_facts(
    connection: sqlite3.Connection, user: int, pks: Sequence[int], entities: Mapping[int, Entity] | None = None
) -> dict[int, Fact]:
    """Return facts by their row numbers.

    Args:
        entities: some that have been read already, by row number.
    """
    known = dict(entities or {})
    rows: list[Sequence[Any]] = []
    statements: list[Sequence[Any]] = []
    superseded: list[Sequence[Any]] = []
    for part in queries.chunks(pks):
        parameters = (user, *part)
        rows += connection.execute(queries.filled(queries.FACTS_BY_PK, len(part)), parameters)
        statements += connection.execute(queries.filled(queries.STATEMENTS_OF_FACTS, len(part)), parameters)
        superseded += connection.execute(queries.filled(queries.SUPERSEDED_BY_FACTS, len(part)), parameters)
    missing = {end for row in rows for end in (row[2], row[4])} - known.keys()
    for part in queries.chunks(sorted(missing)):
        query = queries.filled(queries.ENTITIES_BY_PK, len(part))
        known |= {row[0]: entity_of(row) for row in connection.execute(query, (user, *part))}
    facts = facts_of(rows, statements, superseded, known)
    return {row[0]: fact for row, fact in zip(rows, facts, strict=True)}


def newest_first(facts: Iterable[Fact]) -> list[Fact]:
    """Return facts in the order of a ledger."""
    return sorted(facts, key=lambda f: (f.recorded_at, f.id), reverse=True)


def entities_named(connection: sqlite3.Connection, user: int, keys: Sequence[str]) -> dict[int, Entity]:
    """Return the entities that one of ``keys`` leads to, by row number."""
    found: dict[int, Entity] = {}
    for part in queries.chunks(keys):
        query = queries.filled(queries.ENTITIES_BY_KEY, len(part))
        found |= {row[0]: entity_of(row) for row in connection.execute(query, (user, user, *part))}
    return found


def own_entity(connection: sqlite3.Connection, user: int, user_id: str) -> tuple[int, Entity] | None:
    """Return the row number of the user's own entity and the entity."""
    found = _entities_by_id(connection, user, [user_entity(user_id).id])
    return next(iter(found.items()), None)


def add_entity(connection: sqlite3.Connection, user: int, entity: Entity) -> int:
    """Write an entity that is not there yet, and return its row number."""
    pk = queries.insert(connection, queries.ADD_ENTITY, (user, entity.id, *entity_row(entity)))
    connection.executemany(queries.ADD_KEY, [(user, key, pk) for key in keys_of(entity)])
    return pk


def write_changes(
    connection: sqlite3.Connection, user: int, user_id: str, changes: Changes, known: Ledger
) -> Forgotten:
    """Write ``changes`` and return how many facts and entities went.

    Args:
        known: what was read in this transaction; of a fact in it only what is new among its statements is written.
    """
    facts_gone = _remove_facts(connection, user, user_id, changes.removed_facts)
    ends = _write_entities(connection, user, changes)
    before = {f.id: f for f in known.facts if f.id not in changes.removed_facts}
    rows = _fact_rows(connection, user, [f.id for f in changes.facts])
    for fact in {f.id: f for f in changes.facts}.values():
        row = fact_row(fact, ends[fact.subject.id], ends[fact.object.id])
        if fact.id in rows:
            pk = _update_fact(connection, user_id, rows[fact.id], row)
        else:
            pk = _add_fact(connection, user, user_id, fact.id, row)
        _write_parts(connection, user, pk, fact, before.get(fact.id))
    entities_gone = sum(
        connection.execute(queries.DELETE_ENTITY, (user, id)).rowcount for id in sorted(changes.removed_entities)
    )
    return Forgotten(facts=facts_gone, entities=entities_gone)


def remove_everything(connection: sqlite3.Connection, user: int, user_id: str) -> Forgotten:
    """Remove all facts and entities of a user and return how many there were."""
    rows = connection.execute(queries.ALL_FACT_PKS, (user,)).fetchall()
    for pk, found in rows:
        _remove_fact(connection, user_id, pk, found)
    entities = connection.execute(queries.DELETE_ENTITIES_OF_USER, (user,)).rowcount
    return Forgotten(facts=len(rows), entities=entities)


def _entities_by_id(connection: sqlite3.Connection, user: int, ids: Sequence[str]) -> dict[int, Entity]:
    found: dict[int, Entity] = {}
    for part in queries.chunks(ids):
        query = queries.filled(queries.ENTITIES_BY_ID, len(part))
        found |= {row[0]: entity_of(row) for row in connection.execute(query, (user, *part))}
    return found


def _facts_touching(connection: sqlite3.Connection, user: int, entities: Sequence[int]) -> Iterator[int]:
    for part in queries.chunks(entities):
        query = queries.filled(queries.FACTS_TOUCHING, len(part))
        yield from (pk for (pk,) in connection.execute(query, (user, *part, user, *part)))


def _write_entities(connection: sqlite3.Connection, user: int, changes: Changes) -> dict[str, int]:
    """Write the entities of ``changes``, and those at the ends of its facts that are not there yet; return the row numbers of all."""
    ends = touched_entities(changes.facts)
    wanted = {**ends, **{e.id: e for e in changes.entities}}
    rows = {entity.id: (pk, entity) for pk, entity in _entities_by_id(connection, user, list(wanted)).items()}
    for entity in changes.entities:
        if entity.id in rows and rows[entity.id][1] != entity:
            pk = rows[entity.id][0]
            connection.execute(queries.UPDATE_ENTITY, (*entity_row(entity), pk))
            connection.execute(queries.DELETE_KEYS, (user, pk))
            connection.executemany(queries.ADD_KEY, [(user, key, pk) for key in keys_of(entity)])
    return {id: rows[id][0] if id in rows else add_entity(connection, user, entity) for id, entity in wanted.items()}


def _fact_rows(connection: sqlite3.Connection, user: int, ids: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Return row number and search terms of facts by their ids."""
    found: dict[str, tuple[int, str]] = {}
    for part in queries.chunks(ids):
        query = queries.filled(queries.FACT_PKS_BY_ID, len(part))
        found |= {id: (pk, joined) for id, pk, joined in connection.execute(query, (user, *part))}
    return found


def _add_fact(connection: sqlite3.Connection, user: int, user_id: str, id: str, row: tuple[Any, ...]) -> int:
    pk = queries.insert(connection, queries.ADD_FACT, (user, id, *row))
    connection.execute(queries.INDEX_FACT, (pk, tokens(user_id, row[-2])))
    return pk


def _update_fact(connection: sqlite3.Connection, user_id: str, there: tuple[int, str], row: tuple[Any, ...]) -> int:
    pk, indexed = there
    connection.execute(queries.UPDATE_FACT, (*row, pk))
    if row[-2] != indexed:
        connection.execute(queries.UNINDEX_FACT, (pk, tokens(user_id, indexed)))
        connection.execute(queries.INDEX_FACT, (pk, tokens(user_id, row[-2])))
    return pk


def _write_parts(connection: sqlite3.Connection, user: int, pk: int, fact: Fact, before: Fact | None) -> None:
    """Write statements and superseded facts of a fact, as far as they differ from what was there."""
    kept = 0 if before is None else _common(before.statements, fact.statements)
    if before is None or kept < len(before.statements):
        connection.execute(queries.DELETE_STATEMENTS_FROM, (user, pk, kept))
    rows = [(user, pk, i, *statement_row(s)) for i, s in enumerate(fact.statements[kept:], kept)]
    connection.executemany(queries.ADD_STATEMENT, rows)
    if before is None or before.supersedes != fact.supersedes:
        connection.execute(queries.DELETE_SUPERSEDED, (user, pk))
        connection.executemany(queries.ADD_SUPERSEDED, [(user, pk, i, id) for i, id in enumerate(fact.supersedes)])


def _common(old: Sequence[Statement], new: Sequence[Statement]) -> int:
    """Return how many statements are the same from the start on."""
    same = 0
    for a, b in zip(old, new, strict=False):
        if a != b:
            break
        same += 1
    return same


def _remove_facts(connection: sqlite3.Connection, user: int, user_id: str, ids: Iterable[str]) -> int:
    rows = _fact_rows(connection, user, sorted(ids))
    for pk, joined in rows.values():
        _remove_fact(connection, user_id, pk, joined)
    return len(rows)


def _remove_fact(connection: sqlite3.Connection, user_id: str, pk: int, joined: str) -> None:
    connection.execute(queries.UNINDEX_FACT, (pk, tokens(user_id, joined)))
    connection.execute(queries.DELETE_FACT, (pk,))
