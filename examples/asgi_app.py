"""A web service that remembers each of its users: one memory for the life of the process, an identity for each request.

    OPENAI_API_KEY=... TOKENS="s3cret=maya t0psecret=ben" uvicorn --app-dir examples asgi_app:app
    curl -H "Authorization: Bearer s3cret" -d "I live in Porto." http://127.0.0.1:8000/chat/monday

Plain ASGI, so that it runs on any server. In FastAPI the two halves of `lifespan` go around the ``yield`` of its lifespan, and `who`
is a dependency; nothing else changes.
"""

from __future__ import annotations

import os
from typing import Any

from openai import AsyncOpenAI

from graphmem import MemLayer, MemLayerConfig
from graphmem.errors import GraphMemError, InvalidInteraction, StoreUnavailable

MODEL = os.environ.get("MODEL", "gpt-4o-mini")


class App:
    """The service. ``tokens`` says which user each token stands for: whatever tells you for certain who is asking."""

    def __init__(self, config: MemLayerConfig, tokens: dict[str, str]) -> None:
        self.config = config
        self.tokens = tokens
        self.memory: MemLayer
        self.client: AsyncOpenAI

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        elif scope["type"] == "http":
            status, text = await self.respond(scope, receive)
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": text.encode()})

    async def lifespan(self, receive: Any, send: Any) -> None:
        """Open the memory when the process starts, so that a wrong address shows at once; close it when it ends."""
        await receive()
        self.memory, self.client = MemLayer(config=self.config), AsyncOpenAI()
        try:
            await self.memory.stats()
        except GraphMemError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.client.close()
        await self.memory.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def respond(self, scope: Any, receive: Any) -> tuple[int, str]:
        """Answer a request: ``POST /chat/<conversation>`` with the user's words as the body."""
        conversation = scope["path"].removeprefix("/chat/")
        if scope["method"] != "POST" or conversation in ("", scope["path"]):
            return 404, "POST /chat/<conversation>"
        user_id = self.who(scope)
        if user_id is None:
            return 401, "unknown token"
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        try:
            # the user's id within the session's: two users may both have a conversation called "monday"
            async with self.memory.turn(f"{user_id}/{conversation}", user_id, body.decode(errors="replace")) as turn:
                response = await self.client.chat.completions.create(model=MODEL, messages=turn.messages)
                turn.reply = response.choices[0].message.content
        except InvalidInteraction as error:
            return 400, str(error)
        except StoreUnavailable:
            return 503, "the memory cannot be reached; try again later"
        return 200, turn.reply

    def who(self, scope: Any) -> str | None:
        """Return the user of a request: from what the server can check, never from what a body or a model says."""
        given = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        return self.tokens.get(given.removeprefix("Bearer "))


app = App(
    MemLayerConfig.from_env(),
    dict(pair.split("=", 1) for pair in os.environ.get("TOKENS", "").split()),
)
