"""A transcript: a file in any of the formats, checked first and then read exchange by exchange."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from graphmem.errors import InvalidTranscript
from graphmem.transcripts import chatgpt, jsonl, messages, plaintext, sharegpt
from graphmem.transcripts.fields import BadEntry
from graphmem.transcripts.identity import MessageIds, derived_session
from graphmem.transcripts.records import Conversation, Exchange, Problem, Summary, TranscriptMessage
from graphmem.transcripts.sniff import sniff
from graphmem.transcripts.source import Source

FORMATS = ("auto", "jsonl", "messages", "chatgpt", "sharegpt", "text")
"""Names that ``format`` may have."""

MAX_EXCHANGE = 8
"""A longer run of messages without a reply of the assistant is stored in pieces."""

_DOCUMENTS: dict[str, ModuleType] = {"chatgpt": chatgpt, "sharegpt": sharegpt, "messages": messages}


class Transcript:
    """One file of conversation. Making it only looks at the file; `check` and `exchanges` read it.

    Args:
        path: the file, or a `Source` that was made of it.
        format: one of `FORMATS`; ``"auto"`` finds out.
        user_id: whose conversations they are. None: the user that the file names (a plain text names the first person who
            speaks), else the file's name without its ending.
        skip_bad: leave out what cannot be read (see ``Summary.problems``) instead of refusing the file.

    Raises:
        InvalidTranscript: the path is no readable text file.
        ValueError: ``format`` is unknown.
    """

    def __init__(
        self, path: str | Path | Source, *, format: str = "auto", user_id: str | None = None, skip_bad: bool = False
    ) -> None:
        if format not in FORMATS:
            raise ValueError(f"format={format!r} is not known; use one of {', '.join(FORMATS)}")
        self._source = path if isinstance(path, Source) else Source(path)
        self._user_id = user_id
        self._skip_bad = skip_bad
        self._format = sniff(self._source.path, self._source.head) if format == "auto" else format
        self._kept: list[Exchange] | None = None

    @property
    def path(self) -> str:
        """The path as it was given."""
        return self._source.name

    def check(self) -> Summary:
        """Read the whole file and count, so that a file with a bad line is refused before any of it is stored.

        Raises:
            InvalidTranscript: it cannot be read, holds no messages, or several users although one was given.
        """
        reading = self._reading()
        exchanges = messages = 0
        sessions: set[str] = set()
        users: dict[str, None] = {}
        # JSON Lines may be larger than memory and are read once more by `exchanges`; the other formats are in memory anyway.
        kept: list[Exchange] | None = None if self._format == "jsonl" else []
        for exchange in reading.exchanges():
            exchanges += 1
            messages += len(exchange.messages)
            sessions.add(exchange.session_id)
            users.setdefault(exchange.user_id)
            if kept is not None:
                kept.append(exchange)
        if not messages and not reading.problems:
            raise InvalidTranscript(f"{self.path}: no message of a user or an assistant in it")
        if self._user_id is not None and len(reading.named) > 1:
            several = ", ".join(sorted(reading.named)[:5])
            raise InvalidTranscript(
                f"{self.path}: it names several users ({several}); leave the user away to keep them apart"
            )
        self._kept = kept
        return Summary(reading.format, len(sessions), exchanges, messages, tuple(users), tuple(reading.problems))

    def exchanges(self) -> Iterator[Exchange]:
        """Yield what was said, in the order of the file. Every message has an id that is the same at the next reading.

        Raises:
            InvalidTranscript: the file cannot be read; after `check` only when it has changed since.
        """
        return iter(self._kept) if self._kept is not None else self._reading().exchanges()

    def _reading(self) -> _Reading:
        return _Reading(self._source, self._format, self._user_id, self._skip_bad)


class _Reading:
    """One pass over a file: settles users, sessions and ids, and groups messages into exchanges."""

    def __init__(self, source: Source, format: str, user_id: str | None, skip_bad: bool) -> None:
        self.format = format
        self.problems: list[Problem] = []
        self.named: set[str] = set()
        self._source = source
        self._user_id = user_id
        self._skip_bad = skip_bad
        self._ids = MessageIds()
        self._owners: dict[str, str] = {}
        self._derived: dict[tuple[int, str], str] = {}

    def exchanges(self) -> Iterator[Exchange]:
        pending: list[TranscriptMessage] = []
        place: tuple[str, str] = ("", "")
        for conversation in self._conversations():
            found = self._settled(conversation)
            if found is None:
                continue
            session_id, user_id, messages = found
            if pending and (session_id, user_id) != place:
                yield Exchange(*place, tuple(pending))
                pending = []
            place = (session_id, user_id)
            for message in messages:
                if pending and _opens_exchange(message, pending):
                    yield Exchange(*place, tuple(pending))
                    pending = []
                pending.append(message)
        if pending:
            yield Exchange(*place, tuple(pending))

    def _conversations(self) -> Iterator[Conversation]:
        if self.format == "jsonl":
            yield from jsonl.read(self._source, self._bad)
            return
        if self.format == "text":
            yield from plaintext.read(self._source, self._bad)
            return
        document = self._source.document()
        if self.format == "document":
            self.format = _format_of(document, self._source.name)
        try:
            yield from _DOCUMENTS[self.format].read(document, self._bad)
        except BadEntry as error:
            raise InvalidTranscript(f"{self._source.name}: {error}") from error

    def _settled(self, conversation: Conversation) -> tuple[str, str, list[TranscriptMessage]] | None:
        """The session, the user and the messages with their ids; None when nothing of the conversation counts."""
        if not conversation.messages:
            return None
        first = conversation.messages[0]
        if conversation.user_id is not None and self.format != "text":
            self.named.add(conversation.user_id)
        stem = self._source.path.stem
        session_id = conversation.session_id
        owner = self._owners.get(session_id) if session_id is not None else None
        user_id = self._user_id or conversation.user_id or owner or stem
        if session_id is None:
            key = (conversation.number, user_id)
            if key not in self._derived:
                self._derived[key] = derived_session(stem, conversation.number, user_id, first)
            session_id = self._derived[key]
        elif self._owners.setdefault(session_id, user_id) != user_id:
            self._bad(first.line, f"session {session_id!r} is of user {owner!r} already; a session has one user")
            return None
        messages = conversation.messages
        if self.format == "text":
            messages = plaintext.without_own_name(messages, user_id)
        return session_id, user_id, self._identified(session_id, messages)

    def _identified(self, session_id: str, messages: tuple[TranscriptMessage, ...]) -> list[TranscriptMessage]:
        identified = []
        for message in messages:
            if not message.id:
                message = replace(message, id=self._ids.derive(session_id, message))
            else:
                try:
                    if self._ids.is_repeated(session_id, message):
                        continue
                except ValueError as error:
                    self._bad(message.line, str(error))
                    continue
            identified.append(message)
        return identified

    def _bad(self, line: int | None, reason: str) -> None:
        problem = Problem(self._source.name, line if self.format in ("jsonl", "text") else None, reason)
        if not self._skip_bad:
            raise InvalidTranscript(str(problem))
        self.problems.append(problem)


def _opens_exchange(message: TranscriptMessage, pending: list[TranscriptMessage]) -> bool:
    return len(pending) >= MAX_EXCHANGE or (message.role == "user" and pending[-1].role != "user")


def _format_of(document: object, name: str) -> str:
    for format, module in _DOCUMENTS.items():
        if module.is_document(document):
            return format
    raise InvalidTranscript(
        f"{name}: no conversation in it that is known; a list of messages, a ChatGPT export or ShareGPT would be"
    )
