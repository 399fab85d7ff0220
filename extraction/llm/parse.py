"""From an answer to checked facts: pure. What cannot be believed is dropped and counted, never guessed at."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from extraction.catalogue import Catalogue, Relation
from extraction.gathering import entities_of
from extraction.llm.answer_text import InvalidAnswer, facts_in
from extraction.llm.dates import in_order, is_edtf
from extraction.llm.grounding import Grounding
from extraction.llm.mentions import MentionReader, Place, name_of
from extraction.llm.prompt import speaker_of
from extraction.llm.quotation import find_quotation
from extraction.names import normalize_name
from extraction.records import EntityMention, ExtractedFact, Extraction, ExtractionContext, FactStatus, Turn

FALLBACK = "RELATED_TO"
STATED_CONFIDENCE = 0.9
IMPLIED_CONFIDENCE = 0.65
_LONGEST_VERB = 80
_NOT_IDENTIFIER = re.compile(r"[^A-Z0-9]+")


class _Quoted(NamedTuple):
    """Where a quotation stands."""

    turn: int
    start: int
    end: int


def parse_answer(text: str, turns: Sequence[Turn], context: ExtractionContext, catalogue: Catalogue) -> Extraction:
    """Read an answer and keep what can be believed.

    Kept facts have words of a user's turn as evidence, a predicate of the catalogue, labels that it allows, and names
    that the conversation holds. `Extraction.dropped` counts what was dropped or replaced, by reason.

    Args:
        text: the answer, as the model gave it.
        turns: what it is about.
        context: what came before and what was known.
        catalogue: the relations.

    Raises:
        InvalidAnswer: it is no JSON of the expected shape; asking again may help.
    """
    items = facts_in(text)
    for number, item in enumerate(items, start=1):
        _check_shape(item, number)
    reader = _Reader(turns, context, catalogue)
    read = sorted((pair for pair in map(reader.read, items) if pair is not None), key=lambda pair: pair[0])
    facts: dict[tuple[object, ...], ExtractedFact] = {}
    for quoted, fact in read:
        ends = (fact.subject.label, fact.subject.name, fact.object.label, fact.object.name)
        facts.setdefault((quoted.turn, *ends, fact.predicate, fact.status), fact)
    return Extraction(entities_of(facts.values()), tuple(facts.values()), dict(sorted(reader.dropped.items())))


def _check_shape(item: Mapping[str, Any], number: int) -> None:
    for key, kinds, what in (
        ("quote", str, "a text"),
        ("predicate", str, "a text"),
        ("subject", (dict, str), "an object with a name"),
        ("object", (dict, str), "an object with a name"),
    ):
        value = item.get(key)
        if not isinstance(value, kinds) or (isinstance(value, dict) and not isinstance(value.get("name"), str)):
            raise InvalidAnswer(f'"{key}" of fact {number} is not {what}')


class _Reader:
    """Reads the facts of one answer and counts what it drops."""

    def __init__(self, turns: Sequence[Turn], context: ExtractionContext, catalogue: Catalogue) -> None:
        self.dropped: Counter[str] = Counter()
        self._turns = turns
        self._catalogue = catalogue
        self._user_names = frozenset(normalize_name(name) for name in context.user_names)
        self._context = context
        self._mentions = MentionReader(catalogue, self._user_names, self.dropped)
        self._groundings: dict[int, Grounding] = {}

    def read(self, item: Mapping[str, Any]) -> tuple[_Quoted, ExtractedFact] | None:
        """Return a fact with the place of its quotation, or None when it has to be dropped."""
        quoted = self._quoted(item)
        status = self._status(item.get("status", FactStatus.CURRENT)) if quoted is not None else None
        relation = self._relation(item["predicate"]) if status is not None else None
        if quoted is None or status is None or relation is None:
            return None
        turn = self._turns[quoted.turn]
        place = Place(speaker_of(turn, self._user_names), self._grounding(quoted.turn))
        subject = self._mentions.subject(item["subject"], relation, place)
        if subject is None:
            return None
        ends_all = _ends_all(item, status)
        if ends_all:
            object_: EntityMention | None = EntityMention(name_of(item["object"]), relation.object, unnamed=True)
        else:
            object_ = self._mentions.object(item["object"], relation, place)
        if object_ is None:
            return None
        if subject.label == object_.label and normalize_name(subject.name) == normalize_name(object_.name):
            self.dropped["the same at both ends"] += 1
            return None
        valid_from, valid_to = self._dates(item)
        return quoted, ExtractedFact(
            subject,
            relation.predicate,
            object_,
            status,
            evidence=turn.text[quoted.start : quoted.end],
            turn=quoted.turn,
            valid_from=valid_from,
            valid_to=valid_to,
            confidence=IMPLIED_CONFIDENCE if item.get("stated") is False else STATED_CONFIDENCE,
            replaces=item.get("replaces") is True and status is FactStatus.CURRENT,
            ends_all=ends_all,
            verb=self._verb(item) if relation.predicate == FALLBACK else None,
        )

    def _quoted(self, item: Mapping[str, Any]) -> _Quoted | None:
        """Find the quotation, in the turn that was named first: models miscount more often than they invent."""
        named = item.get("turn")
        numbers = sorted(range(len(self._turns)), key=lambda number: number != named)
        roles: set[str] = set()
        for number in numbers:
            place = find_quotation(item["quote"], self._turns[number].text)
            if place is not None and self._turns[number].role == "user":
                return _Quoted(number, *place)
            if place is not None:
                roles.add(self._turns[number].role)
        self.dropped["quotation of another's words" if roles else "quotation not in the user's words"] += 1
        return None

    def _grounding(self, quoted: int) -> Grounding:
        heard = sum(turn.role != "user" for turn in self._turns[:quoted])
        if heard not in self._groundings:
            self._groundings[heard] = Grounding(self._turns, self._context, quoted)
        return self._groundings[heard]

    def _status(self, told: object) -> FactStatus | None:
        try:
            return FactStatus(str(told).strip().casefold())
        except ValueError:
            self.dropped["unknown status"] += 1
            return None

    def _relation(self, told: str) -> Relation | None:
        """Return the relation that is told; for one outside the catalogue the fallback, which keeps its verb."""
        predicate = _identifier(told)
        if predicate in self._catalogue:
            return self._catalogue[predicate]
        self.dropped["predicate outside the catalogue"] += 1
        return next((relation for relation in self._catalogue if relation.predicate == FALLBACK), None)

    def _verb(self, item: Mapping[str, Any]) -> str | None:
        told = item.get("verb")
        verb = " ".join(told.split()) if isinstance(told, str) else ""
        if not verb and _identifier(item["predicate"]) != FALLBACK:
            verb = _identifier(item["predicate"]).replace("_", " ").lower()
        return verb[:_LONGEST_VERB].strip() or None

    def _dates(self, item: Mapping[str, Any]) -> tuple[str | None, str | None]:
        found: list[str | None] = []
        for key in ("valid_from", "valid_to"):
            told = item.get(key)
            text = told.strip() if isinstance(told, str) else told
            if text in (None, "", "null"):
                found.append(None)
            elif isinstance(text, str) and is_edtf(text):
                found.append(text)
            else:
                self.dropped["date that is none"] += 1
                found.append(None)
        start, end = found
        if start is not None and end is not None and not in_order(start, end):
            self.dropped["dates out of order"] += 1
            return None, None
        return start, end


def _ends_all(item: Mapping[str, Any], status: FactStatus) -> bool:
    """Whether every value ends; a name among the words for the object shows that one is meant."""
    return status is FactStatus.ENDED and item.get("ends_all") is True and name_of(item["object"]).islower()


def _identifier(told: str) -> str:
    return _NOT_IDENTIFIER.sub("_", told.strip().upper()).strip("_")
