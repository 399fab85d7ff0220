"""An agent class whose two steps are your own: the class style.

    python examples/fastagent_class.py
    FAST_AGENT_MODEL=sonnet python examples/fastagent_class.py

Without ``FAST_AGENT_MODEL`` it runs offline, with FastAgent's ``passthrough`` model, which repeats its prompt: so it shows what a
real one would read. The memory is the file ``graphmem.db`` here, or what ``GRAPHMEM_URL`` names.
"""

from __future__ import annotations

import asyncio
import os

from fast_agent import FastAgent

from graphmem import MemLayer, MemLayerConfig
from graphmem.fastagent import UserMessage, remember, session

os.environ.setdefault("FAST_AGENT_MODEL", "passthrough")
memory = MemLayer(config=MemLayerConfig.from_env())
fast = FastAgent("assistant", parse_cli_args=False, quiet=True)


class Discreet(remember(memory)):
    """Knows facts only, and keeps nothing that is said in confidence."""

    async def pre_process(self, message: UserMessage) -> str:
        """The facts that fit, without older messages."""
        context = await self.memory.get_context(message.session_id, message.user_id, query=message.text)
        return "\n".join(f"The user {fact.text}." for fact in context.facts)

    async def post_process(self, message: UserMessage, response: str) -> None:
        """Store the turn, unless the user asks not to."""
        if "between us" not in message.text:
            await super().post_process(message, response)


@fast.custom(Discreet, instruction="You are a friendly assistant.")
async def main() -> None:
    """What is said in confidence is not known the next day."""
    async with fast.run() as agent:
        with session("monday", user_id="alice"):
            await agent.send("I live in NYC.")
            await agent.send("Just between us: I work at Initech.")
        with session("tuesday", user_id="alice"):
            print(await agent.send("What do you know of me?"))
    await memory.aclose()


if __name__ == "__main__":
    asyncio.run(main())
