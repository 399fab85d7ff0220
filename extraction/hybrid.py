"""Two extractors on the same words: the local one answers at once, a language model's facts are reconciled with its."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from extraction.base import ExtractionError, Extractor
from extraction.catalogue import Catalogue
from extraction.gathering import entities_of
from extraction.kinship import role_of
from extraction.names import normalize_name
from extraction.records import USER_LABEL, EntityMention, ExtractedFact, Extraction, ExtractionContext, Turn

logger = logging.getLogger(__name__)

MAX_CONFIDENCE = 0.99
CONTRADICTED = "contradicted by the language model"
LLM_FAILED = "llm_failed"
LOCAL_FAILED = "local_failed"
_SHORT = 2


class HybridExtractor:
    """Joins the facts of a local extractor and of a language model.

    The agreement table, for each fact of a turn:

    ======================  ===============================================================================
    who reads it            what comes out
    ======================  ===============================================================================
    both                    one fact: the model's, with the chance that at least one is right as confidence
                            (noisy-or, at most 0.99), a date that only the local one read, and the aliases of
                            both
    the model alone         its fact
    the local one alone     its fact, unless the model contradicts it
    the model contradicts   the model's fact; the local one is dropped and counted
    the model fails         the local facts; the failure is counted as ``llm_failed`` and logged once
    the local one fails     the model's facts; the failure is counted as ``local_failed`` and logged
    ======================  ===============================================================================

    Two facts are the same when turn, subject, predicate, object and status are; a symmetric or an inverse relation may
    stand either way round. Entities are compared by their normalised names, whatever their labels; one that is known by a
    relation alone ("sister") is the one that bears the word as an alias ("Ana", alias "sister").

    The model contradicts a local fact when it reads, in the same turn,

    - the same subject, predicate and object with another status ("I used to live in Porto": not current); or
    - on overlapping words, of the same subject, an object that shares a word with the local one's, in another predicate or
      delimited otherwise ("chef" as WORKS_AS, not IS_A; "marketing manager", not "manager"); or
    - on overlapping words, of the same subject, another object of a predicate that holds one value.

    Args:
        local: answers at once, offline.
        llm: the language model's extractor.
        catalogue: the relations; None for the model's own.
    """

    def __init__(self, local: Extractor, llm: Extractor, catalogue: Catalogue | None = None) -> None:
        self.local = local
        self.llm = llm
        self.catalogue = catalogue or getattr(llm, "catalogue", None) or Catalogue()
        self._failing = False

    @property
    def timeout(self) -> float | None:
        """Seconds that one call may take, or None when the model's extractor sets no limit."""
        limit: float | None = getattr(self.llm, "timeout", None)
        return limit

    async def extract(self, turns: Sequence[Turn], context: ExtractionContext | None = None) -> Extraction:
        """Read the facts that the user's turns state; a failure of the model leaves the local facts.

        Raises:
            ExtractionError: both failed.
        """
        read = await self.read_locally(turns, context)
        try:
            told = await self.llm.extract(turns, context)
        except ExtractionError as error:
            if LOCAL_FAILED in read.dropped:
                raise
            logger.log(logging.DEBUG if self._failing else logging.WARNING, "the local facts stand alone: %s", error)
            self._failing = True
            return replace(read, dropped={**read.dropped, LLM_FAILED: 1})
        self._failing = False
        return self.joined(turns, read, told)

    async def read_locally(self, turns: Sequence[Turn], context: ExtractionContext | None = None) -> Extraction:
        """Return the local reading alone; nothing but a count when the local extractor fails, so that the model's can come."""
        try:
            return await self.local.extract(turns, context)
        except Exception:
            logger.exception("the local extractor failed")
            return Extraction(dropped={LOCAL_FAILED: 1})

    def joined(self, turns: Sequence[Turn], local: Extraction, llm: Extraction) -> Extraction:
        """Return what the two readings of ``turns`` come to, by the agreement table."""
        return join(turns, local, llm, self.catalogue)

    def try_now(self) -> None:
        """Ask the model with the next call even if its endpoint is left alone for a while."""
        try_now = getattr(self.llm, "try_now", None)
        if try_now is not None:
            try_now()

    async def aclose(self) -> None:
        """Close what the two extractors hold open."""
        for extractor in (self.local, self.llm):
            close = getattr(extractor, "aclose", None)
            if close is not None:
                await close()


def join(turns: Sequence[Turn], local: Extraction, llm: Extraction, catalogue: Catalogue) -> Extraction:
    """Return what two readings of ``turns`` come to; see `HybridExtractor` for the table.

    Args:
        turns: what was read.
        local: the local extractor's reading.
        llm: the language model's.
        catalogue: the relations.
    """
    names = _Names((*local.entities, *llm.entities))
    facts = list(llm.facts)
    alone: list[ExtractedFact] = []
    dropped = Counter(local.dropped) + Counter(llm.dropped)
    for read in local.facts:
        same = next((i for i, fact in enumerate(facts) if _same(fact, read, names, catalogue)), None)
        if same is not None:
            facts[same] = _agreed(facts[same], read)
        elif any(_contradicts(fact, read, turns, names, catalogue) for fact in llm.facts):
            dropped[CONTRADICTED] += 1
        else:
            alone.append(read)
    facts = sorted([*facts, *alone], key=lambda fact: _place(fact, turns))
    return Extraction(entities_of(facts), tuple(facts), dict(sorted(dropped.items())), local.usage + llm.usage)


class _Names:
    """What entities are compared by: a name, or for a relation word the name of the one entity that bears it."""

    def __init__(self, mentions: Iterable[EntityMention]) -> None:
        bearers: dict[str, set[str]] = {}
        for mention in mentions:
            for alias in mention.aliases:
                if not mention.unnamed and role_of(alias) is not None:
                    bearers.setdefault(_word(alias), set()).add(normalize_name(mention.name))
        self._bearers = {word: next(iter(names)) for word, names in bearers.items() if len(names) == 1}

    def of(self, mention: EntityMention) -> str:
        """Return the key of a mention; the user's is empty."""
        if mention.label == USER_LABEL:
            return ""
        if not mention.unnamed:
            return normalize_name(mention.name)
        return self._bearers.get(_word(mention.name), _word(mention.name))


def _word(relation_word: str) -> str:
    key = normalize_name(relation_word)
    role = role_of(key) if " " not in key else None
    return role.canonical if role is not None else key


def _link(fact: ExtractedFact, names: _Names, catalogue: Catalogue) -> tuple[str, str, str]:
    """Return subject, predicate and object, the same whichever way round a relation was told."""
    subject, object_ = names.of(fact.subject), names.of(fact.object)
    relation = catalogue.get(fact.predicate)
    if fact.ends_all:
        return subject, fact.predicate, "*"
    if relation.symmetric and object_ < subject:
        return object_, fact.predicate, subject
    if relation.inverse is not None and relation.inverse < fact.predicate:
        return object_, relation.inverse, subject
    return subject, fact.predicate, object_


def _same(told: ExtractedFact, read: ExtractedFact, names: _Names, catalogue: Catalogue) -> bool:
    return (
        told.turn == read.turn
        and told.status is read.status
        and _link(told, names, catalogue) == _link(read, names, catalogue)
    )


def _contradicts(
    told: ExtractedFact, read: ExtractedFact, turns: Sequence[Turn], names: _Names, catalogue: Catalogue
) -> bool:
    """Whether the model's fact excludes the local one, of which it is known that the model did not confirm it."""
    if told.turn != read.turn:
        return False
    if _link(told, names, catalogue) == _link(read, names, catalogue):
        return True
    if names.of(told.subject) != names.of(read.subject) or not _overlap(told, read, turns):
        return False
    if told.predicate == read.predicate and (told.ends_all or read.ends_all):
        return told.status is read.status
    if _words(told.object) & _words(read.object):
        return True
    return told.predicate == read.predicate and told.status is read.status and catalogue.get(read.predicate).single


def _words(mention: EntityMention) -> set[str]:
    """Return the words of a name that can tell it from another."""
    words = normalize_name(mention.name).split()
    return {word for word in words if len(word) > _SHORT} or set(words)


def _overlap(told: ExtractedFact, read: ExtractedFact, turns: Sequence[Turn]) -> bool:
    (start, end), (other_start, other_end) = _span(told, turns), _span(read, turns)
    return start < other_end and other_start < end


def _span(fact: ExtractedFact, turns: Sequence[Turn]) -> tuple[int, int]:
    """Return where the evidence stands in its turn; without any it is the whole turn."""
    text = turns[fact.turn].text
    start = text.find(fact.evidence) if fact.evidence else -1
    return (0, len(text)) if start < 0 else (start, start + len(fact.evidence))


def _place(fact: ExtractedFact, turns: Sequence[Turn]) -> tuple[int, int]:
    return fact.turn, _span(fact, turns)[0]


def _agreed(told: ExtractedFact, read: ExtractedFact) -> ExtractedFact:
    """Return the one fact that both read."""
    either = 1.0 - (1.0 - told.confidence) * (1.0 - read.confidence)
    turned = normalize_name(told.subject.name) != normalize_name(read.subject.name) and (
        normalize_name(told.subject.name) == normalize_name(read.object.name)
    )
    subject, object_ = (read.object, read.subject) if turned else (read.subject, read.object)
    return replace(
        told,
        subject=_fuller(told.subject, subject),
        object=_fuller(told.object, object_),
        valid_from=told.valid_from or read.valid_from,
        valid_to=told.valid_to or read.valid_to,
        confidence=round(max(told.confidence, read.confidence, min(MAX_CONFIDENCE, either)), 6),
        replaces=told.replaces or read.replaces,
        verb=told.verb or read.verb,
    )


def _fuller(told: EntityMention, read: EntityMention) -> EntityMention:
    """Return the model's mention, with what only the local one knows of it: a name, other words."""
    if told.label == USER_LABEL:
        return told
    if told.unnamed and not read.unnamed and read.label != USER_LABEL:
        return read
    if normalize_name(told.name) != normalize_name(read.name):
        return told
    return replace(told, aliases=tuple(dict.fromkeys((*told.aliases, *read.aliases))))
