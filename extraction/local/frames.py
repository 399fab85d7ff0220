"""Frames: wordings as data, and how they are found in a sentence.

A frame is a line such as ``S work+ as {WORKS_AS} [at|for {WORKS_AT}]``:

- ``S`` at the head: a subject and its auxiliaries stand to the left; ``Sbe``: with a form of "be" among them;
- ``a|b``: one of these words; ``work+``: any form of the verb; ``word?``: it may be missing; ``[...]``: so may all of that;
- ``{WORKS_AS}``: an object of that predicate; ``{WORKS_AS:np}``: delimited as that kind of phrase (``kinds.KINDS``);
- ``{_}``: words of no interest;
- a sign before the predicate says what becomes of the object: ``-`` ended, ``!`` denied, ``~`` retracted, ``=`` replaces the others,
  ``+`` current whatever the tense.

Adverbs may stand between any two words.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from extraction.local import lexicon, objects, times
from extraction.local.function_words import MONTHS, SEASONS
from extraction.local.kinds import KINDS
from extraction.local.tokens import Sentence, Span

_KINDS = {
    "LIVES_IN": "place",
    "BORN_IN": "place",
    "COMES_FROM": "place",
    "VISITED": "places",
    "LOCATED_IN": "place",
    "WORKS_AT": "org",
    "STUDIES_AT": "school",
    "WORKS_AS": "job",
    "LIKES": "act",
    "DISLIKES": "act",
    "PREFERS": "act",
    "OWNS": "np",
    "USES": "np",
    "ALLERGIC_TO": "np",
    "HAS_CONDITION": "cond",
    "SPEAKS": "lang",
    "PLAYS": "np",
    "STUDIES": "topic",
    "MEMBER_OF": "group",
    "PLANS_TO": "vp",
    "HAS_AGE": "age",
    "BORN_ON": "date",
    "HAS_NAME": "name",
    "MARRIED_TO": "person",
    "PARTNER_OF": "person",
    "HAS_FRIEND": "person",
    "HAS_SIBLING": "person",
    "HAS_CHILD": "person",
    "HAS_PARENT": "person",
    "HAS_COLLEAGUE": "person",
    "HAS_RELATIVE": "person",
    "HAS_PET": "person",
    "IS_A": "np",
    "RELATED_TO": "np",
}
_MARKS = "-!~=+"
_CLASSES = {
    "$season": "|".join(sorted(MONTHS | SEASONS)),
    "$be": "am|is|are|'s|was|were|be|been|being",
    "$is": "is|are|'s|was|am",
    "$num": "one|two|three|four|five|six|2|3|4|5|6",
}
_ELEMENT = re.compile(r"\[[^\]]*\]\??|\{[^}]*\}|\S+")
_SLOT = re.compile(rf"\{{([{re.escape(_MARKS)}]?)([A-Z_]+)(?::(\w+))?\}}")


@dataclass(frozen=True, slots=True)
class Frame:
    """One wording.

    Args:
        pattern: see the module.
        precision: the share of its facts that were right on annotated messages, as measured.
        event: something that happened and whose outcome holds now ("moved to"); else a state, of which a past tense says that it is over.
        elide: whether the subject may be left out ("Moved to Porto").
        deny: whether a negation denies the fact; otherwise a negated wording says nothing.
        can: whether "can" leaves it true ("can speak"); ``would``: whether "would" does.
        ends_all: predicates (separated by spaces) of which the wording ends every value; their object is a placeholder.
        verb: the words of a RELATED_TO fact.
        inverse: the object is the subject and the other way round.
        third: whether others than the speaker may be the subject.
    """

    pattern: str
    precision: float = 0.9
    event: bool = False
    elide: bool = True
    deny: bool = True
    can: bool = False
    would: bool = False
    ends_all: str | None = None
    verb: str | None = None
    inverse: bool = False
    third: bool = True


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for an object: its predicate, sign and kind; predicate "_" for words of no interest."""

    predicate: str
    mark: str
    kind: str


@dataclass(frozen=True, slots=True)
class Words:
    """One of some words; for a verb, which of its forms each is."""

    words: frozenset[str]
    forms: dict[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Variant:
    """A frame with its optional parts decided."""

    frame: Frame
    subject: str
    elements: tuple[Words | Slot, ...]

    @property
    def weight(self) -> int:
        return sum(isinstance(e, Words) for e in self.elements)


@dataclass(frozen=True, slots=True)
class Match:
    """A frame found in a sentence.

    Args:
        variant: which.
        start, end: first token of the trigger and the token after everything.
        form: which form of the verb stands there; empty for triggers that are no verbs.
        filled: the slots with the spans of tokens that fill them.
    """

    variant: Variant
    start: int
    end: int
    form: frozenset[str]
    filled: tuple[tuple[Slot, tuple[Span, ...]], ...]
    literals: int


class FrameIndex:
    """Frames, ready to be found by the first word of their triggers.

    Args:
        frames: the frames; of two that match at the same word the one with more words of its own goes first, then the earlier.

    Raises:
        ValueError: a pattern cannot be read.
    """

    def __init__(self, frames: Iterable[Frame]) -> None:
        self._by_word: dict[str, list[Variant]] = defaultdict(list)
        self.predicates: set[str] = set()
        for frame in frames:
            for variant in compile_frame(frame):
                first = variant.elements[0]
                if not isinstance(first, Words):
                    if variant.subject != "Sbe":
                        raise ValueError(f"frame {frame.pattern!r}: a word must come before the first slot")
                    first = _BE
                self.predicates.update(e.predicate for e in variant.elements if isinstance(e, Slot))
                for word in first.words:
                    self._by_word[word].append(variant)

    def find(self, sentence: Sentence) -> Iterator[Match]:
        """Yield every match, word by word, the one with most words of its own first.

        Args:
            sentence: where to look.
        """
        for i, word in enumerate(sentence.norms):
            matches = [m for v in self._by_word.get(word, ()) if (m := _match(v, sentence, i)) is not None]
            yield from sorted(matches, key=lambda m: -m.literals)


_BE = Words(frozenset(_CLASSES["$be"].split("|")))


def compile_frame(frame: Frame) -> list[Variant]:
    """Return the variants of a frame, those with more optional parts first.

    Args:
        frame: the frame.

    Raises:
        ValueError: its pattern cannot be read.
    """
    parts = _ELEMENT.findall(frame.pattern)
    subject = parts[0] if parts and parts[0] in ("S", "Sbe") else ""
    choices: list[list[tuple[Words | Slot, ...]]] = []
    for part in parts[1:] if subject else parts:
        if part.startswith("["):
            inner = tuple(_element(p, frame) for p in _ELEMENT.findall(part.strip("[]?")))
            choices.append([inner, ()])
        elif part.endswith("?"):
            choices.append([(_element(part[:-1], frame),), ()])
        else:
            choices.append([(_element(part, frame),)])
    variants = [tuple(itertools.chain(*picked)) for picked in itertools.product(*choices)]
    if not all(variants):
        raise ValueError(f"frame {frame.pattern!r}: it may match nothing at all")
    return [Variant(frame, subject, elements) for elements in variants]


def _element(part: str, frame: Frame) -> Words | Slot:
    if part == "{_}":
        return Slot("_", "", "np")
    if part.startswith("{"):
        found = _SLOT.fullmatch(part)
        if found is None:
            raise ValueError(f"frame {frame.pattern!r}: {part!r} is no slot; write {{PREDICATE}} or {{PREDICATE:kind}}")
        kind = found[3] or _KINDS.get(found[2], "np")
        if kind not in KINDS and kind not in ("vp", "age", "date"):
            raise ValueError(
                f"frame {frame.pattern!r}: {kind!r} is no kind of phrase; use one of {', '.join(sorted(KINDS))}"
            )
        return Slot(found[2], found[1], kind)
    part = _CLASSES.get(part, part)
    words: set[str] = set()
    forms: dict[str, set[str]] = defaultdict(set)
    for word in part.split("|"):
        if word.endswith("+") and len(word) > 1:
            for variant in _forms_of(word[:-1], frame):
                for name, form in zip(("base", "s", "ing", "past", "participle"), variant, strict=True):
                    words.add(form)
                    forms[form].add(name)
        else:
            words.add(word)
    return Words(frozenset(words), {w: frozenset(f) for w, f in forms.items()})


def _forms_of(lemma: str, frame: Frame) -> list[tuple[str, str, str, str, str]]:
    variants = [forms for forms in lexicon.verb_variants() if forms[0] == lemma]
    return variants or [lexicon.regular_verb(lemma)]


def _match(variant: Variant, sentence: Sentence, start: int) -> Match | None:
    """Match one variant at one token: words as they come, each slot up to the words that follow it."""
    norms = sentence.norms
    if isinstance(variant.elements[0], Slot):
        start = _after_be(norms, start)
    place = start
    form: frozenset[str] = frozenset()
    filled: list[tuple[Slot, tuple[Span, ...]]] = []
    elements = variant.elements
    literals = 0
    for index, element in enumerate(elements):
        if isinstance(element, Words):
            if index:
                place = _skip_adverbs(norms, place, element.words)
                if isinstance(elements[index - 1], Slot):
                    place = _skip_time(norms, place, element.words)
            if place >= len(norms) or norms[place] not in element.words:
                return None
            if not form and element.forms:
                form = element.forms.get(norms[place], frozenset())
            literals += 1
            place += 1
            continue
        following = elements[index + 1] if index + 1 < len(elements) else None
        stop = following.words if isinstance(following, Words) else frozenset()
        if element.predicate == "_":
            place = _skip_to(norms, place, stop)
            if place < 0:
                return None
            continue
        place = _skip_adverbs(norms, place, frozenset())
        if place >= len(norms):
            return None
        spans, place = objects.read(sentence, place, element.kind, stop)
        if not spans:
            return None
        filled.append((element, tuple(spans)))
    return Match(variant, start, place, form, tuple(filled), literals)


def _after_be(norms: tuple[str, ...], be: int) -> int:
    """Return the first token after a form of "be", its adverbs and its negation."""
    place = be + 1
    while place < len(norms) and place - be < 4 and (norms[place] == "not" or norms[place] in lexicon.words("adverbs")):
        place += 1
    return place


def _skip_adverbs(norms: tuple[str, ...], place: int, wanted: frozenset[str]) -> int:
    adverbs = lexicon.words("adverbs")
    end = place
    while end < len(norms) and end - place < 3 and norms[end] in adverbs and norms[end] not in wanted:
        end += 1
    return end


_SOME_DAY = datetime(2000, 1, 1)  # any: only where the expression ends counts


def _skip_time(norms: tuple[str, ...], place: int, wanted: frozenset[str]) -> int:
    """Return the token after the time that starts at ``place`` ("two years ago"), when a wanted word follows it."""
    if place >= len(norms) or norms[place] in wanted or not wanted.intersection(norms[place + 1 : place + 5]):
        return place
    found = times.find(norms, place, min(len(norms), place + 4), _SOME_DAY)
    after = found[0].end if found and found[0].start == place else place
    return after if after < len(norms) and norms[after] in wanted else place


def _skip_to(norms: tuple[str, ...], place: int, wanted: frozenset[str]) -> int:
    """Return the next place with one of the wanted words, at most six words ahead and within the clause; -1 for none."""
    for j in range(place, min(len(norms), place + 7)):
        if norms[j] in wanted:
            return j
        if norms[j] in (".", ";", "!", "?", ","):
            break
    return -1
