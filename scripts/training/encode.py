"""Turns an annotated message into the labels that the network learns from."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from extraction.local.tagger_windows import Window, windows
from scripts.training.messages import STATES, SYMMETRIC, Gold, Message, occurrences

USER_WORD = -1
"""The place of the user among the words: the network's [CLS] token."""
LONGEST = 320
OPTIONAL_WEIGHT = 0.5


@dataclass(slots=True)
class Link:
    """The subjects of the object that starts at ``word``, for one predicate.

    Args:
        subjects: words that begin a right subject, or ``USER_WORD``.
        unsure: words that are neither taught nor denied: further mentions of a subject, subjects of optional facts.
        state: index into ``STATES``.
        weight: how much it counts.
    """

    word: int
    predicate: int
    subjects: set[int]
    unsure: set[int]
    state: int
    weight: float


@dataclass(slots=True)
class Example:
    """A message as the network sees it, with its labels by word."""

    window: Window
    starts: set[tuple[int, int]] = field(default_factory=set)
    unsure: set[tuple[int, int]] = field(default_factory=set)
    object_inside: dict[int, int] = field(default_factory=dict)
    subject_starts: set[int] = field(default_factory=set)
    subject_inside: dict[int, int] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)


def encode(tokenizer: Any, message: Message, predicates: dict[str, int]) -> Example | None:
    """Label one message.

    Optional facts teach where their object ends and whose it is, but neither that it is one nor that it is none.

    Args:
        tokenizer: a ``tokenizers.Tokenizer``.
        message: the annotated message.
        predicates: index of each predicate that is learned; facts of others are passed over.

    Returns:
        The example, or None for a message without words.
    """
    cut = windows(tokenizer, message.text, message.before, size=LONGEST)
    if not cut:
        return None
    example = Example(cut[0])
    words = cut[0].words
    starts = [word.start for word in words]
    ends = [word.end for word in words]

    def cover(span: tuple[int, int]) -> tuple[int, int] | None:
        """Return the first and the last word that ``span`` touches."""
        first = max(bisect_right(starts, span[0]) - 1, 0)
        if ends[first] <= span[0]:
            first += 1
        last = bisect_right(starts, span[1] - 1) - 1
        return (first, last) if first <= last < len(words) and span[1] <= ends[-1] else None

    grouped: dict[tuple[int, int], list[tuple[Gold, set[int], set[int]]]] = defaultdict(list)
    for fact in sorted(message.facts, key=lambda fact: fact.optional):
        subject, target = fact.subject, fact.object
        if target == "user":
            if fact.predicate not in SYMMETRIC:
                continue
            subject, target = target, subject
        if fact.predicate not in predicates:
            continue
        spans = [covered for span in occurrences(message.text, target) if (covered := cover(span))]
        if not spans:
            continue
        predicate = predicates[fact.predicate]
        first, last = spans[0]
        key = (first, predicate)
        (example.unsure if fact.optional else example.starts).add(key)
        example.unsure.update((start, predicate) for start, _ in spans[1:])
        _mark_inside(example.object_inside, first, last, len(words))
        subjects, others = _subject(example, message.text, subject, first, cover, len(words))
        grouped[key].append((fact, subjects, others))
    for (word, predicate), facts in grouped.items():
        example.links.extend(_link(word, predicate, facts))
    example.unsure -= example.starts
    return example


def _mark_inside(inside: dict[int, int], first: int, last: int, count: int) -> None:
    """Mark the words that continue a span and the one that does not; the first annotation of a word stays."""
    for word in range(first + 1, last + 1):
        inside.setdefault(word, 1)
    if last + 1 < count:
        inside.setdefault(last + 1, 0)


def _subject(example: Example, text: str, subject: str, near: int, cover: Any, count: int) -> tuple[set[int], set[int]]:
    """Return the word that begins the mention nearest to the object, and those that begin the other mentions."""
    if subject == "user":
        return {USER_WORD}, set()
    spans = [covered for span in occurrences(text, subject) if (covered := cover(span))]
    if not spans:
        return set(), set()
    # A mention before the object is what a reader takes for its subject, so one behind it counts as twice as far.
    best = min(spans, key=lambda span: (near - span[0]) if span[0] <= near else 2 * (span[0] - near))
    example.subject_starts.add(best[0])
    _mark_inside(example.subject_inside, *best, count)
    return {best[0]}, {first for first, _ in spans} - {best[0]}


def _link(word: int, predicate: int, facts: list[tuple[Gold, set[int], set[int]]]) -> list[Link]:
    sure = [entry for entry in facts if not entry[0].optional]
    taught = sure or facts
    subjects = set[int]().union(*(found for _, found, _ in taught))
    if not subjects or not all(found for _, found, _ in sure):
        return []
    unsure = set[int]().union(*(found | others for _, found, others in facts)) - subjects
    state = STATES.index(taught[0][0].state)
    return [Link(word, predicate, subjects, unsure, state, 1.0 if sure else OPTIONAL_WEIGHT)]
