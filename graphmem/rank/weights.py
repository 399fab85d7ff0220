"""How much a word tells, from the number of documents that have it; how much a likeness tells, from that of everything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphmem.stores.embedding import Nearness

_LEAST_SPREAD = 0.02
"""Of cosines: less is no difference."""


def document_frequencies(documents: Iterable[Iterable[str]], wanted: frozenset[str]) -> dict[str, int]:
    """Return in how many of ``documents`` (their distinct terms) each of the ``wanted`` terms stands; 0 is left out."""
    counts: dict[str, int] = {}
    for document in documents:
        for term in wanted.intersection(document):
            counts[term] = counts.get(term, 0) + 1
    return counts


def coverage(weights: Mapping[str, float], document: frozenset[str]) -> float:
    """Return which share of the weight of all terms ``document`` has, 0 to 1."""
    total = sum(weights.values())
    return sum(weights[t] for t in weights if t in document) / total if total else 0.0


def nearer_than_most(cosine: float | None, nearness: Nearness) -> float:
    """Return by how many standard deviations a cosine is above the average, so that it means the same whatever the model;
    0 for None."""
    return 0.0 if cosine is None else (cosine - nearness.mean) / max(nearness.spread, _LEAST_SPREAD)
