"""The ChatGPT export (``conversations.json``): trees of messages, of which the branch that was shown last counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphmem.transcripts.fields import BadEntry, clean, instant, text_of
from graphmem.transcripts.records import Conversation, TranscriptMessage, with_times
from graphmem.transcripts.source import BadLine

_WORDS = ("text", "multimodal_text")
"""Content types that are what was said; the others are code for tools, their output, reasoning and instructions."""

_AUDIO = "audio_transcription"


def is_conversation(entry: object) -> bool:
    """Whether ``entry`` is one exported conversation."""
    return isinstance(entry, Mapping) and isinstance(entry.get("mapping"), Mapping)


def is_document(document: object) -> bool:
    """Whether ``document`` is an exported conversation or a list with one."""
    return is_conversation(document) or (isinstance(document, list) and any(map(is_conversation, document)))


def read(document: object, bad: BadLine) -> Iterator[Conversation]:
    """Yield the conversations of an export, the oldest first as far as they say when they began.

    Args:
        document: the parsed file.
        bad: hears of each conversation that cannot be read.

    Raises:
        BadEntry: it is no ChatGPT export.
    """
    if not is_document(document):
        raise BadEntry('not a ChatGPT export: no conversation with a "mapping" in it')
    entries = document if isinstance(document, list) else [document]
    for number, entry in sorted(enumerate(entries), key=lambda pair: _began(pair[1])):
        try:
            if not isinstance(entry, Mapping):
                raise BadEntry("not an object")
            yield conversation_of(entry, number, 0)
        except BadEntry as error:
            bad(None, f"conversation {number + 1}{_title(entry)}: {error}")


def conversation_of(entry: Mapping[str, object], number: int, line: int) -> Conversation:
    """Return one exported conversation along the branch to its ``current_node``.

    Args:
        entry: the exported object.
        number: which conversation of the file it is.
        line: its line, where the file is JSON Lines, else 0.

    Raises:
        BadEntry: its tree is broken, or a message's time is none.
    """
    mapping = entry.get("mapping")
    if not isinstance(mapping, Mapping):
        raise BadEntry('no "mapping" in it')
    shown = []
    for index, (key, node) in enumerate(_branch(mapping, entry.get("current_node")), start=1):
        message = _message(node.get("message"), key, line or index)
        if message is not None:
            shown.append(message)
    began = entry.get("create_time")
    start = None if began is None else instant(began, "create_time")
    session = next(
        (clean(v) for k in ("conversation_id", "id") if isinstance(v := entry.get(k), str) and clean(v)), None
    )
    return Conversation(session, None, number, tuple(with_times(shown, start)))


def _branch(mapping: Mapping[str, object], current: object) -> list[tuple[str, Mapping[str, object]]]:
    """The nodes from the root to ``current``; without a usable one, to the newest leaf."""
    key = current if isinstance(current, str) and current in mapping else _newest_leaf(mapping)
    branch: list[tuple[str, Mapping[str, object]]] = []
    seen: set[str] = set()
    while key is not None:
        node = mapping.get(key)
        if not isinstance(node, Mapping):
            raise BadEntry(f"its tree is broken: node {key!r} is missing")
        if key in seen:
            raise BadEntry(f"its tree is broken: node {key!r} is its own ancestor")
        seen.add(key)
        branch.append((key, node))
        parent = node.get("parent")
        key = parent if isinstance(parent, str) else None
    return branch[::-1]


def _newest_leaf(mapping: Mapping[str, object]) -> str | None:
    leaves = [key for key, node in mapping.items() if isinstance(node, Mapping) and not node.get("children")]
    return max(leaves, key=lambda key: _began(_inner(mapping[key])), default=None)


def _inner(node: object) -> object:
    return node.get("message") if isinstance(node, Mapping) else None


def _message(message: object, key: str, line: int) -> TranscriptMessage | None:
    """The message of a node when it was said and shown: by the user, or by the assistant to everybody."""
    if not isinstance(message, Mapping):
        return None
    author, content = message.get("author"), message.get("content")
    role = author.get("role") if isinstance(author, Mapping) else None
    if role not in ("user", "assistant") or not isinstance(content, Mapping) or _hidden(message):
        return None
    if content.get("content_type", "text") not in _WORDS:
        return None
    text = text_of("\n".join(filter(None, map(_part, _parts(content)))))
    if not text:
        return None
    at = message.get("create_time")
    own = message.get("id")
    return TranscriptMessage(
        role,
        text,
        None,
        None if at is None else instant(at, "create_time"),
        clean(own) if isinstance(own, str) and clean(own) else key,
        line,
    )


def _hidden(message: Mapping[str, object]) -> bool:
    metadata = message.get("metadata")
    flagged = isinstance(metadata, Mapping) and bool(
        metadata.get("is_visually_hidden_from_conversation") or metadata.get("is_user_system_message")
    )
    return (
        flagged
        or message.get("weight") == 0
        or message.get("recipient") not in (None, "all")
        or message.get("channel") in ("analysis", "commentary")
    )


def _parts(content: Mapping[str, object]) -> list[object]:
    parts = content.get("parts")
    if isinstance(parts, list):
        return parts
    return [content.get("text")]


def _part(part: object) -> str:
    """The words of one part: a text, or an object with one (a transcription of speech); images and files have none."""
    if isinstance(part, str):
        return part
    if isinstance(part, Mapping) and part.get("content_type", "text") in (*_WORDS, _AUDIO):
        text = part.get("text")
        return text if isinstance(text, str) else ""
    return ""


def _began(entry: object) -> float:
    at = entry.get("create_time") if isinstance(entry, Mapping) else None
    return float(at) if isinstance(at, int | float) and at == at else 0.0


def _title(entry: object) -> str:
    title = entry.get("title") if isinstance(entry, Mapping) else None
    return f" ({title.strip()!r})" if isinstance(title, str) and title.strip() else ""
