"""Who is speaking to an agent: from the request, else from the block around the call, else the agent instance itself."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from graphmem.clock import utc_now
from graphmem.interaction import check_id
from graphmem.speaking import Speaker, current_speaker, speaking

if TYPE_CHECKING:
    from fast_agent.types import RequestParams

SESSION_KEY = "graphmem_session"
USER_KEY = "graphmem_user"


@dataclass(frozen=True, slots=True)
class UserMessage:
    """What the user says to an agent.

    Args:
        text: the user's words, without attachments.
        session_id: the conversation.
        user_id: whose memory; None means the session's user.
        id: names the message in the memory, so that a turn that is written again is written once.
        at: when it was said; a turn that is written late keeps its time.
    """

    text: str
    session_id: str
    user_id: str | None = None
    id: str = field(default_factory=lambda: uuid4().hex)
    at: datetime = field(default_factory=utc_now)

    @property
    def speaker(self) -> Speaker:
        """Who says it, for `graphmem.speaking`."""
        return Speaker(self.session_id, self.user_id)


def session(session_id: str, user_id: str | None = None) -> AbstractContextManager[Speaker]:
    """Say who is speaking to the agents that are called in the block: ``with session("s1", user_id="alice"):``.

    It holds for this task and the tasks that are started in the block; concurrent ones see nothing of it. In the block, a
    memory's ``get_context`` and ``store`` for this session that name no user mean this user.

    Args:
        session_id: the conversation. It belongs to one user for ever.
        user_id: whose memory; None means the session's user.

    Raises:
        graphmem.errors.InvalidInteraction: an id is no text, empty or too long.
    """
    check_id(session_id, "session_id")
    if user_id is not None:
        check_id(user_id, "user_id")
    return speaking(Speaker(session_id, user_id))


def speaker_of(request_params: RequestParams | None, own_session: str) -> Speaker:
    """Return who is speaking.

    Args:
        request_params: of the call; ``mcp_metadata`` may hold ``graphmem_session`` and ``graphmem_user``.
        own_session: the agent instance's own session, for when nobody said who speaks.

    Raises:
        graphmem.errors.InvalidInteraction: an id in the request is no text, empty or too long.
    """
    metadata = (request_params.mcp_metadata if request_params is not None else None) or {}
    session_id, user_id = metadata.get(SESSION_KEY), metadata.get(USER_KEY)
    if user_id is not None:
        check_id(user_id, USER_KEY)
    around = current_speaker()
    if session_id is None:
        around = around or Speaker(own_session)
        return Speaker(around.session_id, user_id or around.user_id)
    check_id(session_id, SESSION_KEY)
    if user_id is None and around is not None and around.session_id == session_id:
        user_id = around.user_id
    return Speaker(session_id, user_id)
