"""How facts and messages read in a context: one line each."""

from __future__ import annotations

import re
from functools import cache

from extraction.catalogue import Catalogue
from extraction.records import FactStatus
from graphmem.compose.fence import clean, cut_middle, speaker
from graphmem.records import Fact, Message

_NEGATION = re.compile(r"\b(?:not|no|never|formerly)\b|n't\b", re.IGNORECASE)
_SAY_THAT_THEY_ARE_OVER = ("earlier: ", "formerly: ")
_POINT_IN_TIME = frozenset({"PLANS_TO", "RELATED_TO"})
"""Predicates whose date is no beginning: the day of a plan, or of whatever the verb says."""

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
    past_anyway, dated_by_point = fact.predicate in _always_past(), fact.predicate in _POINT_IN_TIME
    if fact.status is FactStatus.ENDED and not past_anyway:
        if end is not None:
            return f"from {start} until {end}" if start and start != end and not dated_by_point else f"until {end}"
        over = "" if fact.text.startswith(_SAY_THAT_THEY_ARE_OVER) else "no longer"
        since = f"from {start}" if start and not dated_by_point else start
        return ", ".join(part for part in (since, over) if part)
    if start is None:
        return ""
    return start if past_anyway or dated_by_point else f"since {start}"


def _date(edtf: str | None) -> str | None:
    return edtf if edtf is not None and _EDTF.fullmatch(edtf) else None


@cache
def _always_past() -> frozenset[str]:
    """Predicates that read the same when they are over: to visit, to be born."""
    return frozenset(r.predicate for r in Catalogue() if r.wording[0] == r.wording[1])
