"""FastAgent with a handler of your own: the handler style.

    python examples/fastagent_handler.py
    FAST_AGENT_MODEL=sonnet python examples/fastagent_handler.py

Without ``FAST_AGENT_MODEL`` it runs offline, with FastAgent's ``passthrough`` model, which repeats its prompt: so it shows what a
real one would read. The memory is the file ``graphmem.db`` here, or what ``GRAPHMEM_URL`` names.
"""

from __future__ import annotations

import asyncio
import os

from graphmem import MemLayer, MemLayerConfig
from graphmem.fastagent import FastAgent

os.environ.setdefault("FAST_AGENT_MODEL", "passthrough")
memory = MemLayer(config=MemLayerConfig.from_env())
app = FastAgent("assistant")


@app.on_message
async def handle_message(agent, message):
    context = await memory.get_context(session_id=message.session_id)
    response = await agent.query(f"Previous Context: {context}\nUser: {message.text}")
    await memory.store(session_id=message.session_id, interaction={"input": message.text, "output": response})
    return response


async def main() -> None:
    """Two sessions of one user, and one of another."""
    async with app:
        await app.handle("I live in NYC.", session_id="monday", user_id="alice")
        print(await app.handle("Where do I live?", session_id="tuesday", user_id="alice"))
        print(await app.handle("Where do I live?", session_id="elsewhere", user_id="bob"))
    await memory.aclose()


if __name__ == "__main__":
    asyncio.run(main())
