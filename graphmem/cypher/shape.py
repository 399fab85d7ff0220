"""The graph of one user's ledger and messages: which nodes and relationships there are, with which labels and properties.

It has the shape of the graph in Neo4j, so that the same query gives the same answer. A value that is absent is None here
and an absent property in the graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from extraction.records import USER_LABEL, FactStatus
from graphmem.clock import to_text
from graphmem.identity import user_entity
from graphmem.records import Entity, Fact, Message
from graphmem.stores.base import Ledger, touched_entities

ENTITY = "Entity"
FACT = "Fact"
SESSION = "Session"
MESSAGE = "Message"
RELATED_TO = "RELATED_TO"

Properties = dict[str, Any]
MessageKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Node:
    """A node. ``key`` tells it from every other of the graph; ids of messages alone do not."""

    key: tuple[str, ...]
    labels: tuple[str, ...]
    properties: Properties


@dataclass(frozen=True, slots=True)
class Relationship:
    """A relationship between the nodes with the keys ``start`` and ``end``."""

    type: str
    start: tuple[str, ...]
    end: tuple[str, ...]
    properties: Properties = field(default_factory=dict)


class UserData(NamedTuple):
    """What a store holds of one user.

    Without ``user_id`` the messages say whose they are, and the nodes of a user without messages lack that property.
    """

    ledger: Ledger
    messages: Sequence[Message]
    user_id: str | None = None

    @property
    def owner(self) -> str | None:
        """The user's id, as far as it is known."""
        return self.user_id if self.user_id is not None else next((m.user_id for m in self.messages), None)


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes and the relationships between them."""

    nodes: tuple[Node, ...]
    relationships: tuple[Relationship, ...]


def graph_of(users: Iterable[UserData]) -> Graph:
    """Return the graph of several users' data; nothing joins one user's nodes to another's."""
    nodes: list[Node] = []
    relationships: list[Relationship] = []
    for user in users:
        nodes.extend(_nodes(user))
        relationships.extend(_relationships(user))
    return Graph(tuple(nodes), tuple(relationships))


def _nodes(user: UserData) -> Iterator[Node]:
    user_id = user.owner
    for entity in _entities(user).values():
        yield Node(
            _entity_key(entity),
            (entity.label, ENTITY),
            {"id": entity.id, "user_id": user_id, "name": entity.name, "aliases": list(entity.aliases)},
        )
    for fact in user.ledger.facts:
        yield Node(_fact_key(fact.id), (FACT,), _fact_properties(fact, user_id))
    for session_id in dict.fromkeys(m.session_id for m in user.messages):
        yield Node(_session_key(session_id), (SESSION,), {"id": session_id, "user_id": user_id})
    for message in user.messages:
        yield Node(_message_key(message.session_id, message.id), (MESSAGE,), _message_properties(message))


def _entities(user: UserData) -> dict[str, Entity]:
    """All entities by id. The user's own exists as soon as the user has a session, before anything is known."""
    entities = {**touched_entities(user.ledger.facts), **{e.id: e for e in user.ledger.entities}}
    if user.messages and not any(e.label == USER_LABEL for e in entities.values()):
        own = user_entity(user.messages[0].user_id)
        entities[own.id] = own
    return entities


def _fact_properties(fact: Fact, user_id: str | None) -> Properties:
    return {
        "id": fact.id,
        "user_id": user_id,
        "predicate": fact.predicate,
        "text": fact.text,
        "polarity": fact.polarity,
        "status": fact.status.value,
        "valid_from": fact.valid_from,
        "valid_to": fact.valid_to,
        "recorded_at": to_text(fact.recorded_at),
        "retired_at": None if fact.retired_at is None else to_text(fact.retired_at),
        "confidence": float(fact.confidence),
        "evidence": fact.evidence,
    }


def _message_properties(message: Message) -> Properties:
    return {
        "id": message.id,
        "user_id": message.user_id,
        "session_id": message.session_id,
        "seq": message.seq,
        "role": message.role,
        "name": message.name,
        "text": message.text,
        "at": to_text(message.at),
    }


def _relationships(user: UserData) -> Iterator[Relationship]:
    facts = {f.id: f for f in user.ledger.facts}
    mentions: dict[MessageKey, dict[str, Entity]] = defaultdict(dict)
    stated = _Stated(user.messages)
    for message in user.messages:
        yield Relationship(
            "HAS_MESSAGE", _session_key(message.session_id), _message_key(message.session_id, message.id)
        )
    for fact in user.ledger.facts:
        key = _fact_key(fact.id)
        yield Relationship("SUBJECT", key, _entity_key(fact.subject))
        yield Relationship("OBJECT", key, _entity_key(fact.object))
        for older in dict.fromkeys(fact.supersedes):
            if older in facts:
                yield Relationship("SUPERSEDES", key, _fact_key(older))
        for where in stated.of(fact):
            yield Relationship("STATED_IN", key, _message_key(*where))
            mentions[where].update((e.id, e) for e in (fact.subject, fact.object) if e.label != USER_LABEL)
        if fact.status is FactStatus.CURRENT:
            yield _present(fact)
    for where, entities in mentions.items():
        for entity in entities.values():
            yield Relationship("MENTIONS", _message_key(*where), _entity_key(entity))


def _present(fact: Fact) -> Relationship:
    properties: Properties = {"fact_id": fact.id, "since": fact.valid_from, "confidence": float(fact.confidence)}
    if fact.predicate == RELATED_TO:
        properties["text"] = fact.statements[-1].verb if fact.statements else None
    return Relationship(fact.predicate, _entity_key(fact.subject), _entity_key(fact.object), properties)


class _Stated:
    """Finds the messages of a fact among those that are there."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._keys = {(m.session_id, m.id) for m in messages}
        self._by_id: dict[str, list[MessageKey]] = defaultdict(list)
        for m in messages:
            self._by_id[m.id].append((m.session_id, m.id))

    def of(self, fact: Fact) -> Iterable[MessageKey]:
        """The keys of the messages that support ``fact``, without repeats. A fact without statements has their ids alone."""
        supporting = set(fact.message_ids)
        stated = {(s.session_id, s.message_id): None for s in fact.statements if s.message_id in supporting}
        if not stated:
            stated = {key: None for message_id in fact.message_ids for key in self._by_id[message_id]}
        return [key for key in stated if key in self._keys]


def _entity_key(entity: Entity) -> tuple[str, ...]:
    return (ENTITY, entity.id)


def _fact_key(fact_id: str) -> tuple[str, ...]:
    return (FACT, fact_id)


def _session_key(session_id: str) -> tuple[str, ...]:
    return (SESSION, session_id)


def _message_key(session_id: str, message_id: str) -> tuple[str, ...]:
    return (MESSAGE, session_id, message_id)
