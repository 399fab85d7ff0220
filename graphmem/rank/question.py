"""What a question asks for: its search terms, the predicates that its words point at, and whether it is about the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from graphmem.rank.cues import IDIOMS, PAST, predicate_cues
from graphmem.text import Probe, terms


@dataclass(frozen=True, slots=True)
class Question:
    """A question as far as ranking understands it.

    Args:
        terms: search terms without repeats, in the question's order.
        predicates: weight between 0 and 1 of each predicate that its words point at.
        past: it asks about what was, so that facts that ended answer it.
        words: its words as they stand, stop words too.
        phrases: its runs of two to four words.
    """

    terms: tuple[str, ...] = ()
    predicates: Mapping[str, float] | None = None
    past: bool = False
    words: frozenset[str] = frozenset()
    phrases: frozenset[str] = frozenset()

    def points_at(self, predicate: str) -> float:
        """Return how much the question points at ``predicate``, 0 to 1."""
        return (self.predicates or {}).get(predicate, 0.0)


@lru_cache(maxsize=256)
def read_question(probe: Probe | None) -> Question:
    """Read a question off its probe; facts, messages and the context each do.

    The question's words, stop words too, stand in the probe's keys of two words and more.
    """
    if probe is None:
        return Question()
    grams = set(probe.keys)
    hidden = {word for idiom, words in IDIOMS.items() if idiom in grams for word in words}
    words = {word for key in probe.keys for word in key.split(" ")} - hidden
    asked = tuple(t for t in probe.terms if t not in hidden) or probe.terms
    signs = grams | words | {stem for word in words for stem in terms(word)}
    weights: dict[str, float] = {}
    for sign in sorted(signs - hidden):
        for predicate, weight in predicate_cues().get(sign, ()):
            weights[predicate] = min(1.0, weights.get(predicate, 0.0) + weight)
    said = frozenset(word for key in probe.keys for word in key.split(" "))
    phrases = frozenset(key for key in probe.keys if " " in key)
    return Question(asked, weights, not PAST.isdisjoint(grams | words), said, phrases)
