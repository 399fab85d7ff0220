"""How many tokens a text will cost, without any tokenizer."""

from __future__ import annotations

import re
from functools import lru_cache
from math import ceil

_PIECE = re.compile(r"\n|[^\W\d_]+|\d+|[^\w\s]|_")

_SHORT = 32
"""Letters up to which the cost of a word is remembered."""

_LINE = 400
"""Characters up to which the count of a text is remembered."""

_PER_LETTER: tuple[tuple[int, float], ...] = (
    (0x370, 0.7),  # Latin with accents
    (0x400, 1.0),  # Greek
    (0x530, 0.62),  # Cyrillic
    (0x590, 1.9),  # Armenian
    (0x600, 1.2),  # Hebrew
    (0x700, 1.0),  # Arabic
    (0x900, 2.2),  # Syriac and its neighbours
    (0x10A0, 1.3),  # scripts of India, Thai, Lao, Tibetan, Burmese
    (0x2000, 2.3),  # Georgian, Ethiopic, Khmer and the rest
    (0x2E80, 2.0),
    (0xA000, 1.25),  # Chinese, Japanese
    (0xAC00, 2.3),
    (0xD7B0, 1.15),  # Korean
    (0x10000, 1.5),
    (0x110000, 3.0),
)
"""Tokens for a letter of a word that is not plain ASCII, by the end of its range of code points."""


def count_tokens(text: str) -> int:
    """Return about how many tokens ``text`` is for a language model: rather too many than too few.

    A word of ASCII letters counts one token, long ones and capitalised long ones more; digits count in twos; every other sign
    and line break counts by itself; letters of other scripts count by what a tokenizer made for English takes. The count of
    lines joined by a line break is the sum of theirs and one for each break.

    Measured against cl100k_base (and o200k_base): 2,500 turns of English conversation (LoCoMo) 1.08 (1.12) times the true
    count, 250 short chat messages full of names and slang 1.00 (1.04), Python source 1.28 (1.27), whole contexts of 64 to
    2,000 tokens 1.12 to 1.18; sentences in Chinese 1.08 (1.87), Japanese 1.30, Korean 1.08, Russian 1.12, Arabic 1.17, Greek
    0.96, German 1.0, Portuguese 0.9 (1.0), Hindi 1.4, emoji 1.1. A single short message may be off by a third.
    """
    return _remembered_count(text) if len(text) <= _LINE else _count(text)


@lru_cache(maxsize=4096)
def _remembered_count(text: str) -> int:
    """A context asks for the same headings and lines several times."""
    return _count(text)


def _count(text: str) -> int:
    return sum(_remembered_cost(piece) if len(piece) <= _SHORT else _cost(piece) for piece in _PIECE.findall(text))


@lru_cache(maxsize=16_384)
def _remembered_cost(piece: str) -> int:
    return _cost(piece)


def _cost(piece: str) -> int:
    if piece.isascii():
        return _ascii_cost(piece)
    if len(piece) == 1 and not piece.isalnum():
        return _sign_cost(ord(piece))
    return ceil(sum(_letter_cost(ord(c)) if c.isalpha() else 2.0 for c in piece))


def _ascii_cost(piece: str) -> int:
    length = len(piece)
    if piece.isdigit():
        return ceil(length / 2)
    if not piece[0].isalpha():
        return 1
    if length > 3 and piece.isupper():
        return ceil(length / 3)
    if length > 13:
        return ceil(length / 4)
    return 1 + (length > 9) + (length > 5 and piece[0].isupper())


def _letter_cost(code: int) -> float:
    if code < 0x80:
        return 0.3
    return next(cost for end, cost in _PER_LETTER if code < end)


def _sign_cost(code: int) -> int:
    """Common marks are a token; combining marks, symbols and emoji take one for each byte but the first."""
    if code < 0x370:
        return 1
    if code < 0x2000:
        return 2
    if code < 0x2070:
        return 1
    return 2 if code < 0x10000 else 3
