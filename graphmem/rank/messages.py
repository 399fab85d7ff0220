"""Messages for a question, best first: BM25 with the structure of a conversation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphmem.rank.weights import document_frequencies, idf
from graphmem.records import Fact, Hit, Message
from graphmem.stores.base import Recalled
from graphmem.text import terms

K1, B = 1.2, 0.4
SPEAKER_BOOST = 1.7
"""For the turns of a speaker whom the question names."""

COVERAGE = 2.0
"""A turn with all the question's words counts up to 1 + this times what its words alone give."""

NEIGHBOURS = (0.5, 0.25)
"""Share of its score that a turn lends to those one and two places away in its session."""

FACT_LIFT = 0.2
"""What the best fact adds to the messages that support it, as a share of the best message's score."""

SURE = 1.0
"""From this score on a fact counts as an answer that lifts its messages."""

MAX_LENGTH = 20_000
"""Characters of a message that count."""

_MONTHS = (
    "January February March April May June July August September October November December".split()
)  # strftime depends on the locale

_ROLE_TERMS = frozenset(terms("user assistant system tool"))
"""Roles name a speaker, but the words stay in the question: "user" may be what it is about."""

Place = tuple[str, int]
"""A message's session and its place in it."""


@dataclass(frozen=True, slots=True)
class _Document:
    message: Message
    counts: Mapping[str, int]
    length: int

    @property
    def place(self) -> Place:
        return (self.message.session_id, self.message.seq)


def rank_messages(recalled: Recalled, facts: Sequence[Hit] = ()) -> list[Hit]:
    """Rank the messages that a store brought, the session's newest among them.

    BM25 (k1 1.2, b 0.4) over the question's terms without the speakers' names, more the more of them a message has; its
    month and year are words of it. A turn lends half and a quarter of its score to its neighbours, turns of a speaker whom the
    question names count more, and so do the messages that support the facts which answer the question.

    Args:
        recalled: what the store brought.
        facts: facts for the same question, best first, with scores; see `rank_facts`.

    Returns:
        Hits with a message and a score above 0, best first; equal ones newest first, then by session and place in it.
    """
    if recalled.query is None or not recalled.query.terms:
        return []
    messages = {(m.session_id, m.seq): m for m in (*recalled.matches, *recalled.messages)}
    documents = [_document(messages[place]) for place in sorted(messages)]
    if not documents:
        return []
    asked = frozenset(recalled.query.terms)
    names = {d.place: asked.intersection(_speaker_terms(d.message, recalled)) for d in documents}
    spoken = frozenset[str]().union(*names.values()) - _ROLE_TERMS
    content = [t for t in recalled.query.terms if t not in spoken] or list(recalled.query.terms)
    scores = _with_neighbours(_bm25(documents, content, max(recalled.message_count, len(documents))))
    for place, named in names.items():
        if named:
            scores[place] *= SPEAKER_BOOST
    _lift(scores, documents, facts)
    hits = [Hit(scores[d.place], message=d.message) for d in documents if scores[d.place] > 0.0]
    return sorted(hits, key=_order)


def _document(message: Message) -> _Document:
    date = terms(f"{_MONTHS[message.at.month - 1]} {message.at.year}")
    words = terms(message.text[:MAX_LENGTH]) + date
    return _Document(message, Counter(words), len(words))


def _speaker_terms(message: Message, recalled: Recalled) -> list[str]:
    """Terms by which a question names the one who said ``message``: a name, else the role and, for the user, the known name."""
    if message.name:
        return terms(message.name)
    name = recalled.user.name if recalled.user is not None and message.role == "user" else ""
    return terms(f"{message.role} {name}")


def _bm25(documents: Sequence[_Document], asked: Sequence[str], message_count: int) -> dict[Place, float]:
    """Score the documents. All messages that have a term are among them unless the store had to cut, so frequencies are exact."""
    frequencies = document_frequencies((d.counts for d in documents), frozenset(asked))
    weights = {t: idf(frequencies[t], message_count) for t in asked if t in frequencies}
    average = sum(d.length for d in documents) / len(documents)
    scores = {}
    for document in documents:
        norm = K1 * (1.0 - B + B * document.length / average)
        score, found = 0.0, 0
        for term, weight in weights.items():
            count = document.counts.get(term, 0)
            if count:
                score += weight * count * (K1 + 1.0) / (count + norm)
                found += 1
        scores[document.place] = score * (1.0 + COVERAGE * found / len(weights)) if found else 0.0
    return scores


def _with_neighbours(own: Mapping[Place, float]) -> dict[Place, float]:
    scores = {}
    for (session, seq), score in own.items():
        for distance, share in enumerate(NEIGHBOURS, start=1):
            around = own.get((session, seq - distance), 0.0) + own.get((session, seq + distance), 0.0)
            score += share * around
        scores[session, seq] = score
    return scores


def _lift(scores: dict[Place, float], documents: Sequence[_Document], facts: Sequence[Hit]) -> None:
    """Add to the messages that support facts which answer the question, by the best such fact of each message."""
    answers = [(hit.score, hit.fact) for hit in facts if hit.fact is not None and hit.score >= SURE]
    if not answers:
        return
    best = max(score for score, _ in answers)
    lifts: dict[tuple[str | None, str], float] = {}
    for score, fact in answers:
        for said in _supporting(fact):
            lifts[said] = max(score / best, lifts.get(said, 0.0))
    highest = max(scores.values())
    for document in documents:
        message = document.message
        lift = max(lifts.get((message.session_id, message.id), 0.0), lifts.get((None, message.id), 0.0))
        scores[document.place] += FACT_LIFT * highest * lift


def _supporting(fact: Fact) -> list[tuple[str | None, str]]:
    """The messages that a fact rests on, with their session where its statements tell it: ids are unique in a session only."""
    said = [(s.session_id, s.message_id) for s in fact.statements]
    return [*said] if said else [(None, message_id) for message_id in fact.message_ids]


def _order(hit: Hit) -> tuple[float, float, str, int]:
    assert hit.message is not None  # noqa: S101 - every hit here was made with a message
    return (-hit.score, -hit.message.at.timestamp(), hit.message.session_id, -hit.message.seq)
