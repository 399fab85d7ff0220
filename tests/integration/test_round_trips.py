"""What the verbs of the facade cost on a server: round trips are the price of a memory."""

from __future__ import annotations

from dataclasses import replace

import pytest
from wire import Wire

from graphmem import MemLayer


@pytest.mark.neo4j
async def test_an_interaction_is_two_write_transactions_and_a_context_one_read(neo4j_config, session_id, caplog):
    async with MemLayer(replace(neo4j_config, extractor="local")) as memory:
        await memory.stats()
        await memory.store(session_id, {"input": "Hello!", "output": "Hi."})
        wire = Wire(caplog)
        wire.since_last()
        texts = [
            "My sister Ana lives in Porto and I moved to Leeds in May.",
            "I used to play chess.",
            "What time is it?",
        ]
        for text in texts:
            await memory.store(session_id, {"input": text, "output": "I see."})
            transactions, queries = wire.since_last()
            assert transactions <= 2
            assert queries <= 4
        for query in (None, "Where does my sister live?"):
            context = await memory.get_context(session_id, query=query)
            assert context.text
            assert wire.since_last() == (1, 1)
