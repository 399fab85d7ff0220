"""What the verbs of the facade cost on a server: round trips are the price of a memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from embedders import IdeasEmbedder
from wire import Wire

from graphmem import MemLayer
from graphmem.embed import make_embedder
from graphmem.recall import get_context


@pytest.fixture(autouse=True)
def _no_housekeeping(monkeypatch):
    """Leases are renewed, and work is looked for, by the clock: on a server that plans its first queries for seconds,
    amid what is counted here."""
    monkeypatch.setattr("graphmem.parts.LOCAL_LEASE", timedelta(hours=1))
    monkeypatch.setattr("graphmem.outbox.LOOK_EVERY", 3600.0)


async def _settled() -> None:
    """Wait for what a memory does in the background once it is open."""
    background = [task for task in asyncio.all_tasks() if task.get_name().startswith("graphmem-")]
    await asyncio.gather(*(task for task in background if task.get_name() != "graphmem-leases"))


@pytest.mark.neo4j
async def test_an_interaction_is_two_write_transactions_and_a_context_one_read(neo4j_config, session_id, caplog):
    config = replace(neo4j_config, extractor="local", summarizer="none")  # a keeper would read as well
    async with MemLayer(config) as memory:
        await memory.stats()
        await memory.store(session_id, {"input": "Hello!", "output": "Hi."})
        await _settled()
        wire = Wire(caplog)
        wire.since_last()
        texts = [
            "My sister Ana lives in Porto and I moved to Leeds in May.",
            "I used to play chess.",
            "What time is it?",
        ]
        for text in texts:
            await memory.store(session_id, {"input": text, "output": "I see."})
            sent = wire.since_last()
            assert sent.transactions <= 2
            assert sent.queries <= 4
            assert sent.trips <= 6
        for query in (None, "Where does my sister live?"):
            context = await memory.get_context(session_id, query=query)
            assert context.text
            assert wire.since_last() == (1, 1, 1)


@pytest.mark.neo4j
async def test_a_context_with_an_embedder_is_one_read_too(neo4j_config, session_id, caplog):
    config = replace(neo4j_config, extractor="none", summarizer="none", embedder_timeout=30.0, rerank=False)
    async with MemLayer(config) as memory:
        await memory.store(session_id, {"input": "We had supper.", "output": "Nice."})
        model = make_embedder(replace(config, embedder=IdeasEmbedder()))
        assert model is not None
        wire = Wire(caplog)
        for query in (None, "Which restaurant?"):
            similar = await model.similar_to(query or "supper")
            assert similar is not None
            store, _ = await memory._open()
            wire.since_last()
            await get_context(
                store,
                session_id=session_id,
                user_id=None,
                query=query,
                buffer_size=8,
                max_tokens=500,
                similar=replace(similar, vector=similar.vector if query else None),
            )
            assert wire.since_last() == (1, 1, 1)
