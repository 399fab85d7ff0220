"""A model for agents: it answers over real HTTP as its prompt asks, and the tests read the prompts that reached it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from openai_server import Answer, OpenAIServer, completion, openai_server, refuses, says

BLOCK = re.compile(r"\s*<memory>.*?</memory>\s*", re.DOTALL)


class AgentModel:
    """What the model was asked.

    The user's words decide the answer: ``USE:name:{...}`` calls a tool, ``BOOM`` is an error, ``HANG`` is no answer, ``LONG`` counts
    as thousands of tokens, anything else is echoed after "ok: ". After a tool it says "tool said: ...", or hangs when
    ``HANG_AFTER`` was asked for.
    """

    def __init__(self, server: OpenAIServer) -> None:
        self.server = server

    @property
    def prompts(self) -> list[list[dict[str, Any]]]:
        """The messages of each request, oldest first."""
        return [request["messages"] for request in self.server.requests]

    def text(self, number: int = -1) -> str:
        """All words of a request."""
        return "\n".join(words(message) for message in self.prompts[number])

    def blocks(self, number: int = -1) -> list[str]:
        """The blocks with what is remembered in a request."""
        return BLOCK.findall(self.text(number))

    def said_by_user(self, number: int = -1) -> str:
        """The last user message of a request, without its block."""
        return BLOCK.sub("", [words(m) for m in self.prompts[number] if m["role"] == "user"][-1])


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    while not condition():  # noqa: ASYNC110 - what is waited for happens in another thread or package
        await asyncio.sleep(0.01)


def words(message: dict[str, Any]) -> str:
    """The text of a message in the format of the API."""
    content = message.get("content") or ""
    return content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content)


def answer(request: dict[str, Any]) -> Answer:
    """What the model says to a request."""
    messages = request["messages"]
    users = [BLOCK.sub("", words(m)) for m in messages if m["role"] == "user"]
    asked = users[-1] if users else ""
    if messages[-1]["role"] == "tool":
        return Answer(hang=True) if "HANG_AFTER" in asked else says(f"tool said: {words(messages[-1])}")
    if "BOOM" in asked:
        return refuses(400, "invalid_request_error")
    if "HANG" in asked and "HANG_AFTER" not in asked:
        return Answer(hang=True)
    if called := re.search(r"USE:(\w+):(\{.*?\})(?:\s|$)", asked, re.DOTALL):
        return calls(called[1], json.loads(called[2]))
    if request.get("response_format"):
        return says({"word": asked})
    echo = says(f"ok: {asked}")
    if "LONG" in asked:
        echo.body["usage"] = {"prompt_tokens": 5000, "completion_tokens": 20, "total_tokens": 5020}
    return echo


def calls(name: str, arguments: dict[str, Any]) -> Answer:
    """A completion that calls one tool."""
    call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    return completion([{"index": 0, "message": message, "finish_reason": "tool_calls"}])


@contextmanager
def agent_model(*, hold: bool = False) -> Iterator[AgentModel]:
    """Run a model; ``hold`` keeps all requests until ``server.let_go()``."""
    with openai_server(script=answer, hold=hold) as server:
        yield AgentModel(server)
