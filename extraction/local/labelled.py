"""Facts as labels with values: "Job: nurse", "- Wife: Malia", "Allergies: nuts, shrimp"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extraction.local import lexicon, objects
from extraction.local.build import Builder, Reading
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity
from extraction.local.gate import Mood
from extraction.local.kinds import KINDS, Kind
from extraction.local.naming import read_name
from extraction.local.numbers import number
from extraction.local.tokens import Sentence, Span
from extraction.records import FactStatus

_LABELS: dict[str, tuple[str, str]] = {
    "name": ("HAS_NAME", "name"),
    "age": ("HAS_AGE", "age"),
    "job": ("WORKS_AS", "knownjob"),
    "occupation": ("WORKS_AS", "knownjob"),
    "profession": ("WORKS_AS", "knownjob"),
    "role": ("WORKS_AS", "knownjob"),
    "employer": ("WORKS_AT", "org"),
    "company": ("WORKS_AT", "org"),
    "workplace": ("WORKS_AT", "org"),
    "location": ("LIVES_IN", "namedplace"),
    "city": ("LIVES_IN", "namedplace"),
    "home": ("LIVES_IN", "namedplace"),
    "hometown": ("COMES_FROM", "namedplace"),
    "born": ("BORN_ON", "date"),
    "birthday": ("BORN_ON", "date"),
    "dob": ("BORN_ON", "date"),
    "languages": ("SPEAKS", "lang"),
    "language": ("SPEAKS", "lang"),
    "allergies": ("ALLERGIC_TO", "np"),
    "allergy": ("ALLERGIC_TO", "np"),
    "hobbies": ("LIKES", "act"),
    "hobby": ("LIKES", "act"),
    "interests": ("LIKES", "act"),
    "likes": ("LIKES", "act"),
    "dislikes": ("DISLIKES", "act"),
    "hates": ("DISLIKES", "act"),
}
_BULLETS = frozenset({"-", "*", "•", "–", "—", "·", "my"})
_NOTHING = frozenset("none no nothing n/a na - nil".split())
_INVENTED = frozenset("example sample dummy test tester fictional character placeholder john template doe".split())
_LEAST = 2
_SURE = 0.85


def candidates(readings: Sequence[Reading], builder: Builder, speaker: Entity) -> Iterator[Candidate]:
    """Yield what the labelled lines of a turn say of the speaker: one alone may be anything, several are a description.

    Args:
        readings: the turn's sentences.
        builder: makes the facts.
        speaker: who is described.
    """
    found = [(reading, *place) for reading in readings if (place := _label(reading)) is not None]
    own = any("i" in r.sentence.norms or "my" in r.sentence.norms or "me" in r.sentence.norms for r in readings)
    invented = any(n in _INVENTED for reading in readings for n in reading.sentence.norms)
    if invented or len(found) < (1 if own else _LEAST):
        return
    for reading, label, start in found:
        yield from _values(reading, label, start, builder, speaker)


def _label(reading: Reading) -> tuple[str, int] | None:
    """Return the label with which a sentence begins, and the token after its colon."""
    norms = reading.sentence.norms
    i = 0
    while i < min(3, len(norms)) and (norms[i] in _BULLETS or (norms[i].isdigit() and norms[i + 1 : i + 2] == (".",))):
        i += 1
    known = i < len(norms) and (norms[i] in _LABELS or norms[i] in lexicon.kin_words() or norms[i] in lexicon.animals())
    if not known or norms[i + 1 : i + 2] not in ((":",), ("=",)) or reading.moods[i] is not Mood.STATED:
        return None
    return (norms[i], i + 2) if i + 2 < len(norms) and norms[i + 2] not in _NOTHING else None


def _values(reading: Reading, label: str, start: int, builder: Builder, speaker: Entity) -> Iterator[Candidate]:
    sentence = reading.sentence
    if label in _LABELS:
        predicate, kind = _LABELS[label]
        spans = _listed(sentence, start, kind)
    elif label in lexicon.animals():
        predicate, spans = "HAS_PET", _names(sentence, start, many=lexicon.animals()[label] != label)
    else:
        predicate, _, plural = lexicon.kin_words()[label]
        spans = _names(sentence, start, many=plural)
    for span in spans:
        yield builder.stated(reading, speaker, predicate, span, FactStatus.CURRENT, (start - 2, span[1]), _SURE)


def _listed(sentence: Sentence, start: int, kind: str) -> list[Span]:
    """Return the values of a list with commas alone: "nuts, shrimp"."""
    spans, end = objects.read(sentence, start, kind)
    while (
        spans and KINDS.get(kind, _SINGLE).many and sentence.norms[end : end + 1] == (",",) and end + 1 < len(sentence)
    ):
        more, after = objects.read(sentence, end + 1, kind)
        if not more or after <= end:
            break
        spans, end = [*spans, *more], after
    return spans


_SINGLE = Kind(frozenset(), many=False)


def _names(sentence: Sentence, start: int, *, many: bool) -> list[Span]:
    """Return the names of a list, passing over what is said of each in brackets."""
    norms = sentence.norms
    names: list[Span] = []
    i = start
    while i < len(norms):
        end = read_name(sentence.tokens, i)
        if end == i or number(norms[i]) is not None:
            break
        names.append((i, end))
        if norms[end : end + 1] == ("(",):
            end = next((k + 1 for k in range(end, len(norms)) if norms[k] == ")"), len(norms))
        if not many or norms[end : end + 1] not in ((",",), ("and",)):
            break
        i = end + 1
        while i < len(norms) and norms[i] == "and":
            i += 1
    return names
