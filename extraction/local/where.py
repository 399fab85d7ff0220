""" "A bakery in Girona, where I live": what a clause with "where" tells of the place before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from extraction.local import objects
from extraction.local.build import Builder, Reading
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity
from extraction.local.gate import Mood
from extraction.local.tokens import Sentence, Span
from extraction.local.verbgroup import Group, Groups
from extraction.records import FactStatus

_SURE = 0.88
_LONGEST_PLACE, _LONGEST_SUBJECT = 4, 6
_PRESUPPOSED = frozenset({Mood.STATED, Mood.REQUESTED, Mood.ASKED})
"""What such a clause tells is so whatever is asked or requested around it."""


@dataclass(frozen=True, slots=True)
class _Verb:
    """What a verb tells of the place: the predicate, its form, whether it is something that happened, and its particle."""

    predicate: str
    form: str
    event: bool = False
    particle: str = ""


_VERBS = {
    "live": _Verb("LIVES_IN", "base"),
    "lives": _Verb("LIVES_IN", "s"),
    "living": _Verb("LIVES_IN", "ing"),
    "lived": _Verb("LIVES_IN", "past"),
    "reside": _Verb("LIVES_IN", "base"),
    "resides": _Verb("LIVES_IN", "s"),
    "based": _Verb("LIVES_IN", "participle"),
    "settled": _Verb("LIVES_IN", "past", event=True),
    "moved": _Verb("LIVES_IN", "past", event=True),
    "relocated": _Verb("LIVES_IN", "past", event=True),
    "born": _Verb("BORN_IN", "participle", event=True),
    "grew": _Verb("COMES_FROM", "past", event=True, particle="up"),
    "raised": _Verb("COMES_FROM", "participle", event=True),
}


def candidates(reading: Reading, builder: Builder, speaker: Entity) -> Iterator[Candidate]:
    """Yield homes and places of origin that a sentence tells in a clause with "where".

    Args:
        reading: the sentence.
        builder: makes the facts.
        speaker: who says "I".
    """
    sentence = reading.sentence
    for i, word in enumerate(sentence.norms):
        place = _place_before(sentence, i) if word == "where" else None
        if place is None:
            continue
        for k in range(i + 1, min(len(sentence), i + 1 + _LONGEST_SUBJECT)):
            if sentence.norms[k] in (",", "where"):
                break
            verb = _VERBS.get(sentence.norms[k])
            if verb is None or reading.moods[k] not in _PRESUPPOSED:
                continue
            if verb.particle and sentence.norms[k + 1 : k + 2] != (verb.particle,):
                continue
            group = Groups(sentence, reading.mentions, speaker).left_of(k, frozenset({verb.form}))
            status = _status(verb, group, sentence.norms[k + 1 : k + 2])
            if group.start <= i or group.subject is None or status is None:
                break
            if group.subject.label in ("User", "Person"):
                around = (place[0], k + 1)
                made = builder.stated(reading, group.subject, verb.predicate, place, status, around, _SURE)
                told = "event" if verb.event else "state"
                moved = verb.event and verb.predicate == "LIVES_IN" and status is FactStatus.CURRENT
                yield replace(made, told=told, replaces=moved)
            break


def _status(verb: _Verb, group: Group, after: tuple[str, ...]) -> FactStatus | None:
    if group.unreal or group.would or group.can:
        return None
    if group.negated:
        return FactStatus.ENDED if group.no_longer else None
    if verb.event:
        leaves = verb.predicate == "LIVES_IN" and after == ("from",)
        return FactStatus.ENDED if leaves else FactStatus.CURRENT
    over = group.used_to or (not group.perfect and (group.past or verb.form == "past"))
    return FactStatus.ENDED if over else FactStatus.CURRENT


def _place_before(sentence: Sentence, where: int) -> Span | None:
    """Return the place whose name ends just before "where" or the comma before it."""
    end = where - 1 if where > 0 and sentence.norms[where - 1] == "," else where
    for start in range(max(0, end - _LONGEST_PLACE), end):
        spans, _ = objects.read(sentence, start, "namedplace")
        if spans and spans[-1][1] == end:
            return spans[-1]
    return None
