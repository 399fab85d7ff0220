"""Things and conditions that are over and called "it", or by a part of their name: "The old Xiaomi broke so I threw it away", "my
foot has healed"; and pets that live with somebody else now.

Read from the words of a message, whoever reads its facts; the wordings are English ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from graphmem.endings.telling import doubts, ending_said, sentences_of, tells
from graphmem.records import Message, Statement
from graphmem.text import terms

GONE, HEALED, AWAY = "Gone", "Healed", "Away"
"""Labels of the object of a statement that ends the one thing, or the one condition, which its name mentions, or the pet it names."""

_GONE = re.compile(
    r"\b(?:i|we)(?:'ve| have|'d| had)? (?:(?:just|finally|then|also) )?(?:"
    r"(?:sold|ditched|binned|scrapped|recycled|donated) (?:it|them)\b|"
    r"(?:threw|thrown|gave|given) (?:it|them) (?:away|out)\b|"
    r"got rid of (?:it|them)\b)",
    re.IGNORECASE,
)
_HEALED = re.compile(
    r"\b(?:(?:(?:is|are|has|have|'s|was) )?(?:now |fully |completely |totally |finally |all )*(?:healed|cured)|cleared up|"
    r"(?:is|are|'s) (?:now |all |finally )?gone)\b",
    re.IGNORECASE,
)
_NOT_ANY_MORE = re.compile(
    r"\bi (?:(?:don't|dont|do not) (?:play|use) (?:it|that|them)\b.*\bany ?(?:more|longer)|no longer (?:play|use) (?:it|that|them))\b",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"(?:\b(?:[Ii]|[Ww]e)(?:'ve| have|'d| had)? (?:gave|given|sold|rehomed)|^\s*(?:Gave|Sold|Rehomed)) (?:our |my |the )?(?:\w+,? )?"
    r"(?P<given>[A-Z]\w+),? (?:to|away)\b"
    r"|\b(?:[Hh]e|[Ss]he|[Tt]hey|[A-Z]\w+) kept (?:our |the )?(?:\w+, )?(?P<kept>[A-Z]\w+)(?= ?[,.;!]| and\b| ?$)"
)
_OF_OTHERS = re.compile(r"\b(?:his|her|their|your)\b|\b(?!(?:it|that|what|everything)'s)\w+'s \w+", re.IGNORECASE)
_UNSURE = doubts(r"when|(?-i:may)|wish|not|\w+n't|never|until|hope|half|partly")


def over_in(messages: Sequence[Message]) -> Iterator[Statement]:
    """Yield an ending for each sentence of the user that tells of a thing that is gone, or of something that has healed.

    Args:
        messages: of the interaction.
    """
    for message in messages:
        if message.role != "user":
            continue
        for before, sentence in pairwise(["", *sentences_of(message.text)]):
            if tells(sentence) and _NOT_ANY_MORE.search(sentence):
                for predicate in ("PLAYS", "USES"):
                    yield ending_said(message, GONE, predicate, f"{before} {sentence}".strip())
            if not tells(sentence, _UNSURE):
                continue
            if _GONE.search(sentence):
                for predicate in ("OWNS", "USES"):
                    yield ending_said(message, GONE, predicate, f"{before} {sentence}".strip())
            for found in _AWAY.finditer(sentence):
                yield ending_said(message, AWAY, "HAS_PET", found["given"] or found["kept"])
            if _HEALED.search(sentence) and not _OF_OTHERS.search(sentence):
                yield ending_said(message, HEALED, "HAS_CONDITION", sentence.strip())


def is_gone(ending: Statement, told: Statement) -> bool:
    """Whether a thing is named in the sentence, or the one before, that says it is gone."""
    words = frozenset(terms(told.object.name))
    return bool(words) and words <= frozenset(terms(ending.object.name))


def is_away(ending: Statement, told: Statement) -> bool:
    """Whether a pet is the one that was given away, or that somebody else kept."""
    return told.object.name.casefold() == ending.object.name.casefold()


def is_healed(ending: Statement, told: Statement) -> bool:
    """Whether a condition shares a word with the sentence that says what has healed: "foot", of the stress fracture in it."""
    return not frozenset(terms(told.object.name)).isdisjoint(terms(ending.object.name))
