"""How names are compared: one normalised key for every spelling that differs only in case, accents or white space."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPACE = re.compile(r"\s+")
_EDGES = " \t\n.,;:!?\"'()[]{}…“”‘’«»"
_UNDECOMPOSED = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
"""Letters with a stroke or of two letters: Unicode knows no accent in them that could be taken off."""


@lru_cache(maxsize=65_536)
def normalize_name(name: str) -> str:
    """Return the key under which a name is looked up.

    NFKC, case folded, accents and strokes of Latin letters removed, inner white space single, outer punctuation removed.
    The signs of "C++", "C#" and "node.js" stay. The key of a name without letters or digits is the folded name itself.

    >>> normalize_name(" São  Paulo. "), normalize_name("Łódź")
    ('sao paulo', 'lodz')
    """
    folded = unicodedata.normalize("NFKC", name).replace("’", "'").casefold()
    decomposed = unicodedata.normalize("NFD", folded)
    plain = "".join(
        c for i, c in enumerate(decomposed) if not (unicodedata.combining(c) and _follows_latin(decomposed, i))
    )
    key = _SPACE.sub(" ", unicodedata.normalize("NFC", plain.translate(_UNDECOMPOSED))).strip(_EDGES)
    return key or _SPACE.sub(" ", folded).strip()


def _follows_latin(text: str, index: int) -> bool:
    """Whether the combining mark at ``index`` sits on a Latin letter (a mark may follow other marks)."""
    while index > 0 and unicodedata.combining(text[index]):
        index -= 1
    return "LATIN" in unicodedata.name(text[index], "")
