"""Keys of fixed or bounded length for what users name as they like: an index entry has a limit, an identifier has none."""

from __future__ import annotations

from hashlib import blake2b

from graphmem.identity import derived_id, lookup_keys
from graphmem.records import Entity
from graphmem.text import user_token

MAX_NAME_KEY = 200

owner_key = user_token
"""The key of a user: a search term too, so that full-text search can be held to one user."""


def session_key(session_id: str) -> str:
    """Return the key of a session."""
    return derived_id("session", session_id)


def message_key(session_id: str, message_id: str) -> str:
    """Return the key of a message."""
    return derived_id("message", session_id, message_id)


def job_key(job_id: str) -> str:
    """Return the key of a job."""
    return derived_id("job", job_id)


def name_key(name: str) -> str:
    """Return the key of a normalised name: the name itself, or a digest of a long one."""
    if len(name) <= MAX_NAME_KEY:
        return name
    return "#" + blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def name_keys(entity: Entity) -> list[str]:
    """Return the keys of an entity's name and aliases."""
    return [name_key(key) for key in lookup_keys(entity.label, (entity.name, *entity.aliases))]
