"""Facts for a question, most useful first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from extraction.kinship import COUPLE
from extraction.records import USER_LABEL, FactStatus
from graphmem.rank.cues import ties
from graphmem.rank.proximity import personalized_pagerank
from graphmem.rank.question import Question, read_question
from graphmem.rank.weights import coverage, document_frequencies, nearer_than_most
from graphmem.records import Entity, Fact, Hit
from graphmem.stores.base import Recalled
from graphmem.stores.embedding import Nearness
from graphmem.text import Probe, idf, terms

WORDS, EVIDENCE, CUE, NEARNESS = 1.0, 0.4, 1.0, 0.6
"""What a full match of the fact's sentence, of the words it was read from and of its predicate, and nearness in the graph, add."""

MEANING, _TELLS_NOTHING, _TELLS_ALL = 0.8, 1.0, 4.0
"""What nearness by meaning adds at most, where an embedder is set, and by how many standard deviations a fact is nearer to the
question than most memories when it adds nothing yet, and when it adds all of that."""

TIE = 0.5
"""Share of the above for a tie between people when it is only the way to somebody."""

UNLINKED = 0.15
"""Share of nearness that counts when the question names no entity: all of the user's facts are near the user then."""

MATCHED = 0.3
"""From this score on something of the question speaks for a fact; below, only that it is the user's."""

_USER_SEED, _PERSON_SEED = 0.4, 0.7
_BEINGS = frozenset({"Person", "Animal", USER_LABEL})
_WERE_TRUE = frozenset({FactStatus.CURRENT, FactStatus.ENDED})
_CLEARLY = 0.7
_PERSONAL = {
    "HAS_NAME": 0.12,
    "LIVES_IN": 0.11,
    "WORKS_AT": 0.1,
    "WORKS_AS": 0.1,
    "MARRIED_TO": 0.08,
    "PARTNER_OF": 0.08,
    "ALLERGIC_TO": 0.07,
    "HAS_CHILD": 0.06,
    "COMES_FROM": 0.05,
}
_HALF_LIFE_DAYS = 730.0
_ASKED = 0.5


def wanted_predicates(probe: Probe | None) -> tuple[tuple[str, ...], ...]:
    """Return the predicates of facts that a store must not leave out: what an agent always wants to know of the user, and what a
    question points at."""
    asked = read_question(probe).predicates or {}
    pointed = tuple(sorted(p for p, weight in asked.items() if weight >= _ASKED and p not in _PERSONAL))
    return (tuple(_PERSONAL), pointed) if pointed else (tuple(_PERSONAL),)


def asked_ties(probe: Probe | None) -> tuple[str, ...]:
    """Return the predicates by which somebody whom a question means is tied to the user: "my sister" is who HAS_SIBLING leads to."""
    asked = read_question(probe).predicates or {}
    found = {p for p, weight in asked.items() if weight >= _CLEARLY and p in ties()}
    return tuple(sorted(found if found.isdisjoint(COUPLE) else found | COUPLE))


def rank_facts(recalled: Recalled, question: Question | None = None) -> list[Hit]:
    """Rank the facts that a store brought.

    A fact counts by the question's words in its sentence and in the words it was read from, by the predicates that the question
    points at, by its nearness in the graph to the entities that the question names and to the user, and by its nearness by
    meaning where that was compared; then by status, confidence and age. Facts of the user that nothing speaks for come last,
    what an agent always wants to know first (name, place, work). Retracted facts never come.

    Args:
        recalled: what the store brought.
        question: the question as already read; None reads it off ``recalled.query``.

    Returns:
        Hits with a fact, best first; equal ones newest first, then by id.
    """
    asked = read_question(recalled.query) if question is None else question
    facts = sorted((f for f in recalled.facts if f.status is not FactStatus.RETRACTED), key=lambda f: f.id)
    if not facts:
        return []
    sentences = [frozenset(terms(f.text)) for f in facts]
    near = _nearness(recalled, facts, sentences, asked)
    evidences = [frozenset(terms(f.evidence)) | words for f, words in zip(facts, sentences, strict=True)]
    frequencies = document_frequencies(evidences, frozenset(asked.terms))
    weights = {t: idf(frequencies[t], len(facts)) for t in asked.terms if t in frequencies}
    cues = _cues(asked)
    newest = max(f.recorded_at for f in facts)
    hits = [
        Hit(
            (
                WORDS * coverage(weights, words)
                + EVIDENCE * coverage(weights, evidence)
                + cues.get(fact.predicate, 0.0)
                + NEARNESS * nearness
                + _meaning(fact, recalled.nearness)
                + _personal(fact)
            )
            * _standing(fact, asked)
            * _freshness(fact.recorded_at, newest),
            fact=fact,
        )
        for fact, words, evidence, nearness in zip(facts, sentences, evidences, near, strict=True)
    ]
    return sorted(hits, key=_order)


def _meaning(fact: Fact, nearness: Nearness | None) -> float:
    if nearness is None:
        return 0.0
    above = nearer_than_most(nearness.facts.get(fact.id), nearness)
    return MEANING * min(1.0, max(0.0, (above - _TELLS_NOTHING) / (_TELLS_ALL - _TELLS_NOTHING)))


def _cues(asked: Question) -> dict[str, float]:
    """What each predicate adds. To be somebody's sister is only the way to her when the question clearly wants to know more."""
    weights = asked.predicates or {}
    wants_more = any(weight >= _CLEARLY for predicate, weight in weights.items() if predicate not in ties())
    return {p: CUE * weight * (TIE if wants_more and p in ties() else 1.0) for p, weight in weights.items()}


def _order(hit: Hit) -> tuple[float, float, str]:
    assert hit.fact is not None  # noqa: S101 - every hit here was made with a fact
    return (-hit.score, -hit.fact.recorded_at.timestamp(), hit.fact.id)


def _nearness(
    recalled: Recalled, facts: Sequence[Fact], sentences: Sequence[frozenset[str]], asked: Question
) -> list[float]:
    """Each fact's nearness, the nearest 1: what flows over its edge in a walk from whom the question is about, and the user."""
    seeds = _people_meant(facts, sentences, asked) | {e.id: 1.0 for e in recalled.linked}
    user = recalled.user
    weight = 1.0 if any(user is None or seed != user.id for seed in seeds) else UNLINKED
    if user is not None:
        seeds.setdefault(user.id, _USER_SEED)
    shares = personalized_pagerank([(f.subject.id, f.object.id) for f in facts], seeds)
    degrees: dict[str, int] = {}
    for fact in facts:
        for end in (fact.subject.id, fact.object.id):
            degrees[end] = degrees.get(end, 0) + 1
    flows = [sum(shares.get(end, 0.0) / degrees[end] for end in (f.subject.id, f.object.id)) for f in facts]
    most = max(flows)
    return [weight * flow / most if most else 0.0 for flow in flows]


def _people_meant(facts: Sequence[Fact], sentences: Sequence[frozenset[str]], asked: Question) -> dict[str, float]:
    """Those whom the question names by what they are to somebody ("my sister", "her husband"), as seeds.

    Of facts with the same such predicate those count that have a word of the question ("has a sister, Ana"), else all of them.
    """
    words = frozenset(asked.terms)
    ties: dict[str, dict[bool, set[str]]] = {}
    for fact, sentence in zip(facts, sentences, strict=True):
        if fact.object.label in _BEINGS and asked.points_at(fact.predicate) >= _CLEARLY and fact.status in _WERE_TRUE:
            ends = {e.id for e in (fact.subject, fact.object) if not _is_user(e)}
            ties.setdefault(fact.predicate, {}).setdefault(not words.isdisjoint(sentence), set()).update(ends)
    return {
        person: _PERSON_SEED for by_word in ties.values() for person in by_word.get(True) or by_word.get(False, set())
    }


def _personal(fact: Fact) -> float:
    return 0.05 + _PERSONAL.get(fact.predicate, 0.0) if _is_user(fact.subject) or _is_user(fact.object) else 0.0


def _is_user(entity: Entity) -> bool:
    return entity.label == USER_LABEL


def _standing(fact: Fact, question: Question) -> float:
    if fact.status is FactStatus.CURRENT:
        standing = 1.0
    elif fact.status is FactStatus.ENDED:
        standing = 1.3 if question.past else 0.5
    else:
        standing = 0.8 if question.past else 0.6
    return standing * (0.5 + 0.5 * fact.confidence)


def _freshness(at: datetime, newest: datetime) -> float:
    """Between 1 for the newest fact and 0.7 for an ancient one; counted from the newest fact, so that old memories rank alike."""
    days = (newest - at).total_seconds() / 86_400
    return float(0.7 + 0.3 * 0.5 ** (days / _HALF_LIFE_DAYS))


def answering(hits: Sequence[Hit]) -> list[Hit]:
    """Return the ranked facts that something of the question speaks for, in their order."""
    return [hit for hit in hits if hit.score >= MATCHED]
