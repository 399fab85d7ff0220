"""Self-descriptions without a verb at the head of a message: "Nurse, 43, Manila.", "Vegetarian here", "Coeliac since 2011"."""

from __future__ import annotations

from collections.abc import Iterator

from extraction.local import checks, classify, lexicon, objects
from extraction.local.build import Builder, Reading
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity
from extraction.local.gate import Mood
from extraction.local.numbers import number
from extraction.local.tokens import Span
from extraction.records import FactStatus

_OPENERS = frozenset("hi hello hey yes no so well as a an just fyi btw sup , . um ok 1st 2nd still".split())
_CLOSERS = frozenset(
    {
        ",",
        ".",
        "!",
        ";",
        "here",
        "since",
        "at",
        "by",
        "for",
        "-",
        "—",
        "so",
        "and",
        "in",
        "from",
        "(",
        "with",
        "…",
        "...",
        "btw",
        "+",
    }
)
_NO_HEADS = frozenset("my the our his her their your this that single longer no not then former next every".split())
_SURE = 0.82


def candidates(reading: Reading, builder: Builder, speaker: Entity) -> Iterator[Candidate]:
    """Yield what the verbless words at the head of a sentence say of the speaker.

    Args:
        reading: the sentence.
        builder: makes the objects.
        speaker: who is described.
    """
    sentence = reading.sentence
    norms = sentence.norms
    if reading.moods[0] is not Mood.STATED or norms[-1] == "?":
        return
    i = 0
    while i < len(norms) and i < 3 and norms[i] in _OPENERS:
        i += 1
    if i and norms[i - 1] in ("as", "no"):
        return
    while i < len(norms):
        end = _phrase_end(reading, i)
        if end == i or (end < len(norms) and norms[end] not in _CLOSERS) or norms[end : end + 2] == (",", "no"):
            return
        made = _described(reading, builder, speaker, (i, end))
        if made is None:
            return
        yield made
        if made.predicate == "WORKS_AS" and end < len(norms) and norms[end] == "at":
            for place in objects.read(sentence, end + 1, "org")[0]:
                yield builder.stated(reading, speaker, "WORKS_AT", place, made.status, (i, place[1]), _SURE)
            return
        if end >= len(norms) or norms[end] not in (",", "and", "+"):
            return
        i = end + 1
        while i < len(norms) and norms[i] in ("and", "a", "an"):
            i += 1


def _phrase_end(reading: Reading, i: int) -> int:
    norms = reading.sentence.norms
    j = i
    while j < len(norms) and j - i < 5 and norms[j] not in _CLOSERS and norms[j] not in lexicon.finite_verbs():
        j += 1
    return j


def _described(reading: Reading, builder: Builder, speaker: Entity, span: Span) -> Candidate | None:
    sentence = reading.sentence
    if any(m.start < span[1] and span[0] < m.end for m in reading.mentions.items):
        return None
    norms = sentence.norms[span[0] : span[1]]
    if ":" in norms or norms[0] in _NO_HEADS or norms[0] in lexicon.words("nationalities"):
        return None
    if len(norms) == 1 and span[0] > 0:
        age = number(norms[0])
        if age is not None and 10 < age < 110:
            return builder.stated(reading, speaker, "HAS_AGE", span, FactStatus.CURRENT, span, _SURE)
        if checks.is_named_place(sentence, span) and norms[0] in lexicon.words("places"):
            return builder.stated(reading, speaker, "LIVES_IN", span, FactStatus.CURRENT, span, _SURE)
    told = classify.being(sentence, span, speaker.label)
    if told is None:
        return None
    predicate, over, words = told
    status = FactStatus.ENDED if over else FactStatus.CURRENT
    return builder.stated(reading, speaker, predicate, words, status, span, _SURE)
