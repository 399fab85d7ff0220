"""Sentences of the user's that tell something, and the endings made of them, whoever reads the facts of the message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from extraction.records import USER, EntityMention, FactStatus
from graphmem.identity import derived_id
from graphmem.mentions import PLACES_IN_MESSAGE
from graphmem.records import Message, Statement

LONGEST = 2_000
"""Characters of a message that are looked at."""
_DOUBTS = "if|might|almost|nearly|should|would|could"
_SENTENCE = re.compile(r"[^.!?\n;]+[.!?\n;]*")
_SURE = 0.85
_EVIDENCE = 400


def doubts(more: str) -> re.Pattern[str]:
    """Return what finds the words with which nothing is said to be so: those of any subject, and ``more`` (alternatives)."""
    return re.compile(rf"\b(?:{_DOUBTS}|{more})\b", re.IGNORECASE)


def sentences_of(text: str) -> list[str]:
    """Return the sentences of what is looked at of a text, each with its end."""
    return _SENTENCE.findall(text[:LONGEST].replace("’", "'"))


def tells(sentence: str, unsure: re.Pattern[str] | None = None) -> bool:
    """Whether a sentence tells something: it is no question, and has none of the words with which nothing is said to be so."""
    return not sentence.rstrip().endswith("?") and (unsure is None or not unsure.search(sentence))


def told_by_user(messages: Iterable[Message], unsure: re.Pattern[str] | None = None) -> Iterator[tuple[Message, str]]:
    """Yield the sentences of user messages that tell something (see `tells`), with their message."""
    for message in messages:
        if message.role == "user":
            for sentence in sentences_of(message.text):
                if tells(sentence, unsure):
                    yield message, sentence


def is_of_another_message(ending: Statement, told: Statement) -> bool:
    """Whether something was told in another message than the one that may end it."""
    return (ending.session_id, ending.message_id) != (told.session_id, told.message_id)


def ending_said(message: Message, label: str, predicate: str, said: str) -> Statement:
    """Return the statement that something of the user's is over, of which ``said`` is all that tells what.

    Args:
        message: who tells it.
        label: of what kind ``said`` is.
        predicate: of what may be over.
        said: words of the message.
    """
    identity = derived_id(label, message.user_id, message.session_id, message.id, predicate, said)
    return ending_in(message, identity, predicate, EntityMention(said, label))


def ending_in(message: Message, id: str, predicate: str, object: EntityMention) -> Statement:
    """Return the statement that something of the user's is over, placed behind all that was read in the message.

    Args:
        message: who tells it.
        id: of the statement.
        predicate, object: what may be over.
    """
    return Statement(
        id=id,
        session_id=message.session_id,
        message_id=message.id,
        at=message.at,
        order=(message.seq + 1) * PLACES_IN_MESSAGE - 1,
        subject=USER,
        predicate=predicate,
        object=object,
        status=FactStatus.ENDED,
        confidence=_SURE,
        evidence=message.text[:_EVIDENCE],
    )
