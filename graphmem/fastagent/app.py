"""FastAgent with a handler: ``on_message`` declares it, ``handle`` calls it for one message of one session."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import fast_agent

from graphmem import arguments
from graphmem.errors import ConfigError, GraphMemError, InvalidInteraction
from graphmem.fastagent.identity import UserMessage, session
from graphmem.fastagent.live_sessions import LiveSessions

if TYPE_CHECKING:
    from fast_agent.core.harness import HarnessSession
    from fast_agent.interfaces import AgentProtocol
    from fast_agent.types import PromptMessageExtended, RequestParams

IDLE_SECONDS = 1800.0
MAX_LIVE_SESSIONS = 500


class SessionAgent:
    """The agent that a handler gets: the session's own instance of the real one, with `query`.

    Everything of the real agent is here. What is sent through it is saved in the session's history as FastAgent does it.
    """

    def __init__(self, agent_session: HarnessSession, agent: AgentProtocol) -> None:
        self._session = agent_session
        self._agent = agent

    async def query(self, text: str, request_params: RequestParams | None = None) -> str:
        """Send ``text`` to the model and return the text of its answer."""
        return await self.send(text, request_params)

    async def send(self, message: Any, request_params: RequestParams | None = None) -> str:
        """As the real agent's ``send``."""
        return await self._session.send(message, agent_name=self._agent.name, request_params=request_params)

    async def generate(self, messages: Any, request_params: RequestParams | None = None) -> PromptMessageExtended:
        """As the real agent's ``generate``."""
        return await self._session.generate(messages, agent_name=self._agent.name, request_params=request_params)

    async def structured(
        self, messages: Any, model: type[Any], request_params: RequestParams | None = None
    ) -> tuple[Any | None, PromptMessageExtended]:
        """As the real agent's ``structured``."""
        return await self._session.structured(
            messages, model, agent_name=self._agent.name, request_params=request_params
        )

    async def structured_schema(
        self, messages: Any, schema: dict[str, Any], request_params: RequestParams | None = None
    ) -> tuple[Any | None, PromptMessageExtended]:
        """As the real agent's ``structured_schema``."""
        return await self._session.structured_schema(
            messages, schema, agent_name=self._agent.name, request_params=request_params
        )

    async def __call__(self, message: Any) -> str:
        return await self.send(message)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._agent, name)


Handler = Callable[[Any, UserMessage], Awaitable[Any]]
_H = TypeVar("_H", bound=Handler)


class FastAgent(fast_agent.FastAgent):
    """fast_agent's FastAgent, with a handler for messages. Everything of the real one is here.

    `handle` starts it on first use; ``async with app:`` or `aclose` ends it. Made for servers, it reads no command line and
    shows no display unless asked to.

    Args:
        name: of the application. With no agent declared, an agent of this name answers with the configured default model.
        config_path: as for fast_agent's.
        idle_seconds: after how long an unused session's agent is let go. Its memory stays.
        max_live_sessions: beyond how many agents the one that was idle longest is let go.
        parse_cli_args, quiet, options: as for fast_agent's, with defaults of their own.
    """

    def __init__(
        self,
        name: str,
        config_path: str | None = None,
        *,
        idle_seconds: float = IDLE_SECONDS,
        max_live_sessions: int = MAX_LIVE_SESSIONS,
        parse_cli_args: bool = False,
        quiet: bool = True,
        **options: Any,
    ) -> None:
        self._idle_seconds = arguments.seconds("idle_seconds", idle_seconds)
        self._max_live_sessions = arguments.whole("max_live_sessions", max_live_sessions, 1)
        super().__init__(name, config_path, parse_cli_args=parse_cli_args, quiet=quiet, **options)
        self._handler: Handler | None = None
        self._runner: asyncio.Task[None] | None = None
        self._sessions: LiveSessions | None = None
        self._starting = asyncio.Lock()
        self._stop = asyncio.Event()
        self._nothing_under_way = asyncio.Event()
        self._nothing_under_way.set()
        self._under_way = 0
        self._closed = False

    @property
    def live_sessions(self) -> tuple[str, ...]:
        """The ids of the sessions that have an agent instance now."""
        return () if self._sessions is None else self._sessions.ids

    def on_message(self, handler: _H) -> _H:
        """Declare the coroutine function that answers a message: ``async def handle_message(agent, message)``.

        ``agent`` is a `SessionAgent`, ``message`` a `UserMessage`. A later one replaces an earlier one.

        Raises:
            graphmem.errors.ConfigError: it is no coroutine function.
        """
        is_coroutine_function: bool = inspect.iscoroutinefunction(handler)  # a bool, which narrows no type
        if not is_coroutine_function:
            raise ConfigError("on_message", handler, "a coroutine function: async def handle_message(agent, message)")
        self._handler = handler
        return handler

    async def handle(self, text: str, session_id: str, user_id: str | None = None) -> Any:
        """Have the handler answer one message, and return what it returns.

        In the handler, a memory's ``get_context`` and ``store`` for this session that name no user mean ``user_id``. Messages of
        one session are handled one after the other, those of different sessions at the same time.

        Args:
            text: what the user says.
            session_id: the conversation; it has an agent instance, and so a history, of its own.
            user_id: whose memory; None means the session's user.

        Raises:
            graphmem.errors.ConfigError: there is no handler.
            graphmem.errors.InvalidInteraction: ``text`` or an id is not valid.
            graphmem.errors.SessionOwnerError: the session belongs to another user.
            graphmem.errors.GraphMemError: the application is closed.

        What the handler raises comes through.
        """
        if self._handler is None:
            raise ConfigError("on_message", None, "declare a handler first: @app.on_message")
        if not isinstance(text, str) or not text.strip():
            raise InvalidInteraction(f"text must be what the user says, a text that is not empty, not {text!r}")
        session(session_id, user_id)
        self._under_way += 1
        self._nothing_under_way.clear()
        try:
            sessions = await self._started()
            async with sessions.use(session_id, user_id) as (agent_session, owner):
                with session(session_id, owner):
                    agent = SessionAgent(agent_session, _default_agent(agent_session))
                    return await self._handler(agent, UserMessage(text, session_id, owner))
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._nothing_under_way.set()

    async def aclose(self) -> None:
        """Wait for the messages that are being handled, and end the agents; a second call does nothing."""
        self._closed = True
        await self._nothing_under_way.wait()
        self._stop.set()
        if self._runner is not None:
            await self._runner

    async def __aenter__(self) -> Self:
        await self._started()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _started(self) -> LiveSessions:
        async with self._starting:
            if self._closed:
                raise GraphMemError("this FastAgent is closed; make a new one")
            if self._sessions is None:
                if not self.agents:
                    self._declare_default_agent()
                ready: asyncio.Future[LiveSessions] = asyncio.get_running_loop().create_future()
                self._runner = asyncio.create_task(self._run_agents(ready), name="graphmem-fastagent")
                self._sessions = await ready
            return self._sessions

    async def _run_agents(self, ready: asyncio.Future[LiveSessions]) -> None:
        """Start and end the agents in one task, as their connections want it, and let idle ones go meanwhile."""
        try:
            async with self.harness() as harness:
                sessions = LiveSessions(harness.sessions, self._max_live_sessions)
                ready.set_result(sessions)
                while not self._stop.is_set():
                    try:
                        async with asyncio.timeout(max(self._idle_seconds / 2, 0.05)):
                            await self._stop.wait()
                    except TimeoutError:
                        await sessions.let_go(self._idle_seconds)
        except Exception as error:
            if ready.done():
                raise
            ready.set_exception(error)

    def _declare_default_agent(self) -> None:
        async def answer() -> None:
            """FastAgent declares agents by decorating a function, which nobody calls."""

        self.agent(name=self.name)(answer)


def _default_agent(agent_session: HarnessSession) -> AgentProtocol:
    app = agent_session.agent_app
    name = app.resolve_target_agent_name(None)
    agent = None if name is None else app.get_agent(name)
    if agent is None:
        raise ConfigError("agent", name, "an agent that the application declares")
    return agent
