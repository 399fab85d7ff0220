"""The messages that a store brought, as ranking reads them: words, speaker, and their place in the conversation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphmem.rank.question import Question
from graphmem.records import Message
from graphmem.stores.base import Recalled
from graphmem.text import terms

MAX_LENGTH = 20_000
"""Characters of a message that count."""

MONTHS = (
    "January February March April May June July August September October November December".split()
)  # strftime depends on the locale

_ROLE_TERMS = frozenset(terms("user assistant system tool"))
"""Roles name a speaker, but the words stay in the question: "user" may be what it is about."""

_MEANT_BY = {
    "user": frozenset("i i'm i've i'd me my mine we we've our us".split()),
    "assistant": frozenset("you you've your".split()),
}
"""The words by which a question means the one in that role, of messages that have no speaker's name."""

Place = tuple[str, int]
"""A message's session and its place in it."""


@dataclass(frozen=True, slots=True)
class Document:
    """A message with its terms (how often each, its month and year among them) and whether the question names its speaker."""

    message: Message
    counts: Mapping[str, int]
    length: int
    named: bool

    @property
    def place(self) -> Place:
        """Return the message's session and its place in it."""
        return (self.message.session_id, self.message.seq)


def read_documents(recalled: Recalled, question: Question) -> tuple[list[Document], list[str]]:
    """Return the messages that a store brought, each once and by place, and the question's terms without speakers' names.

    When nothing but speakers' names is known in the messages, the names stay.
    """
    messages = {(m.session_id, m.seq): m for m in (*recalled.matches, *recalled.messages)}
    asked = recalled.query.terms if recalled.query is not None else ()
    speakers = {(m.name, m.role): _names_of(m, recalled, asked) for m in messages.values()}
    documents = [_document(messages[p], question, speakers) for p in sorted(messages)]
    spoken = frozenset[str]().union(*speakers.values()) - _ROLE_TERMS
    content = [t for t in asked if t not in spoken]
    if not any(t in d.counts for d in documents for t in content):
        content = list(asked)
    return documents, content


def _document(
    message: Message, question: Question, speakers: Mapping[tuple[str | None, str], frozenset[str]]
) -> Document:
    date = terms(f"{MONTHS[message.at.month - 1]} {message.at.year}")
    words = terms(message.text[:MAX_LENGTH]) + date
    meant = not message.name and not question.words.isdisjoint(_MEANT_BY.get(message.role, ()))
    return Document(message, Counter(words), len(words), meant or bool(speakers[message.name, message.role]))


def _names_of(message: Message, recalled: Recalled, asked: Sequence[str]) -> frozenset[str]:
    """Terms by which a question names the one who said ``message``: a name, else the role and, for the user, the known name."""
    if message.name:
        return frozenset(terms(message.name)).intersection(asked)
    name = recalled.user.name if recalled.user is not None and message.role == "user" else ""
    return frozenset(terms(f"{message.role} {name}")).intersection(asked)
