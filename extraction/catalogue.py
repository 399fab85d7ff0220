"""The relation catalogue: the closed vocabulary of predicates and labels, and how each fact reads as a sentence.

A predicate or a label reaches a database only from here, never from a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from extraction.records import FactStatus

ANYTHING = "Thing"
"""The label of an object of which nothing more is known; such an entity is the same as a namesake with a better label."""

_PEOPLE = frozenset({"User", "Person"})
_IDENTIFIER = re.compile(r"[A-Z][A-Z0-9_]*")
_SLOT = re.compile(r"\{(verb|role|o)\}")
_VOWELS = tuple("aeiou")
_LABEL = re.compile(r"[A-Z][A-Za-z0-9]*")


@dataclass(frozen=True, slots=True)
class Relation:
    """One predicate.

    Args:
        predicate: its name, upper case with underscores.
        object: the label of its objects; ``ANYTHING`` when they may be of any kind.
        wording: how a current, an ended and a negated fact read, with ``{o}`` for the object and ``{role}`` for the
            word that a person was introduced by ("sister").
        subjects: labels that its subject may have; empty for any.
        single: at most one current value per subject.
        replaceable: a statement may say that it replaces the other values ("new job at").
        symmetric: A to B says B to A.
        inverse: the predicate that says the same from the object to the subject.
        opposite: the predicate that cannot hold of the same object at the same time.
        ends: the predicate with the same object that this one ends (to marry one's partner).
        ends_with: the predicate with the same object with which this one ends (what was sold is no longer used).
        loose: what ended ends every current value that names it too (the trip to Osaka, and "fly to Osaka").
        role: the word for an object that was introduced without one.
        timeless: it holds of all times when it holds ("was born in Porto").
    """

    predicate: str
    object: str
    wording: tuple[str, str, str]
    subjects: frozenset[str] = _PEOPLE
    single: bool = False
    replaceable: bool = False
    symmetric: bool = False
    inverse: str | None = None
    opposite: str | None = None
    ends: str | None = None
    ends_with: str | None = None
    loose: bool = False
    role: str = ""
    timeless: bool = False

    def __post_init__(self) -> None:
        if not _IDENTIFIER.fullmatch(self.predicate):
            raise ValueError(
                f"predicate {self.predicate!r}: use upper-case letters, digits and underscores, as in LIVES_IN"
            )
        for label in (self.object, *self.subjects):
            if not _LABEL.fullmatch(label):
                raise ValueError(
                    f"label {label!r} of {self.predicate}: use letters and digits with a capital first, as in Place"
                )

    @property
    def exclusive(self) -> bool:
        """Whether a statement of one value can end another value."""
        return self.single or self.replaceable or self.loose

    def sentence(
        self, subject: str, object: str, status: FactStatus, *, role: str = "", verb: str | None = None
    ) -> str:
        """Render a fact as a sentence that is understood without its context.

        Args:
            subject: how the subject is called; empty for the user ("lives in Porto").
            object: how the object is called.
            status: which wording to take; a retracted fact reads as a negated one.
            role: the word by which the object was introduced.
            verb: the words of a RELATED_TO fact.
        """
        current, ended, negated = self.wording
        pattern = {FactStatus.CURRENT: current, FactStatus.ENDED: ended}.get(status, negated)
        values = {"verb": verb or "is related to", "role": role or self.role, "o": object}
        if "{role}, {o}" in pattern and object.casefold() == values["role"].casefold():
            pattern = pattern.replace("{role}, {o}", "{role}")
        if "a {role}" in pattern and values["role"][:1] in _VOWELS:
            pattern = pattern.replace("a {role}", "an {role}")
        words = _SLOT.sub(lambda slot: values[slot[1]], pattern)
        return f"{subject} {words}".strip()


class Catalogue:
    """A set of relations; ``Catalogue()`` holds version 1, ``extended`` adds a user's own.

    >>> Catalogue().extended(Relation("DRIVES", "Thing", ("drives {o}", "drove {o}", "does not drive {o}")))["DRIVES"].object
    'Thing'
    """

    def __init__(self, relations: Iterable[Relation] | None = None) -> None:
        self._relations = {r.predicate: r for r in (RELATIONS if relations is None else relations)}
        for relation in self._relations.values():
            for other in (relation.inverse, relation.opposite, relation.ends):
                if other is not None and other not in self._relations:
                    raise ValueError(f"{relation.predicate} names {other}, which is not in the catalogue")

    def __getitem__(self, predicate: str) -> Relation:
        return self._relations[predicate]

    def get(self, predicate: str) -> Relation:
        """Return the relation, or for a predicate that is not here (a ledger written with a larger catalogue) a
        many-valued one between anything, which reads as its name.

        Raises:
            ValueError: ``predicate`` is not even formed like one.
        """
        if predicate in self._relations:
            return self._relations[predicate]
        words = predicate.lower().replace("_", " ")
        return Relation(
            predicate, ANYTHING, (f"{words} {{o}}", f"formerly: {words} {{o}}", f"not: {words} {{o}}"), frozenset()
        )

    def __contains__(self, predicate: object) -> bool:
        return predicate in self._relations

    def __iter__(self) -> Iterator[Relation]:
        return iter(self._relations.values())

    def __len__(self) -> int:
        return len(self._relations)

    def extended(self, *relations: Relation) -> Catalogue:
        """Return a catalogue with ``relations`` added or replaced."""
        return Catalogue({**self._relations, **{r.predicate: r for r in relations}}.values())

    @property
    def labels(self) -> frozenset[str]:
        """Every label that an entity may have."""
        return frozenset({"User", "Person", ANYTHING}.union(*(r.subjects | {r.object} for r in self)))


def _relation(
    predicate: str,
    object: str,
    current: str,
    ended: str,
    negated: str,
    *,
    subjects: Iterable[str] = _PEOPLE,
    single: bool = False,
    replaceable: bool = False,
    symmetric: bool = False,
    inverse: str | None = None,
    opposite: str | None = None,
    ends: str | None = None,
    ends_with: str | None = None,
    loose: bool = False,
    role: str = "",
    timeless: bool = False,
) -> Relation:
    return Relation(
        predicate,
        object,
        (current, ended, negated),
        frozenset(subjects),
        single,
        replaceable,
        symmetric,
        inverse,
        opposite,
        ends,
        ends_with,
        loose,
        role,
        timeless,
    )


def _kin(
    predicate: str,
    role: str,
    object: str = "Person",
    *,
    symmetric: bool = False,
    inverse: str | None = None,
    timeless: bool = False,
) -> Relation:
    return _relation(
        predicate,
        object,
        "has a {role}, {o}",
        "had a {role}, {o}",
        "does not have a {role}, {o}",
        role=role,
        symmetric=symmetric,
        inverse=inverse,
        timeless=timeless,
    )


RELATIONS: tuple[Relation, ...] = (
    _relation("HAS_NAME", "Name", "is called {o}", "was called {o}", "is not called {o}", subjects=(), single=True),
    _relation(
        "HAS_AGE",
        "Age",
        "is {o} years old",
        "was {o} years old",
        "is not {o} years old",
        subjects=(*_PEOPLE, "Animal"),
        single=True,
    ),
    _relation(
        "BORN_ON",
        "Date",
        "was born on {o}",
        "was born on {o}",
        "was not born on {o}",
        subjects=(*_PEOPLE, "Animal"),
        single=True,
        timeless=True,
    ),
    _relation(
        "BORN_IN", "Place", "was born in {o}", "was born in {o}", "was not born in {o}", single=True, timeless=True
    ),
    _relation("COMES_FROM", "Place", "comes from {o}", "came from {o}", "does not come from {o}", timeless=True),
    _relation("LIVES_IN", "Place", "lives in {o}", "lived in {o}", "does not live in {o}", single=True),
    _relation("WORKS_AT", "Organization", "works at {o}", "worked at {o}", "does not work at {o}", replaceable=True),
    _relation("WORKS_AS", "Occupation", "works as {o}", "worked as {o}", "does not work as {o}", replaceable=True),
    _relation("STUDIES_AT", "Organization", "studies at {o}", "studied at {o}", "does not study at {o}"),
    _relation("STUDIES", "Topic", "studies {o}", "studied {o}", "does not study {o}"),
    _relation(
        "MARRIED_TO",
        "Person",
        "is married to {o}",
        "was married to {o}",
        "is not married to {o}",
        single=True,
        symmetric=True,
        ends="PARTNER_OF",
    ),
    _relation(
        "PARTNER_OF",
        "Person",
        "is the partner of {o}",
        "was the partner of {o}",
        "is not the partner of {o}",
        single=True,
        symmetric=True,
    ),
    _kin("HAS_CHILD", "child", inverse="HAS_PARENT"),
    _kin("HAS_PARENT", "parent", inverse="HAS_CHILD", timeless=True),
    _kin("HAS_SIBLING", "sibling", symmetric=True, timeless=True),
    _kin("HAS_RELATIVE", "relative", timeless=True),
    _kin("HAS_FRIEND", "friend", symmetric=True),
    _kin("HAS_COLLEAGUE", "colleague", symmetric=True),
    _kin("HAS_PET", "pet", "Animal"),
    _relation("IS_A", "Kind", "is {o}", "was {o}", "is not {o}", subjects=()),
    _relation("LIKES", ANYTHING, "likes {o}", "liked {o}", "does not like {o}", opposite="DISLIKES"),
    _relation("DISLIKES", ANYTHING, "dislikes {o}", "disliked {o}", "does not dislike {o}", opposite="LIKES"),
    _relation("PREFERS", ANYTHING, "prefers {o}", "preferred {o}", "does not prefer {o}"),
    _relation("OWNS", ANYTHING, "owns {o}", "owned {o}", "does not own {o}"),
    _relation("USES", "Tool", "uses {o}", "used {o}", "does not use {o}", ends_with="OWNS"),
    _relation(
        "ALLERGIC_TO",
        "Substance",
        "is allergic to {o}",
        "was allergic to {o}",
        "is not allergic to {o}",
        subjects=(*_PEOPLE, "Animal"),
    ),
    _relation("HAS_CONDITION", "Condition", "has {o}", "had {o}", "does not have {o}", subjects=(*_PEOPLE, "Animal")),
    _relation("SPEAKS", "Language", "speaks {o}", "spoke {o}", "does not speak {o}"),
    _relation("PLAYS", "Activity", "plays {o}", "played {o}", "does not play {o}"),
    _relation("VISITED", "Place", "visited {o}", "visited {o}", "has not visited {o}"),
    _relation("PLANS_TO", "Activity", "plans to {o}", "planned to {o}", "does not plan to {o}", loose=True),
    _relation("MEMBER_OF", "Group", "is a member of {o}", "was a member of {o}", "is not a member of {o}"),
    _relation(
        "LOCATED_IN",
        "Place",
        "is located in {o}",
        "was located in {o}",
        "is not located in {o}",
        subjects=("Organization", "Place"),
    ),
    _relation("RELATED_TO", ANYTHING, "{verb} {o}", "formerly: {verb} {o}", "not: {verb} {o}", subjects=()),
)
