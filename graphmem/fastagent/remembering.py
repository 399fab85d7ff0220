"""An agent class that remembers: it recalls before the model is called, and keeps the turn when the answer is there.

What is recalled is put into the messages on their way from the agent to its model, so the agent's history, its saved sessions and
its display never see it. Each agent instance does this for itself: detached clones, which are made by the class, do too.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, cast
from uuid import uuid4

from fast_agent.agents.current_user_message import get_current_user_message
from fast_agent.agents.llm_agent import LlmAgent
from fast_agent.agents.mcp_agent import McpAgent
from fast_agent.constants import CONTROL_MESSAGE_SAVE_HISTORY
from fast_agent.event_progress import ProgressAction
from fast_agent.types.llm_stop_reason import LlmStopReason

from graphmem import arguments
from graphmem.errors import ConfigError
from graphmem.fastagent.blocks import fenced, newest_user_message, said, with_block
from graphmem.fastagent.identity import UserMessage, speaker_of
from graphmem.fastagent.keeping import keeper_of, within
from graphmem.speaking import speaking

if TYPE_CHECKING:
    from fast_agent.interfaces import FastAgentLLMProtocol, LLMFactoryProtocol
    from fast_agent.types import PromptMessageExtended, RequestParams
    from mcp import Tool

    from graphmem.memory import MemLayer
    from graphmem.records import Context

TIME_LIMIT = 2.0
"""Seconds that the memory may take before, and again after, the model's answer."""
CLOSING_SECONDS = 5.0
"""Seconds for which an agent that is shut down tries to write the turns that wait."""
_FAILED = (LlmStopReason.ERROR, LlmStopReason.CANCELLED, LlmStopReason.TIMEOUT)
_SIDE_CALLS = (ProgressAction.COMPACTING, ProgressAction.COMPACTING_CHECKPOINT)


@dataclass
class _Turn:
    """A turn under way: whose it is, and what goes to the model with it."""

    agent: LlmAgent
    message: UserMessage
    stored: bool
    block: str = ""
    over: bool = False


_TURN: ContextVar[_Turn | None] = ContextVar("graphmem_fastagent_turn", default=None)


class Remembering(LlmAgent):
    """The base of the classes that `remember` makes; the two steps of a turn are here to be overridden."""

    memory: ClassVar[MemLayer]
    """Where this agent's turns are kept."""
    memory_time_limit: ClassVar[float] = TIME_LIMIT
    """Seconds for each of the two steps; what takes longer is left out of the prompt, or goes on after the answer."""
    memory_max_tokens: ClassVar[int | None] = None
    """Budget of a context; None means the memory's."""
    memory_stores: ClassVar[bool] = True
    """Whether turns are kept at all, or only recalled for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._own_session = f"{self.name}-{uuid4().hex}"
        self._warming: asyncio.Task[Any] | None = None

    async def pre_process(self, message: UserMessage) -> Context | str | None:
        """Return what the model is to know before it answers; None or an empty text for nothing.

        Args:
            message: what the user says, and who it is.

        What it raises is logged, and the turn goes on without it.
        """
        return await self.memory.get_context(
            session_id=message.session_id,
            user_id=message.user_id,
            query=message.text or None,
            max_tokens=self.memory_max_tokens,
        )

    async def post_process(self, message: UserMessage, response: str) -> None:
        """Keep a turn that went well. The memory brings the session's summary up to date, with the summariser that it has.

        Args:
            message: what the user said, and who it is. Its id makes it safe to store it again.
            response: what the agent answered.

        What it raises is logged. `graphmem.errors.StoreUnavailable`, a time-out or an OSError has it called again later.
        """
        await self.memory.store(
            session_id=message.session_id,
            user_id=message.user_id,
            interaction={"input": message.text, "output": response, "id": message.id, "at": message.at},
        )

    async def initialize(self) -> None:
        """Start the agent, and open the memory meanwhile, so that the first turn has all its time for the recall."""
        await super().initialize()
        if self._warming is None and not self.config.subagent_child:
            self._warming = asyncio.create_task(self._warm_up(), name="graphmem-warm-up")

    async def shutdown(self) -> None:
        """End the agent; turns that wait for their store have `CLOSING_SECONDS` to be written."""
        if self._warming is not None:
            self._warming.cancel()
        keeper = keeper_of(self.memory)
        if keeper.waiting and _turn_under_way() is None:  # a clone that ends within a turn delays nothing
            await keeper.flush(CLOSING_SECONDS)
        await super().shutdown()

    async def attach_llm(
        self,
        llm_factory: LLMFactoryProtocol,
        model: str | None = None,
        request_params: RequestParams | None = None,
        **additional_kwargs: Any,
    ) -> FastAgentLLMProtocol:
        """Attach a model; what is recalled is put into each prompt that this agent sends it."""
        llm = await super().attach_llm(llm_factory, model, request_params, **additional_kwargs)
        _put_blocks_into_prompts(self, llm)
        return llm

    async def generate_impl(
        self,
        messages: list[PromptMessageExtended],
        request_params: RequestParams | None = None,
        tools: list[Tool] | None = None,
    ) -> PromptMessageExtended:
        """Answer, with what is remembered; see `LlmAgent.generate_impl`."""
        turn = self._turn_of(messages, request_params)
        if turn is None:
            return await super().generate_impl(messages, request_params, tools)
        await self._recall(turn)
        with _under_way(turn):
            response = await super().generate_impl(messages, request_params, tools)
        await self._keep(turn, response)
        return response

    async def structured_impl(
        self, messages: list[PromptMessageExtended], model: type[Any], request_params: RequestParams | None = None
    ) -> tuple[Any | None, PromptMessageExtended]:
        """Answer as a Pydantic model, with what is remembered; see `LlmAgent.structured_impl`."""
        turn = self._turn_of(messages, request_params)
        if turn is None:
            return await super().structured_impl(messages, model, request_params)
        await self._recall(turn)
        with _under_way(turn):
            result = await super().structured_impl(messages, model, request_params)
        await self._keep(turn, result[1])
        return result

    async def structured_schema_impl(
        self,
        messages: list[PromptMessageExtended],
        schema: dict[str, Any],
        request_params: RequestParams | None = None,
    ) -> tuple[Any | None, PromptMessageExtended]:
        """Answer as JSON of a schema, with what is remembered; see `LlmAgent.structured_schema_impl`."""
        turn = self._turn_of(messages, request_params)
        if turn is None:
            return await super().structured_schema_impl(messages, schema, request_params)
        await self._recall(turn)
        with _under_way(turn):
            result = await super().structured_schema_impl(messages, schema, request_params)
        await self._keep(turn, result[1])
        return result

    def _turn_of(self, messages: list[PromptMessageExtended], request_params: RequestParams | None) -> _Turn | None:
        """The turn that begins with ``messages``; None when memory has no part in it."""
        around = _turn_under_way()
        said_by_user = newest_user_message(messages)
        if said_by_user is None or self.config.subagent_child or (around is not None and around.agent is self):
            return None
        text = said(said_by_user)
        if text.startswith(CONTROL_MESSAGE_SAVE_HISTORY):
            return None
        try:
            speaker = speaker_of(request_params, self._own_session)
        except Exception as error:  # an id that cannot be one: the turn goes on without a memory
            keeper_of(self.memory).trouble.failed(
                "accept who speaks", self._own_session, error, "turns go on without it"
            )
            return None
        # Within another agent's turn it is a model that speaks, and its words are not the user's.
        from_user = around is None and get_current_user_message() is None
        return _Turn(
            self, UserMessage(text, speaker.session_id, speaker.user_id), stored=self.memory_stores and from_user
        )

    async def _recall(self, turn: _Turn) -> None:
        trouble = keeper_of(self.memory).trouble
        with speaking(turn.message.speaker):
            try:
                found = await within(self.memory_time_limit, self.pre_process(turn.message))
                turn.block = fenced("" if found is None else str(found))
            except Exception as error:  # whatever it is, the conversation goes on
                trouble.failed("recall", turn.message.session_id, error, "turns go on without it")
            else:
                trouble.worked("recall")

    async def _keep(self, turn: _Turn, response: PromptMessageExtended) -> None:
        if not turn.stored or not turn.message.text.strip() or response.stop_reason in _FAILED:
            return
        message, reply = turn.message, response.last_text() or ""
        with speaking(message.speaker):
            await keeper_of(self.memory).keep(
                message.session_id, lambda: self.post_process(message, reply), self.memory_time_limit
            )

    async def _warm_up(self) -> None:
        try:
            await self.memory.get_context(session_id=self._own_session)
        except Exception as error:
            keeper_of(self.memory).trouble.failed("recall", self._own_session, error, "turns go on without it")


def remember(
    memory: MemLayer,
    *,
    base: type[LlmAgent] = McpAgent,
    time_limit: float = TIME_LIMIT,
    max_tokens: int | None = None,
    store: bool = True,
) -> type[Remembering]:
    """Return an agent class that remembers, for ``@fast.custom(remember(memory))`` or as a base class.

    Args:
        memory: where turns are kept; the class does not close it.
        base: the agent class to give a memory to.
        time_limit: seconds that the memory may take before, and again after, the model's answer.
        max_tokens: budget of a context; None means the memory's.
        store: False for an agent that is to know but not to keep: one that other agents speak to, not the user.

    Raises:
        graphmem.errors.ConfigError: an argument is not valid.
    """
    if not inspect.iscoroutinefunction(getattr(memory, "get_context", None)):
        raise ConfigError("memory", memory, "a graphmem.MemLayer (not graphmem.sync.MemLayer, whose verbs block)")
    if not (isinstance(base, type) and issubclass(base, LlmAgent)):
        raise ConfigError("base", base, "an agent class of fast_agent such as McpAgent")
    attributes = {
        "memory": memory,
        "memory_time_limit": arguments.seconds("time_limit", time_limit),
        "memory_max_tokens": arguments.whole_or_none("max_tokens", max_tokens, 1),
        "memory_stores": arguments.flag("store", store),
        "__doc__": f"A {base.__name__} that remembers.",
    }
    return cast("type[Remembering]", type("RememberingAgent", (Remembering, base), attributes))


def _turn_under_way() -> _Turn | None:
    """The turn in which this code runs; not one that a background task has outlived."""
    turn = _TURN.get()
    return None if turn is None or turn.over else turn


@contextmanager
def _under_way(turn: _Turn) -> Iterator[None]:
    token = _TURN.set(turn)
    try:
        with speaking(turn.message.speaker):
            yield
    finally:
        turn.over = True
        _TURN.reset(token)


def _put_blocks_into_prompts(agent: LlmAgent, llm: Any) -> None:
    """Have a model's two ways of being asked add the block of the turn under way, whichever calls the other."""
    for name in ("generate", "structured"):
        ask = getattr(llm, name)

        @wraps(ask)
        async def with_memory(messages: list[PromptMessageExtended], *args: Any, _ask: Any = ask, **kwargs: Any) -> Any:
            turn = _turn_under_way()
            # The summary that FastAgent makes of a long history goes into that history: it must not learn of the block.
            if turn is not None and turn.agent is agent and turn.block and llm.verb not in _SIDE_CALLS:
                messages = with_block(messages, turn.message.text, turn.block)
            return await _ask(messages, *args, **kwargs)

        setattr(llm, name, with_memory)
