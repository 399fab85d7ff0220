"""What a transcript comes to: exchanges that can be given to ``MemLayer.store``, and the lines that could not be read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TranscriptMessage:
    """One message as the file has it.

    Args:
        role: ``"user"`` or ``"assistant"``.
        text: the words, never blank.
        name: the speaker, where a file has several people under the role ``user``.
        at: when it was said (timezone-aware), or None when the file does not say.
        id: the file's own id, or one derived from the words; unique within the session. Empty until it is assigned.
        line: the line of the file, or its number in a JSON document, for messages about it.
    """

    role: str
    text: str
    name: str | None = None
    at: datetime | None = None
    id: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Exchange:
    """Messages of one session that belong together: what somebody said and the reply, in the order of the file."""

    session_id: str
    user_id: str
    messages: tuple[TranscriptMessage, ...]

    def interaction(self) -> list[dict[str, object]]:
        """Return the exchange as ``MemLayer.store`` takes it: a list of messages with ``role``, ``content`` and ``id``."""
        return [_as_dict(message) for message in self.messages]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A run of messages of one session, before its ids are settled.

    Args:
        session_id: the file's own id of the conversation; None when it has none.
        user_id: the user that the file names; None when it names none.
        number: which conversation of the file it is, from 0, where it has no id of its own.
        messages: oldest first.
    """

    session_id: str | None
    user_id: str | None
    number: int
    messages: tuple[TranscriptMessage, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that was skipped: the file, the line (None where there is none) and why."""

    path: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.line is None else f"{self.path}:{self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a file holds: its format, counts, the users it is about, and what was skipped."""

    format: str
    conversations: int
    exchanges: int
    messages: int
    users: tuple[str, ...]
    problems: tuple[Problem, ...]


def with_times(messages: list[TranscriptMessage], earlier: datetime | None = None) -> list[TranscriptMessage]:
    """Give each message without a time the time of the one before it, so that it is not taken for something said today."""
    timed = []
    for message in messages:
        if message.at is None and earlier is not None:
            message = replace(message, at=earlier)
        earlier = message.at
        timed.append(message)
    return timed


def _as_dict(message: TranscriptMessage) -> dict[str, object]:
    entry: dict[str, object] = {"role": message.role, "content": message.text, "id": message.id}
    if message.name is not None:
        entry["name"] = message.name
    if message.at is not None:
        entry["at"] = message.at
    return entry
