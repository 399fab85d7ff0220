"""A model's proposals meet the rules: gated, linked to persons, merged with what the frames read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from extraction.kinship import BETWEEN_PEOPLE, TIES
from extraction.local import confidence, fitting, judging, lexicon, linking
from extraction.local.build import Builder, Reading
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity, Registry
from extraction.local.gate import Mood, asks_for
from extraction.local.naming import text_of
from extraction.local.placing import Text, tokens_of
from extraction.local.proposals import Proposal
from extraction.local.tokens import Span
from extraction.records import FactStatus


def joined(
    candidates: list[Candidate],
    proposals: list[Proposal],
    readings: list[Reading],
    builder: Builder,
    registry: Registry,
    speaker: Entity,
    minimum: float,
    known: Callable[[Candidate], bool],
) -> list[Candidate]:
    """Return the candidates of the frames and those of the model, each fact once.

    Args:
        candidates: the frames' readings.
        proposals: the model's.
        readings: the turn's sentences.
        builder: makes objects.
        registry: the conversation's entities.
        speaker: who says "I".
        minimum: from which confidence on a reading counts, after the rules have judged a proposal and the model a frame's.
        known: whether the model would have proposed a frame's candidate if it were one.
    """
    text = Text(readings)
    linking.adopt_names(proposals, text, registry)
    read = [(p, c) for p in proposals for c in _read(p, text, builder, registry, speaker)]
    candidates = list(_left(candidates, [seen for _, seen in read], known, minimum))
    frames = len(candidates)
    result = _ByPlace(candidates)
    for proposal, candidate in read:
        if proposal.confidence < _WORTH_JUDGING:
            continue
        near = result.near(candidate.place)
        beside = [result.all[i] for i in near if i < frames and _overlap(result.all[i], candidate)]
        candidate = _judged(candidate, proposal, beside, text, speaker)
        same = next((i for i in near if _same(result.all[i], candidate)), None)
        if candidate.confidence < minimum + (_margin(candidate, registry) if same is None else 0.0):
            continue
        if same is not None:
            told = result.all[same]
            surer = confidence.combined((told.confidence, candidate.confidence))
            result.all[same] = replace(told, confidence=surer)
        elif not any(_contradicts(result.all[i], candidate) for i in near):
            result.add(candidate)
    return result.all


_WORTH_JUDGING = 0.3
"""What the model thinks less likely, the rules do not make likely."""


def _left(
    candidates: list[Candidate], seen: Iterable[Candidate], known: Callable[[Candidate], bool], minimum: float
) -> Iterator[Candidate]:
    """Yield the frames' candidates but those that get too unlikely by the model's seeing nothing of their predicate there."""
    by_place = _ByPlace(seen)
    for candidate in candidates:
        near = (by_place.all[i] for i in by_place.near(candidate.place))
        if not known(candidate) or any(c.predicate == candidate.predicate and _overlap(c, candidate) for c in near):
            yield candidate
        elif (chance := judging.unseen(candidate.confidence, candidate.predicate)) >= minimum:
            yield replace(candidate, confidence=chance)


_SURER = {"HAS_NAME": 0.2, **dict.fromkeys("LIVES_IN BORN_ON BORN_IN HAS_AGE MARRIED_TO PARTNER_OF".split(), 0.05)}
"""By how much a proposal of what has one value at a time has to be surer: a wrong one would end the right one that is known."""

_CALLED_OFF = -0.15
"""That a plan is off may be less sure: told as current it would be worse than not told."""


_OTHER_NAME = 0.1
"""By how much more a name has to be when the user is known by another."""


def _margin(candidate: Candidate, registry: Registry) -> float:
    if (candidate.predicate, candidate.status) == ("PLANS_TO", FactStatus.ENDED):
        return _CALLED_OFF
    another = candidate.predicate == "HAS_NAME" and registry.is_user_named_otherwise(candidate.object.name)
    return _SURER.get(candidate.predicate, 0.0) + _OTHER_NAME * another


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


def _same(one: Candidate, other: Candidate) -> bool:
    return (
        one.subject is other.subject
        and one.predicate == other.predicate
        and one.status is other.status
        and _overlap(one, other)
    )


def _overlap(one: Candidate, other: Candidate) -> bool:
    return one.place[0] < other.place[1] and other.place[0] < one.place[1]


def _judged(candidate: Candidate, proposal: Proposal, read: list[Candidate], text: Text, speaker: Entity) -> Candidate:
    """Return the candidate with the confidence that it has beside what the frames read from the same words."""
    if any(_same(other, candidate) for other in read):
        return candidate
    reading = text.over(candidate.place)[0]
    span = tokens_of(reading, candidate.place) or candidate.tokens
    clause = linking.clause_subject(reading, span[0])
    chance = judging.judged(
        candidate.confidence,
        judging.of_object(reading.sentence, span, candidate.predicate, candidate.status),
        judging.of_subject(
            reading.sentence,
            span,
            own=proposal.subject is None,
            here=proposal.subject is not None and tokens_of(reading, proposal.subject) is not None,
            agrees=None if clause is None else clause is candidate.subject,
        ),
        judging.of_frames(
            same=any(other.predicate == candidate.predicate for other in read),
            other=any(other.predicate != candidate.predicate for other in read),
            unstated=reading.moods[span[0]] is not Mood.STATED,
        ),
    )
    return replace(candidate, confidence=chance)


def _contradicts(known: Candidate, proposed: Candidate) -> bool:
    """The same relation to the same words in another state, the same age of somebody else: the frames know better."""
    overlap = _overlap(known, proposed)
    if overlap and known.predicate == proposed.predicate == "HAS_AGE":
        return True
    same = known.predicate == proposed.predicate or frozenset({known.predicate, proposed.predicate}) in _EITHER
    return overlap and same and known.subject is proposed.subject


_EITHER = frozenset({frozenset({"WORKS_AT", "MEMBER_OF"}), frozenset({"MARRIED_TO", "PARTNER_OF"})})


def _read(proposal: Proposal, text: Text, builder: Builder, registry: Registry, speaker: Entity) -> Iterator[Candidate]:
    reading = next(iter(text.over((proposal.object_start, proposal.object_start + 1))), None)
    if reading is None:
        return
    span = tokens_of(reading, (proposal.object_start, proposal.object_end))
    if (
        span is None
        or any(reading.moods[i] >= Mood.QUOTED for i in range(*span))
        or asks_for(reading.sentence, span[1])
    ):
        return
    subject = linking.subject_of(proposal, reading, span, text, registry, speaker)
    if subject is None:
        return
    own = subject is speaker
    if own and (
        linking.somebody_elses(reading.sentence.norms, span[0])
        or (
            linking.is_anothers_relation(reading.sentence.norms, span[0])
            if proposal.predicate in BETWEEN_PEOPLE
            else linking.is_said_of_somebody(reading, span[0], speaker)
        )
    ):
        return
    fitted = fitting.of_proposal(reading.sentence, proposal.predicate, span, FactStatus(proposal.status), own=own)
    if fitted is None:
        return
    span, status = fitted
    predicate = proposal.predicate
    if predicate in BETWEEN_PEOPLE and own:
        predicate = linking.kinship(reading, span) or predicate
    if predicate in BETWEEN_PEOPLE and _is_called(reading, span, registry, "Organization"):
        return
    if predicate in BETWEEN_PEOPLE | {"OWNS"} and _is_called(reading, span, registry, "Animal"):
        predicate = "HAS_PET"
    if predicate == "LIVES_IN" and _is_beside(reading, span, registry):
        return
    if predicate in BETWEEN_PEOPLE and own and _begins_a_clause(reading, span, registry):
        return
    if predicate == "HAS_COLLEAGUE" and linking.is_hired(reading, span):
        return
    around = span
    if proposal.subject is not None:
        words = tokens_of(reading, proposal.subject)
        if words is not None:
            around = (min(words[0], span[0]), max(words[1], span[1]))
    candidate = builder.stated(reading, subject, predicate, span, status, around, proposal.confidence)
    if candidate.object.late and status is FactStatus.CURRENT and predicate in TIES:
        candidate = replace(candidate, status=FactStatus.ENDED)
    yield candidate


def _is_called(reading: Reading, span: Span, registry: Registry, label: str) -> bool:
    """Whether words name somebody who is known to be of a kind, and of no other: "Rex", a dog."""
    name = text_of(reading.sentence, *span)
    others = {"Person", "Animal"} - {label}
    return registry.is_known(name, label) and not any(registry.is_known(name, other) for other in others)


def _is_beside(reading: Reading, span: Span, registry: Registry) -> bool:
    """Whether somebody lives near what the words name, which is a person, or not the home that the clause tells of before."""
    norms = reading.sentence.norms
    before = " ".join(norms[: span[0]])
    if not _NEAR.search(before):
        return False
    somebody = _is_called(reading, span, registry, "Person") or norms[span[0]] in lexicon.given_names()
    return somebody or _HOME_NEAR.search(before) is not None


_NEAR = re.compile(r"\b(?:near|beside|with|(?:near|close|next) to)$")
_HOME_NEAR = re.compile(
    r"\b(?:moved?|lives?|lived|living|moving) (?:\w+ )?(?:in|to) [^.;]*\b(?:near|beside|(?:near|close|next) to)$"
)


def _begins_a_clause(reading: Reading, span: Span, registry: Registry) -> bool:
    """ "our daughter Neema, Arusha had become too noisy": behind a single relative's name a comma parts clauses."""
    norms = reading.sentence.norms
    if (
        span[0] < 2
        or norms[span[0] - 1] != ","
        or norms[span[1] : span[1] + 1] not in (("is",), ("was",), ("has",), ("had",))
    ):
        return False
    before = reading.mentions.ending_at(span[0] - 1)
    return before is not None and before.kind == "relative" and not before.entity.plural and not before.entity.unnamed
