"""The graph that an export's records describe, as nodes and relationships: the same shape as in Neo4j."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from extraction.records import FactStatus


@dataclass(frozen=True, slots=True)
class Node:
    """A node: its key within the export, its labels, its properties without absent ones."""

    key: str
    labels: tuple[str, ...]
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edge:
    """A relationship between the nodes of two keys."""

    start: str
    type: str
    end: str
    properties: dict[str, Any] = field(default_factory=dict)


def elements(record: Mapping[str, Any]) -> Iterator[Node | Edge]:
    """Yield what one record adds to the graph. Records come in the order of an export: a node before its relationships.

    Args:
        record: a record with its ``type``; the user's own record adds nothing, for the user is an entity.
    """
    kind, user_id = record["type"], record.get("user_id")
    if kind == "session":
        yield Node(_key("session", user_id, record["id"]), ("Session",), {"id": record["id"], "user_id": user_id})
    elif kind == "message":
        yield from _message(record)
    elif kind == "entity":
        labels = (record["label"], "Entity")
        properties = {
            "id": record["id"],
            "user_id": user_id,
            "name": record["name"],
            "aliases": list(record["aliases"]),
        }
        yield Node(_key("entity", user_id, record["id"]), labels, properties)
    elif kind == "fact":
        yield from _fact(record)


def _message(record: Mapping[str, Any]) -> Iterator[Node | Edge]:
    names = ("id", "user_id", "session_id", "seq", "role", "name", "text", "at")
    key = _message_key(record["user_id"], record["session_id"], record["id"])
    yield Node(key, ("Message",), _present({name: record[name] for name in names}))
    yield Edge(_key("session", record["user_id"], record["session_id"]), "HAS_MESSAGE", key)


def _fact(record: Mapping[str, Any]) -> Iterator[Node | Edge]:
    user_id, statements = record["user_id"], record["statements"]
    names = ("id", "user_id", "predicate", "text", "polarity", "status", "valid_from", "valid_to", "recorded_at")
    more = ("retired_at", "confidence", "evidence")
    key = _key("fact", user_id, record["id"])
    yield Node(key, ("Fact",), _present({name: record[name] for name in (*names, *more)}))
    subject, object_ = (_key("entity", user_id, record[end]["id"]) for end in ("subject", "object"))
    yield Edge(key, "SUBJECT", subject)
    yield Edge(key, "OBJECT", object_)
    supporting = set(record["message_ids"])
    said = [(s["session_id"], s["message_id"]) for s in statements if s["message_id"] in supporting]
    for message in dict.fromkeys(_message_key(user_id, *where) for where in said):
        yield Edge(key, "STATED_IN", message)
        for end, label in ((subject, record["subject"]["label"]), (object_, record["object"]["label"])):
            if label != "User":
                yield Edge(message, "MENTIONS", end)
    for other in record["supersedes"]:
        yield Edge(key, "SUPERSEDES", _key("fact", user_id, other))
    if record["status"] == FactStatus.CURRENT:
        properties = {"fact_id": record["id"], "since": record["valid_from"], "confidence": record["confidence"]}
        if record["predicate"] == "RELATED_TO":
            properties["text"] = statements[-1]["verb"] if statements else None
        yield Edge(subject, record["predicate"], object_, _present(properties))


def _message_key(user_id: str, session_id: str, message_id: str) -> str:
    return _key("message", user_id, f"{len(session_id)}:{session_id}{message_id}")


def _key(kind: str, user_id: str | None, id: str) -> str:
    owner = user_id or ""
    return f"{kind}:{len(owner)}:{owner}{id}"


def _present(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}
