"""Labels and relationship types on their way into the database: identifiers of the catalogue's form, and none of the graph's own."""

from __future__ import annotations

import re

from graphmem.errors import StoreError

_LABEL = re.compile(r"[A-Z][A-Za-z0-9]{0,99}")
_TYPE = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_OWN_LABELS = frozenset(
    {"Entity", "Fact", "Session", "Message", "Job", "EntityKey", "PastSession", "Forgetting", "Embedding"}
)
_OWN_TYPES = frozenset({"HAS_MESSAGE", "MENTIONS", "SUBJECT", "OBJECT", "STATED_IN", "SUPERSEDES", "NAMES"})


def checked_label(label: str) -> str:
    """Return ``label`` when an entity may have it.

    Raises:
        StoreError: it is no label of the catalogue's form, or one of graphmem's own nodes.
    """
    if not _LABEL.fullmatch(label):
        raise StoreError(f"label {label!r} cannot be stored: use letters and digits with a capital first, as in Place")
    if label in _OWN_LABELS:
        raise StoreError(f"label {label!r} is one of graphmem's own nodes: give the relation another label")
    return label


def checked_type(predicate: str) -> str:
    """Return ``predicate`` when it may be a relationship type.

    Raises:
        StoreError: it is no predicate of the catalogue's form, or one of graphmem's own relationships.
    """
    if not _TYPE.fullmatch(predicate):
        raise StoreError(
            f"predicate {predicate!r} cannot be stored: use upper-case letters, digits and underscores, as in LIVES_IN"
        )
    if predicate in _OWN_TYPES:
        raise StoreError(f"predicate {predicate!r} is one of graphmem's own relationships: choose another name")
    return predicate
