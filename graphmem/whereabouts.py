"""Two values of a single-valued place that do not exclude each other: who lives in London lives in the United Kingdom."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extraction.catalogue import Relation
from extraction.places import lies_in
from graphmem.records import Fact, Statement

_BETWEEN = r"\W+(?:in\s+)?(?:the\s+)?"


_ENGLISH = re.compile(r"\b(?:the|i|i'm|my|and|our|you|not)\b", re.IGNORECASE)
_LIVING = re.compile(
    r"\b(?:liv(?:e|es|ed|ing)|mov(?:e|es|ed|ing)|relocat\w*|emigrat\w*|immigrat\w*|settl\w*|resid\w*|transferred|based|"
    r"stay(?:s|ed|ing)?|home|house|flat|apartment|condo|studio|room|rent(?:s|ed|ing)?|landlord|neighbou?r\w*|address|dorm\w*|hostel|"
    r"landed|arrived|stationed|posted|deployed|(?:am|'m|is|'s|are|'re|was|were|been|now|back|here|place|still|life) in|"
    r"greetings|(?:hello|hi|writing|evening|morning) from|here)\b",
    re.IGNORECASE,
)


def is_about_places(relation: Relation) -> bool:
    """Whether a relation has one place at a time as its value."""
    return relation.single and relation.object == "Place"


def is_within(inner: Sequence[Statement], outer: Sequence[Statement]) -> bool:
    """Whether the place of the ``inner`` statements is known to be a part of that of the ``outer`` ones.

    It is known of many places, and of every one of which a message says so: "Kivik, Sweden". Where nothing is known a new
    place is a move: that a country was left may be told by naming a place of which nobody here has heard.
    """
    return any(
        lies_in(place, container) for place in _places(inner) for container in _places(outer)
    ) or _is_told_within(inner, outer)


def exclusive(relation: Relation, facts: Sequence[Fact]) -> list[Fact]:
    """Return the current values of a single-valued relation of one entity, without the places that others of them lie in."""
    if not is_about_places(relation):
        return list(facts)
    return [f for f in facts if not any(g is not f and is_within(g.statements, f.statements) for g in facts)]


def is_in_passing(statement: Statement) -> bool:
    """Whether the words from which a home was read speak of no living or moving: "I play five-a-side in Surulere".

    Only English words are judged, and not those of a statement that says itself that it replaces what was so.
    """
    words = statement.evidence.replace("’", "'")
    return (
        statement.predicate == "LIVES_IN"
        and not statement.replaces
        and _ENGLISH.search(words) is not None
        and _LIVING.search(words) is None
    )


def was_over(ending: Statement, told: Sequence[Statement]) -> bool:
    """Whether what ``ending`` says to have ended did so before the ``told`` statements were made."""
    newest = max(s.at for s in told).date().isoformat()
    return ending.valid_to is not None and newest[: len(ending.valid_to)] > ending.valid_to


def _places(statements: Sequence[Statement]) -> list[str]:
    return list(dict.fromkeys(s.object.name for s in statements))


def _is_told_within(inner: Sequence[Statement], outer: Sequence[Statement]) -> bool:
    """Whether a message names one place right after the other, as in "Kivik, Sweden" or "Kivik in Sweden"."""
    containers = {(s.session_id, s.message_id): s.object.name for s in outer}
    for statement in inner:
        container = containers.get((statement.session_id, statement.message_id))
        if container is not None and container != statement.object.name:
            pattern = rf"\b{re.escape(statement.object.name)}{_BETWEEN}{re.escape(container)}\b"
            said = [statement.evidence, *(s.evidence for s in outer if s.message_id == statement.message_id)]
            if any(re.search(pattern, words, re.IGNORECASE) for words in said):
                return True
    return False
