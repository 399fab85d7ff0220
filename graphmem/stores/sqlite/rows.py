"""Rows to records and back, and texts to search terms. Pure."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from extraction.records import EntityMention, FactStatus
from graphmem.clock import from_text, to_text
from graphmem.identity import lookup_keys
from graphmem.records import Entity, Fact, Message, Statement
from graphmem.stores.sqlite.errors import DamagedFile
from graphmem.text import terms, user_token

Row = Sequence[Any]
P = ParamSpec("P")
T = TypeVar("T")

_SHORT = 200
"""Characters of a stored list up to which what it holds is remembered."""

_SEPARATORS = {code: None for code in range(128) if not chr(code).isalnum()}
"""What the tokenizer of the index would split at."""


def _checked(read: Callable[P, T]) -> Callable[P, T]:
    """Let what cannot be read from a row be an error of the database: bits of the file have changed."""

    @wraps(read)
    def reading(*arguments: P.args, **options: P.kwargs) -> T:
        try:
            return read(*arguments, **options)
        except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise DamagedFile(f"a stored row cannot be read: {type(error).__name__}") from error

    return reading


@_checked
def message_of(row: Row) -> Message:
    """Return the message of a row of `queries._MESSAGE`."""
    id, session_id, user_id, seq, role, name, text, at, metadata = row
    return Message(id, session_id, user_id, seq, role, name, text, from_text(at), metadata)


@_checked
def entity_of(row: Row) -> Entity:
    """Return the entity of a row of `queries._ENTITY`."""
    _, id, name, label, aliases = row
    return Entity(id, name, label, _texts_of(aliases))


def entity_row(entity: Entity) -> tuple[str, str, str]:
    """Return name, label and aliases as they are stored."""
    return entity.name, entity.label, _json(entity.aliases)


def keys_of(entity: Entity) -> list[str]:
    """Return the normalised names that lead to an entity."""
    return list(lookup_keys(entity.label, (entity.name, *entity.aliases)))


@_checked
def facts_of(
    rows: Iterable[Row], statements: Iterable[Row], superseded: Iterable[Row], entities: Mapping[int, Entity]
) -> list[Fact]:
    """Return the facts of rows of `queries._FACT`, in their order.

    Args:
        rows: the facts.
        statements: rows of `queries._STATEMENT`, in order within a fact.
        superseded: (fact, id of a superseded fact), in order within a fact.
        entities: at least those at the ends of the facts, by row number.
    """
    said: dict[int, list[Statement]] = defaultdict(list)
    for row in statements:
        said[row[0]].append(_statement_of(row))
    ended: dict[int, list[str]] = defaultdict(list)
    for fact, id in superseded:
        ended[fact].append(id)
    return [_fact_of(row, entities, tuple(said[row[0]]), tuple(ended[row[0]])) for row in rows]


def fact_row(fact: Fact, subject: int, object: int) -> tuple[Any, ...]:
    """Return the fields of a fact as they are stored, from ``subject`` to ``current``."""
    return (
        subject,
        fact.predicate,
        object,
        fact.text,
        FactStatus(fact.status).value,
        fact.polarity,
        fact.valid_from,
        fact.valid_to,
        to_text(fact.recorded_at),
        fact.confidence,
        _json(fact.message_ids),
        fact.evidence,
        None if fact.retired_at is None else to_text(fact.retired_at),
        joined_terms(fact.text),
        fact.status == FactStatus.CURRENT,
    )


def statement_row(statement: Statement) -> tuple[Any, ...]:
    """Return the fields of a statement as they are stored, from ``id`` on."""
    return (
        statement.id,
        statement.session_id,
        statement.message_id,
        to_text(statement.at),
        statement.order,
        _mention_text(statement.subject),
        statement.predicate,
        _mention_text(statement.object),
        FactStatus(statement.status).value,
        statement.valid_from,
        statement.valid_to,
        statement.confidence,
        statement.evidence,
        statement.verb,
        statement.replaces,
    )


def joined_terms(text: str) -> str:
    """Return the distinct search terms of ``text``, separated by spaces; kept, so that they can be taken out of the index again."""
    return " ".join(dict.fromkeys(cleaned for term in terms(text) if (cleaned := term.translate(_SEPARATORS))))


def tokens(user_id: str, joined: str) -> str:
    """Return what is indexed for terms that `joined_terms` made: each with the user in it, so that no search meets another's."""
    owner = user_token(user_id)
    return " ".join(owner + term for term in joined.split())


def match_texts(user_id: str, sought: Iterable[str]) -> dict[str, str]:
    """Return one full-text query for each of the terms ``sought`` that can be looked for, by term."""
    owner = user_token(user_id)
    cleaned = {term: term.translate(_SEPARATORS) for term in sought}
    return {term: f'"{owner}{clean}"' for term, clean in cleaned.items() if clean}


def _fact_of(row: Row, entities: Mapping[int, Entity], said: tuple[Statement, ...], ended: tuple[str, ...]) -> Fact:
    (_, id, subject, predicate, object, text, status, polarity, valid_from, valid_to, recorded_at) = row[:11]
    confidence, message_ids, evidence, retired_at = row[11:]
    return Fact(
        id=id,
        subject=entities[subject],
        predicate=predicate,
        object=entities[object],
        text=text,
        status=FactStatus(status),
        polarity=polarity,
        valid_from=valid_from,
        valid_to=valid_to,
        recorded_at=from_text(recorded_at),
        confidence=confidence,
        message_ids=_texts_of(message_ids),
        evidence=evidence,
        retired_at=None if retired_at is None else from_text(retired_at),
        supersedes=ended,
        statements=said,
    )


def _statement_of(row: Row) -> Statement:
    (_, id, session_id, message_id, at, order, subject, predicate, object, status, valid_from, valid_to) = row[:12]
    confidence, evidence, verb, replaces = row[12:]
    return Statement(
        id=id,
        session_id=session_id,
        message_id=message_id,
        at=from_text(at),
        order=order,
        subject=_mention_of(subject),
        predicate=predicate,
        object=_mention_of(object),
        status=FactStatus(status),
        valid_from=valid_from,
        valid_to=valid_to,
        confidence=confidence,
        evidence=evidence,
        verb=verb,
        replaces=bool(replaces),
    )


def _mention_text(mention: EntityMention) -> str:
    return _json((mention.name, mention.label, mention.aliases, mention.unnamed))


def _mention_of(text: str) -> EntityMention:
    return _remembered_mention(text) if len(text) <= _SHORT else _read_mention(text)


def _texts_of(text: str) -> tuple[str, ...]:
    return _remembered_texts(text) if len(text) <= _SHORT else tuple(json.loads(text))


@lru_cache(maxsize=8192)
def _remembered_mention(text: str) -> EntityMention:
    """Few mentions and lists are said again and again; to read each once takes a third of the time off a recall."""
    return _read_mention(text)


@lru_cache(maxsize=8192)
def _remembered_texts(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def _read_mention(text: str) -> EntityMention:
    name, label, aliases, unnamed = json.loads(text)
    return EntityMention(name, label, tuple(aliases), unnamed)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
