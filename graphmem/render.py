"""How a fact reads: a sentence that is understood without its context."""

from __future__ import annotations

import re

from extraction.catalogue import Catalogue
from extraction.kinship import COUPLE, role_of
from extraction.records import USER_LABEL
from graphmem.records import Entity, FactStatus

_ARTICLE = re.compile(r"\b(an?|the)\s+", re.IGNORECASE)
_WORD = re.compile(r"\w")
_KINDS_WITH_ARTICLE = frozenset({"Animal", "Organization", "Place"})


def display_name(entity: Entity) -> str:
    """Return the name of an entity, with the relation word by which it was introduced: "Ana (sister)".

    A couple's words are left out: a girlfriend becomes a wife, or nobody's.
    """
    role = relation_word(entity)
    found = role_of(role)
    changes = found is not None and found.predicate in COUPLE
    return entity.name if not role or changes or role_of(entity.name) is not None else f"{entity.name} ({role})"


def relation_word(entity: Entity) -> str:
    """Return the relation word among an entity's names ("sister"), or an empty text."""
    if entity.label not in ("Person", "Animal"):
        return ""
    known = next((name for name in (*entity.aliases, entity.name) if role_of(name) is not None), "")
    return known or next((name for name in entity.aliases if name == name.lower()), "")


def fact_text(
    catalogue: Catalogue,
    subject: Entity,
    predicate: str,
    object: Entity,
    status: FactStatus,
    polarity: str,
    verb: str | None,
    evidence: str,
) -> str:
    """Render a fact.

    Args:
        catalogue: where the predicate's wording comes from.
        subject, predicate, object: the relation.
        status, polarity: an ended denial reads as "earlier: does not own a car".
        verb: the words of a RELATED_TO fact.
        evidence: the words that it was read from; they tell whether the object takes an article ("owns a car").
    """
    relation = catalogue.get(predicate)
    who = "" if subject.label == USER_LABEL else display_name(subject)
    word = relation_word(object)
    role = word if word and _fits(word, predicate) else ""
    what = object.name
    if object.label == USER_LABEL:
        what = "the user"
    elif _is_nameless(object):
        role = what
    elif article := _article(what, evidence):
        what = f"{article} {what}"
    elif predicate == "IS_A" and subject.label in _KINDS_WITH_ARTICLE:
        what = f"{'an' if what[:1].casefold() in 'aeiou' else 'a'} {what}"
    if status is FactStatus.ENDED and polarity == "-":
        return "earlier: " + relation.sentence(who, what, FactStatus.NEGATED, role=role, verb=verb)
    return relation.sentence(who, what, status, role=role, verb=verb)


def _is_nameless(entity: Entity) -> bool:
    """Whether all that is known of a person or an animal is what they are to somebody ("sister", "puppy")."""
    named = entity.name != entity.name.lower()
    return (
        entity.label in ("Person", "Animal")
        and not named
        and (entity.label == "Animal" or role_of(entity.name) is not None)
    )


def _fits(word: str, predicate: str) -> bool:
    """Whether a relation word is one for the objects of a predicate."""
    found = role_of(word)
    return predicate == "HAS_PET" if found is None else found.predicate == predicate


def _article(name: str, evidence: str) -> str:
    """Return the article that stands before ``name`` in ``evidence``, or an empty text."""
    for article in _ARTICLE.finditer(evidence):
        end = article.end() + len(name)
        if evidence[article.end() : end].lower() == name.lower() and not _WORD.match(evidence, end):
            return article[1].lower()
    return ""
