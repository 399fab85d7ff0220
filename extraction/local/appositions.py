"""What is told of somebody right after the name: "my sister Ana, a vet", "Ana (34)", "I'm Luz, 54, domestic helper"."""

from __future__ import annotations

from collections.abc import Iterator

from extraction.local import classify, fitting, objects
from extraction.local.build import Builder, Reading
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity
from extraction.local.gate import Mood
from extraction.local.numbers import number
from extraction.records import FactStatus

_AFTER_AGE = frozenset({",", ")", ".", "-", "—", "and", ";", "from", "!"})
_SURE_AGE, _SURE_JOB, _SURE_PLACE = 0.88, 0.85, 0.8


def candidates(reading: Reading, made: list[Candidate], builder: Builder, speaker: Entity) -> Iterator[Candidate]:
    """Yield ages and occupations that stand beside a name.

    Args:
        reading: the sentence.
        made: what was read from it so far; a name given there may be followed by more.
        builder: makes the objects.
        speaker: whose name it is.
    """
    for mention in reading.mentions.items:
        entity = mention.entity
        if mention.kind not in ("relative", "name") or entity.label not in ("Person", "Animal") or entity.plural:
            continue
        if reading.moods[mention.start] <= Mood.ASKED:
            yield from _beside(reading, entity, mention.end, builder)
            if mention.kind == "relative":
                yield from _in_place(reading, entity, mention.end, builder)
    for candidate in made:
        if candidate.predicate == "HAS_NAME" and candidate.subject is speaker:
            yield from _beside(reading, speaker, candidate.tokens[1], builder)


def _in_place(reading: Reading, entity: Entity, i: int, builder: Builder) -> Iterator[Candidate]:
    """ "my aunt Gülten in Ankara" lives there."""
    if reading.sentence.norms[i : i + 1] != ("in",) or entity.label != "Person":
        return
    if fitting.where_met(reading.sentence.norms, i):
        return
    for place in objects.read(reading.sentence, i + 1, "namedplace")[0]:
        yield builder.stated(reading, entity, "LIVES_IN", place, FactStatus.CURRENT, (i, place[1]), _SURE_PLACE)


def _beside(reading: Reading, entity: Entity, i: int, builder: Builder) -> Iterator[Candidate]:
    sentence = reading.sentence
    norms = sentence.norms
    start = i
    for _ in range(2):
        if i >= len(norms) or norms[i] not in (",", "(", "-", "—"):
            return
        i += 1
        if i + 1 >= len(norms):
            return
        value = number(norms[i])
        if value is not None and 0 < value < 115 and norms[i + 1] in _AFTER_AGE:
            yield builder.stated(reading, entity, "HAS_AGE", (i, i + 1), FactStatus.CURRENT, (start, i + 1), _SURE_AGE)
            i += 1
            continue
        article = norms[i] in ("a", "an")
        if not article and entity.label != "User":
            return
        span = objects.read(sentence, i, "being")[0][:1]
        if not span:
            return
        told = classify.being(sentence, span[0], entity.label)
        if told is None or (told[0] != "WORKS_AS" and not article):
            return
        predicate, over, words = told
        if norms[words[1] : words[1] + 1] == ("'s",):
            return
        status = FactStatus.ENDED if over else FactStatus.CURRENT
        yield builder.stated(reading, entity, predicate, words, status, (start, words[1]), _SURE_JOB)
        return
