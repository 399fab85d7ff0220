"""Cuts an object to the words that count and reads its state off those around it: for the frames and a model alike."""

from __future__ import annotations

import re

from extraction.local import lexicon, objects
from extraction.local.function_words import AUXILIARIES, PAUSES
from extraction.local.refusing import Fitted, says_nothing
from extraction.local.spans import without_time
from extraction.local.tokens import Sentence, Span
from extraction.records import FactStatus

_AGE = re.compile(r"(\d{1,3})[ -]?(?:y\.?o|y/o|yrs?|years?)\.?(?:[ -]?olds?)?", re.I)
_WITHOUT_TIME = frozenset("WORKS_AT WORKS_AS MEMBER_OF STUDIES_AT LIVES_IN COMES_FROM VISITED OWNS USES".split())


def where_met(norms: tuple[str, ...], i: int) -> bool:
    """Whether the place at token ``i`` is where people met or married ("I met my husband in Nepal"), which is not where they live."""
    return not _MET.isdisjoint(norms[max(0, i - _CLAUSE) : i])


def age_text(text: str) -> str:
    """Return "19" for "19yo" and "19 years old", any other text as it is.

    Args:
        text: the words of an age.
    """
    found = _AGE.fullmatch(text)
    return found[1] if found else text


def denied(sentence: Sentence, span: Span, status: FactStatus) -> tuple[Span, FactStatus]:
    """Return the words and the state of an object with "no" before it: "no Japanese" is Japanese, denied, and so is "neither a car".

    Args:
        sentence: the sentence.
        span: the object's tokens.
        status: what the rest of the wording says.
    """
    start, end = span
    norms = sentence.norms
    if "neither" in norms[start : end - 1]:
        start = min(objects.phrase_start(sentence, norms.index("neither", start) + 1), end - 1)
    elif end - start > 1 and norms[start] in ("no", "zero") and not sentence.tokens[start].capital:
        start += 1
    elif _NOT_EITHER.isdisjoint(norms[max(0, start - 2) : start]):
        return span, status
    return (start, end), FactStatus.NEGATED if status is FactStatus.CURRENT else status


def of_proposal(
    sentence: Sentence, predicate: str, span: Span, status: FactStatus, *, own: bool
) -> tuple[Span, FactStatus] | None:
    """Return the words and the state that a model's proposal stands for; None when it says nothing of its predicate.

    Args:
        sentence: the sentence.
        predicate, span, status: the proposal.
        own: whether it is said of the speaker.
    """
    if predicate == "SPEAKS":
        span, status = _language(sentence, span, status)
    elif predicate != "LIKES" and predicate != "DISLIKES":
        span, status = denied(sentence, span, status)
    if predicate in _WITHOUT_TIME:
        span = without_time(sentence, span)
    changed = _by_cue(sentence.norms, predicate, span, status)
    if changed is None or _is_no_age(sentence.norms, predicate, span):
        return None
    status = changed
    if predicate == "PLANS_TO" and status is FactStatus.NEGATED:
        status = FactStatus.ENDED
    fitted = Fitted(sentence, predicate, span, status, own)
    return None if says_nothing(fitted) else (span, status)


_LEFT_BEHIND = (
    ("done", "with"),
    ("through", "with"),
    ("gave", "up"),
    ("given", "up"),
    ("giving", "up"),
    ("quit",),
    ("sold",),
    ("ditched",),
    ("dropped",),
    ("cancelled",),
    ("deleted",),
    ("stopped",),
    ("stopped", "using"),
    ("got", "rid", "of"),
)
_LEAVABLE = frozenset("USES OWNS PLAYS MEMBER_OF WORKS_AT STUDIES_AT STUDIES LIKES HAS_PET".split())
_MET = frozenset({"met", "married", "proposed"})
_CLAUSE = 6
_ON_LEAVE = re.compile(r"\bon (?:\w+ ){0,2}leave from(?: the| my)?$")
_COMMUTING = frozenset("commute commutes commuting commuted".split())
_WAY = 8
_NOT_EITHER = frozenset({"neither", "nor"})
_EXCEPTING = frozenset("except besides unlike against nearly almost".split())
_NOT_OWNED = frozenset(
    "rent rented renting borrow borrowed borrowing hire hired lease leasing need want buying".split()
)
_NO_LONGER = (("anymore",), ("any", "more"), ("any", "longer"), ("these", "days"), ("nowadays",), ("now",))


def _by_cue(norms: tuple[str, ...], predicate: str, span: Span, status: FactStatus) -> FactStatus | None:
    """Return the state that the words right before and after an object tell; None when they say that it is none."""
    before = norms[max(0, span[0] - 4) : span[0]]
    for k in range(len(before) - 1, -1, -1):
        if before[k] in PAUSES:
            before = before[k + 1 :]
            break
    if predicate == "LIVES_IN" and (where_met(norms, span[0]) or _is_workplace(norms, span[0])):
        return None
    if predicate == "WORKS_AT" and status is FactStatus.ENDED and _ON_LEAVE.search(" ".join(norms[: span[0]])):
        return FactStatus.CURRENT
    if _EXCEPTING.intersection(before) or (predicate == "OWNS" and _NOT_OWNED.intersection(before)):
        return None
    after = norms[span[1] : span[1] + 3]
    if status is FactStatus.NEGATED and any(holds(after, cue) for cue in _NO_LONGER):
        return FactStatus.ENDED
    if status is FactStatus.CURRENT and predicate in _LEAVABLE and any(holds(before, cue) for cue in _LEFT_BEHIND):
        return FactStatus.ENDED
    return status


def _is_workplace(norms: tuple[str, ...], i: int) -> bool:
    """ "I commute from Reading to London": nobody lives where the way to work ends."""
    return norms[max(0, i - 1) : i] == ("to",) and not _COMMUTING.isdisjoint(norms[max(0, i - _WAY) : i])


def holds(norms: tuple[str, ...], cue: tuple[str, ...]) -> bool:
    """Whether the words of ``cue`` stand one after the other among those of ``norms``."""
    return any(norms[i : i + len(cue)] == cue for i in range(len(norms) - len(cue) + 1))


def _is_no_age(norms: tuple[str, ...], predicate: str, span: Span) -> bool:
    """ "5'2", "we are 4", "8 of us", "her 60th" and "30 below" are no ages."""
    if predicate != "HAS_AGE":
        return False
    words = norms[span[0] : span[1]]
    if norms[span[1] : span[1] + 2] in (("year", "olds"), ("-", "year")) or norms[span[1] : span[1] + 1] == (
        "year-olds",
    ):
        return True
    odd = any("'" in word or word.endswith(("th", "st", "rd")) for word in words) or (
        norms[span[1] : span[1] + 1] in (("'",), ("below",), ("degrees",))
        or norms[span[1] : span[1] + 2] in (("of", "us"), ("of", "them"), ("at", "home"))
    )
    return odd or "we" in norms[max(0, span[0] - 2) : span[0]]


def _language(sentence: Sentence, span: Span, status: FactStatus) -> tuple[Span, FactStatus]:
    """ "Kenji speaks no Portuguese" was meant for its last word."""
    start, end = span
    norms = sentence.norms
    verbs = AUXILIARIES.union(lexicon.verb_forms()["speak"])
    verb = next((i for i in range(end - 1, start - 1, -1) if norms[i] in verbs), None)
    if verb is not None and verb + 1 < end:
        start = verb + 1
    span, status = denied(sentence, (start, end), status)
    if span[0] > 0 and norms[span[0] - 1] == "no" and status is FactStatus.CURRENT:
        status = FactStatus.NEGATED
    return span, status
