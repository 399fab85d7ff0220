"""Figures of an extractor: precision and recall, how far its confidence can be relied on, and what it got wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from extraction import Catalogue, ExtractedFact
from scripts.evaluation.matching import Statement, loosely_right, only_difference, same_fact, statement
from scripts.evaluation.messages import Annotated, Message

ALL = "all"
NOTHING_LIKE_IT = "nothing like it"
BINS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)

_REASONS = ("status", "predicate", "object", "subject")


@dataclass(slots=True)
class Score:
    """Counts of messages, of facts given and right, and of facts to be found and found."""

    messages: int = 0
    given: int = 0
    right: int = 0
    wanted: int = 0
    found: int = 0

    @property
    def precision(self) -> float:
        """The share of the given facts that are right; of none, 1."""
        return self.right / self.given if self.given else 1.0

    @property
    def recall(self) -> float:
        """The share of the facts to be found that were; of none, 1."""
        return self.found / self.wanted if self.wanted else 1.0

    @property
    def wrong_a_message(self) -> float:
        """How many wrong facts come from a message on average."""
        return (self.given - self.right) / self.messages if self.messages else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Given:
    """A fact that the extractor gave.

    Args:
        statement: what it states.
        confidence: how sure the extractor was.
        matches: which of the message's annotated facts it says.
        right: whether it says any.
        reason: of a wrong one, in what it differs from the nearest annotated fact, else ``NOTHING_LIKE_IT``.
    """

    statement: Statement
    confidence: float
    matches: frozenset[int]
    right: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A message with what an extractor gave for it."""

    message: Message
    given: tuple[Given, ...]

    def missed(self, minimum: float = 0.0) -> list[Annotated]:
        """Return the annotated facts that should be among those at least so sure, and are not."""
        found = self.found(minimum)
        return [f for i, f in enumerate(self.message.facts) if not f.optional and i not in found]

    def found(self, minimum: float = 0.0) -> set[int]:
        """Return the places of the annotated facts that were given with at least that confidence."""
        return {i for given in self.given if given.confidence >= minimum for i in given.matches}


def judge(message: Message, facts: Iterable[ExtractedFact], catalogue: Catalogue) -> Judged:
    """Compare what an extractor read in a message with what was annotated.

    A fact that ends every value of a predicate names none, so it can be neither right nor wrong: it is left out.

    Args:
        message: the annotated message.
        facts: those of the extractor.
        catalogue: the relations.
    """
    return Judged(message, tuple(_given(message, fact, catalogue) for fact in facts if not fact.ends_all))


def _given(message: Message, fact: ExtractedFact, catalogue: Catalogue) -> Given:
    said = statement(fact)
    matches = frozenset(i for i, wanted in enumerate(message.facts) if same_fact(said, wanted, catalogue))
    right = bool(matches) or any(loosely_right(said, wanted) for wanted in message.facts)
    reason = "" if right else _reason(said, message.facts, catalogue)
    return Given(said, fact.confidence, matches, right, reason)


def _reason(said: Statement, facts: Sequence[Annotated], catalogue: Catalogue) -> str:
    parts = {only_difference(said, wanted, catalogue) for wanted in facts}
    return next((reason for reason in _REASONS if reason in parts), NOTHING_LIKE_IT)


def total(judged: Iterable[Judged], minimum: float = 0.0) -> Score:
    """Return the score of all messages, of facts at least so sure."""
    score = Score()
    for one in judged:
        _add(score, one, minimum)
    return score


def by_style(judged: Iterable[Judged], minimum: float = 0.0) -> dict[str, Score]:
    """Return the score of each style, in their order in the data, and last of all together."""
    scores: dict[str, Score] = defaultdict(Score)
    everything = Score()
    for one in judged:
        _add(scores[one.message.style], one, minimum)
        _add(everything, one, minimum)
    return {**scores, ALL: everything}


def _add(score: Score, judged: Judged, minimum: float) -> None:
    given = [g for g in judged.given if g.confidence >= minimum]
    wanted = sum(not fact.optional for fact in judged.message.facts)
    score.messages += 1
    score.given += len(given)
    score.right += sum(g.right for g in given)
    score.wanted += wanted
    score.found += wanted - len(judged.missed(minimum))


def by_predicate(judged: Iterable[Judged]) -> dict[str, Score]:
    """Return the score of each predicate: precision of the facts given with it, recall of those annotated with it."""
    scores: dict[str, Score] = defaultdict(Score)
    for one in judged:
        for given in one.given:
            scores[given.statement.predicate].given += 1
            scores[given.statement.predicate].right += given.right
        found = one.found()
        for place, fact in enumerate(one.message.facts):
            if not fact.optional:
                scores[fact.predicate].wanted += 1
                scores[fact.predicate].found += place in found
    return dict(sorted(scores.items()))


class Bin(NamedTuple):
    """Facts whose confidence lies from ``low`` up to ``high``: how many, how sure on average, and how often right."""

    low: float
    high: float
    facts: int
    predicted: float
    observed: float


def reliability(judged: Iterable[Judged], edges: Sequence[float] = BINS) -> list[Bin]:
    """Return how often facts are right, by how sure the extractor was; bins without facts are left out.

    Args:
        judged: the messages.
        edges: where bins begin and end, ascending; the last bin holds its upper edge.
    """
    given = [g for one in judged for g in one.given]
    bins = []
    for low, high in pairwise(edges):
        inside = [g for g in given if low <= g.confidence < high or (high == edges[-1] == g.confidence)]
        if inside:
            predicted = sum(g.confidence for g in inside) / len(inside)
            bins.append(Bin(low, high, len(inside), predicted, sum(g.right for g in inside) / len(inside)))
    return bins


def calibration_error(bins: Iterable[Bin]) -> float:
    """Return the expected calibration error: how far confidence and precision lie apart, on average over facts."""
    bins = list(bins)
    facts = sum(b.facts for b in bins)
    return sum(abs(b.predicted - b.observed) * b.facts for b in bins) / facts if facts else 0.0


def reasons(judged: Iterable[Judged]) -> dict[str, int]:
    """Return how many wrong facts differ from an annotated one in what, the commonest first."""
    return dict(Counter(g.reason for one in judged for g in one.given if not g.right).most_common())


class Wrong(NamedTuple):
    """A wrong fact and its message."""

    message: Message
    given: Given


class Missed(NamedTuple):
    """A fact that was not found, and its message."""

    message: Message
    fact: Annotated


def worst_wrong(judged: Iterable[Judged]) -> list[Wrong]:
    """Return the wrong facts, those first of which the extractor was surest."""
    wrong = [Wrong(one.message, given) for one in judged for given in one.given if not given.right]
    return sorted(wrong, key=lambda w: -w.given.confidence)


def worst_missed(judged: Iterable[Judged]) -> Iterator[Missed]:
    """Yield the facts that were not found: in turn one of each predicate, those first of which most are missed."""
    groups: dict[str, list[Missed]] = defaultdict(list)
    for one in judged:
        for fact in one.missed():
            groups[fact.predicate].append(Missed(one.message, fact))
    ordered = sorted(groups.values(), key=lambda group: (-len(group), group[0].fact.predicate))
    for place in range(max(map(len, ordered), default=0)):
        yield from (group[place] for group in ordered if place < len(group))
