"""The stages in their order: normalise, gate, mentions, frames (and a model's proposals), objects, times, confidence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from extraction.catalogue import Catalogue
from extraction.local import (
    answers,
    appositions,
    consistency,
    corrections,
    couples,
    dating,
    fragments,
    friendships,
    joining,
    labelled,
    leaning,
    linking,
    organizations,
    own_name,
    there,
    where,
)
from extraction.local.build import Builder, Reading
from extraction.local.candidates import Candidate, unique
from extraction.local.entities import Entity, Registry
from extraction.local.finder import MentionFinder
from extraction.local.frames import FrameIndex
from extraction.local.gate import Mood, moods
from extraction.local.normalise import normalise
from extraction.local.proposals import Proposal, Proposer
from extraction.local.quoted import quoted_spans
from extraction.local.tokens import Sentence, sentences
from extraction.records import USER, EntityMention, ExtractedFact, Extraction, ExtractionContext, FactStatus, Turn

_PERSONAL = re.compile(r"\b(?:i|i'm|im|my|we|our|me|mine|us)\b", re.I)
_HISTORY = 6
_EVIDENCE = 400

_SHORT = 2_000
"""Characters up to which a text's sentences are remembered."""


class Pipeline:
    """Reads turns with a set of frames.

    Args:
        catalogue: the relations.
        frames: the wordings.
        proposer: a model whose readings join those of the frames, or None.
        minimum: from which confidence on its readings count.
        trusted: patterns of frames whose readings count whatever the model sees.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        frames: FrameIndex,
        proposer: Proposer | None = None,
        minimum: float = 0.0,
        trusted: frozenset[str] = frozenset(),
    ) -> None:
        self._catalogue = catalogue
        self._frames = frames
        self._proposer = proposer
        self._minimum = minimum
        self._trusted = trusted

    def extract(self, turns: Sequence[Turn], context: ExtractionContext) -> Extraction:
        """Return the entities and facts of the turns.

        Args:
            turns: oldest first.
            context: what came before and what is known.
        """
        registry = Registry(context.known, context.user_names)
        said: list[tuple[int, Candidate]] = []
        number = 0
        before: str | None = None
        told: list[Candidate] = []
        history = context.history[-_HISTORY:]
        corrects = any(turn.role == "user" and corrections.may_be_in(turn.text) for turn in turns)
        earlier = self._proposed(history, None) if corrects else None
        for turn in history:
            if turn.role == "user":
                proposals = [] if earlier is None else next(earlier)
                made, number = self._turn(turn, registry, before, number, told, proposals, propose=corrects)
                told.extend(made)
            before = turn.text if turn.role == "assistant" else None
        proposed = self._proposed(turns, before)
        for index, turn in enumerate(turns):
            if turn.role == "user":
                made, number = self._turn(turn, registry, before, number, told, next(proposed), propose=True)
                said.extend((index, c) for c in made)
                told.extend(made)
            before = turn.text if turn.role == "assistant" else None
        return _extraction(turns, said, self._catalogue)

    def _proposed(self, turns: Sequence[Turn], before: str | None) -> Iterator[list[Proposal]]:
        """What is proposed for each of the user's turns, in their order. ``before`` was said just before the first turn."""
        asked: list[tuple[str, str | None]] = []
        for turn in turns:
            if turn.role == "user":
                asked.append((normalise(turn.text), before))
            before = turn.text if turn.role == "assistant" else None
        if self._proposer is None:
            return iter([[] for _ in asked])
        propose_all = getattr(self._proposer, "propose_all", None)
        return iter([self._proposer.propose(*one) for one in asked] if propose_all is None else propose_all(asked))

    def _turn(
        self,
        turn: Turn,
        registry: Registry,
        before: str | None,
        number: int,
        told: list[Candidate],
        proposals: list[Proposal],
        *,
        propose: bool,
    ) -> tuple[list[Candidate], int]:
        """Read one turn; returns its candidates and the number of the next sentence."""
        text = normalise(turn.text)
        speaker = registry.speaker(turn.name)
        linking.introduce(proposals, text, registry)
        readings = list(self._readings(text, registry, speaker, number))
        builder = Builder(self._catalogue, self._frames, registry, speaker)
        candidates: list[Candidate] = []
        for position, reading in enumerate(readings):
            if position == 0 and before is not None:
                candidates.extend(answers.candidates(reading, before, builder, speaker))
            made = list(builder.candidates(reading))
            made.extend(appositions.candidates(reading, made, builder, speaker))
            made.extend(organizations.candidates(reading, builder, speaker))
            made.extend(own_name.here(reading, builder, speaker))
            if not made:
                made.extend(fragments.candidates(reading, builder, speaker))
            made.extend(there.candidates(reading, readings[position - 1] if position else None, builder, speaker))
            made.extend(where.candidates(reading, builder, speaker))
            made = couples.reread(reading, made, [*told, *candidates], builder, speaker)
            made.extend(corrections.in_sentence(reading, made, (told, candidates), builder))
            candidates.extend(made)
        candidates.extend(labelled.candidates(readings, builder, speaker))
        if propose and self._proposer is not None:
            candidates = joining.joined(
                candidates,
                proposals,
                readings,
                builder,
                registry,
                speaker,
                self._minimum,
                lambda c: self._is_known(c) and (c.subject is speaker or c.subject.name in text),
            )
        candidates = corrections.settled(candidates)
        candidates = leaning.reread(candidates, readings, speaker)
        candidates = friendships.reread(candidates, told, readings, speaker)
        candidates = list(own_name.of_newcomers(candidates, registry, speaker))
        candidates = list(own_name.taken_for_speaker(candidates, speaker))
        if turn.name is not None:
            # the name of a named speaker is known; what seems to tell another is how the other one is addressed
            candidates = [c for c in candidates if c.predicate != "HAS_NAME" or c.subject is not speaker]
        by_number = {reading.number: reading.sentence for reading in readings}
        candidates = list(corrections.denied_before(corrections.taken_back(candidates, readings), told, readings))
        candidates = list(consistency.of_organizations(consistency.consistent(candidates, by_number), told))
        candidates.extend(consistency.ended_by_death(told, readings, builder, speaker, registry.known))
        candidates = dating.dated(unique(candidates), by_number, turn.at)
        return candidates, number + len(readings)

    def _is_known(self, candidate: Candidate) -> bool:
        """Whether the model would propose what a built-in frame reads: other stages find what it does not, and of whom an
        earlier message told it knows nothing. That something is over is heard rather once too often, as it can end nothing
        but what is known."""
        built_in = candidate.source != "" and candidate.source not in self._trusted
        learned = self._proposer is not None and candidate.predicate in self._proposer.predicates
        return built_in and learned and candidate.status is FactStatus.CURRENT and not candidate.replaces

    def _readings(self, text: str, registry: Registry, speaker: Entity, number: int) -> Iterator[Reading]:
        finder = MentionFinder(registry, speaker, newcomers=_PERSONAL.search(text) is not None)
        told = _remembered_sentences(text) if len(text) <= _SHORT else _sentences(text)
        for place, (sentence, mood) in enumerate(told, start=number):
            yield Reading(place, sentence, mood, finder.find(sentence, place))


@lru_cache(maxsize=256)
def _remembered_sentences(text: str) -> list[tuple[Sentence, list[Mood]]]:
    """Every message is read again with those that come after it."""
    return list(_sentences(text))


def _sentences(text: str) -> Iterator[tuple[Sentence, list[Mood]]]:
    quoted = quoted_spans(text)
    return ((sentence, moods(sentence, quoted)) for sentence in sentences(text))


def _extraction(turns: Sequence[Turn], said: list[tuple[int, Candidate]], catalogue: Catalogue) -> Extraction:
    """Return the records: by now every entity has the name it got anywhere in the turns."""
    facts: list[ExtractedFact] = []
    entities: dict[tuple[str, str], EntityMention] = {}
    dropped = {"not in the catalogue": 0}
    for index, candidate in said:
        if candidate.predicate not in catalogue:
            dropped["not in the catalogue"] += 1
            continue
        subject, object_ = candidate.subject.mention(), candidate.object.mention()
        start, end = candidate.evidence
        if end - start > _EVIDENCE:
            start, end = candidate.place
        fact = ExtractedFact(
            subject,
            candidate.predicate,
            object_,
            candidate.status,
            turns[index].text[start:end],
            index,
            candidate.valid_from,
            candidate.valid_to,
            candidate.confidence,
            candidate.replaces,
            candidate.ends_all,
            candidate.verb,
        )
        facts.append(fact)
        for mention in (subject, object_):
            if mention != USER and not (candidate.ends_all and mention == object_):
                entities.setdefault((mention.name, mention.label), mention)
    return Extraction(tuple(entities.values()), tuple(_once(facts)), {k: v for k, v in dropped.items() if v})


def _once(facts: list[ExtractedFact]) -> list[ExtractedFact]:
    """Two mentions may have become one entity: each fact of a turn once."""
    kept: dict[tuple[object, ...], ExtractedFact] = {}
    for fact in facts:
        key = (
            fact.turn,
            fact.subject.name,
            fact.subject.label,
            fact.predicate,
            fact.object.name.casefold(),
            fact.status,
        )
        known = kept.get(key)
        if known is None:
            kept[key] = fact
        elif fact.confidence > known.confidence:
            kept[key] = replace(known, confidence=fact.confidence)
    return list(kept.values())
