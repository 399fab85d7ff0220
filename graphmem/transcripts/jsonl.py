"""JSON Lines: each line an interaction, a message, a list of messages, or a whole conversation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from graphmem.transcripts import chatgpt, messages, sharegpt
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
from graphmem.transcripts.source import BadLine, NotJson, Source, parse_json


def read(source: Source, bad: BadLine) -> Iterator[Conversation]:
    """Yield the conversation of each line, in order; one line is in memory at a time.

    Lines may carry ``session_id`` (``session``, ``conversation_id``) and ``user_id`` (``user``); lines without are one session.

    Args:
        source: the file.
        bad: hears of each line that cannot be read.
    """
    last_times: dict[str | None, datetime] = {}
    for number, line in source.lines(bad):
        if not line.strip():
            continue
        try:
            entry = parse_json(line)
            yield from _timed(_conversations(entry, number), last_times)
        except (NotJson, BadEntry) as error:
            bad(number, str(error))


def _timed(found: Iterator[Conversation], last_times: dict[str | None, datetime]) -> Iterator[Conversation]:
    for conversation in found:
        timed = with_times(list(conversation.messages), last_times.get(conversation.session_id))
        if timed and timed[-1].at is not None:
            last_times[conversation.session_id] = timed[-1].at
        yield replace(conversation, messages=tuple(timed))


def _conversations(entry: object, number: int) -> Iterator[Conversation]:
    if isinstance(entry, list):
        yield Conversation(None, None, 0, tuple(_messages(entry, number)))
        return
    if not isinstance(entry, Mapping):
        raise BadEntry(
            'a line must be an object such as {"input": "...", "output": "..."} or {"role": ..., "content": ...}'
        )
    if chatgpt.is_conversation(entry):
        yield chatgpt.conversation_of(entry, number, number)
    elif sharegpt.is_conversation(entry):
        yield sharegpt.conversation_of(entry, number, number)
    elif messages.is_conversation(entry):
        yield messages.conversation_of(entry, number, number)
    else:
        yield Conversation(session_of(entry), user_of(entry), 0, tuple(_turn(entry, number)))


def _turn(entry: Mapping[str, object], number: int) -> list[TranscriptMessage]:
    inner = entry.get("interaction")
    if isinstance(inner, list):
        return _messages(inner, number)
    if isinstance(inner, Mapping):
        return _turn(inner, number)
    if is_interaction(entry):
        return interaction_of(entry, number)
    if is_message(entry):
        message = message_of(entry, number)
        return [] if message is None else [message]
    if entry.get("type") in ("user", "session", "entity", "fact"):
        raise BadEntry("this is a record of a graphmem export; read it with graphmem import")
    raise BadEntry("neither an interaction (input, output) nor a message (role, content)")


def _messages(entries: list[object], number: int) -> list[TranscriptMessage]:
    found = (message_of(entry, number) for entry in entries)
    return [message for message in found if message is not None]
