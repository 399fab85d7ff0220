"""A memory with a language model that costs, is slow, is asked for long texts, or is down for long."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from openai_server import Answer, fact, openai_server, refuses, says
from scripted_extractor import LivesIn

from extraction import HybridExtractor, LLMExtractor
from extraction.llm.endpoint import FAILURES
from graphmem import LLMConfig, MemLayer
from graphmem.errors import ConfigError, ExtractionPending, LLMError
from graphmem.extractors import make_extractor
from graphmem.records import Usage
from graphmem.stores.base import Claim
from graphmem.transcripts import Transcript
from graphmem.transcripts.reading import read_facts

PORTO = fact("LIVES_IN", "Porto", "Place", "I live in Porto")
GOOD = says({"facts": [PORTO]})
SAID = {"input": "I live in Porto", "id": "m1"}


def with_llm(config, server, extractor="llm", **settings):
    return replace(config, extractor=extractor, llm=LLMConfig("m", server.base_url, "k", **settings))


def usage_of(stats):
    return Usage(stats.llm_requests, stats.prompt_tokens, stats.completion_tokens)


async def test_what_the_model_cost_is_told_and_summed_for_each_user(store_config, session_id):
    with openai_server(says("no JSON"), GOOD) as server:
        async with MemLayer(with_llm(store_config, server)) as memory:
            asked_again = await memory.store(session_id, SAID, wait=True)
            assert asked_again.usage == Usage(2, 200, 40)
            later = await memory.store(session_id, {"input": "I live in Porto, still"})
            assert later.usage == Usage()
            await memory.flush()
            assert usage_of(await memory.stats(session_id)) == Usage(3, 300, 60)
            assert usage_of(await memory.stats("nobody")) == Usage()
        async with MemLayer(with_llm(store_config, server)) as memory:
            assert usage_of(await memory.stats(session_id)) == Usage(3, 300, 60)
            await memory.forget(user_id=session_id)
            assert usage_of(await memory.stats(session_id)) == Usage()


async def test_what_was_asked_in_vain_is_summed_too(sqlite_config, session_id):
    with openai_server(says("no JSON")) as server:
        async with MemLayer(with_llm(sqlite_config, server)) as memory:
            result = await memory.store(session_id, SAID, wait=True)
            assert (result.pending, result.usage) == (True, Usage(2, 200, 40))
            assert usage_of(await memory.stats()) == Usage(2, 200, 40)


async def test_offline_nothing_is_asked(sqlite_config, session_id):
    async with MemLayer(replace(sqlite_config, extractor=LivesIn())) as memory:
        assert (await memory.store(session_id, SAID)).usage == Usage()
        assert usage_of(await memory.stats()) == Usage()


async def test_the_limits_of_the_configuration_hold(sqlite_config, session_id):
    with openai_server(GOOD, hold=True) as server:
        config = with_llm(sqlite_config, server, concurrency=2)
        async with MemLayer(config) as memory, MemLayer(replace(config, connection_url=":memory:")) as other:
            for number in range(4):
                await memory.store(f"{session_id}-{number}", SAID)
                await other.store(f"{session_id}-{number}", SAID)
            await asyncio.sleep(0.3)
            server.let_go()
            await asyncio.gather(memory.flush(), other.flush())
        assert len(server.requests) == 8
        assert server.most_under_way == 2


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"concurrency": 0}, r"llm.concurrency=0 is not valid: a whole number of at least 1"),
        ({"concurrency": True}, r"llm.concurrency=True"),
        ({"requests_per_minute": 0}, r"llm.requests_per_minute=0 is not valid: a number above 0, or None"),
        ({"requests_per_minute": "60"}, r"llm.requests_per_minute='60'"),
    ],
)
def test_limits_that_cannot_be_are_refused(settings, told):
    with pytest.raises(ConfigError, match=told):
        LLMConfig("m", **settings)


def test_limits_come_from_the_environment(sqlite_config):
    from graphmem import MemLayerConfig

    env = {"GRAPHMEM_LLM_MODEL": "m", "GRAPHMEM_LLM_CONCURRENCY": "3", "GRAPHMEM_LLM_REQUESTS_PER_MINUTE": "90"}
    llm = MemLayerConfig.from_env(env).llm
    assert (llm.concurrency, llm.requests_per_minute) == (3, 90.0)
    with pytest.raises(ConfigError, match="GRAPHMEM_LLM_CONCURRENCY='many' is not valid"):
        MemLayerConfig.from_env({**env, "GRAPHMEM_LLM_CONCURRENCY": "many"})


async def test_a_long_transcript_is_read_in_parts_and_each_fact_stands_at_its_message(sqlite_config, session_id):
    def script(request):
        turns = json.loads(request["messages"][1]["content"])["turns"]
        found = [t["turn"] for t in turns if t["text"].endswith("I live in Porto")]
        return says({"facts": [{**PORTO, "turn": number} for number in found]})

    talk = [{"role": "user", "content": f"{'word ' * 1000}{i}. ", "id": f"m{i}"} for i in range(12)]
    talk[9]["content"] += "I live in Porto"
    with openai_server(script=script) as server:
        async with MemLayer(with_llm(sqlite_config, server)) as memory:
            result = await memory.store(session_id, talk, wait=True)
            (found,) = result.facts
            assert found.message_ids == ("m9",)
            assert result.usage.requests == len(server.requests) == 4
    second = json.loads(server.requests[1]["messages"][1]["content"])
    assert second["history"], "a part is read with what came before it"


async def test_a_dead_endpoint_is_waited_for_a_few_times_only(sqlite_config, session_id):
    """Of a bulk of messages the first ones wait for the time limit; the others get their local facts at once and stay pending."""
    with openai_server(Answer(hang=True)) as server:
        llm = LLMExtractor("m", server.base_url, "k", 0.3)
        async with MemLayer(replace(sqlite_config, extractor=HybridExtractor(LivesIn(), llm))) as memory:
            for number in range(20):
                result = await memory.store(session_id, {**SAID, "id": f"m{number}"}, wait=True)
                assert result.pending
            assert len(server.requests) == FAILURES
            assert [f.text for f in await memory.facts(session_id)] == ["lives in Porto"]
            assert (await memory.stats()).pending == 20
            waiting = await memory.pending(session_id)
            assert {job.attempts for job in waiting[FAILURES:]} == {0}, "what was not asked is no attempt"
            assert all("did not answer within 0.3 seconds" in job.error for job in waiting)
        await llm.aclose()


async def test_a_flush_tries_an_endpoint_that_is_left_alone_at_once(sqlite_config, session_id):
    with openai_server(*[refuses(401)] * FAILURES, GOOD) as server:
        async with MemLayer(with_llm(sqlite_config, server)) as memory:
            for number in range(FAILURES + 3):
                await memory.store(session_id, {**SAID, "id": f"m{number}"}, wait=True)
            assert (await memory.stats()).pending == FAILURES + 3
            await memory.flush()
            assert (await memory.stats()).pending == 0


async def test_a_flush_in_vain_names_the_message_and_why(sqlite_config):
    with openai_server(refuses(401)) as server:
        async with MemLayer(with_llm(sqlite_config, server)) as memory:
            for number in range(FAILURES + 3):
                await memory.store("chat", {"input": "I live in Porto", "output": "Nice", "id": f"m{number}"})
            with pytest.raises(
                ExtractionPending, match=r"refused the API key \(401\).*\(message 'm\d' and 1 more of session 'chat'\)"
            ):
                await memory.flush()


async def test_a_flush_that_runs_out_of_time_names_what_it_waited_for(sqlite_config):
    with openai_server(Answer(hang=True)) as server:
        async with MemLayer(with_llm(sqlite_config, server, timeout=5.0)) as memory:
            await memory.store("chat", SAID)
            with pytest.raises(ExtractionPending, match=r"they are kept \(message 'm1' of session 'chat'\)"):
                await memory.flush(timeout=0.2)
            server.stop()


async def test_a_lease_is_renewed_while_the_work_goes_on(store_config, session_id, monkeypatch):
    """The work takes two leases; meanwhile no other worker can claim it. A cold server plans the renewal for a second or two."""
    lease = 1.5 if store_config.provider == "sqlite" else 6.0
    monkeypatch.setattr("graphmem.parts.LOCAL_LEASE", timedelta(seconds=lease))
    config = replace(store_config, extractor=LivesIn(delay=2 * lease), rerank=False)  # no model is opened meanwhile
    async with MemLayer(config) as memory:
        await memory.store(session_id, SAID, wait=False)
        store, outbox = await memory._open()
        for _ in range(6):
            await asyncio.sleep(lease / 4)
            claimed = await store.claim(Claim("another", outbox._clock(), user_id=session_id))
            assert claimed == []
        assert await memory.flush() >= 1
        assert [f.text for f in await memory.facts(session_id)] == ["lives in Porto"]


async def test_a_transcript_without_a_store_fails_with_the_cause_and_the_message(tmp_path, sqlite_config):
    path = tmp_path / "chat.jsonl"
    path.write_text(json.dumps({"input": "I live in Porto", "output": "Nice", "id": "a1"}))
    with openai_server(refuses(401)) as server:
        reader, _ = make_extractor(with_llm(sqlite_config, server))
        with pytest.raises(LLMError, match=r"refused the API key \(401\).*\(message 'a1' of session") as caught:
            [found async for found in read_facts(Transcript(path), reader)]
        assert type(caught.value.__cause__).__name__ == "EndpointError"
        await reader.aclose()
