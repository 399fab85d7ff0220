"""Sentences of the user's that tell something, and the endings made of them, whoever reads the facts of the message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from extraction.records import USER, EntityMention, FactStatus
from graphmem.mentions import PLACES_IN_MESSAGE
from graphmem.records import Message, Statement

LONGEST = 2_000
"""Characters of a message that are looked at."""
_SENTENCE = re.compile(r"[^.!?\n;]+[.!?\n;]*")
_SURE = 0.85
_EVIDENCE = 400


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
