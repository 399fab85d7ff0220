"""How sure a fact is, from how often its wording was right and what speaks for or against it here."""

from __future__ import annotations

from collections.abc import Iterable

_FLOOR, _CEILING = 0.05, 0.99


def of_frame(precision: float, *, inherited: bool = False, pronoun: bool = False, hedged: bool = False) -> float:
    """Return the confidence of a frame's fact.

    Args:
        precision: the frame's share of right facts, as measured.
        inherited: its subject was taken over from a clause before.
        pronoun: its subject is a pronoun.
        hedged: the clause says "I think", "probably".
    """
    doubt = (0.93 if inherited else 1.0) * (0.93 if pronoun else 1.0) * (0.75 if hedged else 1.0)
    return _within(precision * doubt)


def combined(confidences: Iterable[float]) -> float:
    """Return the confidence of a fact that several readings agree on: they are taken as independent.

    Args:
        confidences: of the single readings.
    """
    doubt = 1.0
    for confidence in confidences:
        doubt *= 1.0 - confidence
    return _within(1.0 - doubt)


def _within(confidence: float) -> float:
    return round(min(_CEILING, max(_FLOOR, confidence)), 3)
