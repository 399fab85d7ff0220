"""A chat in the terminal that remembers, with the plain OpenAI client.

    OPENAI_API_KEY=... python examples/openai_client.py maya
    OPENAI_BASE_URL=http://localhost:11434/v1 OPENAI_API_KEY=none MODEL=qwen2.5:7b python examples/openai_client.py maya

Each line is a turn; an empty one ends the chat. The next chat with maya knows what she said in this one. The memory is the file
``graphmem.db`` here, or what ``GRAPHMEM_URL`` names (a path, or ``bolt://`` for Neo4j).
"""

from __future__ import annotations

import asyncio
import os
import sys
from uuid import uuid4

from openai import AsyncOpenAI

from graphmem import MemLayer, MemLayerConfig

MODEL = os.environ.get("MODEL", "gpt-4o-mini")
INSTRUCTIONS = {"role": "system", "content": "You are a friendly assistant. Answer in a sentence or two."}


async def answer(memory: MemLayer, client: AsyncOpenAI, session_id: str, user_id: str, text: str) -> str:
    """Answer one message of a user, knowing what was said before."""
    async with memory.turn(session_id, user_id, text) as turn:
        response = await client.chat.completions.create(model=MODEL, messages=[INSTRUCTIONS, *turn.messages])
        turn.reply = response.choices[0].message.content
    return turn.reply


async def main(user_id: str) -> None:
    """Talk with a user until an empty line."""
    session_id = f"{user_id}/{uuid4().hex}"
    async with MemLayer(config=MemLayerConfig.from_env()) as memory, AsyncOpenAI() as client:
        while text := (await asyncio.to_thread(sys.stdin.readline)).strip():
            print(await answer(memory, client, session_id, user_id, text), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("say who is talking: python examples/openai_client.py NAME")
    asyncio.run(main(sys.argv[1]))
