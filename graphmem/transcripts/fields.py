"""The fields of a message as the JSON formats spell them: who spoke, the words, the time, the ids."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from graphmem.clock import parse_at
from graphmem.errors import InvalidInteraction
from graphmem.interaction import MAX_ID_CHARS
from graphmem.limits import Limits
from graphmem.transcripts.records import TranscriptMessage

ROLES = {
    **dict.fromkeys(("user", "human", "me"), "user"),
    **dict.fromkeys(("assistant", "ai", "bot", "gpt", "chatgpt", "model"), "assistant"),
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("tool", "function", "function_call", "observation"), "tool"),
}
"""Words for a speaker that are a role and no name."""

SPOKEN = ("user", "assistant")
"""The roles that are conversation; instructions and the output of tools are left out."""

_ROLE_KEYS = ("role", "from", "speaker", "sender", "author")
_TEXT_KEYS = ("content", "value", "text")
_TIME_KEYS = ("at", "timestamp", "created_at", "create_time", "time")
_ID_KEYS = ("id", "message_id", "uuid")
_SESSION_KEYS = ("session_id", "session", "conversation_id")
_USER_KEYS = ("user_id", "user")
MAX_MESSAGE_CHARS = Limits().message_chars
"""Longest message of a transcript. A memory with a lower limit refuses what is above its own."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_MILLISECONDS_FROM = 1e11


class BadEntry(ValueError):
    """An entry of a transcript cannot be read; ``str()`` is the reason in words."""


def is_message(entry: object) -> bool:
    """Whether ``entry`` looks like one message."""
    return isinstance(entry, Mapping) and _first(entry, _ROLE_KEYS) is not None


def is_interaction(entry: object) -> bool:
    """Whether ``entry`` looks like an input and its output."""
    return isinstance(entry, Mapping) and "input" in entry


def message_of(entry: object, line: int) -> TranscriptMessage | None:
    """Return the message that a JSON value stands for, or None when it is none that counts (a tool's, or without words).

    Raises:
        BadEntry: it is no message.
    """
    if not isinstance(entry, Mapping):
        raise BadEntry(f"a message must be an object with role and content, not {_kind(entry)}")
    role, name = _speaker(entry)
    if role not in SPOKEN:
        return None
    text = text_of(_first(entry, _TEXT_KEYS))
    if text is None:
        return None
    return TranscriptMessage(role, text, name, time_of(entry), _text_id(entry, _ID_KEYS) or "", line)


def interaction_of(entry: Mapping[str, object], line: int) -> list[TranscriptMessage]:
    """Return the messages of an ``{"input", "output"}`` object; of the pair the input has the id, the output ``<id>:reply``.

    Raises:
        BadEntry: it is none.
    """
    at, own = time_of(entry), _text_id(entry, _ID_KEYS)
    parts = (("user", "input", own or ""), ("assistant", "output", f"{own}:reply" if own else ""))
    messages = []
    for role, key, id in parts:
        text = text_of(entry.get(key))
        if text is not None:
            messages.append(TranscriptMessage(role, text, None, at, id, line))
    return messages


def session_of(entry: Mapping[str, object]) -> str | None:
    """Return the session that ``entry`` names, or None.

    Raises:
        BadEntry: what it names is no id.
    """
    return _text_id(entry, _SESSION_KEYS)


def user_of(entry: Mapping[str, object]) -> str | None:
    """Return the user that ``entry`` names, or None.

    Raises:
        BadEntry: what it names is no id.
    """
    return _text_id(entry, _USER_KEYS)


def text_of(content: object) -> str | None:
    """Return the words of a message's content (a text, or a list of parts of which the text parts count); None for none.

    Raises:
        BadEntry: it is neither.
    """
    if content is None:
        return None
    if isinstance(content, str):
        text = content
    elif isinstance(content, list):
        text = "\n".join(part for part in map(_part_text, content) if part)
    else:
        raise BadEntry(f"the content must be a text or a list of parts, not {_kind(content)}")
    text = clean(text)
    if len(text) > MAX_MESSAGE_CHARS:
        raise BadEntry(f"a message of {len(text):,} characters; the limit is {MAX_MESSAGE_CHARS:,}")
    return text or None


def clean(text: str) -> str:
    """Strip white space at both ends and replace halves of characters, which no database takes."""
    return _SURROGATE.sub("\ufffd", text).strip()


def time_of(entry: Mapping[str, object]) -> datetime | None:
    """Return the time that ``entry`` gives (ISO 8601, or seconds or milliseconds since 1970), or None.

    Raises:
        BadEntry: what it gives is no time.
    """
    for key in _TIME_KEYS:
        value = entry.get(key)
        if value is not None and value != "":
            return instant(value, key)
    return None


def instant(value: object, key: str) -> datetime:
    """Return the point in time that ``value`` stands for.

    Raises:
        BadEntry: it stands for none; ``key`` names the field.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, ValueError, OSError):
            raise BadEntry(f"{key}={_brief(value)} is not a time") from None
    try:
        return parse_at(value, key)
    except InvalidInteraction:
        raise BadEntry(f"{key}={_brief(value)} is not a time; use ISO 8601, as in 2024-03-01T10:00:00Z") from None


def _speaker(entry: Mapping[str, object]) -> tuple[str, str | None]:
    key, value = next(((key, entry[key]) for key in _ROLE_KEYS if entry.get(key)), ("role", None))
    given = entry.get("name")
    if isinstance(given, str) and len(given) > MAX_ID_CHARS:
        raise BadEntry(f"name has {len(given):,} characters; the limit is {MAX_ID_CHARS:,}")
    if isinstance(value, Mapping):
        given = value.get("name") or given
        value = value.get("role")
    if not isinstance(value, str) or not value.strip():
        raise BadEntry('a message must have a role, as in {"role": "user", "content": "..."}')
    name = clean(given) if isinstance(given, str) and clean(given) else None
    role = ROLES.get(value.strip().casefold())
    if role is not None:
        return role, name if role == "user" else None
    if key in ("role", "from"):
        raise BadEntry(f"{key}={_brief(value)} is not a role; use user, assistant, system or tool")
    return "user", name or clean(value)


def _part_text(part: object) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Mapping) and isinstance(part.get("text"), str):
        return str(part["text"])
    return ""


def _text_id(entry: Mapping[str, object], keys: tuple[str, ...]) -> str | None:
    for key in keys:
        value = entry.get(key)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, str | int) or not clean(str(value)):
            raise BadEntry(f"{key}={_brief(value)} is not an id; use a text that is not empty")
        if len(str(value)) > MAX_ID_CHARS:
            raise BadEntry(f"{key} has {len(str(value)):,} characters; the limit is {MAX_ID_CHARS:,}")
        return clean(str(value))
    return None


def _first(entry: Mapping[str, object], keys: tuple[str, ...]) -> object:
    return next((entry[key] for key in keys if entry.get(key) is not None), None)


def _brief(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:60]}..."


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")
