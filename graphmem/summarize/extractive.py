"""The offline summary: the user's own sentences that say most, each with its day. Pure and deterministic.

Sentences vote for each other as pages do in PageRank (TextRank): the more words two have in common for their length, the
more they lift each other. Sentences of messages that state a fact have more weight, questions less, and one that
repeats what a better one says is left out. The lines kept so far compete with the new sentences, so that the work of a fold
does not grow with the conversation.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import log

from graphmem.compose import clean, count_tokens
from graphmem.records import Message, SummaryLine
from graphmem.text import terms

BUDGET = 200
"""Tokens of all lines together."""
LONGEST, FEWEST_TERMS = 40, 3
"""Tokens that a sentence may have at most, and search terms that it has at least."""

_AT_ONCE = 64
"""Sentences that are compared with each other; more are taken in turn."""
_DAMPING, _ROUNDS = 0.7, 12
_TELLING, _KEPT, _PLAIN, _QUESTION = 3.0, 2.0, 1.0, 0.3
_SAME = 0.6
_END = re.compile(r"(?<=[.!?…。！？])\s+|\n+")
_AFTER_MARK = ": "


@dataclass(frozen=True, slots=True)
class _Candidate:
    line: SummaryLine
    words: frozenset[str]
    weight: float


def extract(
    summary: Sequence[SummaryLine], messages: Sequence[Message], telling: Collection[str], budget: int = BUDGET
) -> tuple[SummaryLine, ...]:
    """Return the lines of a summary that covers what ``summary`` covers and ``messages``, in their order.

    Args:
        summary: lines that this function made.
        messages: what came after them.
        telling: ids of those of ``messages`` that state a fact.
        budget: tokens of all lines together.
    """
    kept = [_kept(line) for line in summary]
    new = list(_sentences(messages, telling))
    if not new:
        return tuple(summary)
    for start in range(0, len(new), _AT_ONCE):
        kept = _best([*kept, *new[start : start + _AT_ONCE]], budget)
    return tuple(candidate.line for candidate in kept)


def _sentences(messages: Sequence[Message], telling: Collection[str]) -> Iterator[_Candidate]:
    for message in messages:
        if message.role != "user":
            continue
        whose = f", {clean(message.name)}" if message.name else ""
        mark = f"{message.at.date().isoformat()}{whose.replace(':', '')}{_AFTER_MARK}"
        for sentence in _END.split(message.text):
            words = frozenset(terms(sentence))
            text = clean(sentence)
            if len(words) < FEWEST_TERMS or count_tokens(text) > LONGEST:
                continue
            weight = _TELLING if message.id in telling else _PLAIN
            if text.endswith(("?", "？")):
                weight = _QUESTION
            yield _Candidate(SummaryLine(mark + text, message.seq, message.seq, message.at), words, weight)


def _kept(line: SummaryLine) -> _Candidate:
    said = line.text.partition(_AFTER_MARK)[2]
    return _Candidate(line, frozenset(terms(said)), _KEPT)


def _best(candidates: list[_Candidate], budget: int) -> list[_Candidate]:
    """The best candidates that fit into ``budget`` and say different things, in the order in which they were given."""
    scores = _ranks(candidates)
    chosen: list[int] = []
    left = budget
    for i in sorted(range(len(candidates)), key=lambda i: (-scores[i], i)):
        cost = count_tokens(candidates[i].line.text) + 2
        if cost <= left and not any(_overlap(candidates[i].words, candidates[j].words) > _SAME for j in chosen):
            chosen.append(i)
            left -= cost
    return [candidates[i] for i in sorted(chosen)]


def _ranks(candidates: Sequence[_Candidate]) -> list[float]:
    """PageRank over the likeness of the candidates' words, personalised by their weights, times these weights."""
    total = sum(c.weight for c in candidates)
    start = [c.weight / total for c in candidates]
    links = [[_likeness(a.words, b.words) if a is not b else 0.0 for b in candidates] for a in candidates]
    sums = [sum(row) for row in links]
    ranks = start
    for _ in range(_ROUNDS):
        passed = [rank / out if out else 0.0 for rank, out in zip(ranks, sums, strict=True)]
        lost = sum(rank for rank, out in zip(ranks, sums, strict=True) if not out)
        ranks = [
            (1 - _DAMPING) * s
            + _DAMPING * (lost * s + sum(p * likeness for p, likeness in zip(passed, row, strict=True)))
            for s, row in zip(start, links, strict=True)
        ]
    return [rank * c.weight for rank, c in zip(ranks, candidates, strict=True)]


def _likeness(a: frozenset[str], b: frozenset[str]) -> float:
    shared = len(a & b)
    return shared / (log(1 + len(a)) + log(1 + len(b))) if shared else 0.0


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b)
