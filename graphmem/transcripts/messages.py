"""A JSON list of messages (or of interactions), plain or under ``"messages"`` in an object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphmem.transcripts.fields import (
    BadEntry,
    interaction_of,
    is_interaction,
    is_message,
    message_of,
    session_of,
    user_of,
)
from graphmem.transcripts.records import Conversation, TranscriptMessage, with_times
from graphmem.transcripts.source import BadLine


def is_conversation(entry: object) -> bool:
    """Whether ``entry`` is an object that holds a list of messages."""
    return isinstance(entry, Mapping) and isinstance(entry.get("messages"), list)


def is_document(document: object) -> bool:
    """Whether ``document`` is a list of messages or interactions, or one or more objects that hold one."""
    if is_conversation(document):
        return True
    return isinstance(document, list) and any(
        is_message(entry) or is_interaction(entry) or is_conversation(entry) for entry in document
    )


def read(document: object, bad: BadLine) -> Iterator[Conversation]:
    """Yield the conversations of a document.

    Args:
        document: the parsed file.
        bad: hears of each message that cannot be read.

    Raises:
        BadEntry: it is neither a list of messages nor an object that holds one.
    """
    if isinstance(document, Mapping) and is_conversation(document):
        yield _conversation(document, 0, bad)
        return
    if not isinstance(document, list):
        raise BadEntry('not a JSON list of messages, as in [{"role": "user", "content": "..."}]')
    if any(is_conversation(entry) for entry in document):
        for number, entry in enumerate(document):
            if isinstance(entry, Mapping) and is_conversation(entry):
                yield _conversation(entry, number, bad)
            else:
                bad(None, f"conversation {number + 1}: no list of messages in it")
        return
    for session, user, found in _runs(document, bad):
        yield Conversation(session, user, 0, tuple(with_times(found)))


def conversation_of(entry: Mapping[str, object], number: int, line: int) -> Conversation:
    """Return the conversation of an object that holds messages, all of which must be readable.

    Raises:
        BadEntry: one of them is not.
    """

    def refuse(_: int | None, reason: str) -> None:
        raise BadEntry(reason)

    found = [message for _, _, message in _read_all(entry["messages"], refuse, line)]
    return Conversation(session_of(entry) or _own_id(entry), user_of(entry), number, tuple(with_times(found)))


def _conversation(entry: Mapping[str, object], number: int, bad: BadLine) -> Conversation:
    found = [message for _, _, message in _read_all(entry["messages"], bad, None)]
    return Conversation(session_of(entry) or _own_id(entry), user_of(entry), number, tuple(with_times(found)))


def _own_id(entry: Mapping[str, object]) -> str | None:
    value = entry.get("id")
    return value.strip() or None if isinstance(value, str) else None


def _runs(entries: list[object], bad: BadLine) -> Iterator[tuple[str | None, str | None, list[TranscriptMessage]]]:
    """Group neighbours of the same session and user."""
    run: list[TranscriptMessage] = []
    key: tuple[str | None, str | None] = (None, None)
    for session, user, message in _read_all(entries, bad, None):
        if run and (session, user) != key:
            yield (*key, run)
            run = []
        key = (session, user)
        run.append(message)
    if run:
        yield (*key, run)


def _read_all(
    entries: object, bad: BadLine, line: int | None
) -> Iterator[tuple[str | None, str | None, TranscriptMessage]]:
    if not isinstance(entries, list):
        raise BadEntry("messages must be a list")
    for index, entry in enumerate(entries, start=1):
        try:
            if isinstance(entry, Mapping) and is_interaction(entry):
                found = interaction_of(entry, line or index)
            else:
                message = message_of(entry, line or index)
                found = [] if message is None else [message]
            session, user = (session_of(entry), user_of(entry)) if isinstance(entry, Mapping) else (None, None)
        except BadEntry as error:
            bad(None, f"message {index}: {error}")
            continue
        for message in found:
            yield session, user, message
