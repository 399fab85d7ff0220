"""What "is ..." tells: an occupation and where it is done, what somebody is, a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from extraction.local import classify, lexicon, objects
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity
from extraction.local.naming import read_name
from extraction.local.tokens import Span
from extraction.local.verbgroup import Group, is_we
from extraction.records import FactStatus

if TYPE_CHECKING:
    from extraction.local.build import Builder, Reading


def read(
    builder: Builder,
    reading: Reading,
    group: Group,
    span: Span,
    status: FactStatus,
    around: tuple[int, int],
    sure: float,
) -> Iterator[Candidate]:
    """Yield what a phrase after "is" tells of its subject.

    Args:
        builder: makes the facts.
        reading: the sentence.
        group: the subject and its auxiliaries.
        span: the phrase's tokens.
        status: what the auxiliaries say.
        around: tokens of the whole wording.
        sure: the wording's confidence.
    """
    sentence, subject = reading.sentence, group.subject
    if subject is None or (group.mention is None and "there" in sentence.norms[max(0, group.start - 1) : span[0]]):
        return
    told = classify.being(sentence, span, subject.label)
    if is_we(group, sentence):
        return
    if told is None:
        if subject is builder.speaker and group.be and not group.elided and status is FactStatus.CURRENT:
            yield from _named(builder, reading, span, around)
        return
    predicate, over, span = told
    if sentence.norms[span[1] : span[1] + 1] == ("'s",):
        return
    if over and status is FactStatus.CURRENT:
        status = FactStatus.ENDED
    entity = builder.entity(sentence, predicate, span)
    yield builder.candidate(
        reading, subject, predicate, entity, status, span, around, sure, "state", source=f"being {predicate}"
    )
    if (
        predicate == "WORKS_AS"
        and sentence.norms[span[1] : span[1] + 1] in (("at",), ("for",))
        and status is not FactStatus.NEGATED
    ):
        places, _ = objects.read(sentence, span[1] + 1, "org")
        for place in places:
            if not reading.mentions.is_relative(place) and sentence.norms[place[0]] not in lexicon.words("possessions"):
                company = builder.entity(sentence, "WORKS_AT", place)
                yield builder.candidate(
                    reading,
                    subject,
                    "WORKS_AT",
                    company,
                    status,
                    place,
                    (around[0], place[1]),
                    round(sure * 0.95, 3),
                    "state",
                    source="being, at",
                )
    if predicate == "WORKS_AS" and status is FactStatus.CURRENT:
        yield from _residence(builder, reading, subject, span[1], around, sure)


def _residence(
    builder: Builder, reading: Reading, subject: Entity, i: int, around: tuple[int, int], sure: float
) -> Iterator[Candidate]:
    """ "a farrier in Shropshire" lives there, most likely."""
    sentence = reading.sentence
    if sentence.norms[i : i + 1] != ("in",):
        return
    for place in objects.read(sentence, i + 1, "namedplace")[0]:
        entity = builder.entity(sentence, "LIVES_IN", place)
        yield builder.candidate(
            reading,
            subject,
            "LIVES_IN",
            entity,
            FactStatus.CURRENT,
            place,
            (around[0], place[1]),
            round(sure * 0.85, 3),
            "state",
            source="residence",
        )


def _named(builder: Builder, reading: Reading, span: Span, around: tuple[int, int]) -> Iterator[Candidate]:
    """ "I'm Priya": a name and no adjective that happens to have a capital."""
    sentence = reading.sentence
    end = read_name(sentence.tokens, span[0], lower=True)
    if end == span[0] or sentence.norms[span[0]] in lexicon.words("nationalities") | lexicon.words(
        "places"
    ) | lexicon.words("languages"):
        return
    if sentence.norms[span[0] - 1] in ("a", "an", "the", "of"):
        return
    follower = sentence.norms[end] if end < len(sentence) else "."
    if (
        follower
        not in (
            ",",
            ".",
            "!",
            "and",
            "from",
            "-",
            "—",
            "(",
            "btw",
            "by",
            "here",
            ";",
            "the",
            "but",
            "?",
            "/",
            "aka",
        )
        and not follower.isdigit()
    ):
        return
    first = sentence.tokens[span[0]]
    if first.text.isupper() and len(first.text) > 1:
        return
    sure = 0.93 if first.norm in lexicon.given_names() else 0.75
    entity = builder.entity(sentence, "HAS_NAME", (span[0], end))
    yield builder.candidate(
        reading,
        builder.speaker,
        "HAS_NAME",
        entity,
        FactStatus.CURRENT,
        (span[0], end),
        (around[0], end),
        sure,
        "state",
    )
