"""Memories are found by meaning where an embedder is set; whatever the embedder does, nothing is lost and nothing waits for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from embedders import IdeasEmbedder
from scripted_extractor import LivesIn

from graphmem import MemLayer
from graphmem.errors import ConfigError
from graphmem.stores.embedding import EmbeddingStore, VectorSpace
from graphmem.stores.neo4j import Neo4jStore

SAID = (
    "We had supper at Luigi's",
    "The yacht was lovely",
    "I live in Porto",
    "My violin broke",
    "Blue paint everywhere",
    "The gate squeaks",
    "A letter came",
    "It was foggy",
    "Numbers, numbers",
    "Somebody whistled",
)


async def talk(memory: MemLayer, session_id: str, texts: Iterable[str] = SAID) -> None:
    for number, text in enumerate(texts):
        said = {"role": "user", "content": text, "id": f"m{number}", "at": f"2024-03-01T10:{number:02}:00Z"}
        await memory.store(session_id, [said])


async def found(memory: MemLayer, user_id: str, query: str, kind: str = "message") -> list[str]:
    hits = await memory.search(query, user_id, kind=kind)  # type: ignore[arg-type]
    return [hit.message.text if hit.message else hit.fact.text for hit in hits]  # type: ignore[union-attr]


def embedding(config, embedder, **settings):
    return replace(config, extractor=LivesIn(), summarizer="none", embedder=embedder, **settings)


async def settle(memory: MemLayer) -> None:
    """Wait until all is embedded or has been tried: what a flush does when nothing waits to be read, by others on the server either."""
    assert memory._embeddings is not None
    memory._embeddings.sweep()
    await memory._embeddings.wait(60.0)


async def left(memory: MemLayer, user_id: str, model: str, size: int = 0) -> int:
    """How many of the user's messages have no vector of a model."""
    store, _ = await memory._open()
    assert isinstance(store, EmbeddingStore)
    return len(await store.without_vector(VectorSpace(model, size), user_id=user_id, kind="message"))


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried again soon."""
    monkeypatch.setattr("graphmem.embed.keeper.FIRST_WAIT", 0.02)


@pytest.fixture(autouse=True)
def only_own(monkeypatch: pytest.MonkeyPatch, unique: str) -> None:
    """A server is shared: whoever looks through it all leaves other tests' users alone."""
    everybody = Neo4jStore.users_without_vector

    async def own(store: Neo4jStore, space: VectorSpace, **bounds: Any) -> list[str]:
        return [user for user in await everybody(store, space, **bounds) if unique in user]

    monkeypatch.setattr(Neo4jStore, "users_without_vector", own)


async def test_what_shares_no_word_is_found_by_its_meaning(store_config, session_id):
    embedder = IdeasEmbedder()
    async with MemLayer(embedding(store_config, embedder)) as memory:
        await talk(memory, session_id)
        await settle(memory)
        assert sorted(embedder.texts) == sorted([*SAID, "lives in Porto"])
        assert (await found(memory, session_id, "Which restaurant?"))[0] == SAID[0]
        assert (await found(memory, session_id, "sailing on the ocean"))[0] == SAID[1]
        context = await memory.get_context(f"other-{session_id}", user_id=session_id, query="Any concert?")
        assert [m.text for m in context.related][:1] == [SAID[3]]
    async with MemLayer(embedding(store_config, None)) as memory:
        assert await found(memory, session_id, "Which restaurant?") == []


async def test_each_text_is_embedded_once_and_a_restart_embeds_nothing(store_config, session_id):
    first, second = IdeasEmbedder(), IdeasEmbedder()
    async with MemLayer(embedding(store_config, first)) as memory:
        await talk(memory, session_id)
        await settle(memory)
        await settle(memory)
    assert len(first.texts) == len(set(first.texts)) == len(SAID) + 1
    async with MemLayer(embedding(store_config, second)) as memory:
        await talk(memory, session_id)
        await settle(memory)
        assert not set(second.texts) & set(SAID)
        assert (await found(memory, session_id, "Which restaurant?"))[0] == SAID[0]


async def test_another_model_is_noticed_and_what_it_has_done_is_not_done_again(store_config, session_id, monkeypatch):
    monkeypatch.setattr("graphmem.embed.keeper.BATCH", 3)
    monkeypatch.setattr("graphmem.embed.keeper.FIRST_WAIT", 60.0)
    async with MemLayer(embedding(store_config, IdeasEmbedder("old"))) as memory:
        await talk(memory, session_id)
        await settle(memory)
    halted = IdeasEmbedder("new", padding=12)
    halted.refuses = SAID[4]  # among the second batch, the newest come first
    async with MemLayer(embedding(store_config, halted)) as memory:
        await settle(memory)
        assert await left(memory, session_id, "new", 18) == len(SAID) - 3
        assert await found(memory, session_id, "Which restaurant?") == []
    going_on = IdeasEmbedder("new", padding=12)
    async with MemLayer(embedding(store_config, going_on)) as memory:
        await settle(memory)
        assert await left(memory, session_id, "new", 18) == 0
        assert await left(memory, session_id, "old") == len(SAID)
        assert (await found(memory, session_id, "Which restaurant?"))[0] == SAID[0]
    assert not set(going_on.texts) & set(SAID[-3:])


async def test_vectors_of_another_size_under_the_same_name_are_made_anew(sqlite_config, session_id):
    async with MemLayer(embedding(sqlite_config, IdeasEmbedder())) as memory:
        await talk(memory, session_id)
        await settle(memory)
    async with MemLayer(embedding(sqlite_config, IdeasEmbedder(padding=20))) as memory:
        await settle(memory)
        await found(memory, session_id, "Which restaurant?")  # tells the size
        await settle(memory)
        assert await left(memory, session_id, "ideas", 26) == 0
        assert (await found(memory, session_id, "Which restaurant?"))[0] == SAID[0]


async def test_a_dead_embedder_delays_nothing_and_loses_nothing(store_config, session_id, caplog):
    embedder = IdeasEmbedder()
    embedder.failure = ConnectionError("nobody there, cannot read " + SAID[0])
    async with MemLayer(embedding(store_config, embedder)) as memory:
        await talk(memory, session_id)
        await settle(memory)
        assert (await found(memory, session_id, "the yacht"))[0] == SAID[1]
        assert len(await memory.messages(session_id)) == len(SAID)
        warnings = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
        assert any("not embedded yet" in text and "ConnectionError" in text for text in warnings)
        assert any("answered by their words alone" in text for text in warnings)
        assert "Luigi" not in caplog.text
        embedder.failure = None
        await settle(memory)
        assert await left(memory, session_id, "ideas") == 0


async def test_one_slow_question_is_answered_by_its_words_and_others_do_not_wait(sqlite_config, session_id, caplog):
    class Slow(IdeasEmbedder):
        async def __call__(self, texts: list[str]) -> list[list[float]]:
            if texts[0].endswith("?"):
                self.calls.append(texts)
                await asyncio.sleep(3600)
            return await super().__call__(texts)

    embedder = Slow()
    async with MemLayer(embedding(sqlite_config, embedder, embedder_timeout=0.05)) as memory:
        await talk(memory, session_id)
        await settle(memory)
        for _ in range(3):
            assert (await found(memory, session_id, "Where is the yacht?"))[0] == SAID[1]
    assert embedder.texts.count("Where is the yacht?") == 1
    assert "did not answer within 0.05 seconds" in caplog.text
    assert "yacht" not in caplog.text


async def test_one_text_that_is_refused_holds_up_no_other(sqlite_config, session_id, caplog):
    embedder = IdeasEmbedder()
    embedder.refuses = "violin"
    async with MemLayer(embedding(sqlite_config, embedder)) as memory:
        await memory.store(session_id, [{"role": "user", "content": text} for text in SAID])
        while await left(memory, session_id, "ideas") > 1:
            await settle(memory)
        assert (await found(memory, session_id, "violin"))[0] == SAID[3]
        assert "is found by its words only" in caplog.text
        assert "violin" not in caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        lambda texts: [[1.0, 2.0]] * (len(texts) - 1),
        lambda texts: [[float("nan"), 1.0]] * len(texts),
        lambda texts: [[float("inf"), 1.0]] * len(texts),
        lambda texts: [[0.0, 0.0]] * len(texts),
        lambda texts: [[1.0] * (1 + number) for number in range(len(texts))],
        lambda texts: [[]] * len(texts),
        lambda texts: "vectors",
        lambda texts: [["a", "b"]] * len(texts),
        lambda texts: [[None, 1.0]] * len(texts),
        lambda texts: 7,
        lambda texts: None,
        lambda texts: [[1.0] * 100_000] * len(texts),
    ],
    ids="fewer nan endless zeros sizes empty text letters none number nothing long".split(),
)
async def test_an_answer_of_no_use_is_no_vector(sqlite_config, session_id, answer, caplog):
    async def embedder(texts: list[str]):
        return answer(texts)

    async with MemLayer(embedding(sqlite_config, embedder)) as memory:
        await memory.store(session_id, [{"role": "user", "content": text} for text in SAID])
        await settle(memory)
        assert (await found(memory, session_id, "the yacht"))[0] == SAID[1]
        store, _ = await memory._open()
        assert await store.users_without_vector(VectorSpace(f"{__name__}.{embedder.__qualname__}")) == [session_id]
    assert "embedder" in caplog.text
    assert not any(text in caplog.text for text in SAID)


async def test_two_processes_may_embed_at_the_same_time(store_config, session_id):
    """Each as a memory of its own on the same store."""
    one, two = IdeasEmbedder(), IdeasEmbedder()
    async with MemLayer(embedding(store_config, None)) as memory:
        await memory.store(session_id, [{"role": "user", "content": f"Note {i}"} for i in range(150)])
    async with MemLayer(embedding(store_config, one)) as a, MemLayer(embedding(store_config, two)) as b:
        await asyncio.gather(settle(a), settle(b), talk(a, f"{session_id}-a"), talk(b, f"{session_id}-b"))
        await asyncio.gather(settle(a), settle(b))
        for user in (session_id, f"{session_id}-a", f"{session_id}-b"):
            assert await left(a, user, "ideas") == 0
            assert await a.check(user) == []


async def test_nothing_that_leaves_the_store_holds_a_vector(store_config, session_id):
    async with MemLayer(embedding(store_config, IdeasEmbedder())) as memory:
        await talk(memory, session_id)
        await settle(memory)
        records = [record async for record in memory.export(session_id)]
        assert not any("vector" in json.dumps(record) for record in records)
        rows = await memory.cypher("MATCH (n) RETURN n", user_id=session_id)
        assert rows
        assert not any("vector" in str(row) for row in rows)
        if store_config.provider == "neo4j":
            nodes = await memory.cypher(
                "MATCH (u:User {user_id: $user}) MATCH (e:Embedding {owner: u.key}) RETURN e",
                scope="all",
                parameters={"user": session_id},
            )
            assert {frozenset(row["e"]) for row in nodes} == {
                frozenset({"key", "owner", "kind", "at", "model", "size"})
            }


async def test_a_flush_waits_until_all_is_embedded(sqlite_config, session_id):
    async with MemLayer(embedding(sqlite_config, IdeasEmbedder())) as memory:
        await talk(memory, session_id)
        await memory.flush()
        assert await left(memory, session_id, "ideas") == 0


async def test_what_a_forgotten_message_had_ended_is_embedded_again(sqlite_config, session_id):
    """Its fact has another text then."""
    embedder = IdeasEmbedder()
    async with MemLayer(embedding(sqlite_config, embedder)) as memory:
        for told in (["I live in Leeds"], ["I live in Leeds", "I live in Porto"]):
            await talk(memory, session_id, told)
            await settle(memory)
        await memory.forget(session_id=session_id, message_id="m1")
        await settle(memory)
    assert [text for text in embedder.texts if "Leeds" in text and not text.startswith("I ")] == [
        "lives in Leeds",
        "lived in Leeds",
        "lives in Leeds",
    ]


async def test_blank_and_endless_messages_are_embedded(sqlite_config, session_id):
    embedder = IdeasEmbedder()
    async with MemLayer(embedding(sqlite_config, embedder)) as memory:
        await talk(memory, session_id, ["", " \n", "x" * 100_000])
        await settle(memory)
        assert await left(memory, session_id, "ideas") == 0
    assert sorted(len(text) for text in embedder.texts) == [1, 1, 4000]


async def test_a_question_of_stop_words_alone_is_compared(sqlite_config, session_id):
    class Fixed(IdeasEmbedder):
        def vector(self, text: str) -> list[float]:
            return super().vector("supper" if text == "What was it?" else text)

    async with MemLayer(embedding(sqlite_config, Fixed())) as memory:
        await talk(memory, session_id)
        await settle(memory)
        assert (await found(memory, session_id, "What was it?"))[0] == SAID[0]


async def test_facts_are_found_by_meaning_too(sqlite_config, session_id):
    class Towns(IdeasEmbedder):
        def vector(self, text: str) -> list[float]:
            return super().vector("sea ocean" if "Porto" in text or "coast" in text else text)

    async with MemLayer(embedding(sqlite_config, Towns())) as memory:
        await talk(memory, session_id)
        await settle(memory)
        assert await found(memory, session_id, "Anything on the coast?", kind="fact") == ["lives in Porto"]
        assert await found(memory, session_id, "Numbers and letters?", kind="fact") == []


def test_settings_that_cannot_be_are_refused(sqlite_config):
    for wrong in ("word2vec", "local:", "local:x", "sentence-transformers", "sentence-transformers: ", "openai:", 7):
        with pytest.raises(
            ConfigError, match=r"embedder=.*one of local, openai, openai:MODEL, sentence-transformers:MODEL"
        ):
            replace(sqlite_config, embedder=wrong)
    for wrong in (0, -1.0, float("nan"), "1"):
        with pytest.raises(ConfigError, match="embedder_timeout="):
            replace(sqlite_config, embedder_timeout=wrong)


async def test_a_missing_package_or_key_is_told_before_anything_is_stored(sqlite_config, monkeypatch):
    with pytest.raises(ConfigError, match=r"pip install 'graphmem\[sentence-transformers\]'"):
        await MemLayer(replace(sqlite_config, embedder="sentence-transformers:all-MiniLM-L6-v2")).stats()
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_BASE_URL")
    with pytest.raises(ConfigError, match="set OPENAI_API_KEY"):
        await MemLayer(replace(sqlite_config, embedder="openai")).stats()
    monkeypatch.setenv("OPENAI_BASE_URL", "localhost:8000")
    with pytest.raises(ConfigError, match="such as http://localhost:8000/v1"):
        await MemLayer(replace(sqlite_config, embedder="openai")).stats()
