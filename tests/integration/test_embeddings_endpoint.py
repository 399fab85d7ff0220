"""The real `openai` client against a server on loopback: what is asked for, and every way in which an endpoint may fail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from embedders import IdeasEmbedder
from openai_server import Answer, openai_server, refuses

from graphmem import LLMConfig, MemLayer
from graphmem.stores.embedding import EmbeddingStore, VectorSpace

SAID = ("We had supper at Luigi's", "The yacht was lovely", "My violin broke", "Blue paint", "The gate squeaks")
IDEAS = IdeasEmbedder()


def embeddings(body: dict[str, Any], **changes: Any) -> Answer:
    """The vectors of a request's texts as OpenAI gives them, the last first: each names its place."""
    data = [
        {"object": "embedding", "index": place, "embedding": IDEAS.vector(text)}
        for place, text in enumerate(body["input"])
    ]
    usage = {"prompt_tokens": 9, "total_tokens": 9}
    return Answer(body={"object": "list", "model": body["model"], "data": data[::-1], "usage": usage, **changes})


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried again soon; a call for many texts has a second."""
    monkeypatch.setattr("graphmem.embed.keeper.FIRST_WAIT", 0.02)
    monkeypatch.setattr("graphmem.embed.model.BATCH_SECONDS", 1.0)


def config(sqlite_config, server, **settings: Any):
    llm = LLMConfig("chat", server.base_url, "sk-private")
    return replace(
        sqlite_config,
        **{
            "extractor": "none",
            "summarizer": "none",
            "embedder": "openai",
            "embedder_timeout": 10.0,
            "llm": llm,
            **settings,
        },
    )


async def talk(memory: MemLayer) -> None:
    await memory.store("s", [{"role": "user", "content": text} for text in SAID])


async def best(memory: MemLayer, query: str) -> str | None:
    hits = await memory.search(query, "s")
    return hits[0].message.text if hits and hits[0].message else None


async def bare(memory: MemLayer, model: str = "openai:text-embedding-3-small") -> int:
    store, _ = await memory._open()
    assert isinstance(store, EmbeddingStore)
    return len(await store.without_vector(VectorSpace(model), user_id="s", kind="message"))


async def test_texts_are_sent_in_batches_and_each_vector_goes_to_its_own_text(sqlite_config):
    with openai_server(script=embeddings) as server:
        async with MemLayer(config(sqlite_config, server)) as memory:
            await talk(memory)
            await memory.flush()
            assert await best(memory, "Which restaurant?") == SAID[0]
            assert await best(memory, "the ocean") == SAID[1]
    assert server.paths == ["/v1/embeddings"] * 3
    assert server.keys == ["Bearer sk-private"] * 3
    assert [sorted(r["input"]) for r in server.requests] == [sorted(SAID), ["Which restaurant?"], ["the ocean"]]
    assert {r["model"] for r in server.requests} == {"text-embedding-3-small"}


async def test_the_model_may_be_named_and_the_environment_gives_the_rest(sqlite_config, monkeypatch):
    with openai_server(script=embeddings) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-environment")
        async with MemLayer(config(sqlite_config, server, llm=None, embedder="openai:nomic-embed-text")) as memory:
            await talk(memory)
            await memory.flush()
            assert await bare(memory, "openai:nomic-embed-text") == 0
            assert await bare(memory) == len(SAID)
    assert {r["model"] for r in server.requests} == {"nomic-embed-text"}
    assert set(server.keys) == {"Bearer sk-environment"}


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (refuses(401), "refused the API key (401)"),
        (refuses(404), "knows no model 'text-embedding-3-small'"),
        (refuses(429), "takes no more requests for now (429)"),
        (refuses(429, "insufficient_quota"), "is out of credit"),
        (refuses(503), "answered 503"),
        (Answer(hang_up=True), "cannot be reached"),
        (Answer(body="<html>hello</html>"), "gave no embeddings"),
        (Answer(body={"data": 7}), "gave no embeddings"),
        (Answer(body={"data": [{"index": 0, "embedding": None}]}), "openai:text-embedding-3-small"),
        (Answer(hang=True), "did not answer within"),
    ],
    ids="key model busy credit down hang-up html shape none hang".split(),
)
async def test_a_failure_is_told_without_a_word_of_a_text_and_made_good_later(sqlite_config, failure, says, caplog):
    broken = True
    with openai_server(script=lambda body: failure if broken else embeddings(body)) as server:
        async with MemLayer(config(sqlite_config, server, embedder_timeout=0.3)) as memory:
            await talk(memory)
            assert await best(memory, "the yacht") == SAID[1]
            await memory.flush()
            assert await bare(memory) == len(SAID)
            assert says in caplog.text
            assert not any(secret in caplog.text for secret in ("Luigi", "yacht", "sk-private", "secret words"))
            broken = False
            while await bare(memory):
                await memory.flush()


@pytest.mark.parametrize("data", [[], "fewer", "places"])
async def test_fewer_vectors_than_texts_or_wrong_places_are_no_vectors(sqlite_config, data, caplog):
    def script(body):
        whole = embeddings(body)
        vectors = whole.body["data"]
        if data == "fewer":
            vectors = vectors[1:]
        elif data == "places":
            vectors = [{**one, "index": 0} for one in vectors]
        else:
            vectors = []
        return embeddings(body, data=vectors) if len(body["input"]) > 1 else whole

    with openai_server(script=script) as server:
        async with MemLayer(config(sqlite_config, server)) as memory:
            await talk(memory)
            await memory.flush()
            assert "WARNING" in {r.levelname for r in caplog.records}
            while await bare(memory):  # one by one it works
                await memory.flush()
            assert await best(memory, "Which restaurant?") == SAID[0]


async def test_a_text_that_the_endpoint_refuses_holds_up_no_other(sqlite_config, caplog):
    """At once, for a refusal is final."""

    def script(body):
        return refuses(400, "content_filter") if any("violin" in t for t in body["input"]) else embeddings(body)

    with openai_server(script=script) as server:
        async with MemLayer(config(sqlite_config, server)) as memory:
            await talk(memory)
            await memory.flush()
            assert await bare(memory) == 1
            count = len(server.requests)
            await memory.flush()
            assert len(server.requests) == count
            assert await best(memory, "violin") == SAID[2]
    assert "refused the request with 400 (content_filter)" in caplog.text


async def test_an_answer_of_another_size_than_before_is_not_mixed_in(sqlite_config, caplog):
    def script(body):
        whole = embeddings(body)
        if len(server.requests) > 1:
            for one in whole.body["data"]:
                one["embedding"] = one["embedding"][:5]
        return whole

    with openai_server(script=script) as server:
        async with MemLayer(config(sqlite_config, server)) as memory:
            await talk(memory)
            await memory.flush()
            assert await best(memory, "the yacht") == SAID[1]
    assert "gave vectors of 5 numbers, and of 14 before" in caplog.text
