"""The messages that a store brought, as ranking reads them: words, speaker, and their place in the conversation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from graphmem.rank.question import Question
from graphmem.records import Message
from graphmem.stores.base import Recalled
from graphmem.text import terms

MAX_LENGTH = 20_000
"""Characters of a message that count."""

MONTHS = (
    "January February March April May June July August September October November December".split()
)  # strftime depends on the locale

_SHORT = 400
"""Characters up to which a text's reading is remembered."""

_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")

_ROLE_TERMS = frozenset(terms("user assistant system tool"))
"""Roles name a speaker, but the words stay in the question: "user" may be what it is about."""

_MEANT_BY = {
    "user": frozenset("i i'm i've i'd me my mine we we've our us".split()),
    "assistant": frozenset("you you've your".split()),
}
"""The words by which a question means the one in that role, of messages that have no speaker's name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as read once: how often it has each term, how many terms it has, capitalised words inside it, whether it asks."""

    counts: Mapping[str, int]
    length: int
    names: int
    asks: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A message with its reading, the terms of its month and year, and whether the question names its speaker."""

    message: Message
    reading: Reading
    date: tuple[str, ...]
    named: bool

    @property
    def length(self) -> int:
        """Return the number of its terms, those of its date among them."""
        return self.reading.length + len(self.date)

    def count(self, term: str) -> int:
        """Return how often it has the term."""
        return self.reading.counts.get(term, 0) + self.date.count(term)


def read_documents(recalled: Recalled, question: Question) -> tuple[list[Document], list[str]]:
    """Return the messages that a store brought, each once and by place, and the question's terms without speakers' names.

    When nothing but speakers' names is known in the messages, the names stay.
    """
    messages = {(m.session_id, m.seq): m for m in (*recalled.matches, *recalled.messages)}
    asked = recalled.query.terms if recalled.query is not None else ()
    examples = {(m.name, m.role): m for m in messages.values()}
    speakers = {speaker: _names_of(m, recalled, asked) for speaker, m in examples.items()}
    documents = [_document(messages[p], question, speakers) for p in sorted(messages)]
    spoken = frozenset[str]().union(*speakers.values()) - _ROLE_TERMS
    content = [t for t in asked if t not in spoken]
    if not any(d.count(t) for d in documents for t in content):
        content = list(asked)
    return documents, content


def _document(
    message: Message, question: Question, speakers: Mapping[tuple[str | None, str], frozenset[str]]
) -> Document:
    text = message.text
    meant = not message.name and not question.words.isdisjoint(_MEANT_BY.get(message.role, ()))
    return Document(
        message,
        _remembered_reading(text) if len(text) <= _SHORT else _reading(text[:MAX_LENGTH]),
        _date(message.at.year, message.at.month),
        meant or bool(speakers[message.name, message.role]),
    )


@lru_cache(maxsize=8192)
def _remembered_reading(text: str) -> Reading:
    """The messages of a user who talks are looked at again with every question."""
    return _reading(text)


def _reading(text: str) -> Reading:
    words = terms(text)
    return Reading(Counter(words), len(words), len(_NAME.findall(text)), "?" in text)


@lru_cache(maxsize=1024)
def _date(year: int, month: int) -> tuple[str, ...]:
    return tuple(terms(f"{MONTHS[month - 1]} {year}"))


def _names_of(message: Message, recalled: Recalled, asked: Sequence[str]) -> frozenset[str]:
    """Terms by which a question names the one who said ``message``: a name, else the role and, for the user, the known name."""
    if message.name:
        return frozenset(terms(message.name)).intersection(asked)
    name = recalled.user.name if recalled.user is not None and message.role == "user" else ""
    return frozenset(terms(f"{message.role} {name}")).intersection(asked)
