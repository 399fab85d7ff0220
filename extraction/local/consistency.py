"""What does not go together with the rest of its sentence or message: the last look at a turn's candidates."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace

from extraction.kinship import COUPLE, TIES
from extraction.local import lexicon
from extraction.local.build import Builder, Reading
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity
from extraction.local.fitting import holds
from extraction.local.numbers import number
from extraction.local.tokens import Sentence
from extraction.names import normalize_name
from extraction.records import FactStatus

_SOJOURNS = (
    ("this", "week"),
    ("this", "weekend"),
    ("this", "morning"),
    ("this", "afternoon"),
    ("this", "evening"),
    ("for", "the", "weekend"),
    ("for", "the", "week"),
    ("for", "the", "day"),
    ("for", "the", "night"),
    ("for", "a", "week"),
    ("for", "a", "weekend"),
    ("for", "a", "night"),
    ("for", "a", "few", "days"),
    ("for", "a", "couple", "of", "days"),
    ("for", "a", "conference"),
    ("for", "a", "wedding"),
    ("for", "a", "meeting"),
    ("for", "work"),
    ("for", "business"),
    ("on", "business"),
    ("on", "holiday"),
    ("on", "holidays"),
    ("on", "vacation"),
    ("on", "a", "trip"),
    ("on", "a", "business", "trip"),
    ("today",),
    ("tonight",),
    ("right", "now"),
    ("visiting",),
    ("until",),
    ("till",),
)
_DWELLING = frozenset(
    "live lives lived living move moved moving relocate relocated relocating settle settled settling reside "
    "resides based home rent renting emigrated immigrated house flat apartment place".split()
)
_LOOK_BACK = 200
_ONE_PLACE = frozenset("LIVES_IN BORN_IN COMES_FROM LOCATED_IN".split())
_ENDS_WITH_LIFE = ("LIVES_IN", "WORKS_AT", "WORKS_AS", *sorted(COUPLE))
_SURE = 0.85
_OF_THE_LIVING = frozenset("WORKS_AS WORKS_AT LIVES_IN PLAYS OWNS USES MEMBER_OF STUDIES STUDIES_AT SPEAKS".split())


def consistent(candidates: list[Candidate], sentences: dict[int, Sentence]) -> list[Candidate]:
    """Return the candidates of a turn that stand together.

    Args:
        candidates: those of the frames and of a model.
        sentences: the turn's sentences by their numbers.
    """
    kept = []
    beside: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        beside[candidate.sentence].append(candidate)
    for candidate in candidates:
        sentence = sentences[candidate.sentence]
        if (
            _is_over(candidate, beside[candidate.sentence])
            or _is_one_of_several_ages(candidate, sentence)
            or _is_sojourn(candidate, sentence)
            or _is_named_beside(candidate, candidates)
            or _is_container(candidate, beside[candidate.sentence], sentence)
        ):
            continue
        kept.append(_of_the_dead(_visited(_born(candidate, sentence), sentence)))
    return kept


def of_organizations(candidates: list[Candidate], told: list[Candidate]) -> Iterator[Candidate]:
    """Yield the candidates of a turn; nobody lives in a firm, and no firm lives anywhere: "Vasile left Lindmejeri for Solbakke",
    "Solbakke is based in Esbjerg".

    Args:
        candidates: of the turn.
        told: facts of the turns before, oldest first.
    """
    firms = {
        normalize_name(c.object.name): c.object
        for c in (*told[-_LOOK_BACK:], *candidates)
        if c.object.label == "Organization" and not c.object.unnamed
    }
    located = {normalize_name(c.subject.name) for c in candidates if c.predicate == "LOCATED_IN"}
    for candidate in candidates:
        subject, place = normalize_name(candidate.subject.name), normalize_name(candidate.object.name)
        if candidate.predicate != "LIVES_IN" or (subject not in firms and place not in firms):
            yield candidate
        elif subject in firms:
            if candidate.status is FactStatus.CURRENT and subject not in located:
                yield replace(candidate, subject=firms[subject], predicate="LOCATED_IN", replaces=False)
        elif place in lexicon.words("places"):
            yield candidate


def ended_by_death(
    told: list[Candidate], readings: list[Reading], builder: Builder, speaker: Entity, known: Collection[str]
) -> Iterator[Candidate]:
    """Yield the end of what was told before of somebody who, as a turn says, has died, and of the ties to it.

    Of who is known from elsewhere it is open what was told: an animal was the speaker's, a person's home, work and marriage end.

    Args:
        told: facts of the turns before, oldest first.
        readings: the turn's sentences.
        builder: makes the facts.
        speaker: who says "I".
        known: normalised names of who is known from elsewhere.
    """
    for reading in readings:
        for mention in reading.mentions.items:
            dead = mention.entity
            if not dead.died:
                continue
            span = (mention.start, mention.end)
            newest = {c.key[:3]: c for c in told[-_LOOK_BACK:] if dead in (c.subject, c.object)}
            if not newest and normalize_name(dead.name) in known:
                if dead.label == "Animal":
                    ended = FactStatus.ENDED
                    yield builder.candidate(reading, speaker, "HAS_PET", dead, ended, span, span, _SURE, "link")
                elif dead.label == "Person":
                    for predicate in _ENDS_WITH_LIFE:
                        yield builder.ending_all(reading, dead, predicate, span, span, _SURE)
            for candidate in newest.values():
                over = candidate.predicate in (_OF_THE_LIVING if candidate.subject is dead else TIES)
                if candidate.status is FactStatus.CURRENT and over:
                    yield replace(
                        candidate,
                        status=FactStatus.ENDED,
                        place=reading.sentence.span(*span),
                        evidence=reading.sentence.span(0, len(reading.sentence)),
                        sentence=reading.number,
                        tokens=span,
                        told="link",
                        replaces=False,
                        valid_from=None,
                    )


def _born(candidate: Candidate, sentence: Sentence) -> Candidate:
    """ "She had a baby girl, Salma": whoever was born is there."""
    if candidate.predicate != "HAS_CHILD" or candidate.status is not FactStatus.ENDED:
        return candidate
    pairs = itertools.pairwise(sentence.norms)
    born = any(a == "had" and b in _BIRTHS for a, b in pairs) and _LOSSES.isdisjoint(sentence.norms)
    return replace(candidate, status=FactStatus.CURRENT) if born else candidate


_BIRTHS = frozenset("a another twins triplets her his their our".split())
_LOSSES = frozenset("died dies dead lost lose passed killed stillborn miscarried miscarriage".split())


def _visited(candidate: Candidate, sentence: Sentence) -> Candidate:
    """ "I was in Rome in June" tells of a visit, "I was in Rome for ten years" of a home."""
    if candidate.predicate != "LIVES_IN" or candidate.status is not FactStatus.ENDED:
        return candidate
    first, _ = _tokens(candidate, sentence)
    if sentence.norms[max(0, first - 2) : first] not in _STAYED or not _LONG.isdisjoint(sentence.norms):
        return candidate
    return replace(candidate, predicate="VISITED", status=FactStatus.CURRENT)


_STAYED = (("was", "in"), ("were", "in"))
_LONG = _DWELLING | frozenset(
    "year years decade decades until till born raised grew before back when student job".split()
)


def _of_the_dead(candidate: Candidate) -> Candidate:
    """What held of somebody dead is over, and so is every relation to somebody who has just been told to have died."""
    if candidate.status is not FactStatus.CURRENT:
        return candidate
    parted = candidate.object.late and candidate.predicate in ("HAS_PET", *COUPLE)
    mourned = candidate.told == "link" and candidate.predicate != "IS_A" and candidate.object.died
    past = candidate.subject.late and candidate.predicate in _OF_THE_LIVING
    return replace(candidate, status=FactStatus.ENDED) if parted or mourned or past else candidate


def _is_over(candidate: Candidate, beside: list[Candidate]) -> bool:
    """Whether words of the same sentence say that the fact has ended."""
    if candidate.status is not FactStatus.CURRENT:
        return False
    for other in beside:
        if (
            other.status is FactStatus.ENDED
            and other.subject is candidate.subject
            and other.predicate == candidate.predicate
            and (_overlap(other, candidate) or (other.ends_all and _same_end(other, candidate)))
        ):
            return True
    return False


def _overlap(one: Candidate, other: Candidate) -> bool:
    return one.object is other.object or (one.place[0] < other.place[1] and other.place[0] < one.place[1])


def _same_end(ended: Candidate, candidate: Candidate) -> bool:
    """ "I quit my job to join Otto" ends the others; what stands after the end began with it."""
    return (candidate.told == "link" and candidate.predicate in COUPLE) or candidate.place[1] <= ended.place[0]


def _is_one_of_several_ages(candidate: Candidate, sentence: Sentence) -> bool:
    """ "My kids are 3 and 5" tells no age that all of them have."""
    if candidate.predicate != "HAS_AGE" or not candidate.subject.plural:
        return False
    first, last = _tokens(candidate, sentence)
    norms = sentence.norms
    after = next((n for n in norms[last : last + 3] if n not in ("and", "&", ",")), ".")
    before = next((n for n in reversed(norms[max(0, first - 3) : first]) if n not in ("and", "&", ",")), ".")
    joined_after = norms[last : last + 1] in (("and",), ("&",), (",",)) and number(after) is not None
    joined_before = norms[first - 1 : first] in (("and",), ("&",), (",",)) and number(before) is not None
    return joined_after or joined_before


def _is_sojourn(candidate: Candidate, sentence: Sentence) -> bool:
    """ "I'm in Rome this week" tells of no home."""
    if candidate.predicate != "LIVES_IN" or candidate.status is not FactStatus.CURRENT or candidate.replaces:
        return False
    clause = _clause(sentence, *_tokens(candidate, sentence))
    return not any(n in _DWELLING for n in clause) and any(holds(clause, phrase) for phrase in _SOJOURNS)


def _is_container(candidate: Candidate, beside: list[Candidate], sentence: Sentence) -> bool:
    """ "London, UK" is one place; "Rome, Paris and Oslo" are three."""
    if candidate.predicate not in _ONE_PLACE:
        return False
    alike = [
        other
        for other in beside
        if other.subject is candidate.subject
        and (other.predicate, other.status) == (candidate.predicate, candidate.status)
    ]
    first = min(alike, key=lambda one: one.place)
    between = [token.norm for token in sentence.tokens if first.place[1] <= token.start < candidate.place[0]]
    return len(alike) == 2 and first is not candidate and between == [","]


def _is_named_beside(candidate: Candidate, candidates: list[Candidate]) -> bool:
    """ "Kemal isn't my brother, he's my cousin": beside the cousin's name "cousin" is nobody else."""
    if (
        candidate.told != "link"
        or not candidate.object.unnamed
        or candidate.object.plural
        or candidate.predicate == "HAS_PET"
    ):
        return False
    return any(
        other.predicate == candidate.predicate
        and other.subject is candidate.subject
        and abs(other.sentence - candidate.sentence) <= 1
        and not other.object.unnamed
        and other.told != "link"
        and other.object.gender in (None, candidate.object.gender)
        for other in candidates
    )


def _clause(sentence: Sentence, first: int, last: int) -> tuple[str, ...]:
    norms = sentence.norms
    start, end = first, last
    while start > 0 and norms[start - 1] not in _EDGES:
        start -= 1
    while end < len(norms) and norms[end] not in _EDGES:
        end += 1
    return norms[start:end]


_EDGES = frozenset({".", ";", "!", "?", ",", "but", "because", "and", "-", "—", "(", ")"})


def _tokens(candidate: Candidate, sentence: Sentence) -> tuple[int, int]:
    touched = [i for i, t in enumerate(sentence.tokens) if t.start < candidate.place[1] and candidate.place[0] < t.end]
    return (touched[0], touched[-1] + 1) if touched else candidate.tokens
