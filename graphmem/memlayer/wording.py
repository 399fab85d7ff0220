"""What nodes, edges and tasks say as statements of the ledger, and as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from extraction.catalogue import ANYTHING, Catalogue, Relation
from extraction.names import normalize_name
from extraction.records import USER, USER_LABEL, EntityMention, ExtractedFact, FactStatus
from graphmem.memlayer.rules import CONCEPT

HAS_TASK = "has the task"
_SPEAKER = frozenset({"user", "the user"})
_CONFIDENCE = 0.9
"""A language model proposed it, and nobody checked it."""


class Wording:
    """How memlayer's words become statements.

    Args:
        catalogue: the relations.
        typed: predicates that plainly are the wording of a relation become that relation; without, every one is RELATED_TO.
    """

    def __init__(self, catalogue: Catalogue, *, typed: bool) -> None:
        self._labels = {label.casefold(): label for label in catalogue.labels - {USER_LABEL}}
        self._phrases = dict(_phrases(catalogue)) if typed else {}
        self._typed = typed

    def node(self, name: str, node_type: Any) -> ExtractedFact | None:
        """Return what a node's type says of it; None when it says nothing."""
        if not isinstance(node_type, str) or not node_type.strip() or not name.strip():
            return None
        mention = self._mention(name, node_type)
        if node_type in (CONCEPT, USER_LABEL) or mention.label == USER_LABEL:
            return None
        return _claim(mention, "IS_A", EntityMention(node_type, "Kind"), node_text(name, node_type))

    def edge(self, start: tuple[str, Any], predicate: str, end: tuple[str, Any]) -> ExtractedFact | None:
        """Return what an edge says; ``start`` and ``end`` are names with types. None when an end has no name.

        In any case ``verb`` keeps the predicate word for word.
        """
        subject, object = self._mention(*start), self._mention(*end)
        if not subject.name.strip() or not object.name.strip() or not predicate.strip():
            return None
        relation = self._phrases.get(_phrase(predicate))
        text = edge_text(start[0], predicate, end[0])
        if relation is not None and (fitting := _fitting(relation, subject, object)) is not None:
            return _claim(subject, relation.predicate, fitting, text, verb=predicate)
        return _claim(subject, "RELATED_TO", object, text, verb=predicate)

    def task(self, description: str, due: float, *, done: bool = False) -> ExtractedFact:
        """Return what a task says of the user; ``due`` in Unix seconds."""
        told = task_text(description, due)
        predicate, label = ("PLANS_TO", "Activity") if self._typed else ("RELATED_TO", ANYTHING)
        claim = _claim(USER, predicate, EntityMention(told, label), told, verb=HAS_TASK)
        return replace(claim, status=FactStatus.ENDED) if done else claim

    def _mention(self, name: str, node_type: Any) -> EntityMention:
        if normalize_name(name) in _SPEAKER:
            return USER
        return EntityMention(name, self._labels.get(str(node_type).casefold(), ANYTHING))


def node_text(name: str, node_type: str) -> str:
    """Return a node as a sentence: "Atlas is a Project"."""
    return f"{name} is {'an' if node_type[:1].casefold() in 'aeiou' else 'a'} {node_type}"


def edge_text(start: str, predicate: str, end: str) -> str:
    """Return an edge as a sentence: "Ana works at Acme"."""
    return f"{start} {predicate} {end}"


def task_text(description: str, due: float) -> str:
    """Return a task with the time when it is due: "Call Ana (due 2026-12-01 09:00 UTC)"."""
    try:
        return f"{description} (due {datetime.fromtimestamp(due, UTC):%Y-%m-%d %H:%M} UTC)"
    except (OverflowError, OSError, ValueError):
        return description


def _claim(
    subject: EntityMention, predicate: str, object: EntityMention, evidence: str, *, verb: str | None = None
) -> ExtractedFact:
    return ExtractedFact(subject, predicate, object, evidence=evidence, confidence=_CONFIDENCE, verb=verb)


def _phrases(catalogue: Catalogue) -> Iterator[tuple[str, Relation]]:
    """Yield every phrase that plainly is a relation: its name, and its wording where that ends with the object."""
    for relation in catalogue:
        if relation.predicate == "RELATED_TO":
            continue
        yield _phrase(relation.predicate), relation
        wording = relation.wording[0]
        if wording.endswith(" {o}") and "{role}" not in wording and wording.count("{") == 1:
            words = wording.removesuffix(" {o}")
            if words != "is":
                yield words, relation
                yield words.removeprefix("is ").removeprefix("was "), relation
                yield _base_form(words), relation


def _phrase(predicate: str) -> str:
    return " ".join(predicate.replace("_", " ").replace("-", " ").lower().split()).strip(" .:")


def _base_form(words: str) -> str:
    first, _, rest = words.partition(" ")
    if first in ("is", "was", "has") or not first.endswith("s"):
        return words
    base = f"{first[:-3]}y" if first.endswith("ies") else first[:-1]
    return f"{base} {rest}".strip()


def _fitting(relation: Relation, subject: EntityMention, object: EntityMention) -> EntityMention | None:
    """Return ``object`` with the label that ``relation`` gives it; None when the two ends are of other kinds than it joins."""
    if relation.subjects and subject.label not in relation.subjects:
        return None
    if relation.object == ANYTHING or object.label == relation.object:
        return object
    if object.label == USER_LABEL:
        return object if relation.object == "Person" else None
    return EntityMention(object.name, relation.object) if object.label == ANYTHING else None
