"""Who is speaking: the session and the user of the code that runs now, for calls that name no user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whose turn it is. ``user_id`` None means the session's user."""

    session_id: str
    user_id: str | None = None


_SPEAKER: ContextVar[Speaker | None] = ContextVar("graphmem_speaker", default=None)


def current_speaker() -> Speaker | None:
    """Return who is speaking in this task, or None."""
    return _SPEAKER.get()


@contextmanager
def speaking(speaker: Speaker) -> Iterator[Speaker]:
    """Make ``speaker`` the one who speaks in the block, and in the tasks that are started in it. Other tasks see nothing of it."""
    token = _SPEAKER.set(speaker)
    try:
        yield speaker
    finally:
        _SPEAKER.reset(token)


def user_of(session_id: str, user_id: str | None) -> str | None:
    """Return ``user_id``, or when it is None the user of whoever is speaking in ``session_id``."""
    speaker = _SPEAKER.get()
    if user_id is None and speaker is not None and speaker.session_id == session_id:
        return speaker.user_id
    return user_id
