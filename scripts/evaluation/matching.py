"""When a fact that an extractor gives says the same as one that a person annotated."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extraction import Catalogue, EntityMention, ExtractedFact, FactStatus
from extraction.names import normalize_name
from scripts.evaluation.messages import Annotated

USER = "user"

_FALLBACK = "RELATED_TO"
_OVERLAP = 0.5
_MIN_STEM = 2
_WORD = re.compile(r"[\w+#']+")
_ENDINGS = ("ing", "es", "ed", "s", "e")
_SMALL = frozenset("a an the my our your his her their some new of in at on to years year old city 's s".split())
_SYNONYMS = (
    ("nyc", "new york", "new york city"),
    ("us", "usa", "united states", "america"),
    ("uk", "united kingdom"),
    ("sf", "san francisco"),
    ("la", "los angeles"),
    ("mum", "mom", "mother"),
    ("dad", "father"),
    ("veggie", "vegetarian"),
    ("js", "javascript"),
    ("k8s", "kubernetes"),
    ("postgres", "postgresql"),
)
_MEANING = {word: words[0] for words in _SYNONYMS for word in words}


@dataclass(frozen=True, slots=True)
class Statement:
    """A fact as it is compared: names in place of entities, the user is ``USER``."""

    subject: str
    predicate: str
    object: str
    status: FactStatus


def statement(fact: ExtractedFact) -> Statement:
    """Return what an extracted fact states."""
    return Statement(_name(fact.subject), fact.predicate, _name(fact.object), fact.status)


def _name(mention: EntityMention) -> str:
    return USER if mention.label == "User" else mention.name


def same_name(given: str, wanted: str) -> bool:
    """Return whether two phrases name the same: equal, synonyms, one within the other, or half of their words shared.

    Case, accents, articles, possessives, prepositions and endings of words do not count. The user is only the user.

    >>> same_name("New York City", "NYC"), same_name("an electric bike", "bike"), same_name("user", "Ana")
    (True, True, False)
    """
    if USER in (given, wanted):
        return given == wanted
    first, second = _plain(given), _plain(wanted)
    if _MEANING.get(first, first) == _MEANING.get(second, second):
        return True
    a, b = _words(first), _words(second)
    return a <= b or b <= a or len(a & b) >= _OVERLAP * len(a | b)


def _plain(phrase: str) -> str:
    return " ".join(_WORD.findall(normalize_name(phrase.replace(".", " ")))) or phrase


def _words(plain: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in plain.split() if word not in _SMALL) or frozenset({plain})


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if len(word) > len(ending) + _MIN_STEM and word.endswith(ending):
            return word[: -len(ending)]
    return word


def same_relation(given: Statement, wanted: Annotated, catalogue: Catalogue) -> bool:
    """Return whether subject, predicate and object agree, told from either side when the predicate allows that.

    Args:
        given: the extractor's fact.
        wanted: the annotated one.
        catalogue: says which predicates are symmetric or have an inverse.
    """
    return any(
        subject_agrees and object_agrees and predicate == wanted.predicate
        for subject_agrees, predicate, object_agrees in _readings(given, wanted, catalogue)
    )


def _readings(given: Statement, wanted: Annotated, catalogue: Catalogue) -> list[tuple[bool, str, bool]]:
    relation = catalogue.get(given.predicate)
    turned = given.predicate if relation.symmetric else relation.inverse
    readings = [(same_name(given.subject, wanted.subject), given.predicate, same_name(given.object, wanted.object))]
    if turned is not None:
        readings.append((same_name(given.object, wanted.subject), turned, same_name(given.subject, wanted.object)))
    return readings


def same_fact(given: Statement, wanted: Annotated, catalogue: Catalogue) -> bool:
    """Return whether relation and status agree."""
    return given.status in wanted.statuses and same_relation(given, wanted, catalogue)


def loosely_right(given: Statement, wanted: Annotated) -> bool:
    """Return whether a fact with the fallback predicate relates what the annotated one relates."""
    return (
        given.predicate == _FALLBACK
        and given.status in wanted.statuses
        and same_name(given.subject, wanted.subject)
        and same_name(given.object, wanted.object)
    )


def only_difference(given: Statement, wanted: Annotated, catalogue: Catalogue) -> str | None:
    """Return the one part in which two facts differ: "status", "predicate", "subject" or "object"; None when more do."""
    if given.status not in wanted.statuses:
        return "status" if same_relation(given, wanted, catalogue) else None
    for subject_agrees, predicate, object_agrees in _readings(given, wanted, catalogue):
        agree = {"subject": subject_agrees, "predicate": predicate == wanted.predicate, "object": object_agrees}
        wrong = [part for part, agrees in agree.items() if not agrees]
        if len(wrong) == 1:
            return wrong[0]
    return None
