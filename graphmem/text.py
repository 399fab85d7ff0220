"""How text is looked up: link keys for entity names, stemmed terms for full-text search. Pure, the same for every store.

The stores index the terms made here and nothing else, so that a query finds the same messages in SQLite and in Neo4j, and
no character of a user's text is ever syntax of a search engine.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from math import log
from typing import Any

from extraction.names import normalize_name

MAX_NGRAM = 4
MAX_PROBE_WORDS = 64
MAX_LINK_WORDS = 5_000
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*[+#]*", re.UNICODE)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_STOP_WORDS = frozenset(
    """a about after all also am an and any are as at be because been before being but by can could did do does doing don for from
    get got had has have having he her here hers him his how i if in into is it its just me more most my myself no nor not of off
    on once only or other our ours out over own s same she should so some such t than that the their theirs them then there these
    they this those through to too under until up very was we were what when where which while who whom why will with would you
    your yours""".split()
)


_SHORT = 400
"""Characters up to which the terms of a text are remembered."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a text looks for: keys of entities that it may name, longest first, and search terms without repeats."""

    keys: tuple[str, ...]
    terms: tuple[str, ...]


def probe(text: str) -> Probe:
    """Return what ``text`` looks for. Of a long text the first and the last `MAX_PROBE_WORDS` / 2 words count."""
    words = _first_and_last(_words(text), MAX_PROBE_WORDS)
    return Probe(link_keys(words), tuple(dict.fromkeys(t for word in words for t in _word_terms(word))))


def link_keys_of(text: str) -> tuple[str, ...]:
    """Return the keys of entities that ``text`` may name anywhere, longest first; see `link_keys`.

    Of a text of more than `MAX_LINK_WORDS` words the first and the last half of that many count.
    """
    return link_keys(_first_and_last(_words(text), MAX_LINK_WORDS))


def link_keys(words: list[str]) -> tuple[str, ...]:
    """Normalised n-grams of ``words`` up to `MAX_NGRAM` long, longest first, without single stop words."""
    keys: dict[str, None] = {}
    for size in range(min(MAX_NGRAM, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            gram = words[start : start + size]
            if size == 1 and gram[0].casefold() in _STOP_WORDS:
                continue
            key = normalize_name(" ".join(gram))
            keys.setdefault(key)
            if key.endswith("'s"):
                keys.setdefault(key[:-2])
    return tuple(keys)


def terms(text: str) -> list[str]:
    """Return the search terms of ``text`` in its order, repeats kept: stemmed lower-case words of ``[a-z0-9]`` and letters
    of other scripts; stop words are left out; a run of Chinese, Japanese or Korean becomes its pairs of characters.

    >>> terms("Her sister's moving to São Paulo!")
    ['sister', 'move', 'sao', 'paulo']
    """
    return list(_remembered_terms(text) if len(text) <= _SHORT else _terms(text))


def idf(frequency: float, documents: float) -> float:
    """Return BM25's weight of a term that ``frequency`` of ``documents`` have; never negative."""
    return log(1.0 + max(0.0, documents - frequency + 0.5) / (frequency + 0.5))


def user_token(user_id: str) -> str:
    """Return the search term that stands for a user: letters and digits only, the same for the same id, no two ids alike."""
    return "u" + blake2b(user_id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@lru_cache(maxsize=8192)
def _remembered_terms(text: str) -> tuple[str, ...]:
    """The messages and facts of a user who talks are looked at again with every question."""
    return _terms(text)


def _terms(text: str) -> tuple[str, ...]:
    return tuple(t for word in _words(text) for t in _word_terms(word))


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text))


def _first_and_last(words: list[str], most: int) -> list[str]:
    return words if len(words) <= most else words[: most // 2] + words[-(most // 2) :]


@lru_cache(maxsize=65_536)
def _word_terms(word: str) -> tuple[str, ...]:
    key = normalize_name(word).removesuffix("'s").replace("'", "").rstrip("+#")
    if not key or key in _STOP_WORDS:
        return ()
    if _CJK.search(key):
        return tuple(key[i : i + 2] for i in range(max(1, len(key) - 1)))
    return (str(_stemmer().stemWord(key)),)


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")
