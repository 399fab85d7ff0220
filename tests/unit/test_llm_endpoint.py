"""What all extractors of a process share about one endpoint: limits, and leaving alone one that is down."""

from __future__ import annotations

import asyncio
import threading

import pytest
from openai_server import openai_server, refuses, says

from extraction import ExtractionError, HybridExtractor, LLMExtractor, NotAsked, RuleExtractor, Turn
from extraction.llm import endpoint as module
from extraction.llm.endpoint import FAILURES, Endpoint, endpoint_of

TURNS = [Turn("user", "I live in Porto")]
NOTHING = says({"facts": []})


def extractor(server, **settings):
    return LLMExtractor("m", server.base_url, "k", settings.pop("timeout", 0.2), backoff=0.5, **settings)


async def failures(reader, times):
    found = []
    for _ in range(times):
        with pytest.raises(ExtractionError) as caught:
            await reader.extract(TURNS)
        found.append(caught.value)
    return found


async def test_an_endpoint_that_fails_again_and_again_is_left_alone():
    with openai_server(refuses(503)) as server:
        reader = extractor(server)
        *tried, refused = await failures(reader, FAILURES + 1)
        assert not any(isinstance(error, NotAsked) for error in tried)
        assert isinstance(refused, NotAsked)
        assert 0 < refused.wait <= module.FIRST_REST
        assert "answered 503; it is left alone for 5 more seconds" in str(refused)
        asked = len(server.requests)
        await failures(reader, 5)
        assert len(server.requests) == asked
        await reader.aclose()


async def test_after_its_rest_one_call_is_the_trial_and_the_others_wait_for_it(monkeypatch):
    monkeypatch.setattr(module, "FIRST_REST", 0.05)
    with openai_server(*[refuses(503)] * FAILURES, NOTHING) as server:
        reader = extractor(server)
        await failures(reader, FAILURES)
        await asyncio.sleep(0.1)
        results = await asyncio.gather(*(reader.extract(TURNS) for _ in range(4)))
        assert len(results) == 4
        assert server.most_under_way <= 3
        await reader.aclose()


async def test_a_trial_that_fails_begins_a_longer_rest(monkeypatch):
    monkeypatch.setattr(module, "FIRST_REST", 20.0)
    with openai_server(refuses(503)) as server:
        reader = extractor(server)
        await failures(reader, FAILURES)
        reader.try_now()
        asked = len(server.requests)
        outcomes = await asyncio.gather(*(reader.extract(TURNS) for _ in range(5)), return_exceptions=True)
        refused = [error for error in outcomes if isinstance(error, NotAsked)]
        assert len(refused) == 4
        assert max(error.wait for error in refused) > 20.0
        assert len(server.requests) > asked
        await reader.aclose()


async def test_whoever_waits_can_have_it_tried_at_once():
    with openai_server(*[refuses(503)] * FAILURES, NOTHING) as server:
        reader = HybridExtractor(RuleExtractor(), extractor(server))
        for _ in range(FAILURES):
            await reader.extract(TURNS)
        assert "llm_failed" in (await reader.extract(TURNS)).dropped
        reader.try_now()
        assert "llm_failed" not in (await reader.extract(TURNS)).dropped
        await reader.aclose()


@pytest.mark.parametrize("answer", [refuses(400, "context_length_exceeded"), says("no JSON")])
async def test_what_is_wrong_with_one_request_says_nothing_of_the_endpoint(answer):
    with openai_server(answer) as server:
        reader = extractor(server, timeout=2.0)
        errors = await failures(reader, FAILURES + 2)
        assert not any(isinstance(error, NotAsked) for error in errors)
        await reader.aclose()


async def test_a_trial_that_is_cancelled_leaves_the_next_to_another():
    endpoint = Endpoint("http://nowhere")
    for _ in range(FAILURES):
        endpoint.failed("down")
    endpoint.try_now()
    assert await endpoint.permission()
    endpoint.undecided()
    assert await endpoint.permission()
    endpoint.succeeded()
    assert not await endpoint.permission()


async def test_two_extractors_of_one_endpoint_count_together():
    with openai_server(NOTHING, hold=True) as server:
        readers = [extractor(server, timeout=10.0, concurrency=2) for _ in range(2)]
        calls = [asyncio.create_task(reader.extract(TURNS)) for reader in readers for _ in range(3)]
        while server.under_way < 2:  # noqa: ASYNC110 - a thread of the server counts
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert server.under_way == 2
        server.let_go()
        await asyncio.gather(*calls)
        assert server.most_under_way == 2
        for reader in readers:
            await reader.aclose()


async def test_two_extractors_of_one_endpoint_keep_one_pace():
    with openai_server(NOTHING) as server:
        readers = [extractor(server, timeout=10.0, requests_per_minute=600) for _ in range(2)]
        loop = asyncio.get_running_loop()
        start = loop.time()
        await asyncio.gather(*(reader.extract(TURNS) for reader in readers for _ in range(2)))
        assert loop.time() - start >= 0.3
        for reader in readers:
            await reader.aclose()


def test_event_loops_of_several_threads_share_the_slots():
    with openai_server(NOTHING) as server:

        async def work():
            reader = extractor(server, timeout=10.0, concurrency=1)
            await asyncio.gather(*(reader.extract(TURNS) for _ in range(5)))
            await reader.aclose()

        keep = endpoint_of(server.base_url + "/")
        threads = [threading.Thread(target=lambda: asyncio.run(work())) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in threads)
        assert len(server.requests) == 15
        assert server.most_under_way == 1
        assert keep is endpoint_of(server.base_url + "/")


async def test_who_gives_up_waiting_takes_nobodys_turn():
    endpoint = Endpoint("http://nowhere")
    async with endpoint.slot(1):
        waiting = [asyncio.create_task(_enter(endpoint)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
    assert await asyncio.wait_for(asyncio.gather(*waiting[1:]), 5) == [None, None]


async def _enter(endpoint):
    async with endpoint.slot(1):
        await asyncio.sleep(0)
