"""A memory with a language model: nothing waits for it, nothing is lost without it, and its facts join the local ones."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import pytest
from openai_server import Answer, entity, fact, openai_server, refuses, says
from scripted_extractor import LivesIn

from extraction import HybridExtractor, LLMExtractor, LocalExtractor
from graphmem import Limits, LLMConfig, MemLayer
from graphmem.errors import ConfigError, ExtractionPending
from graphmem.extractors import make_extractor

SAID = {"input": "I live in Porto and I own a Ducati.", "output": "I live in Lisbon."}
PORTO = fact("LIVES_IN", "Porto", "Place", "I live in Porto")
DUCATI = fact("OWNS", "Ducati", "Thing", "I own a Ducati")
GOOD = says({"facts": [PORTO, DUCATI]})


def with_llm(config, base_url, extractor="llm", timeout=10.0):
    return replace(config, extractor=extractor, llm=LLMConfig("model-x", base_url, "sk-private", timeout=timeout))


@asynccontextmanager
async def memory_of_both(config, base_url, timeout=10.0):
    """A memory with a local extractor that reads "I live in X" and nothing else, and a model."""
    extractor = HybridExtractor(LivesIn(), LLMExtractor("model-x", base_url, "sk-private", timeout))
    async with MemLayer(replace(config, extractor=extractor)) as memory:
        yield memory
    await extractor.aclose()


@contextmanager
def dead_port() -> Iterator[int]:
    """A port where nobody listens, and that a server can take later."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    yield port


async def texts(memory, user):
    return sorted(f"{f.status}: {f.text}" for f in await memory.facts(user))


async def test_the_facts_come_when_the_model_has_answered(store_config, session_id):
    with openai_server(GOOD) as server:
        async with MemLayer(with_llm(store_config, server.base_url)) as memory:
            result = await memory.store(session_id, SAID)
            assert (result.pending, result.facts) == (True, ())
            await memory.flush()
            assert await texts(memory, session_id) == ["current: lives in Porto", "current: owns a Ducati"]


async def test_a_flush_counts_what_was_under_way(sqlite_config, session_id):
    with openai_server(GOOD, hold=True) as server:
        async with MemLayer(with_llm(sqlite_config, server.base_url)) as memory:
            await memory.store(session_id, SAID)
            server.let_go()
            assert await memory.flush() == 2
            assert await memory.flush() == 0


async def test_a_dead_endpoint_delays_nothing_and_loses_nothing(store_config, session_id):
    """The messages are stored at once; a flush says why they wait; once the endpoint is back it reads them."""
    with dead_port() as port:
        config = with_llm(store_config, f"http://127.0.0.1:{port}/v1", timeout=0.5)
        async with MemLayer(config) as memory:
            result = await memory.store(session_id, SAID)
            assert result.pending
            assert [m.text for m in await memory.messages(session_id)] == [SAID["input"], SAID["output"]]
            with pytest.raises(ExtractionPending, match=rf"127\.0\.0\.1:{port} cannot be reached \(ConnectError\)"):
                await memory.flush()
            assert (await memory.stats(session_id)).pending == 2
            with openai_server(GOOD, port=port):
                await memory.flush()
            assert await texts(memory, session_id) == ["current: lives in Porto", "current: owns a Ducati"]
            assert (await memory.stats(session_id)).pending == 0


async def test_what_a_dead_endpoint_left_is_read_after_a_restart(sqlite_config, session_id):
    with dead_port() as port:
        config = with_llm(sqlite_config, f"http://127.0.0.1:{port}/v1", timeout=0.3)
        async with MemLayer(config) as memory:
            await memory.store(session_id, SAID)
        with openai_server(GOOD, port=port):
            async with MemLayer(config) as memory:
                await memory.flush()
                assert len(await memory.facts(session_id)) == 2


async def test_a_store_does_not_wait_for_an_endpoint_that_hangs(sqlite_config, session_id):
    with openai_server(Answer(hang=True)) as server:
        quick = replace(sqlite_config, limits=Limits(close_seconds=0.1))
        memory = MemLayer(with_llm(quick, server.base_url, timeout=600))
        result = await memory.store(session_id, SAID)
        assert result.pending
        with pytest.raises(ExtractionPending, match="2 messages are still to be extracted after 0.1 seconds"):
            await memory.flush(timeout=0.1)
        await memory.aclose()


async def test_answers_of_no_use_park_the_messages_and_block_no_others(sqlite_config, session_id, unique):
    def script(request):
        return GOOD if "Ducati" in request["messages"][1]["content"] else says("no JSON")

    with openai_server(script=script) as server:
        async with MemLayer(with_llm(sqlite_config, server.base_url)) as memory:
            await memory.store(session_id, {"input": "Nobody can read this"})
            for _ in range(Limits().attempts):
                with pytest.raises(ExtractionPending, match="gave no usable answer, not even when asked again"):
                    await memory.flush()
            asked = len(server.requests)
            await memory.store(f"other-{unique}", SAID, wait=True)
            assert len(await memory.facts(f"other-{unique}")) == 2
            assert len(server.requests) == asked + 1
            with pytest.raises(ExtractionPending, match="holds no JSON"):
                await memory.flush()
            assert len(server.requests) == asked + 3


async def test_a_wrong_key_is_told_and_not_shown(sqlite_config, session_id):
    with openai_server(refuses(401)) as server:
        async with MemLayer(with_llm(sqlite_config, server.base_url)) as memory:
            await memory.store(session_id, SAID)
            with pytest.raises(ExtractionPending, match=r"refused the API key \(401\); check api_key") as caught:
                await memory.flush()
    assert "sk-private" not in str(caught.value)


async def test_the_assistants_words_and_inventions_never_become_facts(sqlite_config, session_id):
    lies = [
        fact("LIVES_IN", "Lisbon", "Place", "I live in Lisbon", turn=1),
        fact("LIVES_IN", "Madrid", "Place", "I live in Madrid"),
        fact("LIVES_IN", "Lisbon", "Place", "I live in Porto"),
        PORTO,
    ]
    with openai_server(says({"facts": lies})) as server:
        async with MemLayer(with_llm(sqlite_config, server.base_url)) as memory:
            await memory.store(session_id, SAID, wait=True)
            await memory.store(session_id, {"input": "Lisbon is nice"}, wait=True)
            facts = await memory.facts(session_id)
    assert [f.text for f in facts] == ["lives in Porto"]


async def test_the_local_facts_are_there_at_once_and_the_models_when_they_come(store_config, session_id):
    with openai_server(GOOD, hold=True) as server:
        async with memory_of_both(store_config, server.base_url) as memory:
            result = await memory.store(
                session_id, {"input": "I live in Porto. My Ducati is mine, I own a Ducati."}, wait=False
            )
            assert result.pending
            assert "lives in Porto" in [f.text for f in result.facts]
            (before,) = [f for f in await memory.facts(session_id) if f.predicate == "LIVES_IN"]
            assert (await memory.stats(session_id)).pending == 1
            server.let_go()
            await memory.flush()
            (after,) = [f for f in await memory.facts(session_id) if f.predicate == "LIVES_IN"]
            assert after.id == before.id
            assert after.confidence > before.confidence
            assert "owns a Ducati" in [f.text for f in await memory.facts(session_id)]


async def test_a_local_fact_that_the_model_contradicts_is_taken_back(store_config, session_id):
    local_reading = {"input": "I live in Porto"}
    ended = fact("LIVES_IN", "Porto", "Place", "I live in Porto", status="ended")
    with openai_server(says({"facts": [ended]})) as server:
        async with memory_of_both(store_config, server.base_url) as memory:
            result = await memory.store(session_id, local_reading, wait=False)
            assert [f.text for f in result.facts] == ["lives in Porto"]
            await memory.flush()
            assert await texts(memory, session_id) == ["ended: lived in Porto"]


async def test_waiting_for_both_gives_the_facts_of_both(sqlite_config, session_id):
    with openai_server(says({"facts": [DUCATI]})) as server:
        async with memory_of_both(sqlite_config, server.base_url) as memory:
            result = await memory.store(session_id, SAID, wait=True)
    assert not result.pending
    assert sorted(f.text for f in result.facts) == ["lives in Porto", "owns a Ducati"]


async def test_the_local_facts_stand_when_the_model_fails_and_its_reading_is_still_to_come(store_config, session_id):
    with dead_port() as port:
        async with memory_of_both(store_config, f"http://127.0.0.1:{port}/v1", timeout=0.3) as memory:
            await memory.store(session_id, {"input": "I live in Porto. The Ducati out there is mine."}, wait=False)
            with pytest.raises(ExtractionPending, match="cannot be reached"):
                await memory.flush()
            assert await texts(memory, session_id) == ["current: lives in Porto"]
            mine = fact("OWNS", "Ducati", "Thing", "The Ducati out there is mine")
            with openai_server(says({"facts": [PORTO, mine]}), port=port):
                await memory.flush()
            assert await texts(memory, session_id) == ["current: lives in Porto", "current: owns the Ducati"]


async def test_the_models_facts_do_not_undo_what_was_said_meanwhile(sqlite_config, session_id):
    """The model answers for the first message after the second was read: the newer home stays the current one."""

    def script(request):
        text = request["messages"][1]["content"]
        return says({"facts": [fact("LIVES_IN", "Leeds", "Place", "I live in Leeds")] if "in Leeds" in text else []})

    with openai_server(script=script, hold=True) as server:
        async with memory_of_both(sqlite_config, server.base_url) as memory:
            await memory.store(session_id, {"input": "I live in Leeds", "at": "2024-01-01T00:00:00Z"}, wait=False)
            await memory.store(session_id, {"input": "Now I live in Porto", "at": "2024-06-01T00:00:00Z"}, wait=False)
            server.let_go()
            await memory.flush()
            assert await texts(memory, session_id) == ["current: lives in Porto", "ended: lived in Leeds"]


async def test_a_message_forgotten_while_the_model_reads_leaves_nothing(store_config, session_id):
    with openai_server(GOOD, hold=True) as server:
        async with memory_of_both(store_config, server.base_url) as memory:
            await memory.store(session_id, SAID, wait=False)
            assert await memory.facts(session_id)
            await memory.forget(session_id=session_id)
            server.let_go()
            await memory.flush()
            assert await memory.facts(session_id) == []
            assert await memory.messages(session_id) == []


async def test_by_default_the_offline_extractor_answers_at_once(sqlite_config, session_id):
    with openai_server(GOOD, hold=True) as server:
        async with MemLayer(with_llm(sqlite_config, server.base_url, "auto")) as memory:
            result = await memory.store(session_id, SAID)
            assert result.pending
            assert "lives in Porto" in [f.text for f in result.facts]
            server.let_go()
            await memory.flush()
            assert await texts(memory, session_id) == ["current: lives in Porto", "current: owns a Ducati"]


async def test_who_is_quitting_ends_the_job_in_both_readings(sqlite_config, session_id):
    def script(request):
        if "I quit" in request["messages"][1]["content"].split('"turns"')[1]:
            quit_ = fact("WORKS_AT", "job", "Organization", "I quit my job", status="ended", ends_all=True)
            return says({"facts": [quit_]})
        return says({"facts": [fact("WORKS_AT", "Siemens", "Organization", "I work at Siemens")]})

    with openai_server(script=script) as server:
        async with MemLayer(with_llm(sqlite_config, server.base_url, "hybrid")) as memory:
            await memory.store(session_id, {"input": "I work at Siemens."}, wait=True)
            await memory.store(session_id, {"input": "I quit my job."}, wait=True)
            assert await texts(memory, session_id) == ["ended: worked at Siemens"]


async def test_an_unnamed_sister_gets_her_name_from_the_model(sqlite_config, session_id):
    ana = entity("Ana", "Person", "sister")
    told = [
        fact("HAS_SIBLING", "", "", "my sister Ana", object=ana),
        fact("LIVES_IN", "Porto", "Place", "lives in Porto", subject=ana),
    ]
    with openai_server(says({"facts": told})) as server:
        async with MemLayer(with_llm(sqlite_config, server.base_url)) as memory:
            await memory.store(
                session_id, {"input": "Yesterday my sister Ana, who lives in Porto, came by."}, wait=True
            )
            assert await texts(memory, session_id) == [
                "current: Ana (sister) lives in Porto",
                "current: has a sister, Ana",
            ]


def test_which_extractor_a_configuration_means(sqlite_config):
    kinds = {}
    for name in ("auto", "hybrid", "llm", "local"):
        extractor, waits = make_extractor(with_llm(sqlite_config, "http://127.0.0.1:9/v1", name))
        kinds[name] = (type(extractor), waits)
    assert kinds == {
        "auto": (HybridExtractor, False),
        "hybrid": (HybridExtractor, False),
        "llm": (LLMExtractor, False),
        "local": (LocalExtractor, True),
    }


async def test_without_a_key_and_an_endpoint_the_first_use_says_so(sqlite_config, session_id, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_BASE_URL")
    memory = MemLayer(replace(sqlite_config, llm=LLMConfig("m")))
    with pytest.raises(ConfigError, match="llm.api_key=None is not valid: set it or OPENAI_API_KEY"):
        await memory.store(session_id, SAID)
    memory = MemLayer(replace(sqlite_config, llm=LLMConfig("m", "localhost:8000")))
    with pytest.raises(ConfigError, match="base_url is not valid"):
        await memory.store(session_id, SAID)
