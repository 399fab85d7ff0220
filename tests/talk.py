"""A conversation as statements said one after another, for tests of what they come to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from extraction.catalogue import Catalogue
from extraction.records import EntityMention, FactStatus
from graphmem.identity import derived_id
from graphmem.reconcile import derive
from graphmem.records import Statement
from graphmem.stores.base import Ledger


class Talk:
    """Statements said one after another, a minute apart."""

    def __init__(self) -> None:
        self.said: list[Statement] = []

    def say(self, subject, predicate, object, status="current", session="s1", **more) -> Talk:
        place = len(self.said)
        self.said.append(
            Statement(
                id=derived_id(place),
                session_id=session,
                message_id=f"m{place}",
                at=datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=place),
                order=place,
                subject=subject,
                predicate=predicate,
                object=object,
                status=FactStatus(status),
                **more,
            )
        )
        return self

    def ledger(self) -> Ledger:
        return derive("alice", self.said, Catalogue())

    def texts(self, status="current") -> set[str]:
        return {f.text for f in self.ledger().facts if f.status == status}


def person(name: str, *aliases: str) -> EntityMention:
    return EntityMention(name, "Person", aliases)


def place(name: str) -> EntityMention:
    return EntityMention(name, "Place")
