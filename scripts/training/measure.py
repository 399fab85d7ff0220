"""Scores of the network on annotated messages, and the calibration of its confidence."""

from __future__ import annotations

import re
import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from extraction.local.proposals import Proposal
from extraction.local.tagger import Tagger
from extraction.local.tagger_decode import FEATURES
from scripts.training.messages import STATES, SYMMETRIC, Gold, Message

THRESHOLDS = (0.3, 0.5, 0.7, 0.85)
_INVERSE = {"HAS_CHILD": "HAS_PARENT", "HAS_PARENT": "HAS_CHILD"}
_NEWTON_STEPS = 25
_RIDGE = 1e-2
_SMALL = frozenset("a an the my our your his her their some new of in at on to years year old s".split())


@dataclass(slots=True)
class Score:
    """Counts of facts given and right, and of facts to be found and found."""

    given: int = 0
    right: int = 0
    wanted: int = 0
    found: int = 0

    @property
    def precision(self) -> float:
        return self.right / max(self.given, 1)

    @property
    def recall(self) -> float:
        return self.found / max(self.wanted, 1)

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)

    def __str__(self) -> str:
        return (
            f"P {self.precision:.3f} ({self.right}/{self.given})  R {self.recall:.3f} ({self.found}/{self.wanted})"
            f"  F1 {self.f1:.3f}"
        )


Statement = tuple[str, str, str, str]
"""Subject, predicate, object, state."""


def figures(tagger: Tagger, messages: Sequence[Message]) -> dict[str, Any]:
    """Return what a model scores on annotated messages.

    Args:
        tagger: the model, with 0 as its minimum.
        messages: the messages; they should not be among those it learned from.

    Returns:
        The scores by least confidence and style, the reliability of the confidence, and the speed.
    """
    started = time.perf_counter()
    proposals = [tagger.propose(message.text, message.before) for message in messages]
    took = time.perf_counter() - started
    pairs = [
        [(_statement(proposal, message.text), proposal.confidence) for proposal in found]
        for message, found in zip(messages, proposals, strict=True)
    ]
    judged = [
        (confidence, any(same_statement(statement, gold) for gold in message.facts))
        for message, found in zip(messages, pairs, strict=True)
        for statement, confidence in found
    ]
    table = reliability([confidence for confidence, _ in judged], [right for _, right in judged])
    return {
        "messages": len(messages),
        "milliseconds a message": round(1000 * took / max(len(messages), 1), 1),
        "calibration error": round(expected_error(table), 3),
        "reliability": [[round(mean, 3), round(share, 3), count] for mean, share, count in table],
        "scores": {
            str(least): {
                style: str(row)
                for style, row in score(messages, [[s for s, c in found if c >= least] for found in pairs]).items()
            }
            for least in THRESHOLDS
        },
    }


def evidence(
    tagger: Tagger, messages: Iterable[Message], predicates: Sequence[str]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the features of all that a model finds in the messages, and for each whether it is right."""
    features, right = [], []
    for message in messages:
        for candidate in tagger.candidates(message.text, message.before):
            subject = message.text[slice(*candidate.subject)] if candidate.subject else "user"
            target = message.text[slice(*candidate.object)]
            statement = (subject, predicates[candidate.predicate], target, STATES[candidate.state])
            features.append(candidate.features)
            right.append(any(same_statement(statement, gold) for gold in message.facts))
    return np.array(features, dtype=np.float64).reshape(-1, len(FEATURES)), np.array(right, dtype=np.float64)


def _statement(proposal: Proposal, text: str) -> Statement:
    subject = text[slice(*proposal.subject)] if proposal.subject else "user"
    return subject, proposal.predicate, text[proposal.object_start : proposal.object_end], proposal.status.value


def same_statement(given: Statement, gold: Gold) -> bool:
    """Return whether a statement says what an annotated fact says: subject, predicate, object and state."""
    subject, predicate, target, state = given
    if state != gold.state:
        return False
    if predicate == gold.predicate and _same(subject, gold.subject) and _same(target, gold.object):
        return True
    turned = predicate if predicate in SYMMETRIC else _INVERSE.get(predicate)
    return turned == gold.predicate and _same(target, gold.subject) and _same(subject, gold.object)


def _same(given: str, wanted: str) -> bool:
    if "user" in (given, wanted):
        return given == wanted
    a, b = _tokens(given), _tokens(wanted)
    return a <= b or b <= a or 2 * len(a & b) >= len(a | b)


def _tokens(phrase: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", phrase.lower())
    words = re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))
    stems = (re.sub(r"(?<=\w{3})(ing|es|s|ed)$", "", w) for w in words if w not in _SMALL)
    return frozenset(stems) or frozenset({plain})


def score(messages: Sequence[Message], given: Sequence[Sequence[Statement]]) -> dict[str, Score]:
    """Score statements by style, and under "all" together; optional facts are right but never missed."""
    table: dict[str, Score] = defaultdict(Score)
    for message, statements in zip(messages, given, strict=True):
        equal = [
            {number for number, gold in enumerate(message.facts) if same_statement(statement, gold)}
            for statement in statements
        ]
        hit = set[int]().union(*equal)
        wanted = {number for number, gold in enumerate(message.facts) if not gold.optional}
        for key in (message.style, "all"):
            row = table[key]
            row.given += len(statements)
            row.right += sum(map(bool, equal))
            row.wanted += len(wanted)
            row.found += len(wanted & hit)
    return dict(sorted(table.items(), key=lambda item: (item[0] == "all", item[0])))


def calibrate(features: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> tuple[list[float], float]:
    """Fit the confidence to what turned out right, by logistic regression.

    Args:
        features: candidates by ``extraction.local.tagger_decode.FEATURES``.
        right: 1 for those that were right, else 0.

    Returns:
        The weights and the bias of ``extraction.local.tagger_decode.confidence``.
    """
    x = np.c_[features, np.ones(len(features))]
    weights = np.zeros(x.shape[1])
    for _ in range(_NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-(x @ weights)))
        gradient = x.T @ (chance - right) + _RIDGE * weights
        curvature = (x * (chance * (1 - chance))[:, None]).T @ x + _RIDGE * np.eye(len(weights))
        weights -= np.linalg.solve(curvature, gradient)
    *slopes, bias = weights.tolist()
    return slopes, bias


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = 5) -> list[tuple[float, float, int]]:
    """Return mean confidence, share that was right, and count, for each fifth of the range from 0 to 1."""
    table = []
    for low in range(bins):
        inside = [(c, r) for c, r in zip(confidences, right, strict=True) if min(int(c * bins), bins - 1) == low]
        if inside:
            table.append(
                (sum(c for c, _ in inside) / len(inside), sum(r for _, r in inside) / len(inside), len(inside))
            )
    return table


def expected_error(table: Sequence[tuple[float, float, int]]) -> float:
    """Return the expected calibration error of a reliability table."""
    return sum(abs(mean - share) * count for mean, share, count in table) / max(sum(row[2] for row in table), 1)
