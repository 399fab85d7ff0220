"""Answers to the assistant's question: "Where are you based?" - "Porto, since May."."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.local import objects
from extraction.local.build import Builder, Reading
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity
from extraction.local.gate import Mood
from extraction.local.normalise import normalise
from extraction.records import FactStatus

_QUESTIONS: tuple[tuple[str, str, str], ...] = (
    (
        r"\bwhere (?:do|are|did) you (?:\w+ ){0,2}(?:live|based|located|living|staying|call home)|"
        r"which city (?:do|are) you|where(?:'s| is) home|where in the world are you",
        "LIVES_IN",
        "place",
    ),
    (r"\bwhere (?:are you|do you come|were you raised|did you grow)\b.*\b(?:from|up|raised)\b", "COMES_FROM", "place"),
    (r"\bwhere were you born", "BORN_IN", "place"),
    (r"\bwhen(?:'s| is) your (?:birthday|date of birth)|\bwhen were you born|\bdate of birth", "BORN_ON", "date"),
    (r"\bhow old are you|\bwhat(?:'s| is) your age|\byour age\b", "HAS_AGE", "age"),
    (
        r"\bwhat(?:'s| is) your (?:first |full )?name|\bwhat should i call you|\bwho am i (?:speaking|"
        r"talking)|\bmay i have your name|\bwhat do (?:people|friends) call you",
        "HAS_NAME",
        "name",
    ),
    (
        r"\bwhere do you work|\bwho do you work for|\bwhich company|\bwho(?:'s| is) your employer|\bwhat company",
        "WORKS_AT",
        "org",
    ),
    (
        r"\bwhat do you do (?:for (?:a living|work))?\b|\bwhat(?:'s| is) your (?:job|profession|occupation|"
        r"role)|\bwhat kind of work|\bwhat(?:'s| is) your line of work",
        "WORKS_AS",
        "knownjob",
    ),
    (
        r"\bwhat (?:are you studying|do you study|is your major|'s your major|subject)|\bwhat(?:'s| is) your major",
        "STUDIES",
        "topic",
    ),
    (
        r"\bwhere (?:do|did) you (?:study|go to (?:school|university|uni|college))|\bwhich (?:university|school|college)",
        "STUDIES_AT",
        "school",
    ),
    (r"\b(?:what|which) languages? (?:do|can) you speak|\blanguages do you speak", "SPEAKS", "lang"),
    (r"\ballerg(?:y|ies|ic)\b", "ALLERGIC_TO", "np"),
    (r"\bwhat (?:instrument|sport|sports|instruments|games?) do you play|\bdo you play any", "PLAYS", "np"),
    (
        r"\b(?:what|which) (?:os|operating system|editor|laptop|phone|browser|software|tools?|ide|"
        r"framework|distro|database|language do you (?:code|program))\b",
        "USES",
        "np",
    ),
    (r"\bwhat(?:'s| is) your (?:wife|husband|spouse)(?:'s)? (?:name|called)", "MARRIED_TO", "person"),
    (
        r"\bwhat (?:do you (?:enjoy|like)|are your hobbies|hobbies)|\bfavou?rite\b|\bwhat do you do for fun|\bfree time\b",
        "LIKES",
        "act",
    ),
    (r"\bprefer\b|\brather\b", "PREFERS", "act"),
)
_COMPILED = tuple((re.compile(pattern, re.I), predicate, kind) for pattern, predicate, kind in _QUESTIONS)
_LEAD = frozenset(
    "oh well um uh hmm yes yeah yep so ok sure it 's is just i am in at from the a an , - mostly mainly "
    "currently only ah right for as ive".split()
)
_NOTHING = frozenset(
    "no none nothing nope never not nobody neither i we what why how who when where which do does did can "
    "could please sure it that this my you he she they".split()
)
_QUESTION_BREAK = re.compile(r"[^.!?\n]*\?")
_SURE = 0.85


def candidates(reading: Reading, before: str, builder: Builder, speaker: Entity) -> Iterator[Candidate]:
    """Yield what the first sentence of a turn states as an answer.

    Args:
        reading: the sentence.
        before: the assistant's message before it.
        builder: makes the objects.
        speaker: who answers.
    """
    if reading.moods[0] is not Mood.STATED:
        return
    yield from _right_name(reading, before, builder, speaker)
    asked = expected(before)
    if asked is None:
        return
    predicate, kind = asked
    sentence = reading.sentence
    i = 0
    while i < len(sentence) and i < 5 and sentence.norms[i] in _LEAD:
        i += 1
    if i >= len(sentence) or sentence.norms[i] in _NOTHING or sentence.norms[-1] == "?":
        return
    if any(m.kind == "relative" and m.start <= i < m.end for m in reading.mentions.items):
        return
    spans, _ = objects.read(sentence, i, kind)
    for span in spans:
        yield builder.stated(reading, speaker, predicate, span, FactStatus.CURRENT, (0, span[1]), _SURE)


def _right_name(reading: Reading, before: str, builder: Builder, speaker: Entity) -> Iterator[Candidate]:
    """ "It's Craig, not Greg.", when the message before said "Greg"."""
    norms, tokens = reading.sentence.norms, reading.sentence.tokens
    start = next((i for i, word in enumerate(norms[:6]) if word not in _LEAD_OF_NAME), len(norms))
    if norms[start - 2 : start] not in (("it", "'s"), ("it", "is")) or norms[start + 1 : start + 3] != (",", "not"):
        return
    wrong = tokens[start + 3].text if start + 3 < len(tokens) else ""
    if tokens[start].capital and wrong[:1].isupper() and re.search(rf"\b{re.escape(wrong)}\b", before):
        span = (start, start + 1)
        yield builder.stated(reading, speaker, "HAS_NAME", span, FactStatus.CURRENT, (0, start + 4), _SURE)


_LEAD_OF_NAME = frozenset("it 's is actually btw no oh ,".split())


def expected(before: str) -> tuple[str, str] | None:
    """Return the predicate and the kind of phrase that the last question of a message asks for; None for any other.

    Args:
        before: the assistant's message.
    """
    questions = _QUESTION_BREAK.findall(normalise(before[-2000:]))
    if not questions:
        return None
    for pattern, predicate, kind in _COMPILED:
        if pattern.search(questions[-1]):
            return predicate, kind
    return None
