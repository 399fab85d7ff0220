"""Clean a text without moving a single character, so that spans of the clean text are spans of the original."""

from __future__ import annotations

import unicodedata

_SAME = {
    **dict.fromkeys("\u2019\u2018\u201b\u00b4\u02bc\uff07", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb\u201f", '"'),
    **dict.fromkeys("\u2013\u2010\u2011\u2212", "-"),
    "\u2015": "\u2014",
    **dict.fromkeys("\u00a0\u202f\u2009\t\r\f\v", " "),
}
_TABLE = {ord(old): new for old, new in _SAME.items()}


def normalise(text: str) -> str:
    """Return the text with plain quotes, hyphens and white space; control characters, characters without width and
    lone surrogates become spaces.

    Args:
        text: any string.

    Returns:
        A string of the same length, each character in its place.
    """
    plain = text.translate(_TABLE)
    if plain.isascii() and plain.isprintable():
        return plain
    return "".join(c if c == "\n" or c.isprintable() or not _blank(c) else " " for c in plain)


def _blank(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs")
