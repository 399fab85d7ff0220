"""Finding a quotation in a text, whatever its case, white space and kind of quotation marks."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SIGNS = str.maketrans(
    {**dict.fromkeys("‘’‚‛ʼ`´", "'"), **dict.fromkeys("“”„‟«»", '"'), **dict.fromkeys("‐‑‒–—−", "-")}
)
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")
_EDGES = " \"'.,;:!?"
_WORD = re.compile(r"\w+", re.UNICODE)


def find_quotation(quotation: str, text: str) -> tuple[int, int] | None:
    """Return where ``quotation`` stands in ``text``, as whole words, or None.

    Case, white space, accents written as one or two characters and the kinds of dashes and quotation marks make no
    difference, and neither does punctuation at the edges.

    >>> find_quotation("don't  own a CAR.", "I don’t own a car!")
    (2, 17)
    """
    plain, origins = _plain(text)
    wanted = _plain(quotation)[0].strip(_EDGES)
    if not _WORD.search(wanted):
        return None
    start = plain.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if not (_inside_word(plain, start) or _inside_word(plain, end)):
            return origins[start], origins[end - 1] + 1
        start = plain.find(wanted, start + 1)
    return None


def plain_words(text: str) -> list[str]:
    """Return the words of ``text`` as they are compared: case folded, without accents."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return _WORD.findall("".join(c for c in decomposed if not unicodedata.combining(c)))


@lru_cache(maxsize=64)
def _plain(text: str) -> tuple[str, tuple[int, ...]]:
    """Return ``text`` as it is compared, and for each of its characters the index it came from."""
    characters: list[str] = []
    origins: list[int] = []
    for index, character in enumerate(text):
        if character in _INVISIBLE:
            continue
        for one in unicodedata.normalize("NFKD", character.translate(_SIGNS)).casefold():
            if one.isspace():
                if not characters or characters[-1] == " ":
                    continue
                one = " "
            characters.append(one)
            origins.append(index)
    return "".join(characters), tuple(origins)


def _inside_word(text: str, index: int) -> bool:
    """Whether ``index`` is inside a word; scripts that are written without spaces have no such places."""
    return 0 < index < len(text) and all(c.isascii() and c.isalnum() for c in text[index - 1 : index + 1])
