"""From what a user gives to ``store`` to messages: validation and defaults, pure but for fresh ids."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from graphmem.clock import parse_at
from graphmem.errors import InvalidInteraction, LimitExceeded
from graphmem.limits import Limits
from graphmem.stores.base import NewMessage

ROLES = ("user", "assistant", "system", "developer", "tool", "function")
MAX_ID_CHARS = 1_000
"""Longest id of a user, a session or a message, in characters. No setting: what is stored is found by its ids everywhere."""
_PAIR_KEYS = frozenset({"input", "output", "at", "id", "metadata"})
_DEFAULTS = Limits()
_SHAPE = 'give {"input": ..., "output": ...} or a list of {"role": ..., "content": ...}'


def parse_interaction(interaction: object, *, now: datetime, limits: Limits = _DEFAULTS) -> tuple[NewMessage, ...]:
    """Return the messages of an interaction.

    Args:
        interaction: ``{"input", "output", "at"?, "id"?, "metadata"?}`` or a list of ``{"role", "content", "name"?, "at"?,
            "id"?, "metadata"?}``; content may be OpenAI's list of parts, whose text parts count. Metadata is an object of JSON
            values; that of a pair goes with its first message.
        now: when a message without ``at`` was said.
        limits: how large it may be.

    Raises:
        InvalidInteraction: it is something else; the message names the place and what is allowed.
        LimitExceeded: it is too large.
    """
    if isinstance(interaction, Mapping):
        return _from_pair(interaction, now, limits)
    if isinstance(interaction, Sequence) and not isinstance(interaction, str | bytes):
        return _from_list(interaction, now, limits)
    raise InvalidInteraction(f"an interaction cannot be {type(interaction).__name__}: {_SHAPE}")


def check_id(value: object, where: str) -> str:
    """Return ``value`` when it can be the id of a user, a session or a message.

    Raises:
        InvalidInteraction: it is no text, empty, too long or not encodable; ``where`` names it.
    """
    if not isinstance(value, str) or not value:
        raise InvalidInteraction(f"{where} must be a text that is not empty, not {value!r}")
    if len(value) > MAX_ID_CHARS:
        raise LimitExceeded(f"{where} has {len(value):,} characters; the limit is {MAX_ID_CHARS:,}")
    return _encodable(value, where)


def _from_pair(interaction: Mapping[Any, Any], now: datetime, limits: Limits) -> tuple[NewMessage, ...]:
    if unknown := [k for k in interaction if k not in _PAIR_KEYS]:
        raise InvalidInteraction(f"unknown key {unknown[0]!r} in an interaction: {_SHAPE}")
    given = interaction.get("input"), interaction.get("output")
    if given == (None, None):
        raise InvalidInteraction(f"an interaction without 'input' and 'output' has no words: {_SHAPE}")
    at = now if interaction.get("at") is None else parse_at(interaction["at"])
    own = interaction.get("id")
    base = uuid4().hex if own is None else check_id(own, "id")
    metadata = _metadata(interaction.get("metadata"), "metadata", limits)
    messages: list[NewMessage] = []
    for words, role, id in ((given[0], "user", base), (given[1], "assistant", f"{base}:reply")):
        if words is not None:
            where = "input" if role == "user" else "output"
            kept = None if messages else metadata
            messages.append(NewMessage(check_id(id, "id"), role, _text(words, where, limits), at, metadata=kept))
    return tuple(messages)


def _from_list(interaction: Sequence[Any], now: datetime, limits: Limits) -> tuple[NewMessage, ...]:
    if not interaction:
        raise InvalidInteraction(f"an interaction without messages has no words: {_SHAPE}")
    if len(interaction) > limits.interaction_messages:
        raise LimitExceeded(
            f"an interaction of {len(interaction):,} messages; the limit is {limits.interaction_messages:,} "
            "(limits.interaction_messages): store it in parts"
        )
    messages: dict[str, NewMessage] = {}
    for place, entry in enumerate(interaction):
        message = _from_entry(entry, f"message {place}", now, limits)
        if (earlier := messages.get(message.id)) is not None and earlier != message:
            raise InvalidInteraction(
                f"message {place}: id {message.id!r} is used twice in this interaction; ids are unique in a session"
            )
        messages[message.id] = message
    return tuple(messages.values())


def _from_entry(entry: object, where: str, now: datetime, limits: Limits) -> NewMessage:
    if not isinstance(entry, Mapping):
        raise InvalidInteraction(f"{where} is {type(entry).__name__}; give an object with 'role' and 'content'")
    role = entry.get("role")
    if role not in ROLES:
        raise InvalidInteraction(f"{where}: role {role!r} is not one of {', '.join(ROLES)}")
    name = entry.get("name")
    if name is not None:
        name = check_id(name, f"{where}: name")
    at = now if entry.get("at") is None else parse_at(entry["at"], f"{where}: at")
    id = uuid4().hex if entry.get("id") is None else check_id(entry["id"], f"{where}: id")
    text = _text(entry.get("content"), f"{where}: content", limits, optional=role != "user")
    return NewMessage(id, role, text, at, name, _metadata(entry.get("metadata"), f"{where}: metadata", limits))


def _text(content: object, where: str, limits: Limits, *, optional: bool = False) -> str:
    if content is None and optional:
        return ""
    if isinstance(content, Sequence) and not isinstance(content, str | bytes):
        content = "\n".join(_part(part, where) for part in content).strip("\n")
    if not isinstance(content, str):
        raise InvalidInteraction(f"{where} is {type(content).__name__}; give a text or a list of content parts")
    if len(content) > limits.message_chars:
        raise LimitExceeded(
            f"{where} has {len(content):,} characters; the limit is {limits.message_chars:,} (limits.message_chars): "
            "store it in parts"
        )
    return _encodable(content, where)


def _part(part: object, where: str) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Mapping):
        text = part.get("text")
        return text if isinstance(text, str) else ""
    raise InvalidInteraction(
        f"{where}: a content part is {type(part).__name__}; give objects such as {{'type': 'text', 'text': ...}}"
    )


def _metadata(given: object, where: str, limits: Limits) -> str | None:
    """Return metadata as canonical JSON; None when there is none."""
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise InvalidInteraction(f"{where} is {type(given).__name__}; give an object of JSON values")
    if not given:
        return None
    try:
        text = json.dumps(dict(given), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInteraction(f"{where} cannot be written as JSON: {error}") from error
    size = len(_encodable(text, where).encode())
    if size > limits.metadata_bytes:
        raise LimitExceeded(
            f"{where} has {size:,} bytes of JSON; the limit is {limits.metadata_bytes:,} (limits.metadata_bytes)"
        )
    return text


def _encodable(text: str, where: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInteraction(
            f"{where} has half of a surrogate pair at character {error.start}; decode the text correctly first"
        ) from None
    return text
