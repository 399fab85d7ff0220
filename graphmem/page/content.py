"""What a page holds: entities, facts and the messages that they come from, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from extraction.catalogue import Catalogue
from extraction.records import USER_LABEL
from graphmem.records import Entity, Fact, FactStatus, Message
from graphmem.render import fact_text

_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Records:
    """What is known of one user.

    Args:
        user_id: whose it is.
        entities: all of them, the user's own among them.
        facts: facts between these.
        messages: where they come from; of those that are missing, only the evidence can be shown.
        catalogue: the relations.
    """

    user_id: str
    entities: Sequence[Entity]
    facts: Sequence[Fact]
    messages: Sequence[Message]
    catalogue: Catalogue

    @property
    def user_name(self) -> str:
        """The name that the user gave, else the id."""
        names = (e.name for e in self.entities if e.label == USER_LABEL)
        return next((name for name in names if name != USER_LABEL), self.user_id)


def content_of(records: Records, *, with_messages: bool = True) -> dict[str, Any]:
    """Return what the page's script reads. Entities, facts and messages refer to each other by their place in the list.

    Args:
        records: what is known.
        with_messages: include the words of the messages and the evidence; without, only where a fact was said.
    """
    entities = {e.id: i for i, e in enumerate(records.entities)}
    drawn = [f for f in records.facts if f.subject.id in entities and f.object.id in entities]
    facts = {f.id: i for i, f in enumerate(drawn)}
    wanted = {(s.session_id, s.message_id) for f in drawn for s in f.statements} if with_messages else set()
    supporting = [m for m in records.messages if (m.session_id, m.id) in wanted]
    messages = {(m.session_id, m.id): i for i, m in enumerate(supporting)}
    return {
        "entities": [{"name": e.name, "label": e.label, "aliases": list(e.aliases)} for e in records.entities],
        "facts": [
            {
                **_fact(f, records.catalogue),
                "subject": entities[f.subject.id],
                "object": entities[f.object.id],
                "supersedes": [facts[id] for id in f.supersedes if id in facts],
                "said": _said(f, messages, with_words=with_messages),
            }
            for f in drawn
        ],
        "messages": [{"name": m.name, "text": _shortened(m.text)} for m in supporting],
    }


def _fact(fact: Fact, catalogue: Catalogue) -> dict[str, Any]:
    verb = fact.statements[-1].verb if fact.statements else None
    was = before(fact)
    text = fact_text(catalogue, fact.subject, fact.predicate, fact.object, was, fact.polarity, verb, fact.evidence)
    return {
        "id": fact.id,
        "predicate": fact.predicate,
        "relation": verb or fact.predicate.lower().replace("_", " "),
        "text": fact.text,
        "status": str(fact.status),
        "before": {"status": str(was), "text": text},
        "since": fact.valid_from,
        "until": fact.valid_to,
        "recorded": _utc(fact.recorded_at),
        "retired": None if fact.retired_at is None else _utc(fact.retired_at),
        "confidence": fact.confidence,
    }


def before(fact: Fact) -> FactStatus:
    """Return what a fact was taken for until the message came that retired it."""
    denied = fact.polarity == "-" and fact.status is not FactStatus.RETRACTED
    return FactStatus.NEGATED if denied else FactStatus.CURRENT


def _said(fact: Fact, messages: Mapping[tuple[str, str], int], *, with_words: bool) -> list[dict[str, Any]]:
    return [
        {
            "at": _utc(s.at),
            "since": s.valid_from,
            "session": s.session_id,
            "id": s.message_id,
            "message": messages.get((s.session_id, s.message_id)),
            "evidence": s.evidence if with_words else "",
        }
        for s in fact.statements
    ]


def _utc(moment: datetime) -> str:
    """Return a moment so that moments sort as texts."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
