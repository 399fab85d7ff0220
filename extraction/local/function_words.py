"""Words without a meaning of their own, by what they do to a phrase."""

from __future__ import annotations

HARD = frozenset(
    {
        ".",
        ";",
        ":",
        "!",
        "?",
        "(",
        ")",
        "-",
        "—",
        "–",
        "…",
        "...",
        '"',
        "/",
        "[",
        "]",
        "{",
        "}",
        "|",
        "=",
        "*",
        "<",
        ">",
        "->",
        "=>",
    }
)

PAUSES = frozenset({",", ".", ";", "but", "and", "-", "—", "(", ":", "!", "?"})

CONJUNCTIONS = frozenset({"and", "or", ",", "plus", "nor"})

CLAUSE_OPENERS = frozenset(
    "who which that where when while because since so but if although though whereas until till unless than "
    "however whenever before after once twice except besides instead hence yet whose i we he she they you it he's she's "
    "there please thanks what how why".split()
)

TIME_WORDS = frozenset(
    "yesterday today tomorrow tonight now currently lately recently soon someday ago last next every anymore "
    "forever always again already nowadays these since these".split()
)

EMPTY = frozenset(
    "it this that them they those him her you me us myself yourself himself herself one ones something "
    "anything everything nothing what how here there stuff things thing someone everyone people anyone "
    "everybody nobody somebody same lot bit so very not no more most less much many few all both each either "
    "neither mine yours ours theirs as if when where who which whom whose too never ever just".split()
)

PREPOSITIONS = frozenset(
    "in at on with for from by to as into near during over under about via through around within between "
    "behind across toward towards after before than like per off out up down against among outside inside "
    "without despite".split()
)

AUXILIARIES = frozenset(
    "am is are was were be been being have has had do does did will would can could should may might must 'd "
    "not".split()
)

TIME_UNITS = frozenset(
    "year years month months week weeks day days decade decades hour hours time times minutes".split()
)

MONTHS = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun "
    "jul aug sep sept oct nov dec".split()
)

SEASONS = frozenset("spring summer autumn fall winter christmas easter".split())

DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
