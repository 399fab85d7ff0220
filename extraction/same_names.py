"""Names that always mean the same: other spellings of one name, and the aliases of `same_names.txt`, by label.

Only what needs no context: "NYC" is New York City, "k8s" is Kubernetes, "co-founder" is "cofounder". What depends on who
else is known ("Ana" for Ana Silva, a misspelling) is decided where that is known.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache, lru_cache
from importlib.resources import files

from extraction.catalogue import ANYTHING
from extraction.names import normalize_name

_EXACT = frozenset({"User", "Name", "Age", "Date"})
"""Labels of values that are what is written, letter for letter."""
_OWN_NAMES = frozenset({"Person", "Animal", "Place", "Language"})
"""Labels in whose names a space tells words apart: Newcastle is not New Castle."""
_WITHOUT_ARTICLE = frozenset({"Person", "Animal"})
_PLURALS = frozenset({"Substance", "Condition"})
_EVERY_LABEL = "*"
_SHORTEST_OF_ANYTHING = 3
"""What is shorter says too little where no label is known: "us", "ba"."""

_INITIALS = re.compile(r"\b(?:[a-z]\.)+(?:[a-z]\b\.?)?")
_HYPHEN = re.compile(r"(?<=\w)[-‐‑–](?=\w)")
_DOT_AFTER_WORD = re.compile(r"(?<=[a-z])\.(?=\s|,|$)")
_FUNCTION_WORDS = frozenset({"us", "it", "am", "me", "go", "add", "who", "states", "un"})
"""Aliases that are words of their own: nobody who writes them need mean the entity, so a question does not either."""

_WORDS: dict[str, dict[str, str]] = {
    "Place": {"saint": "st", "sankt": "st"},
    "Organization": {
        "saint": "st",
        "uni": "university",
        "limited": "ltd",
        "incorporated": "inc",
        "corporation": "corp",
        "company": "co",
    },
    "Tool": {"ms": "microsoft"},
}


def same_name(label: str, name: str) -> str:
    """Return one key for all names that always mean the same entity of ``label``.

    >>> same_name("Place", "NYC"), same_name("Place", "the U.K."), same_name("Tool", "k8s"), same_name("Tool", "Java")
    ('new york city', 'united kingdom', 'kubernetes', 'java')

    Args:
        label: what the name is the name of.
        name: as it was written, or normalised.
    """
    return _same_name(label, normalize_name(name))


def own_key(label: str, name: str) -> str:
    """Return the key that a name would have were it no alias: that of `same_name` for the name that stands for the others.

    Args:
        label: what the name is the name of.
        name: as it was written, or normalised.
    """
    return _joined(label, spelled_name(label, name))


def spelled_name(label: str, name: str) -> str:
    """Return a name in one spelling, as words: no dots of abbreviations, hyphens or article; one of two spellings of a word.

    >>> spelled_name("Occupation", "Front-end Developer"), spelled_name("Place", "St. Louis")
    ('front end developer', 'st louis')

    Args:
        label: what the name is the name of.
        name: as it was written, or normalised.
    """
    key = normalize_name(name)
    return key if label in _EXACT else _spelled(label, key)


@lru_cache(maxsize=65_536)
def other_names(label: str, name: str) -> tuple[str, ...]:
    """Return the normalised names that always mean the same as ``name``, itself and the key of `same_name` among them, but
    for words that are more often words of their own ("us").
    """
    written, key = normalize_name(name), same_name(label, name)
    return tuple(dict.fromkeys((written, spelled_name(label, name), key, *_tables()[1].get((label, key), ()))))


@cache
def alias_words() -> frozenset[str]:
    """Return the words of all names in the table: none of them is a misspelling."""
    groups = _tables()[1].values()
    return frozenset(word for names in groups for name in names for word in name.split())


@lru_cache(maxsize=65_536)
def _same_name(label: str, name: str) -> str:
    if label in _EXACT:
        return name
    key = _joined(label, _spelled(label, name))
    canonical = _tables()[0].get((label, key), key)
    if label == ANYTHING and canonical == key and len(key) >= _SHORTEST_OF_ANYTHING:
        told = {_joined(label, _tables()[0][other, k]) for other, k in _keys_of_any_label(name) if other != label}
        return told.pop() if len(told) == 1 else key
    return canonical


def _keys_of_any_label(name: str) -> list[tuple[str, str]]:
    """Return the entries of the table that a name has under any label."""
    labels = [label for label in _sections() if label != _EVERY_LABEL]
    keys = [(label, _joined(label, _spelled(label, name))) for label in labels]
    return [key for key in keys if key in _tables()[0]]


@lru_cache(maxsize=65_536)
def _spelled(label: str, name: str) -> str:
    key = _INITIALS.sub(lambda found: found[0].replace(".", ""), name)
    key = _DOT_AFTER_WORD.sub("", key)
    if label not in _WITHOUT_ARTICLE:
        key = key.removeprefix("the ").replace("&", " and ").replace(",", " ")
    key = _HYPHEN.sub(" ", key)
    if label == "Organization":
        key = key.replace("'", "")
    words = key.split()
    if label not in _OWN_NAMES:
        words = [_two_spellings().get(word, word) for word in words]
    words = [_WORDS.get(label, {}).get(word, word) for word in words]
    if label in _PLURALS and words:
        words[-1] = _singular(words[-1])
    return " ".join(words) or name


def _joined(label: str, spelled: str) -> str:
    if label in _OWN_NAMES | _EXACT:
        return spelled
    joined = spelled.replace(" ", "")
    return joined.replace(".", "") if label in ("Tool", "Organization") and len(joined) > len(".net") else joined


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is", "'s")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "oes")):
        return word[:-2]
    return word[:-1]


@cache
def _sections() -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return the file's groups (name, other names) by label."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    label = ""
    for line in (files("extraction") / "same_names.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            label = line.strip("[]")
        elif line and not line.startswith("#"):
            name, _, others = line.partition(" = ")
            found[label].append((name, tuple(others.split(" | "))))
    return {label: tuple(groups) for label, groups in found.items()}


@cache
def _two_spellings() -> dict[str, str]:
    return {other: name for name, others in _sections()[_EVERY_LABEL] for other in others}


@cache
def _tables() -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], tuple[str, ...]]]:
    """Return label and spelling -> the name that stands for it, and label and that name -> all normalised names."""
    canonical: dict[tuple[str, str], str] = {}
    groups: dict[tuple[str, str], tuple[str, ...]] = {}
    for label, entries in _sections().items():
        if label == _EVERY_LABEL:
            continue
        for name, others in entries:
            keys = [_joined(label, _spelled(label, normalize_name(n))) for n in (name, *others)]
            key = keys[0]
            canonical.update({(label, other): key for other in keys})
            told = (normalize_name(n) for n in (name, *others))
            groups[label, key] = tuple(n for n in told if n not in _FUNCTION_WORDS)
    return canonical, groups
