"""Numbers in words and digits."""

from __future__ import annotations

_NUMBERS = {
    w: n
    for n, w in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
} | {w: 10 * n for n, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}


def number(word: str) -> int | None:
    """Return the value of "34", "seven" or "thirty-three", else None."""
    if word.isascii() and word.isdigit() and len(word) <= 4:
        return int(word)
    if word in _NUMBERS:
        return _NUMBERS[word]
    tens, _, ones = word.partition("-")
    if ones and tens in _NUMBERS and ones in _NUMBERS and _NUMBERS[tens] >= 20 and 0 < _NUMBERS[ones] < 10:
        return _NUMBERS[tens] + _NUMBERS[ones]
    return None
