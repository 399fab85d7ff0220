"""How facts and messages read in a context: one line each."""

from __future__ import annotations

import re
from functools import cache

from extraction.catalogue import Catalogue
from extraction.records import FactStatus
from graphmem.compose.fence import clean, cut_middle, speaker
from graphmem.records import Fact, Message

_NEGATION = re.compile(r"\b(?:not|no|never|formerly)\b|n't\b", re.IGNORECASE)
_EDTF = re.compile(r"\d{4}(?:-\d\d){0,2}")


def fact_words(fact: Fact, limit: int) -> str:
    """Return a fact so that it cannot be misread: its sentence, since or until when, and for what is not so, that it is not."""
    sentence = clean(fact.text)
    if fact.status in (FactStatus.NEGATED, FactStatus.RETRACTED) and not _NEGATION.search(sentence):
        sentence = f"not so: {sentence}"
    note = _when(fact)
    return f"{cut_middle(sentence, limit)}{f' ({note})' if note else ''}"


def day_mark(message: Message) -> str:
    """Return the day of a message as it stands before it."""
    return f"[{message.at.date().isoformat()}] "


def message_words(message: Message, limit: int) -> str:
    """Return a message's speaker and its text within ``limit`` tokens."""
    return f"{speaker(message.name, message.role)}: {cut_middle(clean(message.text), limit)}"


def _when(fact: Fact) -> str:
    start, end = _date(fact.valid_from), _date(fact.valid_to)
    if fact.status is FactStatus.ENDED and not _is_event(fact.predicate):
        if end is None:
            return f"since {start}, no longer" if start else "no longer"
        return f"from {start} until {end}" if start and start != end else f"until {end}"
    if start is None:
        return ""
    if _is_event(fact.predicate):
        return start
    return f"since {start}"


def _date(edtf: str | None) -> str | None:
    return edtf if edtf is not None and _EDTF.fullmatch(edtf) else None


@cache
def _events() -> frozenset[str]:
    """Predicates that read the same when they are over (to visit, to be born), and those whose date is a plan's or the verb's."""
    past = {relation.predicate for relation in Catalogue() if relation.wording[0] == relation.wording[1]}
    return frozenset(past | {"PLANS_TO", "RELATED_TO"})


def _is_event(predicate: str) -> bool:
    return predicate in _events()
