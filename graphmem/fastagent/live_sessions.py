"""The agent instances of an application's sessions: one for each session, let go when it has been idle for long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphmem.errors import SessionOwnerError
from graphmem.identity import derived_id

if TYPE_CHECKING:
    from fast_agent.core.harness import HarnessSession, HarnessSessions


@dataclass(eq=False)
class LiveSession:
    """A session with an agent instance of its own. ``users`` counts who uses it or waits for it."""

    user_id: str | None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    agent_session: HarnessSession | None = None
    users: int = 0
    used_at: float = field(default_factory=time.monotonic)
    gone: bool = False


class LiveSessions:
    """All sessions of one running application.

    Args:
        agents: makes and disposes of the instances.
        most: how many instances stay; beyond that the one that was idle longest goes, if any is idle.
    """

    def __init__(self, agents: HarnessSessions, most: int) -> None:
        self._agents = agents
        self._most = most
        self._live: dict[str, LiveSession] = {}

    @property
    def ids(self) -> tuple[str, ...]:
        """The sessions that have an instance now."""
        return tuple(self._live)

    @asynccontextmanager
    async def use(self, session_id: str, user_id: str | None) -> AsyncIterator[tuple[HarnessSession, str | None]]:
        """Give a session's agent and user for one turn; turns of a session come one after the other.

        Args:
            session_id: the session.
            user_id: its user; None means the one that it was last used with.

        Raises:
            SessionOwnerError: it is in use with another user.
        """
        while True:
            live = self._live.setdefault(session_id, LiveSession(user_id))
            if user_id is not None and live.user_id != user_id:
                raise SessionOwnerError(session_id)
            live.users += 1
            try:
                async with live.turn:
                    if live.gone:
                        continue
                    if live.agent_session is None:
                        await self._let_go_beyond(self._most)
                        live.agent_session = await self._agents.get_or_create(_instance_id(session_id, live.user_id))
                    yield live.agent_session, live.user_id
                    return
            finally:
                live.users -= 1
                live.used_at = time.monotonic()
                if live.agent_session is None and not live.users:
                    self._live.pop(session_id, None)

    async def let_go(self, idle_seconds: float) -> None:
        """Dispose of the instances that have not been used for so long. Their memory stays, and so does a saved history."""
        before = time.monotonic() - idle_seconds
        for session_id, live in list(self._live.items()):
            if live.used_at <= before:
                await self._dispose(session_id, live)

    async def _let_go_beyond(self, most: int) -> None:
        idle = sorted((s for s in self._live.items() if not s[1].users), key=lambda s: s[1].used_at)
        for session_id, live in idle[: max(0, len(self._live) - most)]:
            await self._dispose(session_id, live)

    async def _dispose(self, session_id: str, live: LiveSession) -> None:
        if live.users or live.gone:
            return
        async with live.turn:  # whoever comes meanwhile waits, and then makes a new one
            live.gone = True
            try:
                await self._agents.close(_instance_id(session_id, live.user_id))
            finally:
                self._live.pop(session_id, None)


def _instance_id(session_id: str, user_id: str | None) -> str:
    """FastAgent's own name for the session; the user is in it, so that a saved history is never loaded for another user."""
    return derived_id("fastagent", user_id, session_id)
