"""The word lists, read once from the text files beside the code."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


def _lines(name: str) -> list[str]:
    text = (files("extraction.local") / "lexicon" / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def words(name: str) -> frozenset[str]:
    """Return the words of one list, lower case; entries of several words have spaces.

    Args:
        name: the file's name without its ending.
    """
    return frozenset(word.replace("_", " ") for line in _lines(name) for word in line.split())


@cache
def kin_words() -> dict[str, tuple[str, str, bool]]:
    """Return relation word -> (predicate, singular, whether the word is a plural)."""
    table: dict[str, tuple[str, str, bool]] = {}
    for line in _lines("kin"):
        predicate, *entries = line.split()
        for entry in entries:
            singular, _, plural = entry.partition("/")
            if singular:
                table[singular] = (predicate, singular, False)
            if plural:
                table[plural] = (predicate, singular or _singular(plural, table), True)
    return table


def _singular(plural: str, table: dict[str, tuple[str, str, bool]]) -> str:
    return plural[:-1] if plural[:-1] in table else plural


@cache
def animals() -> dict[str, str]:
    """Return kind of animal, singular or plural -> singular."""
    table = {}
    for word in words("animals"):
        table[word] = word
        table[_plural(word)] = word
    return table | {"mice": "mouse", "geese": "goose", "wolves": "wolf", "pets": "pet", "pet": "pet"}


def _plural(noun: str) -> str:
    if noun.endswith(("s", "x", "ch", "sh", "fish")):
        return noun if noun.endswith("fish") else noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


@cache
def organizations() -> dict[str, str]:
    """Return noun for an organisation -> the predicate that "my" tells of it."""
    return {noun: line.split()[0] for line in _lines("organizations") for noun in line.split()[1:]}


@cache
def genders() -> dict[str, str]:
    """Return given name or relation word -> "he" or "she"."""
    table = dict.fromkeys(words("names_female"), "she") | dict.fromkeys(words("names_male"), "he")
    for line in _lines("genders"):
        pronoun, *kin = line.split()
        table |= dict.fromkeys(kin, pronoun)
    return table


@cache
def given_names() -> frozenset[str]:
    """Return the given names of the lists, whatever the gender."""
    return words("names_female") | words("names_male") | words("names_either")


@cache
def verb_forms() -> dict[str, tuple[str, str, str, str, str]]:
    """Return lemma -> (base, third person, -ing form, past, participle); a spelling variant adds to ``verb_variants``."""
    return {forms[0]: forms for forms in reversed(verb_variants())}


@cache
def verb_variants() -> tuple[tuple[str, str, str, str, str], ...]:
    """Return every verb's forms, spelling variants as verbs of their own."""
    table = []
    for line in _lines("verbs"):
        parts = line.split()
        table.append((parts[0], parts[1], parts[2], parts[3], parts[4]) if len(parts) == 5 else regular_verb(parts[0]))
    return tuple(table)


def regular_verb(base: str) -> tuple[str, str, str, str, str]:
    """Return the forms of a regular verb."""
    if base.endswith("e"):
        return base, base + "s", base[:-1] + "ing", base + "d", base + "d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base, base[:-1] + "ies", base + "ing", base[:-1] + "ied", base[:-1] + "ied"
    return base, base + ("es" if base.endswith(("s", "x", "ch", "sh")) else "s"), base + "ing", base + "ed", base + "ed"


@cache
def finite_verbs() -> frozenset[str]:
    """Return every form of every verb that can stand right after a subject."""
    return frozenset(form for forms in verb_variants() for form in (forms[0], forms[1], forms[3])) | _AUXILIARIES


_AUXILIARIES = frozenset(
    "am is are was were be been being have has had do does did will would can could should may might must "
    "shall 's 'm 're 've 'd 'll ca wo not never".split()
)
