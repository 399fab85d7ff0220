"""What each feature of a message is worth: learned by ``scripts/train_ranking.py`` from questions about long conversations.

A message's sum is that of its figures times these weights. A weight alone says little: features overlap, so that the words of
the message itself, say, count twice, alone and together with those of its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping

WEIGHTS: Mapping[str, float] = {
    "near": 4.287,
    "near_named": -1.035,
    "own_covering": 0.917,
    "window": 2.113,
    "behind": 1.860,
    "answers": 1.573,
    "named": 2.731,
    "named_before": -0.907,
    "asks_named": -0.538,
    "length": 0.548,
    "names": 0.938,
    "who": 2.305,
    "how_many": 1.529,
    "when": 2.078,
    "day": 4.440,
}
"""Weights by feature; see `graphmem.rank.features`, where each is computed."""

WEIGHTS_WITH_MEANING: Mapping[str, float] = {
    "near": 2.296,
    "near_named": -0.735,
    "own_covering": 0.576,
    "window": 2.484,
    "behind": 1.705,
    "answers": 1.485,
    "named": 2.918,
    "named_before": -0.756,
    "asks_named": -0.556,
    "length": 0.433,
    "names": 1.024,
    "who": 2.225,
    "how_many": 1.400,
    "when": 1.958,
    "day": 4.679,
    "similar": 0.776,
}
"""The same where messages were compared with the question by meaning."""

FACT = 1.0
"""What the best fact adds to a message that it rests on. Set by hand: in the conversations learned from, of two people who chat,
facts seldom decide; what a user tells an assistant is mostly asked for by its facts."""

GROUPS: Mapping[str, frozenset[str]] = {
    "neighbours": frozenset({"near", "near_named", "window", "behind", "answers"}),
    "own words": frozenset({"own_covering"}),
    "speakers": frozenset({"near_named", "named", "named_before", "asks_named"}),
    "kind of answer": frozenset({"answers", "asks_named", "names", "who", "how_many", "when"}),
    "length": frozenset({"length"}),
    "day": frozenset({"day"}),
}
"""Features that stand for one idea, to measure what it brings; some stand for two."""
