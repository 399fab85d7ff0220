"""Where in the readings of a text a span of characters stands."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from extraction.local.build import Reading
from extraction.local.tokens import Span


class Text:
    """The readings of a text by where they stand.

    Args:
        readings: in the order of the text.
    """

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._readings = readings
        self._starts = [reading.sentence.start for reading in readings]

    def over(self, place: tuple[int, int]) -> list[Reading]:
        """Return the readings that ``place`` touches."""
        first = max(0, bisect_right(self._starts, place[0]) - 1)
        last = bisect_left(self._starts, place[1], first)
        return [r for r in self._readings[first:last] if place[0] < r.sentence.end]


def tokens_of(reading: Reading, place: tuple[int, int]) -> Span | None:
    """Return the tokens that a span of characters touches; None when it touches none.

    Args:
        reading: the sentence.
        place: the span.
    """
    touched = [i for i, t in enumerate(reading.sentence.tokens) if t.start < place[1] and place[0] < t.end]
    return (touched[0], touched[-1] + 1) if touched else None
