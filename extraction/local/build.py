"""From the matches, mentions and moods of a sentence to candidates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extraction.catalogue import Catalogue
from extraction.local import being, classify, confidence, fitting, lexicon
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity, Registry
from extraction.local.frames import FrameIndex, Match, Slot
from extraction.local.gate import Mood
from extraction.local.mentions import Link, Mentions
from extraction.local.naming import text_of
from extraction.local.tokens import Sentence, Span
from extraction.local.verbgroup import Group, Groups, is_we, status_of
from extraction.records import FactStatus

_HARD = frozenset({".", ";", "!", "?", "(", ")"})
_HEDGES = frozenset("think guess maybe perhaps probably might possibly apparently suspect believe".split())
_OTHERS = frozenset("his her their its your 's the whose".split())
_MARKED = {
    "-": FactStatus.ENDED,
    "!": FactStatus.NEGATED,
    "~": FactStatus.RETRACTED,
    "+": FactStatus.CURRENT,
}
_NO_PLANS = frozenset(
    "lie kill lose die cry scream explode murder freak be need have try ask say talk tell freeze regret miss fail love hate".split()
)
_NAMED_LINK, _UNNAMED_LINK, _PET_KIND = 0.95, 0.76, 0.95


_LEFT_OPEN = {
    "WORKS_AT": "job",
    "WORKS_AS": "occupation",
    "MARRIED_TO": "spouse",
    "PARTNER_OF": "partner",
    "STUDIES_AT": "school",
    "STUDIES": "subject",
    "LIVES_IN": "home",
}
"""What stands for the object of a wording that names none and ends every value."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One sentence with all that was found out about it."""

    number: int
    sentence: Sentence
    moods: list[Mood]
    mentions: Mentions


class Builder:
    """Builds candidates for one turn.

    Args:
        catalogue: says which label an object has.
        frames: the wordings.
        registry: the conversation's entities.
        speaker: who says "I".
    """

    def __init__(self, catalogue: Catalogue, frames: FrameIndex, registry: Registry, speaker: Entity) -> None:
        self._catalogue = catalogue
        self._frames = frames
        self._registry = registry
        self.speaker = speaker

    def candidates(self, reading: Reading) -> Iterator[Candidate]:
        """Yield what the sentence states.

        Args:
            reading: the sentence.
        """
        for link in reading.mentions.links:
            yield from self._of_link(reading, link)
        for entity, start, end in reading.mentions.renamed:
            if entity.label == "Animal" and entity.aliases:
                yield self.candidate(
                    reading,
                    entity,
                    "IS_A",
                    Entity(entity.aliases[0].rpartition("'s ")[2], "Kind"),
                    FactStatus.CURRENT,
                    (start, end),
                    (start, end),
                    _PET_KIND,
                    "link",
                )
        groups = Groups(reading.sentence, reading.mentions, self.speaker)
        taken = 0
        for match in self._frames.find(reading.sentence):
            if match.start < taken:
                continue
            made = list(self._of_match(reading, groups, match))
            if made:
                taken = min((span[0] for _, spans in match.filled for span in spans), default=match.end)
            yield from made

    def stated(
        self,
        reading: Reading,
        subject: Entity,
        predicate: str,
        span: Span,
        status: FactStatus,
        around: tuple[int, int],
        sure: float,
    ) -> Candidate:
        """Return a candidate for words found by another stage.

        Args:
            reading: the sentence.
            subject, predicate, status: the fact.
            span: tokens of the object.
            around: tokens of the whole wording.
            sure: its confidence.
        """
        entity = self.entity(reading.sentence, predicate, span)
        return self.candidate(reading, subject, predicate, entity, status, span, around, round(sure, 3), "state")

    def ending_all(
        self, reading: Reading, subject: Entity, predicate: str, span: Span, around: tuple[int, int], sure: float
    ) -> Candidate:
        """Return the end of every value of a predicate; its object is a placeholder.

        Args:
            reading: the sentence.
            subject, predicate: whose and which.
            span: tokens of the words that tell it.
            around: tokens of the whole wording.
            sure: its confidence.
        """
        label = self._catalogue[predicate].object
        word = _LEFT_OPEN.get(predicate, predicate.lower())
        entity = Entity(word, label, unnamed=True)
        return self.candidate(
            reading, subject, predicate, entity, FactStatus.ENDED, span, around, sure, "event", ends_all=True
        )

    def person(self, sentence: Sentence, span: Span) -> Entity:
        """Return the person whom the words of a span name."""
        return self._registry.named(text_of(sentence, *span), "Person")

    def words(self, sentence: Sentence, span: Span) -> str:
        """Return the words of a span as they are written."""
        return text_of(sentence, *span)

    def _of_link(self, reading: Reading, link: Link) -> Iterator[Candidate]:
        mood = reading.moods[link.start]
        named = not link.entity.unnamed
        if mood > Mood.ASKED or (mood is not Mood.STATED and (link.stated or not named)):
            return
        status = FactStatus.NEGATED if link.negated else FactStatus.ENDED if link.past else FactStatus.CURRENT
        place = link.place or (link.start, link.end)
        sure = _NAMED_LINK if named else _UNNAMED_LINK
        if not named and not link.stated and self._says_little(reading, link):
            return
        if not named and link.owner is not self.speaker and link.entity is not self.speaker and not link.stated:
            return
        source = f"{'named' if named else 'unnamed'} {'stated' if link.stated else 'in passing'} {link.predicate}"
        yield self.candidate(
            reading,
            link.owner,
            link.predicate,
            link.entity,
            status,
            place,
            (link.start, link.end),
            sure,
            "link",
            source=source,
        )
        if link.kind is not None and named:
            kind = Entity(link.kind, "Kind")
            yield self.candidate(
                reading, link.entity, "IS_A", kind, FactStatus.CURRENT, place, (link.start, link.end), _PET_KIND, "link"
            )

    @staticmethod
    def _says_little(reading: Reading, link: Link) -> bool:
        """An unnamed friend, colleague or pet in passing, or one who only owns something ("my daughter's teacher"), is no fact."""
        norms = reading.sentence.norms
        following = norms[link.end] if link.end < len(norms) else "."
        if norms[link.start - 1 : link.start] == ("not",) or norms[link.end - 1] in ("girl", "boy"):
            return True
        if link.predicate in ("HAS_FRIEND", "HAS_COLLEAGUE") or following in ("'s", "'"):
            return True
        if link.predicate == "HAS_PET":
            return not link.entity.died and following not in lexicon.finite_verbs()
        return any(n in ("would", "'d", "could", "sell") for n in norms[max(0, link.start - 3) : link.start])

    def _of_match(self, reading: Reading, groups: Groups, match: Match) -> Iterator[Candidate]:
        sentence, frame = reading.sentence, match.variant.frame
        if reading.moods[match.start] is not Mood.STATED:
            return
        if match.variant.subject:
            group = groups.left_of(match.start, match.form)
            status = status_of(match, group, sentence) if group.subject is not None else None
        else:
            group = Group(self.speaker, match.start)
            status = FactStatus.CURRENT
            if match.start > 0 and sentence.norms[match.start - 1] in _OTHERS:
                return
        if status is None or group.subject is None or (not frame.third and group.subject is not self.speaker):
            return
        told_of = "who" in sentence.norms[group.start : match.start]
        if not told_of and reading.moods[min(group.start, match.start)] is not Mood.STATED:
            return
        if not self._subject_fits(match, group.subject):
            return
        sure = confidence.of_frame(
            frame.precision,
            inherited=group.inherited,
            pronoun=group.mention is not None and group.mention.kind == "pronoun",
            hedged=any(n in _HEDGES for n in sentence.norms[max(0, group.start - 4) : match.end]),
        )
        told = "event" if frame.event else "state"
        around = (group.start, match.end)
        if frame.ends_all is not None and status is FactStatus.CURRENT:
            for predicate in frame.ends_all.split():
                yield self.ending_all(reading, group.subject, predicate, (match.start, match.end), around, sure)
            return
        for slot, spans in match.filled:
            for span in spans:
                if slot.kind != "vp" and reading.mentions.is_relative(span):
                    continue
                yield from self._of_slot(reading, match, group, slot, span, status, around, sure, told)

    def _subject_fits(self, match: Match, subject: Entity) -> bool:
        for slot, _ in match.filled:
            if slot.predicate in self._catalogue:
                allowed = self._catalogue[slot.predicate].subjects
                if allowed and subject.label not in allowed:
                    return False
        return True

    def _of_slot(
        self,
        reading: Reading,
        match: Match,
        group: Group,
        slot: Slot,
        span: Span,
        status: FactStatus,
        around: tuple[int, int],
        sure: float,
        told: str,
    ) -> Iterator[Candidate]:
        sentence = reading.sentence
        subject = group.subject
        if subject is None:
            return
        if slot.predicate == "BEING":
            yield from being.read(self, reading, group, span, status, around, sure)
            return
        if slot.predicate == "HAVING":
            if span[0] > 0 and sentence.norms[span[0] - 1] == "no":
                status = FactStatus.NEGATED
            predicate = classify.having(sentence, span)
            if predicate is None:
                return
            if predicate == "ALLERGIC_TO":
                span = (span[0], span[1] - 1)
        else:
            predicate = slot.predicate
        if predicate == "WORKS_AT" and slot.mark == "-":
            predicate = "MEMBER_OF" if self._registry.is_known(text_of(sentence, *span), "Group") else predicate
        if predicate not in ("LIKES", "DISLIKES", "PREFERS"):
            span, status = fitting.denied(sentence, span, status)
        if predicate == "LIKES" and status is FactStatus.NEGATED:
            predicate, status = "DISLIKES", FactStatus.CURRENT
        if predicate in ("HAS_AGE", "HAS_NAME") and (status is FactStatus.ENDED or is_we(group, sentence)):
            return
        if predicate == "PLANS_TO" and (sentence.norms[span[0]] in _NO_PLANS or sentence.tokens[span[0]].capital):
            return
        if (
            predicate == "PLANS_TO"
            and sentence.norms[span[0] - 1] == "on"
            and not sentence.norms[span[0]].endswith("ing")
        ):
            return
        if predicate == "PLANS_TO" and status is FactStatus.NEGATED:
            status = FactStatus.ENDED
        final = _MARKED.get(slot.mark, status) if status is FactStatus.CURRENT else status
        if slot.mark == "-" and status is not FactStatus.CURRENT:
            return
        yield self.candidate(
            reading,
            subject,
            predicate,
            self.entity(sentence, predicate, span),
            final,
            span,
            around,
            sure,
            told,
            replaces=final is FactStatus.CURRENT and slot.mark == "=",
            verb=match.variant.frame.verb,
            source=match.variant.frame.pattern,
        )

    def _is_new(self, sentence: Sentence, predicate: str, around: tuple[int, int], span: Span) -> bool:
        """ "I now work as a pilot", "I work at Feedzai now" end the other jobs."""
        told_new = "now" in sentence.norms[around[0] : span[0]] or sentence.norms[span[1] : span[1] + 1] == ("now",)
        return told_new and self._catalogue.get(predicate).replaceable

    def entity(self, sentence: Sentence, predicate: str, span: Span) -> Entity:
        """Return the entity that a span of tokens names as the object of a predicate."""
        relation = self._catalogue.get(predicate)
        text = text_of(sentence, *span)
        if predicate == "PLANS_TO":
            text = base_form(text)
        if predicate == "HAS_AGE":
            text = fitting.age_text(text)
        if predicate == "IS_A":
            text = lexicon.animals().get(text.lower(), text)
        if relation.object in ("Person", "Animal"):
            return self._registry.named(text, relation.object)
        return Entity(text, better_label(sentence, span, relation.object, self._registry))

    def candidate(
        self,
        reading: Reading,
        subject: Entity,
        predicate: str,
        entity: Entity,
        status: FactStatus,
        span: Span,
        around: tuple[int, int],
        sure: float,
        told: str,
        *,
        replaces: bool = False,
        ends_all: bool = False,
        verb: str | None = None,
        source: str = "",
    ) -> Candidate:
        """Return a candidate with its place and its evidence.

        Args:
            reading: the sentence.
            subject, predicate, entity, status: the fact.
            span: tokens of the object.
            around: tokens of the whole wording.
            sure, told, replaces, ends_all, verb, source: as in ``Candidate``.
        """
        sentence = reading.sentence
        first, last = min(around[0], span[0]), max(around[1], span[1])
        replaces = replaces or (status is FactStatus.CURRENT and self._is_new(sentence, predicate, around, span))
        return Candidate(
            subject,
            predicate,
            entity,
            status,
            sentence.span(*span),
            evidence_span(sentence, first, last),
            reading.number,
            (first, last),
            sure,
            told,
            replaces,
            ends_all,
            verb,
            source=source,
        )


def base_form(phrase: str) -> str:
    """Return a verb phrase with its first verb in the base form ("moving to Porto" -> "move to Porto")."""
    head, _, rest = phrase.partition(" ")
    for forms in lexicon.verb_variants():
        if head.lower() in forms[1:3]:
            return f"{forms[0]} {rest}".strip()
    return phrase


def better_label(sentence: Sentence, span: Span, label: str, registry: Registry) -> str:
    """Return a label that says more than "Thing" where the words tell it."""
    if label != "Thing":
        return label
    norms = sentence.norms[span[0] : span[1]]
    if " ".join(norms) in lexicon.words("places"):
        return "Place"
    known = registry.known_name(text_of(sentence, *span))
    return known.label if known is not None else label


def evidence_span(sentence: Sentence, first: int, last: int) -> tuple[int, int]:
    """Return the clause around some tokens: up to the signs that end a clause, at most some dozen words each way."""
    norms = sentence.norms
    start, end = first, last
    while start > 0 and first - start < 12 and norms[start - 1] not in _HARD:
        start -= 1
    while end < len(norms) and end - last < 12 and norms[end] not in _HARD:
        end += 1
    return sentence.span(start, end)
