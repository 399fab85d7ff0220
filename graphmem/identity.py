"""Identifiers that follow from what they identify (UUID version 5, RFC 9562): the same everywhere, and the user is in each."""

from __future__ import annotations

import json
from collections.abc import Iterable
from uuid import UUID, uuid5

from extraction.kinship import role_of
from extraction.misspelling import near_keys
from extraction.records import USER_LABEL
from extraction.same_names import other_names, same_name, spelled_name
from extraction.shortening import short_form
from graphmem.records import Entity

_NAMESPACE = UUID("6f1d3c52-7f0b-5a57-9c61-0a8d4f1c2b3e")


def derived_id(*parts: str | int | None) -> str:
    """Return the UUID of ``parts``; no two different lists of parts share one (JSON keeps them apart)."""
    return str(uuid5(_NAMESPACE, json.dumps(parts)))


def entity_id(user_id: str, label: str, key: str) -> str:
    """Return the id of the entity of ``user_id`` with ``label`` whose key is ``key`` (`extraction.same_names.same_name`)."""
    return derived_id("entity", user_id, label, key)


def user_entity(user_id: str, name: str = "User", aliases: tuple[str, ...] = ()) -> Entity:
    """Return the user's own entity; its id does not depend on its name, which may change."""
    return Entity(derived_id("entity", user_id, USER_LABEL, ""), name, USER_LABEL, aliases)


def named_entity(user_id: str, label: str, name: str, aliases: tuple[str, ...] = ()) -> Entity:
    """Return the entity of ``user_id`` with ``label`` and ``name``."""
    return Entity(entity_id(user_id, label, same_name(label, name)), name, label, aliases)


def lookup_keys(label: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the keys under which an entity with ``label`` and ``names`` is found: the normalised names, other names that
    always mean the same, short forms, and keys that a misspelled name shares (no word of a text is one of these).
    """
    keys: dict[str, None] = {}
    for name in names:
        keys.update(dict.fromkeys(other_names(label, name)))
        if label in ("Person", "Animal") and (role := role_of(name)) is not None:
            keys.setdefault(role.canonical)
        if short := short_form(label, name):
            keys.update(dict.fromkeys((short, same_name(label, short))))
        keys.update(dict.fromkeys(sorted(near_keys(label, spelled_name(label, name)))))
    return tuple(keys)
