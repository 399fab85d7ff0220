"""Ids that stay the same when a transcript is read again, also when it has grown at its end or moved to another folder."""

from __future__ import annotations

from hashlib import blake2b

from graphmem.clock import to_text
from graphmem.transcripts.records import TranscriptMessage


def derived_session(stem: str, number: int, user_id: str, first: TranscriptMessage) -> str:
    """Return the id of a conversation that has none of its own.

    Args:
        stem: the file's name without its ending, so that a person recognises the session.
        number: which conversation of the file it is.
        user_id: whose it is; the same file for another user is another session.
        first: its first message.
    """
    return f"{stem}-{_digest('session', str(number), user_id, *_said(first)).hex()[:8]}"


class MessageIds:
    """Gives every message of one file its id and notices ids that are used twice.

    A derived id comes from role, words and time, and from how often the same was said before in the session.
    """

    def __init__(self) -> None:
        self._times_said: dict[bytes, int] = {}
        self._own: dict[bytes, bytes] = {}

    def derive(self, session_id: str, message: TranscriptMessage) -> str:
        """Return the id of a message that has none; call it once for each, in the order of the file."""
        key = _digest(session_id, *_said(message))[:12]
        earlier = self._times_said.get(key, 0)
        self._times_said[key] = earlier + 1
        return _digest(key.hex(), str(earlier)).hex()

    def is_repeated(self, session_id: str, message: TranscriptMessage) -> bool:
        """Whether the file had a message with this one's own id before in the session, with the same role and words.

        Raises:
            ValueError: it had one, with others.
        """
        key = _digest(session_id, message.id)[:12]
        said = _digest(message.role, message.text)[:12]
        before = self._own.get(key)
        if before is None:
            self._own[key] = said
            return False
        if before != said:
            raise ValueError(f"the id {message.id!r} is already used in session {session_id!r} with a different text")
        return True


def _said(message: TranscriptMessage) -> tuple[str, ...]:
    return (message.role, message.text, "" if message.at is None else to_text(message.at))


def _digest(*parts: str) -> bytes:
    digest = blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.digest()
