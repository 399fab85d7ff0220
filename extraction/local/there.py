""" "We bought a house in Leipzig and moved there", "and moved in", "I took the job in Leipzig. We moved in May": where that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from extraction.local import objects
from extraction.local.build import Builder, Reading
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity
from extraction.local.function_words import DAYS, MONTHS, SEASONS
from extraction.local.gate import Mood
from extraction.local.tokens import Span
from extraction.local.verbgroup import Groups
from extraction.records import FactStatus

_MOVES = frozenset({"moved", "relocated"})
_BETWEEN = frozenset("back over out up down all both finally".split())
_BEFORE_PLACE = frozenset({"in", "to", "near"})
_AFTER_IN = frozenset(". ! , ; and but last this yesterday today on two three already finally".split())
_AFTER_MOVED = frozenset(". ! , ; and but last this yesterday two three four already finally because so".split())
_TIMES = MONTHS | SEASONS | DAYS
_HOLIDAYS = (("in", "the"), ("over", "christmas"), ("over", "the"), ("at", "christmas"), ("at", "easter"))
_SETTLING = frozenset(
    "job work working works office position post transfer transferred company hospital school university place house flat apartment bought "
    "rent rented offered offer accepted start started starting joined changed".split()
)
_FIRST = frozenset("i we me my us our".split())
_SURE = 0.82


def candidates(reading: Reading, before: Reading | None, builder: Builder, speaker: Entity) -> Iterator[Candidate]:
    """Yield the new homes that a sentence names by "there".

    Args:
        reading: the sentence.
        before: the sentence before it in the turn, if any.
        builder: makes the facts.
        speaker: who says "I".
    """
    sentence = reading.sentence
    for i, word in enumerate(sentence.norms):
        bare = _is_bare(sentence.norms, i)
        there = word == "there" or _moved_in(sentence.norms, i)
        verb = i if bare else _verb_before(sentence.norms, i) if there else None
        if verb is None or reading.moods[verb] is not Mood.STATED:
            continue
        group = Groups(sentence, reading.mentions, speaker).left_of(verb, frozenset({"past", "participle"}))
        if group.subject is None or group.subject.label not in ("User", "Person"):
            continue
        if group.negated or group.unreal or group.would or group.can:
            continue
        if bare and group.subject is not speaker:
            continue
        for place_reading in (reading, before):
            if bare and place_reading is before and not _is_of_speaker(before, speaker):
                continue
            place = _last_place(place_reading, verb if place_reading is reading else None)
            if place_reading is None or place is None:
                continue
            made = builder.stated(
                place_reading, group.subject, "LIVES_IN", place, FactStatus.CURRENT, (place[0], place[1]), _SURE
            )
            yield replace(
                made,
                evidence=sentence.span(min(group.start, verb), i + 1),
                sentence=reading.number,
                tokens=(verb, i + 1),
                told="event",
                replaces=True,
            )
            break


def _is_bare(norms: tuple[str, ...], i: int) -> bool:
    """Whether nothing but a time follows "moved"."""
    following = norms[i + 1 : i + 3]
    timed = (
        following[:1] in (("in",), ("on",))
        and following[1:] != ()
        and (following[1] in _TIMES or following[1].isdigit())
    )
    return norms[i] in _MOVES and (not following or following[0] in _AFTER_MOVED or timed or following in _HOLIDAYS)


def _is_of_speaker(reading: Reading | None, speaker: Entity) -> bool:
    """Whether a sentence tells where the speaker alone takes up work or a house, or where it comes from ("From Leipzig: ...")."""
    if reading is None:
        return False
    others = any(m.entity is not speaker and m.entity.label == "Person" for m in reading.mentions.items)
    norms = frozenset(reading.sentence.norms)
    settles = not _FIRST.isdisjoint(norms) and not _SETTLING.isdisjoint(norms)
    return (settles or reading.sentence.norms[0] == "from") and not others


def _moved_in(norms: tuple[str, ...], i: int) -> bool:
    """Whether "in" stands by itself: "and moved in last weekend"."""
    return norms[i] == "in" and (norms[i + 1 : i + 2] == () or norms[i + 1] in _AFTER_IN)


def _verb_before(norms: tuple[str, ...], i: int) -> int | None:
    j = i - 1
    while j > 0 and norms[j] in _BETWEEN:
        j -= 1
    return j if j >= 0 and norms[j] in _MOVES else None


def _last_place(reading: Reading | None, end: int | None) -> Span | None:
    """Return the last place that a sentence names before a token."""
    if reading is None:
        return None
    sentence = reading.sentence
    last = None
    for k in range(len(sentence) - 1 if end is None else end):
        leads = sentence.norms[k] in _BEFORE_PLACE or (k == 0 and sentence.norms[k] == "from")
        if leads and reading.moods[k] is Mood.STATED:
            spans, _ = objects.read(sentence, k + 1, "namedplace")
            last = spans[0] if spans else last
    return last
