"""What speaks for a message, in figures: each feature of every message that a store brought for one question.

Most are between 0 and 1; shares are of the best message's. All are computed from the messages at hand, so that they are the
same on every store. What they are worth is in `graphmem.rank.weights_messages`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from graphmem.rank.documents import MONTHS, Document
from graphmem.rank.question import Question
from graphmem.rank.weights import nearer_than_most
from graphmem.records import Fact, Hit
from graphmem.stores.embedding import Nearness
from graphmem.text import idf

Figures = NDArray[np.float64]
"""One figure a message, or one for each message and term."""

NOTHING_KNOWN: Mapping[str, int] = MappingProxyType({})

K1, B = 1.2, 0.4
LENT = ((1, 0.5), (2, 0.25))
"""Distance in the session, and which part of one occurrence a turn lends to the turn that far away."""

SURE = 1.0
"""From this score on a fact counts as an answer that lifts its messages."""

_APART = 8
"""Places that lie between two sessions at least, more than any distance that is looked at."""

_HOW_MANY = frozenset(("how many", "how much", "how long", "how old", "how often"))
_WHO = frozenset(("who", "which", "where", "whose"))
_NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|once|twice|first|second|third|couple|few|several)\b", re.IGNORECASE
)
_TIME = re.compile(
    r"\d|\b(?:yesterday|last|ago|next|week|month|tomorrow|today|tonight|weekend|year|since)\b", re.IGNORECASE
)
_DAY = re.compile(r"([1-9]|[12]\d|3[01])(?:st|nd|rd|th)?")
_YEAR = re.compile(r"(?:19|20)\d\d")


def features(
    documents: Sequence[Document],
    terms: Sequence[str],
    question: Question,
    facts: Sequence[Hit],
    message_count: int,
    nearness: Nearness | None = None,
    known: Mapping[str, int] = NOTHING_KNOWN,
) -> dict[str, Figures] | None:
    """Return the figures of the documents by feature, or None when no document has any of the terms and nothing was compared.

    Args:
        documents: by place, as `graphmem.rank.documents.read_documents` gives them.
        terms: the question's terms, speakers' names left out.
        question: the question as read.
        facts: ranked facts for the question, best first.
        message_count: how many messages the user has.
        nearness: how near they are by meaning; None when nothing was compared.
        known: in how many of them each term stands; where nothing is known the documents are counted.
    """
    total = max(message_count, len(documents))
    counts = _counts(documents, terms)
    frequencies = (counts > 0).sum(axis=0)
    weights = np.array([idf(float(max(f, known.get(t, 0))), total) for f, t in zip(frequencies, terms, strict=True)])
    counts, weights = counts[:, frequencies > 0], weights[frequencies > 0]
    if not len(weights):
        if nearness is None:
            return None
        counts, weights = np.zeros((len(documents), 1)), np.ones(1)
    named = np.array([float(d.named) for d in documents])
    around = _Around(documents)
    found = _words(documents, counts, weights, named, around)
    found |= _manner(documents, question, found, named, around)
    found["fact"] = _lifted(documents, facts)
    found["similar"] = _similar(documents, nearness)
    return found


def _counts(documents: Sequence[Document], terms: Sequence[str]) -> Figures:
    counts = np.zeros((len(documents), len(terms)))
    columns = {term: column for column, term in enumerate(terms)}
    for row, document in enumerate(documents):
        for term in columns.keys() & document.reading.counts.keys():
            counts[row, columns[term]] = document.reading.counts[term]
        for term in document.date:
            if term in columns:
                counts[row, columns[term]] += 1.0
    return counts


class _Around:
    """Looks up the figure of the message some places away in the same session; 0 where the store brought none."""

    def __init__(self, documents: Sequence[Document]) -> None:
        numbers: dict[str, int] = {}
        sessions = [numbers.setdefault(d.message.session_id, len(numbers)) for d in documents]
        seqs = np.array([d.message.seq for d in documents], dtype=np.int64)
        self._keys = np.array(sessions, dtype=np.int64) * (int(seqs.max()) + _APART) + seqs
        self._indices: dict[int, NDArray[np.int64]] = {}

    def __call__(self, figures: Figures, distance: int) -> Figures:
        if distance not in self._indices:
            wanted = self._keys + distance
            found = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
            self._indices[distance] = np.where(self._keys[found] == wanted, found, len(self._keys))
        padded = np.concatenate([figures, np.zeros((1, *figures.shape[1:]))])
        result: Figures = padded[self._indices[distance]]
        return result


def _words(
    documents: Sequence[Document], counts: Figures, weights: Figures, named: Figures, around: _Around
) -> dict[str, Figures]:
    """The question's words in the message itself, in it with its neighbours, and in those before it."""
    lengths = np.array([d.length for d in documents], dtype=np.float64)
    norms = (K1 * (1.0 - B + B * lengths / max(lengths.mean(), 1.0)))[:, None]
    has = np.minimum(counts, 1.0)
    before, after = ([around(has, sign * far) for far in (1, 2, 3)] for sign in (-1, 1))
    smooth = counts + sum(part * (before[far - 1] + after[far - 1]) for far, part in LENT)
    window = np.maximum.reduce([has, *before[:2], *after[:2]])
    own, near = (_of_best((weights * c * (K1 + 1.0) / (c + norms)).sum(axis=1)) for c in (counts, smooth))
    total = weights.sum()
    return {
        "own": own,
        "own_covering": own * has.mean(axis=1),
        "near": near,
        "near_named": near * named,
        "window": (window @ weights) / total,
        "behind": (np.maximum.reduce([has, *before]) @ weights) / total,
        "length": np.log1p(lengths),
        "named": named,
        "named_before": around(named, -1),
    }


def _manner(
    documents: Sequence[Document], question: Question, found: Mapping[str, Figures], named: Figures, around: _Around
) -> dict[str, Figures]:
    """How the message is put: a question, an answer to one, a number, a time, a name where the question wants that."""
    texts = [d.message.text for d in documents]
    none = np.zeros(len(texts))
    asks = np.array([float(d.reading.asks) for d in documents])
    names = np.array([min(3, d.reading.names) / 3.0 for d in documents])
    return {
        "asks_named": asks * named,
        "answers": around(asks * found["own"], -1),
        "names": names,
        "who": none if question.words.isdisjoint(_WHO) else names,
        "how_many": none if question.phrases.isdisjoint(_HOW_MANY) else _having(_NUMBER, texts),
        "when": _having(_TIME, texts) if "when" in question.words else none,
        "day": _on_day(documents, question.words),
    }


def _on_day(documents: Sequence[Document], words: frozenset[str]) -> Figures:
    """Whether the message is of a day that the question names: a day and a month, and the year where it is named too."""
    months = {number for number, name in enumerate(MONTHS, start=1) if name.casefold() in words}
    days = {int(found[1]) for word in words if (found := _DAY.fullmatch(word))}
    years = {int(word) for word in words if _YEAR.fullmatch(word)}
    if not months or not days:
        return np.zeros(len(documents))
    at = (d.message.at for d in documents)
    return np.array([float(t.month in months and t.day in days and (not years or t.year in years)) for t in at])


def _having(pattern: re.Pattern[str], texts: Sequence[str]) -> Figures:
    return np.array([float(pattern.search(text) is not None) for text in texts])


def _lifted(documents: Sequence[Document], facts: Sequence[Hit]) -> Figures:
    """The score of the best fact that answers the question and rests on the message, as a share of the best fact's."""
    answers = [(hit.score, hit.fact) for hit in facts if hit.fact is not None and hit.score >= SURE]
    best = max((score for score, _ in answers), default=1.0)
    lifts: dict[tuple[str | None, str], float] = {}
    for score, fact in answers:
        for said in _supporting(fact):
            lifts[said] = max(score / best, lifts.get(said, 0.0))
    messages = [d.message for d in documents]
    return np.array([max(lifts.get((m.session_id, m.id), 0.0), lifts.get((None, m.id), 0.0)) for m in messages])


def _supporting(fact: Fact) -> list[tuple[str | None, str]]:
    """The messages that a fact rests on, with their session where its statements tell it: ids are unique in a session only."""
    said = [(s.session_id, s.message_id) for s in fact.statements]
    return [*said] if said else [(None, message_id) for message_id in fact.message_ids]


def _similar(documents: Sequence[Document], nearness: Nearness | None) -> Figures:
    """How near the message is by its meaning, next to what the user says on average; 0 for one without a vector."""
    if nearness is None:
        return np.zeros(len(documents))
    places = ((d.message.session_id, d.message.seq) for d in documents)
    return np.array([nearer_than_most(nearness.messages.get(place), nearness) for place in places])


def _of_best(figures: Figures) -> Figures:
    return figures / max(float(figures.max()), 1e-9)
