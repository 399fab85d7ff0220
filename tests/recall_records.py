"""Hand-made memories for the tests of ranking and composing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from extraction.catalogue import Catalogue
from extraction.records import FactStatus
from graphmem.identity import derived_id, named_entity, user_entity
from graphmem.records import Entity, Fact, Hit, Message, SummaryLine
from graphmem.stores.base import Recalled
from graphmem.text import probe

START = datetime(2024, 3, 1, 10, 0, tzinfo=UTC)
USER = user_entity("alice")
_CATALOGUE = Catalogue()


def entity(name: str, label: str = "Thing", *aliases: str) -> Entity:
    return named_entity("alice", label, name, aliases)


def fact(
    predicate: str,
    object: Entity | str,
    *,
    subject: Entity = USER,
    status: FactStatus = FactStatus.CURRENT,
    days: float = 0,
    valid_from: str | None = None,
    valid_to: str | None = None,
    confidence: float = 1.0,
    message_ids: tuple[str, ...] = ("m1",),
    evidence: str = "",
    text: str | None = None,
    role: str = "",
) -> Fact:
    """A fact whose text is the catalogue's, first said ``days`` after `START`."""
    relation = _CATALOGUE[predicate]
    target = entity(object, relation.object) if isinstance(object, str) else object
    called = "" if subject.label == "User" else subject.name + (f" ({subject.aliases[0]})" if subject.aliases else "")
    return Fact(
        id=derived_id("fact", subject.id, predicate, target.id, str(status)),
        subject=subject,
        predicate=predicate,
        object=target,
        text=relation.sentence(called, target.name, status, role=role) if text is None else text,
        status=status,
        polarity="-" if status in (FactStatus.NEGATED, FactStatus.RETRACTED) else "+",
        valid_from=valid_from,
        valid_to=valid_to,
        recorded_at=START + timedelta(days=days),
        confidence=confidence,
        message_ids=message_ids,
        evidence=evidence,
    )


def message(
    seq: int, text: str, *, session: str = "s1", role: str = "user", name: str | None = None, days: float = 0
) -> Message:
    at = START + timedelta(days=days, minutes=seq)
    return Message(f"{session}:{seq}", session, "alice", seq, role, name, text, at)


def recalled(
    query: str | None = None,
    *,
    facts: tuple[Fact, ...] = (),
    matches: tuple[Message, ...] = (),
    messages: tuple[Message, ...] = (),
    linked: tuple[Entity, ...] = (),
    user: Entity | None = USER,
    message_count: int = 0,
    summary: str | tuple[str, ...] = (),
) -> Recalled:
    return Recalled(
        user_id="alice",
        query=None if query is None else probe(query),
        messages=messages,
        matches=matches,
        linked=linked,
        user=user,
        facts=facts,
        message_count=message_count,
        summary=tuple(
            SummaryLine(text, place, place, START)
            for place, text in enumerate((summary,) if isinstance(summary, str) else summary, 1)
        ),
    )


def texts(hits: list[Hit]) -> list[str]:
    """What the hits say, best first."""
    return [hit.fact.text if hit.fact else hit.message.text for hit in hits]  # type: ignore[union-attr]
