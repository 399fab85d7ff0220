"""Cuts an object to the words that count, and tells which proposals say nothing: for the frames and a model alike."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from extraction.local import checks, lexicon, objects
from extraction.local.function_words import AUXILIARIES, DAYS, MONTHS
from extraction.local.spans import without_time
from extraction.local.tokens import Sentence, Span
from extraction.records import FactStatus

_AGE = re.compile(r"(\d{1,3})[ -]?(?:y\.?o|y/o|yrs?|years?)\.?(?:[ -]?olds?)?", re.I)
_HAD = frozenset("have has had 've got need needs needed see saw hire hired called call know met want".split())
_POSSESSIVES = frozenset("my our his her their your its".split())
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
    norms = sentence.norms
    if status is FactStatus.ENDED and predicate != "PLANS_TO" and _goes_on(norms, span):
        return None
    if predicate in ("WORKS_AT", "STUDIES_AT", "MEMBER_OF") and own and _is_located(norms, span):
        return None  # "Arpa Air is based in Gyumri"
    if predicate == "IS_A" and norms[span[1] : span[1] + 2] == ("is", "it"):
        return None  # "Vegan is it!"
    if predicate == "BORN_ON" and _is_of_late(norms[span[0] : span[1]]):
        return None
    if predicate == "WORKS_AS" and (
        checks.is_several(norms[span[1] - 1]) or _SOUGHT.intersection(norms[max(0, span[0] - 6) : span[0]])
    ):
        return None
    if predicate == "WORKS_AS" and norms[span[1] : span[1] + 1] == ("'s",):
        return None
    if predicate == "WORKS_AS" and own and (_is_had(norms, span[0]) or "there" in norms[max(0, span[0] - 4) : span[0]]):
        return None
    if predicate in PEOPLE and norms[max(0, span[0] - 1) : span[0]] == ("in",):
        return None
    if predicate == "HAS_COLLEAGUE" and norms[max(0, span[0] - 1) : span[0]] == ("joined",):
        return None
    if predicate == "MEMBER_OF" and not checks.is_group(sentence, span):
        return None
    if norms[-1] == "?" and any(a in ("it", "that", "this") and b in _MEANS for a, b in pairwise(norms[: span[0]])):
        return None  # "So it means I have asthma?"
    if predicate == "LIVES_IN" and own and (_is_elsewhere(norms, span[0]) or _is_only_told_of(norms, span)):
        return None
    if (
        predicate == "HAS_CONDITION"
        and own
        and norms[max(0, span[0] - 1) : span[0]] in (("his",), ("her",), ("their",))
    ):
        return None
    if predicate == "LIVES_IN" and norms[max(0, span[0] - 1) : span[0]] == ("no",):
        return None  # "no lisbon btw"
    if predicate == "LIVES_IN" and norms[span[1] : span[1] + 1] == ("'s",):
        return None  # "a room in Naoko's house"
    if predicate == "LIVES_IN" and "'s" in norms[span[0] : span[1] - 1] and norms[span[1] - 1] not in _DWELLINGS:
        return None  # "we drove over in Ana's Subaru"
    if predicate == "STUDIES" and span[0] > 0 and norms[span[0] - 1] in _forms("teach") | {"on"}:
        return None
    if predicate == "ALLERGIC_TO" and own and norms[max(0, span[0] - 1) : span[0]] in _EATING:
        return None  # "her allergy, I eat cashews"
    if predicate == "PLANS_TO" and norms[max(0, span[0] - 1) : span[0]] in _SELF and norms[span[0]] in _past_forms():
        return None  # "we cycled the Pamir Highway"
    if predicate == "PLANS_TO" and "should" in norms[max(0, span[0] - 3) : span[0]]:
        return None
    if predicate == "ALLERGIC_TO" and not {"outgrown", "outgrew"}.isdisjoint(norms[max(0, span[0] - 2) : span[1]]):
        return None
    if predicate in ("MEMBER_OF", "WORKS_AT", "STUDIES_AT") and _is_favourite(norms, span):
        return None
    return span, status


_MEANS = frozenset({"means", "mean"})
_SELF = (("i",), ("we",))
_EATING = frozenset((word,) for word in ("eat", "ate", "love", "like", "enjoy", "adore"))


@cache
def _past_forms() -> frozenset[str]:
    return frozenset(past for base, *_, past, _ in lexicon.verb_forms().values() if past != base)


def _goes_on(norms: tuple[str, ...], span: Span) -> bool:
    """Whether words that look like an end say that there is none, or none for good: "I have not sold the Niva", "my metformin ran out",
    "I put down the clarinet for one season", "one year left of uni"."""
    before, after = norms[max(0, span[0] - 4) : span[0]], norms[span[1] : span[1] + 4]
    denied = any(a in _DENIALS and b in _PARTINGS for a, b in pairwise(before))
    still = after[:1] and after[0] in _HAS_NOT and "anywhere" in norms[span[1] : span[1] + 5]
    for_now = after[:1] == ("for",) and not _SPELLS.isdisjoint(after[1:3])
    return denied or bool(still) or for_now or after[:2] == ("ran", "out") or before[-2:] == ("left", "of")


_DENIALS = frozenset({"not", "n't", "never", "haven't", "hasn't", "havent", "hasnt", "didn't", "didnt"})
_HAS_NOT = frozenset({"hasn't", "hasnt", "has", "haven't", "have"})
_PARTINGS = frozenset(
    "sold left quit lost given gotten stopped finished dropped cancelled sell leave lose stop give drop cancel "
    "selling leaving quitting losing giving stopping dropping cancelling".split()
)
_SPELLS = frozenset("season summer winter spring autumn week month evening day night weekend while".split())


def _is_located(norms: tuple[str, ...], span: Span) -> bool:
    """Whether the words are about where an organisation is."""
    return norms[span[1] : span[1] + 1] in (("is",), ("'s",), ("was",), ("are",)) and (
        norms[span[1] + 1 : span[1] + 2] in (("based",), ("located",), ("headquartered",), ("in",))
    )


def _is_elsewhere(norms: tuple[str, ...], start: int) -> bool:
    """Whether a place is that of somebody or something else: "I sold it to a lad in Llanelli", "(the shop) is in Bonn"."""
    before = norms[max(0, start - 7) : start]
    if before[-1:] != ("in",):
        return False
    if before[-2:-1] in (("is",), ("'s",)) and (len(before) == 2 or before[-3] in _PAUSES):
        return True
    somebody = before[-2:-1] and before[-2] in _SOMEBODY
    return bool(somebody) and any(
        a in ("to", "from", "by", "for") and b in ("a", "an", "some", "another") for a, b in pairwise(before)
    )


def _is_only_told_of(norms: tuple[str, ...], span: Span) -> bool:
    """Whether a place is what a clause is about: "Osaka is 20 minutes by train" says nothing of a home, "Osaka is home" does."""
    before, after = norms[max(0, span[0] - 1) : span[0]], norms[span[1] : span[1] + 1]
    leads = not before or before[0] in _PAUSES or before[0] in ("because", "so", "since", "though", "while")
    return leads and after in _BEING and _HOME.isdisjoint(norms[span[1] :])


_BEING = frozenset((word,) for word in ("is", "'s", "was", "had", "has", "got"))
_HOME = frozenset("home where base city".split())
_SOMEBODY = frozenset(
    "lad guy man woman fella fellow bloke girl boy couple family collector dealer student friend kid cousin colleague buyer lady "
    "dude stranger customer client teenager pensioner farmer neighbour neighbor".split()
)
_DWELLINGS = frozenset(
    "house home flat place apartment room basement cottage farm annexe annex attic loft condo villa cabin bungalow studio "
    "caravan boat houseboat city town village island country".split()
)
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
PEOPLE = frozenset(
    "MARRIED_TO PARTNER_OF HAS_CHILD HAS_PARENT HAS_SIBLING HAS_RELATIVE HAS_FRIEND HAS_COLLEAGUE".split()
)
_ON_LEAVE = re.compile(r"\bon (?:\w+ ){0,2}leave from(?: the| my)?$")
_COMMUTING = frozenset("commute commutes commuting commuted".split())
_WAY = 8
_NOT_EITHER = frozenset({"neither", "nor"})
_EXCEPTING = frozenset("except besides unlike against nearly almost".split())
_NOT_OWNED = frozenset(
    "rent rented renting borrow borrowed borrowing hire hired lease leasing need want buying".split()
)
_NO_LONGER = (("anymore",), ("any", "more"), ("any", "longer"), ("these", "days"), ("nowadays",), ("now",))
_SOUGHT = frozenset("applying applied apply seeking search searching looking".split())
_PAUSES = frozenset({",", ".", ";", "but", "and", "-", "—", "(", ":", "!", "?"})


def _by_cue(norms: tuple[str, ...], predicate: str, span: Span, status: FactStatus) -> FactStatus | None:
    """Return the state that the words right before and after an object tell; None when they say that it is none."""
    before = norms[max(0, span[0] - 4) : span[0]]
    for k in range(len(before) - 1, -1, -1):
        if before[k] in _PAUSES:
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


def _is_of_late(words: tuple[str, ...]) -> bool:
    """ "Friday", "last week" and "yesterday" are no birthdays to be kept: next week they mean another day."""
    told = any(word[0].isdigit() or word in MONTHS for word in words)
    return not told and not (DAYS | _LATE).isdisjoint(words)


_LATE = frozenset("today yesterday tonight week weekend month morning".split())


def _language(sentence: Sentence, span: Span, status: FactStatus) -> tuple[Span, FactStatus]:
    """ "Kenji speaks no Portuguese" was meant for its last word."""
    start, end = span
    norms = sentence.norms
    verb = next((i for i in range(end - 1, start - 1, -1) if norms[i] in _forms("speak") | AUXILIARIES), None)
    if verb is not None and verb + 1 < end:
        start = verb + 1
    span, status = denied(sentence, (start, end), status)
    if span[0] > 0 and norms[span[0] - 1] == "no" and status is FactStatus.CURRENT:
        status = FactStatus.NEGATED
    return span, status


def _forms(lemma: str) -> frozenset[str]:
    return frozenset(lexicon.verb_forms()[lemma])


def _is_had(norms: tuple[str, ...], start: int) -> bool:
    """ "I have a parole officer", "my therapist": somebody else's occupation."""
    before = norms[start - 1] if start > 0 else ""
    if before in _POSSESSIVES:
        return True
    return before in ("a", "an", "two", "another") and start > 1 and norms[start - 2] in _HAD


def _is_favourite(norms: tuple[str, ...], span: Span) -> bool:
    around = norms[max(0, span[0] - 1) : span[1]]
    return any(n in ("favourite", "favorite", "fave") for n in around)
