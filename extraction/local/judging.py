"""How likely a model's proposal is right after what the rules see of it: log-odds for and against, as measured.

The weights were fitted by logistic regression on proposals for messages that the model had not learned from.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from extraction.local import checks, lexicon
from extraction.local.numbers import number
from extraction.local.tokens import Sentence, Span
from extraction.records import FactStatus

_TRUST = 0.8
_FIT, _ODD_JOB = 0.55, -0.7
_DENIED = -0.7
_FAR_SUBJECT, _OTHER_SUBJECT, _OWN_SUBJECT = -0.7, -0.3, 0.2
_READ_OF_ANOTHER, _READ_OTHERWISE = -1.5, -0.6
_THIRD_PERSON, _IN_PASSING = -0.35, -0.3
_MOST = 5.0
_THIRD = frozenset("he she they his her their you your".split())
_NEAR = 7


def judged(confidence: float, *evidence: float) -> float:
    """Return the chance that a proposal is right.

    Args:
        confidence: the model's, 0 to 1.
        evidence: log-odds from the functions below.
    """
    odds = math.log(confidence / (1 - confidence)) if 0 < confidence < 1 else math.copysign(_MOST, confidence - 0.5)
    total = _TRUST * min(_MOST, max(-_MOST, odds)) + sum(evidence)
    return round(1 / (1 + math.exp(-total)), 3)


def of_object(sentence: Sentence, span: Span, predicate: str, status: FactStatus) -> float:
    """Return what the object's words say: a name where one belongs, an occupation, a language.

    Args:
        sentence: the sentence.
        span, predicate, status: the proposal.
    """
    denied = _DENIED if status is FactStatus.NEGATED else 0.0
    fit = _FITS.get(predicate)
    if fit is None:
        return denied
    if fit(sentence, span):
        return denied + _FIT
    return denied + (_ODD_JOB if predicate == "WORKS_AS" else 0.0)


def of_subject(sentence: Sentence, span: Span, *, own: bool, here: bool, agrees: bool | None) -> float:
    """Return what the way to the subject says.

    Args:
        sentence: the object's sentence.
        span: the object.
        own: the proposal is about the speaker.
        here: its subject stands in the same sentence.
        agrees: whether the subject of the object's own clause is the same; None when that has none in sight.
    """
    clause = 0.0 if agrees is None else _OWN_SUBJECT if agrees else _OTHER_SUBJECT
    if not own:
        return clause + (0.0 if here else _FAR_SUBJECT)
    return clause + (_THIRD_PERSON if _THIRD.intersection(sentence.norms[max(0, span[0] - _NEAR) : span[0]]) else 0.0)


def of_frames(*, same: bool, other: bool, unstated: bool) -> float:
    """Return what the frames' readings of the same words say.

    Args:
        same: one has the predicate and another subject.
        other: one has another predicate.
        unstated: the words stand in a question, a request, a supposition or a report. The model knows what is told there in
            passing ("what can I cook for my son, who hates courgettes?").
    """
    return _READ_OF_ANOTHER * same + _READ_OTHERWISE * other + _IN_PASSING * unstated


def unseen(confidence: float, predicate: str) -> float:
    """Return the chance that a frame's fact is right when the model, which knows the predicate, sees none there.

    Args:
        confidence: the frame's.
        predicate: what it reads.
    """
    if predicate in _NOT_LEARNED:
        return confidence
    return round(1 / (1 + math.exp(-math.log(confidence / (1 - confidence)) - _UNSEEN)), 3)


_UNSEEN = -1.0
_NOT_LEARNED = frozenset(
    "IS_A MARRIED_TO PARTNER_OF HAS_PARENT HAS_CHILD HAS_SIBLING HAS_RELATIVE HAS_FRIEND HAS_COLLEAGUE".split()
)
"""The lists know more identities and nationalities than a model has seen, and relatives without a name were not taught to it."""


def _place(sentence: Sentence, span: Span) -> bool:
    return checks.is_named_place(sentence, span) or checks.is_gazetted(sentence, span)


def _name(sentence: Sentence, span: Span) -> bool:
    return sentence.tokens[span[0]].capital or sentence.norms[span[0]] in lexicon.given_names()


def _pet(sentence: Sentence, span: Span) -> bool:
    return sentence.tokens[span[0]].capital or sentence.norms[span[1] - 1] in lexicon.animals()


def _kind(sentence: Sentence, span: Span) -> bool:
    last = sentence.norms[span[1] - 1]
    return last in lexicon.animals() or last in lexicon.words("identities") or last in lexicon.words("nationalities")


def _organization(sentence: Sentence, span: Span) -> bool:
    return sentence.tokens[span[0]].capital or sentence.norms[span[1] - 1] in lexicon.organizations()


def _age(sentence: Sentence, span: Span) -> bool:
    return sentence.norms[span[0]][0].isdigit() or number(sentence.norms[span[0]]) is not None


_FITS: dict[str, Callable[[Sentence, Span], bool]] = {
    **dict.fromkeys("LIVES_IN COMES_FROM BORN_IN VISITED LOCATED_IN".split(), _place),
    **dict.fromkeys(
        "MARRIED_TO PARTNER_OF HAS_PARENT HAS_CHILD HAS_SIBLING HAS_RELATIVE HAS_FRIEND HAS_COLLEAGUE HAS_NAME".split(),
        _name,
    ),
    **dict.fromkeys("WORKS_AT MEMBER_OF STUDIES_AT".split(), _organization),
    "WORKS_AS": checks.is_job,
    "HAS_CONDITION": checks.is_condition,
    "SPEAKS": checks.is_language,
    "HAS_AGE": _age,
    "HAS_PET": _pet,
    "IS_A": _kind,
    "OWNS": checks.is_owned,
}
