"""The entities that a list of facts is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from extraction.names import normalize_name
from extraction.records import USER_LABEL, EntityMention, ExtractedFact


def entities_of(facts: Iterable[ExtractedFact]) -> tuple[EntityMention, ...]:
    """Return the entities of ``facts`` in their order, each once with all its aliases; the user and placeholders are none."""
    entities: dict[tuple[str, str], EntityMention] = {}
    for fact in facts:
        for mention in (fact.subject,) if fact.ends_all else (fact.subject, fact.object):
            if mention.label != USER_LABEL:
                key = (normalize_name(mention.name), mention.label)
                known = entities.get(key, mention)
                entities[key] = replace(known, aliases=tuple(dict.fromkeys((*known.aliases, *mention.aliases))))
    return tuple(entities.values())
