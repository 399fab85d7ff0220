"""Fitting the weights: a linear listwise softmax by Newton's method, and its score on conversations it was not fitted on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphmem.rank.features import Figures
from scripts.ranking.examples import Example

ROUNDS, ENOUGH = 30, 1e-9
TOP = 10


def fit(examples: Sequence[Example], columns: Sequence[int], decay: float) -> Figures:
    """Return the weights of the ``columns`` under which the answers are likeliest.

    The probability of a message is the softmax of the weighted sums over all messages of its question; several answers of
    one question share its weight. ``decay`` pulls the weights of the standardised figures to 0.
    """
    usable = [e for e in examples if e.answers.any()]
    rows = np.concatenate([e.figures[:, columns] for e in usable])
    spread = rows.std(axis=0) + 1e-6
    rows = (rows - rows.mean(axis=0)) / spread
    target = np.concatenate([e.answers / e.answers.sum() for e in usable])
    lengths = np.array([len(e.answers) for e in usable])
    starts, of = np.cumsum(lengths) - lengths, np.repeat(np.arange(len(usable)), lengths)

    def loss(weights: Figures) -> tuple[float, Figures]:
        sums = rows @ weights
        sums -= np.maximum.reduceat(sums, starts)[of]
        likely = np.exp(sums)
        totals = np.add.reduceat(likely, starts)
        missed = -(target @ (sums - np.log(totals)[of])) / len(usable) + decay / 2 * weights @ weights
        return float(missed), likely / totals[of]

    weights = np.zeros(len(columns))
    now, chance = loss(weights)
    for _ in range(ROUNDS):
        slope = rows.T @ (chance - target) / len(usable) + decay * weights
        weighed = rows * chance[:, None]
        means = np.add.reduceat(weighed, starts)
        bend = (rows.T @ weighed - means.T @ means) / len(usable) + decay * np.eye(len(columns))
        step = np.linalg.solve(bend, slope)
        after, chance_after = loss(weights - step)
        while after > now and np.abs(step).max() > ENOUGH:
            step = step / 2
            after, chance_after = loss(weights - step)
        weights, gained, now, chance = weights - step, now - after, after, chance_after
        if gained < ENOUGH:
            break
    return np.asarray(weights / spread)


def recall_at_top(example: Example, sums: Figures) -> float:
    """Return the share of the example's evidence among the `TOP` messages with the highest sums."""
    best = np.argsort(-sums, kind="stable")[:TOP]
    return float(example.answers[best].sum()) / example.evidence


def cross_validated(examples: Sequence[Example], columns: Sequence[int], decay: float) -> list[float]:
    """Return each example's recall under weights that were fitted on all conversations but its own."""
    recalls = dict.fromkeys(range(len(examples)), 0.0)
    for conversation in sorted({e.conversation for e in examples}):
        weights = fit([e for e in examples if e.conversation != conversation], columns, decay)
        for place, example in enumerate(examples):
            if example.conversation == conversation:
                recalls[place] = recall_at_top(example, example.figures[:, columns] @ weights)
    return list(recalls.values())
