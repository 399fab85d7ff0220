"""What is known of somebody, for the tests of pages: derived from statements as a store would."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from extraction.catalogue import Catalogue
from extraction.records import USER, EntityMention, FactStatus
from graphmem.identity import derived_id
from graphmem.page import Records
from graphmem.reconcile import derive
from graphmem.records import Message, Statement

START = datetime(2023, 2, 11, 18, 30, tzinfo=UTC)
CATALOGUE = Catalogue()


class Talk:
    """Messages of one user, one a day, and what was read in each."""

    def __init__(self, user_id: str = "maya") -> None:
        self.user_id = user_id
        self.messages: list[Message] = []
        self.statements: list[Statement] = []

    def say(self, text: str, *read: Statement) -> None:
        """Add a message with the statements of `states`."""
        number = len(self.messages) + 1
        at = START + timedelta(days=number - 1)
        self.messages.append(Message(f"m{number}", "s1", self.user_id, number, "user", None, text, at))
        for order, s in enumerate(read):
            self.statements.append(
                Statement(
                    id=derived_id(self.user_id, str(number), str(order)),
                    session_id="s1",
                    message_id=f"m{number}",
                    at=at,
                    order=order,
                    subject=s.subject,
                    predicate=s.predicate,
                    object=s.object,
                    status=s.status,
                    valid_from=s.valid_from,
                    confidence=s.confidence,
                    evidence=s.evidence,
                    verb=s.verb,
                )
            )

    def records(self, messages: Sequence[Message] | None = None) -> Records:
        ledger = derive(self.user_id, self.statements, CATALOGUE)
        known = self.messages if messages is None else messages
        return Records(self.user_id, ledger.entities, ledger.facts, known, CATALOGUE)


def states(
    predicate: str,
    name: str,
    evidence: str,
    *,
    of: EntityMention = USER,
    label: str | None = None,
    status: FactStatus = FactStatus.CURRENT,
    valid_from: str | None = None,
    verb: str | None = None,
) -> Statement:
    """One thing that a message says; `Talk.say` knows where and when."""
    thing = EntityMention(name, label or CATALOGUE[predicate].object)
    return Statement("", "", "", START, 0, of, predicate, thing, status, valid_from, None, 0.9, evidence, verb)


def person(name: str) -> EntityMention:
    return EntityMention(name, "Person")


def maya() -> Talk:
    """Somebody who moved, took a birthplace back, owns no car and has a friend."""
    talk = Talk()
    talk.say(
        "I'm Maya and I live in Leeds.",
        states("HAS_NAME", "Maya", "I'm Maya"),
        states("LIVES_IN", "Leeds", "I live in Leeds"),
    )
    talk.say("I was born in Bristol.", states("BORN_IN", "Bristol", "I was born in Bristol"))
    talk.say(
        "Sorry, I was born in Bath, not Bristol.",
        states("BORN_IN", "Bath", "I was born in Bath"),
        states("BORN_IN", "Bristol", "not Bristol", status=FactStatus.RETRACTED),
    )
    talk.say("I don't own a car.", states("OWNS", "car", "I don't own a car", label="Thing", status=FactStatus.NEGATED))
    talk.say(
        "My friend Ana lives in Porto.",
        states("HAS_FRIEND", "Ana", "My friend Ana"),
        states("LIVES_IN", "Porto", "Ana lives in Porto", of=person("Ana")),
    )
    talk.say(
        "I moved to Porto in February!",
        states("LIVES_IN", "Porto", "I moved to Porto in February", valid_from="2023-02"),
    )
    return talk


def crowd(facts: int) -> Talk:
    """Somebody of whom ``facts`` facts are known, most of them about thirty friends."""
    talk = Talk("crowd")
    friends = [person(f"Friend {chr(65 + i % 26)}{i}") for i in range(30)]
    for number in range(facts):
        friend = friends[number % 30]
        if number < 30:
            talk.say(f"{friend.name} is a friend.", states("HAS_FRIEND", friend.name, f"{friend.name} is a friend"))
        elif number % 3:
            likes = f"hobby {number // 2}"
            talk.say(f"{friend.name} likes {likes}.", states("LIKES", likes, f"likes {likes}", of=friend))
        else:
            talk.say(f"I visited place {number}.", states("VISITED", f"place {number}", "I visited"))
    return talk
