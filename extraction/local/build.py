"""From the matches, mentions and moods of a sentence to candidates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extraction.catalogue import Catalogue
from extraction.local import classify, confidence, fitting, lexicon, objects
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity, Registry
from extraction.local.frames import FrameIndex, Match, Slot
from extraction.local.gate import Mood
from extraction.local.mentions import Link, Mentions
from extraction.local.naming import read_name, text_of
from extraction.local.tokens import Sentence, Span
from extraction.local.verbgroup import Group, Groups, status_of
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
_NO_PLANS = frozenset("lie kill lose die cry scream explode murder freak be need have try ask say talk tell".split())
_NAMED_LINK, _UNNAMED_LINK, _PET_KIND = 0.95, 0.76, 0.95


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
        self._speaker = speaker

    def candidates(self, reading: Reading) -> Iterator[Candidate]:
        """Yield what the sentence states.

        Args:
            reading: the sentence.
        """
        for link in reading.mentions.links:
            yield from self._of_link(reading, link)
        for entity, start, end in reading.mentions.renamed:
            if entity.label == "Animal" and entity.aliases:
                yield self._candidate(
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
        groups = Groups(reading.sentence, reading.mentions, self._speaker)
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
        entity = self._object(reading.sentence, predicate, span, None)
        return self._candidate(reading, subject, predicate, entity, status, span, around, round(sure, 3), "state")

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
        word = {"WORKS_AT": "job", "MARRIED_TO": "spouse", "PARTNER_OF": "partner"}.get(predicate, predicate.lower())
        entity = Entity(word, label, unnamed=True)
        return self._candidate(
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
        if not named and link.owner is not self._speaker and link.entity is not self._speaker and not link.stated:
            return
        source = f"{'named' if named else 'unnamed'} {'stated' if link.stated else 'in passing'} {link.predicate}"
        yield self._candidate(
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
            yield self._candidate(
                reading, link.entity, "IS_A", kind, FactStatus.CURRENT, place, (link.start, link.end), _PET_KIND, "link"
            )

    @staticmethod
    def _says_little(reading: Reading, link: Link) -> bool:
        """An unnamed friend, colleague or pet in passing, or one who only owns something ("my daughter's teacher"), is no fact."""
        norms = reading.sentence.norms
        following = norms[link.end] if link.end < len(norms) else "."
        if link.predicate in ("HAS_FRIEND", "HAS_COLLEAGUE") or following in ("'s", "'"):
            return True
        if link.predicate == "HAS_PET":
            return following not in lexicon.finite_verbs()
        return any(n in ("would", "'d", "could", "sell") for n in norms[max(0, link.start - 3) : link.start])

    def _of_match(self, reading: Reading, groups: Groups, match: Match) -> Iterator[Candidate]:
        sentence, frame = reading.sentence, match.variant.frame
        if reading.moods[match.start] is not Mood.STATED:
            return
        if match.variant.subject:
            group = groups.left_of(match.start, match.form)
            status = status_of(match, group, sentence) if group.subject is not None else None
        else:
            group = Group(self._speaker, match.start)
            status = FactStatus.CURRENT
            if match.start > 0 and sentence.norms[match.start - 1] in _OTHERS:
                return
        if status is None or group.subject is None or (not frame.third and group.subject is not self._speaker):
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
            yield self.ending_all(reading, group.subject, frame.ends_all, (match.start, match.end), around, sure)
            return
        for slot, spans in match.filled:
            for span in spans:
                if self._inside_person(reading, span, slot):
                    continue
                yield from self._of_slot(reading, match, group, slot, span, status, around, sure, told)

    def _subject_fits(self, match: Match, subject: Entity) -> bool:
        for slot, _ in match.filled:
            if slot.predicate in self._catalogue:
                allowed = self._catalogue[slot.predicate].subjects
                if allowed and subject.label not in allowed:
                    return False
        return True

    def _inside_person(self, reading: Reading, span: Span, slot: Slot) -> bool:
        return any(
            m.kind == "relative" and m.start < span[1] and span[0] < m.end for m in reading.mentions.items
        ) and slot.kind not in ("vp",)

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
            yield from self._being(reading, group, span, status, around, sure)
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
        if predicate not in ("LIKES", "DISLIKES", "PREFERS"):
            span, status = fitting.denied(sentence, span, status)
        if predicate == "LIKES" and status is FactStatus.NEGATED:
            predicate, status = "DISLIKES", FactStatus.CURRENT
        if predicate in ("HAS_AGE", "HAS_NAME") and (status is FactStatus.ENDED or self._is_plural(sentence, group)):
            return
        if predicate == "PLANS_TO" and (sentence.norms[span[0]] in _NO_PLANS or sentence.tokens[span[0]].capital):
            return
        if predicate == "PLANS_TO" and status is FactStatus.NEGATED:
            status = FactStatus.ENDED
        final = _MARKED.get(slot.mark, status) if status is FactStatus.CURRENT else status
        if slot.mark == "-" and status is not FactStatus.CURRENT:
            return
        yield self._candidate(
            reading,
            subject,
            predicate,
            self._object(sentence, predicate, span, match),
            final,
            span,
            around,
            sure,
            told,
            replaces=final is FactStatus.CURRENT
            and (slot.mark == "=" or self._is_new(sentence, predicate, around, span)),
            verb=match.variant.frame.verb,
            source=match.variant.frame.pattern,
        )

    def _is_new(self, sentence: Sentence, predicate: str, around: tuple[int, int], span: Span) -> bool:
        """ "I now work as a pilot" ends the other jobs."""
        return self._catalogue.get(predicate).replaceable and "now" in sentence.norms[around[0] : span[0]]

    @staticmethod
    def _is_plural(sentence: Sentence, group: Group) -> bool:
        return group.mention is not None and sentence.norms[group.mention.start] == "we"

    def _being(
        self,
        reading: Reading,
        group: Group,
        span: Span,
        status: FactStatus,
        around: tuple[int, int],
        sure: float,
    ) -> Iterator[Candidate]:
        sentence, subject = reading.sentence, group.subject
        if subject is None:
            return
        told = classify.being(sentence, span, subject.label)
        if self._is_plural(sentence, group):
            return
        if told is None:
            if subject is self._speaker and group.be and not group.elided and status is FactStatus.CURRENT:
                yield from self._named(reading, span, around)
            return
        predicate, over, span = told
        if sentence.norms[span[1] : span[1] + 1] == ("'s",):
            return
        if over and status is FactStatus.CURRENT:
            status = FactStatus.ENDED
        entity = self._object(sentence, predicate, span, None)
        yield self._candidate(
            reading, subject, predicate, entity, status, span, around, sure, "state", source=f"being {predicate}"
        )
        if (
            predicate == "WORKS_AS"
            and sentence.norms[span[1] : span[1] + 1] in (("at",), ("for",))
            and status is not FactStatus.NEGATED
        ):
            places, _ = objects.read(sentence, span[1] + 1, "org")
            for place in places:
                if not self._inside_person(reading, place, Slot("WORKS_AT", "", "org")) and sentence.norms[
                    place[0]
                ] not in lexicon.words("possessions"):
                    company = self._object(sentence, "WORKS_AT", place, None)
                    yield self._candidate(
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
            yield from self._residence(reading, subject, span[1], around, sure)

    def _residence(
        self, reading: Reading, subject: Entity, i: int, around: tuple[int, int], sure: float
    ) -> Iterator[Candidate]:
        """ "a farrier in Shropshire" lives there, most likely."""
        sentence = reading.sentence
        if sentence.norms[i : i + 1] != ("in",):
            return
        for place in objects.read(sentence, i + 1, "namedplace")[0]:
            entity = self._object(sentence, "LIVES_IN", place, None)
            yield self._candidate(
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

    def _named(self, reading: Reading, span: Span, around: tuple[int, int]) -> Iterator[Candidate]:
        """ "I'm Priya": a name and no adjective that happens to have a capital."""
        sentence = reading.sentence
        end = read_name(sentence.tokens, span[0], lower=True)
        if end == span[0] or sentence.norms[span[0]] in lexicon.words("nationalities") | lexicon.words(
            "places"
        ) | lexicon.words("languages"):
            return
        if sentence.norms[span[0] - 1] in ("a", "an", "the"):
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
        entity = self._object(sentence, "HAS_NAME", (span[0], end), None)
        yield self._candidate(
            reading,
            self._speaker,
            "HAS_NAME",
            entity,
            FactStatus.CURRENT,
            (span[0], end),
            (around[0], end),
            sure,
            "state",
        )

    def _object(self, sentence: Sentence, predicate: str, span: Span, match: Match | None) -> Entity:
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

    def _candidate(
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
        sentence = reading.sentence
        first, last = min(around[0], span[0]), max(around[1], span[1])
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
