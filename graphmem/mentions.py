"""Mentions as statements carry them: what entities are keyed by, how mentions are looked up, which words are relations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from extraction.kinship import role_of
from extraction.names import normalize_name
from extraction.records import USER_LABEL, EntityMention
from extraction.same_names import same_name
from graphmem.identity import lookup_keys
from graphmem.records import FactStatus, Statement

_FROM_WORK = re.compile(
    r",?\s+from\s+(?:(?:my|the|our)\s+)?(?:work|office|job|company|department|team)\b", re.IGNORECASE
)


class EntityKey(NamedTuple):
    """A label and a name's key: what an entity's id is derived from (the user's own has an empty name)."""

    label: str
    name: str


class Moment(NamedTuple):
    """The place of a statement in the order of what was said."""

    at: datetime
    order: int
    id: str


USER_KEY = EntityKey(USER_LABEL, "")


PLACES_IN_MESSAGE = 10_000
"""How many statements of one message are kept apart by their order."""


def moment(statement: Statement) -> Moment:
    """Return what statements are ordered by: time, then place in the conversation, then id."""
    return Moment(statement.at, statement.order, statement.id)


def key_of(label: str, name: str) -> EntityKey:
    """Return the key of the entity with this label and name, as far as the name alone tells."""
    return EntityKey(label, same_name(label, name))


def mention_keys(mention: EntityMention) -> set[str]:
    """Return the keys that ``mention`` can be looked up by; none for the user."""
    if mention.label == USER_LABEL:
        return set()
    return set(lookup_keys(mention.label, (mention.name, *mention.aliases)))


def statement_keys(statements: Iterable[Statement]) -> frozenset[str]:
    """Return the keys by which the entities of ``statements`` can be looked up."""
    keys: set[str] = set()
    for statement in statements:
        keys |= mention_keys(statement.subject) | mention_keys(statement.object)
        if statement.predicate == "HAS_NAME":
            keys.update(lookup_keys(statement.subject.label, (statement.object.name,)))
    return frozenset(keys)


def tells_name(statement: Statement) -> bool:
    """Whether a statement gives a name to somebody but the user: "My sister's name is Ana"."""
    return (
        statement.predicate == "HAS_NAME"
        and statement.status is FactStatus.CURRENT
        and statement.subject.label != USER_LABEL
    )


def names_in(statement: Statement) -> Iterator[tuple[str, str]]:
    """Return label and name of everything but the user that a statement calls by a name of its own."""
    for mention in (statement.subject, statement.object):
        if mention.label != USER_LABEL and not mention.unnamed:
            yield mention.label, mention.name
            for alias in mention.aliases:
                if not is_relation_word(mention.label, alias):
                    yield mention.label, alias
    if tells_name(statement):
        yield statement.subject.label, statement.object.name


def is_relation_word(label: str, alias: str) -> bool:
    """Whether an alias says what somebody is to its owner ("sister", "landlord", "hamster") and is not another name.

    Of people, names are written with a capital; an animal's other words are its kind.
    """
    return label in ("Person", "Animal") and (role_of(alias) is not None or label == "Animal" or alias == alias.lower())


def relation_words(mention: EntityMention, statement: Statement) -> list[str]:
    """Return the relation words with which a statement mentions somebody, in words or by "from work"."""
    told = [alias for alias in mention.aliases if role_of(alias) is not None]
    if told or mention.label != "Person" or mention.unnamed:
        return told
    for found in _FROM_WORK.finditer(statement.evidence):
        before, name, after = statement.evidence[: found.start()].casefold().rpartition(mention.name.casefold())
        if name and not after and not before[-1:].isalnum():
            return ["colleague"]
    return []


def role_key(mention: EntityMention) -> str:
    """Return the normalised name of an unnamed entity, the same for synonyms ("mom", "mother")."""
    return canonical_role(mention.name)


def canonical_role(word: str) -> str:
    """The word with its relation word in the canonical form: "mother" for "mom", "sister's boyfriend" for "sister's bf"."""
    key = normalize_name(word)
    role = role_of(key)
    if role is None:
        return key
    head = key.rpartition(" ")[0]
    return f"{head} {role.canonical}" if head and key != role.canonical else role.canonical
