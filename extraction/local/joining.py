"""A model's proposals meet the rules: gated, linked to persons, merged with what the frames read."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from extraction.local import confidence, fitting
from extraction.local.build import Builder, Reading
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity, Registry
from extraction.local.gate import Mood
from extraction.local.mentions import Mention
from extraction.local.proposals import Proposal
from extraction.local.tokens import Span
from extraction.records import FactStatus

_MOODS = frozenset({Mood.STATED, Mood.REQUESTED})
"""Where a proposal counts: the model knows a fact told in passing within a request ("a card for my niece Ilinca")."""


def joined(
    candidates: list[Candidate],
    proposals: list[Proposal],
    readings: list[Reading],
    builder: Builder,
    registry: Registry,
    speaker: Entity,
) -> list[Candidate]:
    """Return the candidates of the frames and those of the model, each fact once.

    Args:
        candidates: the frames' readings.
        proposals: the model's.
        readings: the turn's sentences.
        builder: makes objects.
        registry: the conversation's entities.
        speaker: who says "I".
    """
    result = _ByPlace(candidates)
    text = _Text(readings)
    for proposal in proposals:
        for candidate in _read(proposal, text, builder, registry, speaker):
            near = result.near(candidate.place)
            same = next((i for i in near if _same(result.all[i], candidate)), None)
            if same is not None:
                known = result.all[same]
                surer = confidence.combined((known.confidence, candidate.confidence))
                result.all[same] = replace(known, confidence=surer)
            elif not any(_contradicts(result.all[i], candidate) for i in near):
                result.add(candidate)
    return result.all


_BUCKET = 64


class _ByPlace:
    """Candidates by where their objects stand: a long text is not searched whole for each proposal."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self.all: list[Candidate] = []
        self._at: dict[int, list[int]] = defaultdict(list)
        for candidate in candidates:
            self.add(candidate)

    def add(self, candidate: Candidate) -> None:
        for bucket in _buckets(candidate.place):
            self._at[bucket].append(len(self.all))
        self.all.append(candidate)

    def near(self, place: tuple[int, int]) -> list[int]:
        """Return the numbers of the candidates that may overlap ``place``, in the order in which they came."""
        return sorted({number for bucket in _buckets(place) for number in self._at.get(bucket, ())})


def _buckets(place: tuple[int, int]) -> range:
    return range(place[0] // _BUCKET, place[1] // _BUCKET + 1)


class _Text:
    """The readings of a text by where they stand."""

    def __init__(self, readings: list[Reading]) -> None:
        self._readings = readings
        self._starts = [reading.sentence.start for reading in readings]

    def over(self, place: tuple[int, int]) -> list[Reading]:
        """Return the readings that ``place`` touches."""
        first = max(0, bisect_right(self._starts, place[0]) - 1)
        last = bisect_left(self._starts, place[1], first)
        return [r for r in self._readings[first:last] if place[0] < r.sentence.end]


def _same(one: Candidate, other: Candidate) -> bool:
    return (
        one.subject is other.subject
        and one.predicate == other.predicate
        and one.status is other.status
        and one.place[0] < other.place[1]
        and other.place[0] < one.place[1]
    )


def _contradicts(known: Candidate, proposed: Candidate) -> bool:
    """The same relation to the same words in another state, the same age of somebody else: the frames know better."""
    overlap = known.place[0] < proposed.place[1] and proposed.place[0] < known.place[1]
    if overlap and known.predicate == proposed.predicate == "HAS_AGE":
        return True
    same = known.predicate == proposed.predicate or frozenset({known.predicate, proposed.predicate}) in _EITHER
    return overlap and same and known.subject is proposed.subject


_EITHER = frozenset({frozenset({"WORKS_AT", "MEMBER_OF"}), frozenset({"MARRIED_TO", "PARTNER_OF"})})


def _read(
    proposal: Proposal, text: _Text, builder: Builder, registry: Registry, speaker: Entity
) -> Iterator[Candidate]:
    reading = next(iter(text.over((proposal.object_start, proposal.object_start + 1))), None)
    if reading is None:
        return
    span = _tokens(reading, (proposal.object_start, proposal.object_end))
    if span is None or any(reading.moods[i] not in _MOODS for i in range(*span)):
        return
    subject = speaker if proposal.subject is None else _subject(proposal.subject, text.over(proposal.subject), registry)
    if subject is None:
        return
    own = subject is speaker
    if own and _somebody_elses(reading.sentence.norms, span[0]):
        return
    fitted = fitting.of_proposal(reading.sentence, proposal.predicate, span, FactStatus(proposal.status), own=own)
    if fitted is None:
        return
    span, status = fitted
    around = span
    if proposal.subject is not None:
        words = _tokens(reading, proposal.subject)
        if words is not None:
            around = (min(words[0], span[0]), max(words[1], span[1]))
    yield builder.stated(reading, subject, proposal.predicate, span, status, around, proposal.confidence)


def _somebody_elses(norms: tuple[str, ...], i: int) -> bool:
    """ "He speaks no English" is not said of the speaker, whoever he is."""
    for word in reversed(norms[max(0, i - 5) : i]):
        if word in ("he", "she"):
            return True
        if word in _CLAUSE_ENDS:
            return False
    return False


_CLAUSE_ENDS = frozenset(". , ; : ! ? ( ) - — and but so because that i we my our me us".split())


def _tokens(reading: Reading, place: tuple[int, int]) -> Span | None:
    """Return the tokens that a span of characters touches."""
    touched = [i for i, t in enumerate(reading.sentence.tokens) if t.start < place[1] and place[0] < t.end]
    return (touched[0], touched[-1] + 1) if touched else None


def _subject(place: tuple[int, int], readings: list[Reading], registry: Registry) -> Entity | None:
    for reading in readings:
        for mention in sorted(reading.mentions.items, key=_length):
            start, end = reading.sentence.span(mention.start, mention.end)
            if start < place[1] and place[0] < end:
                return mention.entity
    for reading in readings:
        words = _tokens(reading, place) if reading.sentence.start <= place[0] < reading.sentence.end else None
        if words is not None and reading.sentence.tokens[words[0]].capital:
            return registry.named(" ".join(t.text for t in reading.sentence.tokens[words[0] : words[1]]), "Person")
    return None


def _length(mention: Mention) -> int:
    return mention.end - mention.start
