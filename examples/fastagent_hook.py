"""A plain FastAgent application that remembers by one line: the hook style, with the memory's tools.

    python examples/fastagent_hook.py
    FAST_AGENT_MODEL=sonnet python examples/fastagent_hook.py

Without ``FAST_AGENT_MODEL`` it runs offline, with FastAgent's ``passthrough`` model, which repeats its prompt: so it shows what a
real one would read. The memory is the file ``graphmem.db`` here, or what ``GRAPHMEM_URL`` names.
"""

from __future__ import annotations

import asyncio
import os

from fast_agent import FastAgent

from graphmem import MemLayer, MemLayerConfig
from graphmem.fastagent import memory_tools, remember, session

os.environ.setdefault("FAST_AGENT_MODEL", "passthrough")
memory = MemLayer(config=MemLayerConfig.from_env())
fast = FastAgent("assistant", parse_cli_args=False, quiet=True)


@fast.custom(remember(memory), instruction="You are a friendly assistant.", function_tools=memory_tools(memory))
async def main() -> None:
    """Two sessions of one user, and one of another."""
    async with fast.run() as agent:
        with session("monday", user_id="alice"):
            await agent.send("I live in NYC.")
        with session("tuesday", user_id="alice"):
            print(await agent.send("Where do I live?"))
        with session("elsewhere", user_id="bob"):
            print(await agent.send("Where do I live?"))
    await memory.aclose()


if __name__ == "__main__":
    asyncio.run(main())
