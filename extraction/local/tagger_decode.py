"""Reads spans, subjects and states off the network's outputs. Pure: arrays in, candidates out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from extraction.local.tagger_windows import Window, Word

Array: TypeAlias = npt.NDArray[np.float32]

FEATURES = ("begin", "rival", "subject", "state")
"""What the confidence is computed from, each a logit: that an object of the predicate begins there, that one of the
likeliest other predicate does, that it belongs to that subject, that its state is that one."""

_CLIP = 8.0
# A second subject has to be surer than the first: what is said of one person is seldom said of two.
_ANOTHER_SUBJECT = 1.0
_EDGES = re.compile(r"[\w+#%€$£]")


@dataclass(frozen=True, slots=True)
class Outputs:
    """The network's outputs for one window.

    Args:
        tags: tokens by (predicates, begin of a subject, object goes on, subject goes on).
        link: tokens by tokens, from the object's first token to its subject's.
        fit: tokens by predicates, how well a token is the subject of one.
        state: tokens by predicates by states.
    """

    tags: Array
    link: Array
    fit: Array
    state: Array


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible fact: character spans of its object and subject (None: the user), and the evidence for it."""

    predicate: int
    object: tuple[int, int]
    subject: tuple[int, int] | None
    state: int
    features: tuple[float, ...]


def decode(text: str, window: Window, outputs: Outputs, predicates: int, least: float = -2.0) -> list[Candidate]:
    """Read the candidates of one window.

    Args:
        text: the message that the window is of.
        window: its words; objects are looked for from ``window.first`` on, subjects anywhere.
        outputs: what the network said.
        predicates: how many predicates it knows.
        least: logit that the begin of an object must exceed.

    Returns:
        Candidates in the order of the text, then of the predicates; an object with several subjects gives several.
    """
    words = window.words
    tokens = np.array([word.token for word in words])
    begins = outputs.tags[tokens, :predicates]
    goes_on = outputs.tags[tokens, predicates + 1]
    subject_goes_on = outputs.tags[tokens, predicates + 2]
    found: list[Candidate] = []
    for first, last, predicate in _objects(begins, goes_on, window.first, least):
        span = _trimmed(text, words, first, last)
        if span is None:
            continue
        token = tokens[first]
        states = outputs.state[token, predicate]
        state = int(states.argmax())
        margin = float(states[state] - np.logaddexp.reduce(np.delete(states, state)))
        rival = float(np.delete(begins[first], predicate).max(initial=-_CLIP))
        scores = outputs.link[token] + outputs.fit[:, predicate]
        for subject, score in _subjects(text, words, scores, subject_goes_on, (first, last)):
            evidence = np.clip((begins[first, predicate], rival, score, margin), -_CLIP, _CLIP)
            found.append(Candidate(predicate, span, subject, state, tuple(evidence.tolist())))
    return found


def confidence(features: Sequence[float], weights: Sequence[float], bias: float) -> float:
    """Return the calibrated chance that a candidate with these features is right."""
    total = sum(feature * weight for feature, weight in zip(features, weights, strict=True)) + bias
    return float(1 / (1 + np.exp(-total)))


def _objects(begins: Array, goes_on: Array, start: int, least: float) -> list[tuple[int, int, int]]:
    """Return first word, last word and predicate of each object; of those of a predicate that overlap, the surest."""
    chosen: list[tuple[int, int, int]] = []
    places = [(int(word), int(predicate)) for word, predicate in np.argwhere(begins > least) if word >= start]
    for first, predicate in sorted(places, key=lambda place: -begins[place]):
        last = _last(goes_on, first)
        if not any(p == predicate and f <= last and first <= end for f, end, p in chosen):
            chosen.append((first, last, predicate))
    return sorted(chosen, key=lambda entry: (entry[0], entry[2]))


def _last(goes_on: Array, first: int) -> int:
    """Return the last word of the span that begins at ``first``."""
    last = first
    while last + 1 < len(goes_on) and goes_on[last + 1] > 0:
        last += 1
    return last


def _trimmed(text: str, words: Sequence[Word], first: int, last: int) -> tuple[int, int] | None:
    """Return the characters of a span without punctuation at its ends."""
    while first <= last and not _EDGES.search(text, words[first].start, words[first].end):
        first += 1
    while last >= first and not _EDGES.search(text, words[last].start, words[last].end):
        last -= 1
    if first > last:
        return None
    return words[first].start, words[last].end


def _subjects(
    text: str, words: Sequence[Word], scores: Array, goes_on: Array, taken: tuple[int, int]
) -> list[tuple[tuple[int, int] | None, float]]:
    """Return the likely subjects, best first: the best one, and others that the network is sure of too."""
    ranked = sorted(
        [(float(scores[0]), -1)]
        + [(float(scores[word.token]), i) for i, word in enumerate(words) if not taken[0] <= i <= taken[1]],
        reverse=True,
    )
    chosen: list[tuple[tuple[int, int] | None, float]] = []
    names: set[str | None] = set()
    for score, word in ranked:
        if chosen and score <= _ANOTHER_SUBJECT:
            break
        span = None
        if word >= 0:
            last = _last(goes_on, word)
            span = _trimmed(text, words, word, min(last, taken[0] - 1) if word < taken[0] else last)
            if span is None:
                continue
        name = text[slice(*span)].casefold() if span else None
        overlaps = span and any(s and s[0] < span[1] and span[0] < s[1] for s, _ in chosen)
        if name not in names and not overlaps:
            chosen.append((span, score))
            names.add(name)
    return chosen
