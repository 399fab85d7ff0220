"""Whether one name is another with a slip of the finger, and keys by which such names find each other.

Guards, because a wrong merge is worse than none: the same label, the same first letter and number of words, exactly one word
different and that of at least five letters, no digits in it, one slip only and not in the last letter (a plural, a woman's
form of a name, another case), and no slip that makes one word or name into another ("Maria" and "Marta", "baker" and
"banker"): one of the two words has to be unknown. Of the names of people, whose rare ones no list knows, only slips count
that hardly ever make another name: two letters swapped, one doubled, and in long names one left out; of short names of
places and organisations the first two.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files

from extraction.local.lexicon import words
from extraction.names import normalize_name
from extraction.places import place_words
from extraction.same_names import alias_words

_EXACT = frozenset({"User", "Name", "Age", "Date"})
_PEOPLE = frozenset({"Person", "Animal"})
_PROPER = frozenset({"Place", "Organization", "Group"})
_SHORTEST = 5
_SHORTEST_UNKNOWN = 7
"""Of two words that are both unknown neither is the right one for sure; shorter ones are taken for two."""
_SHORTEST_GAP_IN_NAME = 8
_SHORTEST_PROPER = 8
"""Shorter places and firms have namesakes but for a letter: Chile and Chiloé, Nakuru and Nauru."""
_SHORTEST_WITH_VOWEL = 8
_LISTS = ("names_female", "names_male", "names_either", "places", "jobs", "languages", "nationalities", "conditions")
_MOST_WORDS = 4
"""Longer phrases are no names."""
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEY = "~"
"""Begins the keys of `near_keys`; no word of a text does."""


@lru_cache(maxsize=65_536)
def near_keys(label: str, name: str) -> frozenset[str]:
    """Return keys of a name of which a misspelling of it has at least one, and few other names have any.

    A slip touches at most two neighbouring letters of one word: those before or those after it are the same in both.

    Args:
        label: what it is the name of.
        name: as `extraction.same_names.spelled_name` gives it.
    """
    parts = name.split()
    if label in _EXACT or len(parts) > _MOST_WORDS:
        return frozenset()
    found = set()
    for place, word in enumerate(parts):
        if len(word) < _SHORTEST or not word.isalpha():
            continue
        others = " ".join([*parts[:place], _KEY, *parts[place + 1 :]])
        for size in {(len(word) - 1) // 2, (len(word) - 2) // 2}:
            found.add(f"{_KEY}{word[:size]}{_KEY}{word[-1]}{others}")
            found.add(f"{_KEY}{word[0]}{_KEY}{word[-size:]}{others}")
    return frozenset(found)


def is_near(label: str, first: str, second: str) -> bool:
    """Whether two names are one slip of the finger apart, be they names of their own or not.

    Args:
        label: what both are names of.
        first, second: as `extraction.same_names.spelled_name` gives them.
    """
    return _different_words(label, first, second) is not None


def right_spelling(label: str, first: str, second: str) -> str | None:
    """Return which of two names is the right one when the other is a misspelling of it; None when they are two.

    Which of two unknown names is right cannot be told; then it is the empty text.

    Args:
        label: what both are names of.
        first, second: as `extraction.same_names.spelled_name` gives them.
    """
    different = _different_words(label, first, second)
    if different is None:
        return None
    one, other = different
    known = is_word(one), is_word(other)
    if all(known):
        return None
    if not any(known):
        same = min(len(one), len(other)) >= _SHORTEST_UNKNOWN and (_is_swapped(one, other) or _is_doubled(one, other))
        return "" if same else None
    wrong, right = (other, one) if known[0] else (one, other)
    return (first if known[0] else second) if _is_slip(label, wrong, right) else None


def is_word(word: str) -> bool:
    """Whether a word or name is known to be written so."""
    return word in _words() or (word.endswith("s") and word[:-1] in _words())


def _different_words(label: str, first: str, second: str) -> tuple[str, str] | None:
    """Return the one word in which two names differ; None when they are too different or too short."""
    if label in _EXACT or first == second or abs(len(first) - len(second)) > 1:
        return None
    ours, theirs = first.split(), second.split()
    if len(ours) != len(theirs) or len(ours) > _MOST_WORDS:
        return None
    different = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    if len(different) != 1:
        return None
    a, b = different[0]
    if min(len(a), len(b)) < _SHORTEST or not (a.isalpha() and b.isalpha()) or a[0] != b[0] or a[-1] != b[-1]:
        return None
    return (a, b) if _distance(a, b) == 1 else None


@lru_cache(maxsize=65_536)
def _distance(first: str, second: str) -> int:
    from rapidfuzz.distance import OSA

    return OSA.distance(first, second, score_cutoff=1)


def _is_slip(label: str, wrong: str, right: str) -> bool:
    """Whether a finger could slip from one word to the other."""
    if _is_swapped(wrong, right) or _is_doubled(wrong, right):
        return True
    if label in _PEOPLE:
        return len(wrong) == len(right) - 1 and len(right) >= _SHORTEST_GAP_IN_NAME
    if label in _PROPER and len(right) < _SHORTEST_PROPER:
        return False
    place = _first_difference(wrong, right)
    if len(wrong) < len(right):
        return True
    if len(wrong) > len(right):
        return any(_are_neighbours(wrong[place], letter) for letter in (wrong[place - 1], wrong[place + 1]))
    return _are_neighbours(wrong[place], right[place]) or _is_vowel_mistaken(wrong, right, place)


def _is_vowel_mistaken(wrong: str, right: str, place: int) -> bool:
    """Whether two long words differ in a vowel; Salzburg and Salzberg, Hamburg and Homburg are two."""
    long = len(right) >= _SHORTEST_WITH_VOWEL and not right.endswith(("burg", "berg"))
    return long and {wrong[place], right[place]} <= set("aeiouy")


def _first_difference(first: str, second: str) -> int:
    return next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )


def _is_swapped(first: str, second: str) -> bool:
    place = _first_difference(first, second)
    return len(first) == len(second) and first[place : place + 2] == second[place : place + 2][::-1]


def _is_doubled(first: str, second: str) -> bool:
    """Whether one has a letter twice that the other has once."""
    short, long = sorted((first, second), key=len)
    place = _first_difference(short, long)
    return len(long) == len(short) + 1 and long[place] == long[place - 1]


def _are_neighbours(first: str, second: str) -> bool:
    """Whether two letters lie beside each other on a keyboard, or are the same."""
    places = _keys()
    if first not in places or second not in places:
        return False
    (row, column), (other_row, other_column) = places[first], places[second]
    return abs(row - other_row) <= 1 and abs(column - other_column) <= 1


@cache
def _keys() -> dict[str, tuple[int, int]]:
    return {letter: (row, column) for row, letters in enumerate(_ROWS) for column, letter in enumerate(letters)}


@cache
def _words() -> frozenset[str]:
    text = (files("extraction") / "words.txt").read_text(encoding="utf-8")
    common = (word for line in text.splitlines() if not line.startswith("#") for word in line.split())
    listed = (word for name in _LISTS for entry in words(name) for word in normalize_name(entry).split())
    return frozenset(common) | frozenset(listed) | alias_words() | place_words()
