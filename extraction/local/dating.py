"""Which time belongs to which fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from extraction.local import times
from extraction.local.candidates import Candidate
from extraction.local.function_words import DAYS, MONTHS, SEASONS
from extraction.local.tokens import Sentence
from extraction.records import FactStatus

_UNDATED = frozenset(
    "HAS_NAME HAS_AGE BORN_ON BORN_IN COMES_FROM HAS_CHILD HAS_PARENT HAS_SIBLING HAS_RELATIVE PLANS_TO PREFERS".split()
)
_TAIL, _LEAD = 10, 6
_BEGINNINGS = {
    "HAS_PET": frozenset({"got", "adopted", "rescued", "bought"}),
    "MARRIED_TO": frozenset({"married", "wed"}),
}
_VERB_BEFORE = 6
_APART = frozenset({"and", "but", ",", "to"})
_BEGUN = frozenset({"started", "began", "begun"})
_BREAKS = frozenset({".", ";", "!", "?", "-", "—", "("})


def dated(candidates: list[Candidate], sentences: dict[int, Sentence], at: datetime | None) -> list[Candidate]:
    """Return the candidates with their times.

    Args:
        candidates: those of one turn.
        sentences: the turn's sentences by their numbers.
        at: when the turn was said.
    """
    beside: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        beside[candidate.sentence].append(candidate)
    return [
        c if c.predicate in _UNDATED else _dated(c, sentences[c.sentence], beside[c.sentence], at) for c in candidates
    ]


def _dated(candidate: Candidate, sentence: Sentence, others: list[Candidate], at: datetime | None) -> Candidate:
    if candidate.told == "link" and not _is_event(candidate, sentence):
        return candidate
    start, end = _window(candidate, sentence, others)
    found = times.find(sentence.norms, start, end, at)
    if not found:
        return candidate
    valid_from, valid_to = candidate.valid_from, candidate.valid_to
    ended = candidate.status is FactStatus.ENDED
    for time in found:
        if time.role is times.Role.UNTIL or (ended and candidate.told == "event"):
            valid_to = valid_to or time.value
        elif ended:
            if time.role is times.Role.SINCE and sentence.norms[time.start] in ("from", "between"):
                valid_from = valid_from or time.value
        elif candidate.status is FactStatus.CURRENT and _begins(candidate, time, sentence):
            valid_from = valid_from or time.value
    return replace(candidate, valid_from=valid_from, valid_to=valid_to)


def _begins(candidate: Candidate, time: times.Time, sentence: Sentence) -> bool:
    """ "I moved in May" began in May, as "I started to play chess in May" did; "I play chess on Mondays in May" did not, "since May"
    always did."""
    if time.role is times.Role.SINCE or candidate.told == "event" or _is_event(candidate, sentence):
        return True
    first, last = candidate.tokens
    return not _BEGUN.isdisjoint(sentence.norms[max(0, first - 2) : last])


def _is_event(candidate: Candidate, sentence: Sentence) -> bool:
    """ "We adopted a cat called Momo a week ago", "she married her fiancé Mart in May": how the tie began."""
    verbs = _BEGINNINGS.get(candidate.predicate, frozenset())
    first, last = candidate.tokens
    before = sentence.norms[max(0, first - _VERB_BEFORE) : last]
    verb = next((k for k, word in enumerate(before) if word in verbs), None)
    return verb is not None and _APART.isdisjoint(before[verb:])


def _window(candidate: Candidate, sentence: Sentence, others: list[Candidate]) -> tuple[int, int]:
    """Return the tokens in which the candidate's time may stand: its own words, what follows up to the next fact, and
    what leads in to it at the head of its clause."""
    norms = sentence.norms
    first, last = candidate.tokens
    end = last
    following = min((c.tokens[0] for c in others if c.tokens[0] >= last), default=len(norms))
    while end < min(len(norms), following, last + _TAIL) and norms[end] not in _BREAKS:
        if norms[end] in ("and", "but") and norms[end + 1 : end + 2] in (("i",), ("my",), ("now",), ("we",)):
            break
        end += 1
    before = max((c.tokens[1] for c in others if c.tokens[1] <= first), default=0)
    start = first
    while start > max(before, first - _LEAD, 0) and norms[start - 1] not in _BREAKS:
        if norms[start - 1] in ("and", "but") and _ends_in_a_time(norms[: start - 1]):
            break
        start -= 1
    return start, end


def _ends_in_a_time(norms: Sequence[str]) -> bool:
    """Whether a clause has its own time at its end ("died in 2019 and ...")."""
    word = next((norm for norm in reversed(norms[-2:]) if norm != ","), "")
    return word in MONTHS | SEASONS | DAYS | {"ago", "year", "week", "month", "yesterday"} or word.isdigit()
