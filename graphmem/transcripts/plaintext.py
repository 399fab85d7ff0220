"""Plain text: lines ``Alice: ...`` or ``User: ...``, optionally with ``[2024-03-01 10:00]`` before, and lines that go on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from extraction.names import normalize_name
from graphmem.transcripts.fields import ROLES, SPOKEN, BadEntry, instant, text_of
from graphmem.transcripts.records import Conversation, TranscriptMessage, with_times
from graphmem.transcripts.source import BadLine, Source

_STAMP = re.compile(r"\[\s*(\d{4}-\d{1,2}-\d{1,2}[^\]\n]{0,24})\]\s*(?:[-–]\s+)?")
_SPEAKER = re.compile(r"(?:\*\*)?([^\W\d_][\w.'’-]*(?: [\w.'’-]+){0,3})(?::\*\*|\*\*:|:)(?!//)(?:\s+|$)")
_NOT_NAMES = frozenset(
    """note notes ps p.s re subject warning todo edit update example examples tip tips hint summary question answer step
    steps time date place name address source link ingredients result error output input p.p.s fyi nb attention""".split()
)


def read(source: Source, bad: BadLine) -> Iterator[Conversation]:
    """Yield the one conversation of a text.

    A line that begins with a speaker opens a message, the lines after it go on with it. Where the first message has a
    stamp, only stamped lines open one; where its speaker is a role ("User:"), only roles do. Of one person and an
    assistant the person is the user and needs no name; of several people the first is, and the others carry their names.

    Args:
        source: the file.
        bad: hears of each line that belongs to nobody.
    """
    parser = _Parser(bad)
    for number, line in source.lines(bad):
        parser.feed(number, line)
    messages = parser.finish()
    first = next((message.name for message in messages if message.role == "user"), None)
    yield Conversation(None, first, 0, tuple(with_times(messages)))


def without_own_name(messages: tuple[TranscriptMessage, ...], user_id: str) -> tuple[TranscriptMessage, ...]:
    """Take the name off what the user said: of several people the one who is called like the user, of one the only one."""
    people = {message.name for message in messages if message.role == "user"}
    own = people if len(people) == 1 else {n for n in people if n and normalize_name(n) == normalize_name(user_id)}
    return tuple(replace(message, name=None) if message.name in own else message for message in messages)


@dataclass(slots=True)
class _Opening:
    """A line that opens a message."""

    speaker: str
    role: str | None
    at: datetime | None
    text: str


@dataclass(slots=True)
class _Parser:
    """Reads lines one after the other; what the first message looks like decides what opens the later ones."""

    bad: BadLine
    messages: list[TranscriptMessage] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    stamped: bool | None = None
    roles_only: bool = False
    current: _Opening | None = None
    started: int = 0
    more: list[str] = field(default_factory=list)
    skipping: bool = False

    def feed(self, number: int, line: str) -> None:
        try:
            opening = self._opening(line)
        except BadEntry as error:
            self._close()
            self.skipping = True
            self.bad(number, str(error))
            return
        if opening is not None:
            self._close()
            self.current, self.started, self.skipping = opening, number, False
            self.seen.add(opening.speaker.casefold())
        elif self.current is not None:
            self.more.append(line)
        elif line.strip() and not self.skipping:
            self.bad(number, 'nobody says this; begin a message with the speaker and a colon, as in "Alice: hello"')

    def finish(self) -> list[TranscriptMessage]:
        self._close()
        return self.messages

    def _close(self) -> None:
        if self.current is None:
            return
        current, more, self.current, self.more = self.current, self.more, None, []
        try:
            text = text_of("\n".join([current.text, *more]))
        except BadEntry as error:
            self.bad(self.started, str(error))
            return
        role = current.role or "user"
        if text and role in SPOKEN:
            name = current.speaker if current.role is None else None
            self.messages.append(TranscriptMessage(role, text, name, current.at, "", self.started))

    def _opening(self, line: str) -> _Opening | None:
        if self.stamped is False and line[:1].isspace():
            return None
        stamp = _STAMP.match(line)
        if self.stamped and stamp is None:
            return None
        speaker = _SPEAKER.match(line, stamp.end() if stamp else 0)
        if speaker is None:
            if stamp is not None and self.stamped is not False:
                raise BadEntry('a time but no speaker; write "[2024-03-01 10:00] Alice: hello"')
            return None
        said_by = speaker.group(1)
        role = ROLES.get(said_by.casefold())
        if not self._may_speak(said_by, role, stamp is not None):
            return None
        at = None if stamp is None else _time(stamp.group(1))
        if self.stamped is None:
            self.stamped, self.roles_only = stamp is not None, role is not None and stamp is None
        return _Opening(said_by, role, at, line[speaker.end() :])

    def _may_speak(self, speaker: str, role: str | None, stamped: bool) -> bool:
        if role is not None or stamped or speaker.casefold() in self.seen:
            return True
        in_reply = self.current is not None and self.current.role == "assistant"
        named = all(word[0].isupper() or not word[0].isalpha() for word in speaker.split())
        return named and not self.roles_only and not in_reply and speaker.casefold() not in _NOT_NAMES


def _time(text: str) -> datetime:
    words = text.strip().replace(",", " ").replace("/", "-")
    try:
        return instant(" ".join(words.split()), "time")
    except BadEntry:
        raise BadEntry(f"[{text}] is not a time; write it as [2024-03-01 10:00]") from None
