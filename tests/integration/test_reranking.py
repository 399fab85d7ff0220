"""What a question's words find is ranked by its meaning too, with the model of the package, unless it is switched off."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from embedders import IdeasEmbedder

from graphmem import MemLayer, MemLayerConfig
from graphmem.embed import EmbeddingModel, Reranker
from graphmem.embed.shipped import ShippedEmbedder
from graphmem.embed.short import ShortEmbedder
from graphmem.errors import ConfigError, StoreError
from graphmem.stores.base import Recall
from graphmem.stores.sqlite import SqliteStore
from graphmem.text import probe

PETS, STATION = "These days I live with my two cats and a parrot", "I live next to a noisy station"
SAID = (
    STATION,
    "I live on coffee and biscuits",
    PETS,
    "I live for the summer",
    "I live far from the sea",
    "I live and learn",
)
QUESTION = "Do any pets live with me?"


async def talk(memory: MemLayer, session_id: str, user_id: str, texts: Iterable[str] = SAID) -> None:
    for number, text in enumerate(texts):
        said = {"role": "user", "content": text, "id": f"m{number}", "at": f"2024-03-01T10:{number:02}:00Z"}
        await memory.store(session_id, [said], user_id)


async def found(memory: MemLayer, user_id: str, query: str = QUESTION) -> list[str]:
    return [hit.message.text for hit in await memory.search(query, user_id) if hit.message is not None]


async def vectors(memory: MemLayer, user_id: str, query: str = QUESTION) -> int:
    """How many of the messages that a question's words find have a short vector."""
    store, _ = await memory._open()
    return len((await store.recall(Recall(user_id, None, probe(query)))).short_vectors)


def plain(config: MemLayerConfig, **settings: object) -> MemLayerConfig:
    return replace(config, extractor="none", summarizer="none", **settings)  # type: ignore[arg-type]


async def settled(memory: MemLayer) -> None:
    assert memory._reranker is not None
    await memory._reranker.wait(60.0)


async def test_of_what_words_find_equally_the_meaning_decides(
    store_config: MemLayerConfig, session_id: str, user_id: str
) -> None:
    async with MemLayer(plain(store_config)) as memory:
        await talk(memory, session_id, user_id)
        assert (await found(memory, user_id))[0] == PETS
        context = await memory.get_context(f"other-{session_id}", user_id, QUESTION)
        assert context.related[0].text == PETS
        assert await vectors(memory, user_id) == len(SAID)
    async with MemLayer(plain(store_config, rerank=False)) as memory:
        assert (await found(memory, user_id))[0] == STATION


async def test_without_a_query_the_last_message_is_the_question(
    store_config: MemLayerConfig, session_id: str, user_id: str
) -> None:
    async with MemLayer(plain(store_config, buffer_size=1)) as memory:
        await talk(memory, f"other-{session_id}", user_id)
        await talk(memory, session_id, user_id, [QUESTION])
        await settled(memory)
        context = await memory.get_context(session_id, user_id)
        assert [m.text for m in context.messages] == [QUESTION]
        assert context.related[0].text == PETS


async def test_what_was_stored_without_gets_its_vector_when_it_is_found(
    store_config: MemLayerConfig, session_id: str, user_id: str
) -> None:
    async with MemLayer(plain(store_config, rerank=False)) as memory:
        await talk(memory, session_id, user_id)
        assert await vectors(memory, user_id) == 0
    async with MemLayer(plain(store_config)) as memory:
        assert (await found(memory, user_id))[0] == STATION
        await settled(memory)
        assert (await found(memory, user_id))[0] == PETS


async def test_closing_finishes_what_was_just_found(
    sqlite_config: MemLayerConfig, session_id: str, user_id: str
) -> None:
    async with MemLayer(plain(sqlite_config, rerank=False)) as memory:
        await talk(memory, session_id, user_id)
    async with MemLayer(plain(sqlite_config)) as memory:
        await found(memory, user_id)
    async with MemLayer(plain(sqlite_config, rerank=False)) as memory:
        assert await vectors(memory, user_id) == len(SAID)


async def test_what_is_imported_has_vectors(
    sqlite_config: MemLayerConfig, session_id: str, user_id: str, tmp_path: Path
) -> None:
    async with MemLayer(plain(sqlite_config)) as memory:
        await talk(memory, session_id, user_id)
        records = [record async for record in memory.export(user_id)]
    async with MemLayer(plain(sqlite_config, connection_url=str(tmp_path / "other.db"))) as memory:
        await memory.load(records)
        assert (await found(memory, user_id))[0] == PETS


async def test_replies_are_ranked_by_their_words(sqlite_config: MemLayerConfig, session_id: str, user_id: str) -> None:
    async with MemLayer(plain(sqlite_config)) as memory:
        said = [{"role": "user", "content": PETS}, {"role": "assistant", "content": "Do they live with you?"}]
        await memory.store(session_id, said, user_id)
        await found(memory, user_id)
        await settled(memory)
        assert await vectors(memory, user_id) == 1


async def test_vectors_of_another_version_are_replaced_when_they_are_found(
    store_config: MemLayerConfig, session_id: str, user_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr("graphmem.embed.short._PREFIX", "0:")
        async with MemLayer(plain(store_config)) as memory:
            await talk(memory, session_id, user_id)
            await settled(memory)
            assert (await found(memory, user_id))[0] == PETS
    async with MemLayer(plain(store_config)) as memory:
        assert (await found(memory, user_id))[0] == STATION
        await settled(memory)
        assert (await found(memory, user_id))[0] == PETS


async def test_an_embedder_does_it_alone(sqlite_config: MemLayerConfig, session_id: str, user_id: str) -> None:
    async with MemLayer(plain(sqlite_config, embedder=IdeasEmbedder())) as memory:
        await talk(memory, session_id, user_id)
        assert memory._reranker is None
        assert await vectors(memory, user_id) == 0


@pytest.mark.parametrize("broken", ["network", "projection"])
async def test_with_a_damaged_model_words_answer(
    sqlite_config: MemLayerConfig,
    session_id: str,
    user_id: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    broken: str,
) -> None:
    file = tmp_path / "damaged"
    file.write_bytes(b"not what it should be")
    whole = ShippedEmbedder(file) if broken == "network" else None
    if broken == "projection":
        from graphmem.embed import short

        short._projection.cache_clear()
        monkeypatch.setattr(short, "PROJECTION", file)
    with caplog.at_level(logging.WARNING):
        async with MemLayer(plain(sqlite_config)) as memory:
            store, _ = await memory._open()
            assert isinstance(store, SqliteStore)
            memory._reranker = Reranker(store, EmbeddingModel(ShortEmbedder(whole), "damaged", question_seconds=5))
            await talk(memory, session_id, user_id)
            await settled(memory)
            assert (await found(memory, user_id))[0] == STATION
            assert await vectors(memory, user_id) == 0
    assert any("reinstall graphmem" in record.getMessage() for record in caplog.records)
    assert not any("parrot" in record.getMessage() for record in caplog.records)


async def test_a_store_that_refuses_delays_nothing_and_is_asked_again_later(
    sqlite_config: MemLayerConfig, session_id: str, user_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, refusals = SqliteStore.keep_short_vectors, []

    async def refuse(store: SqliteStore, given: object) -> int:
        refusals.append(given)
        raise StoreError("the disk is full")

    async with MemLayer(plain(sqlite_config, rerank=False)) as memory:
        await talk(memory, session_id, user_id)
    async with MemLayer(plain(sqlite_config)) as memory:
        monkeypatch.setattr(SqliteStore, "keep_short_vectors", refuse)
        for _ in range(2):
            assert (await found(memory, user_id))[0] == STATION
            await settled(memory)
            assert len(refusals) == 1  # then it rests
        monkeypatch.setattr(SqliteStore, "keep_short_vectors", keep)
        assert memory._reranker is not None
        memory._reranker._not_until = 0.0
        await found(memory, user_id)
        await settled(memory)
        assert (await found(memory, user_id))[0] == PETS


async def test_a_question_that_cannot_be_embedded_is_answered_by_its_words(
    sqlite_config: MemLayerConfig, session_id: str, user_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not by what was said last."""
    async with MemLayer(plain(sqlite_config, buffer_size=1)) as memory:
        await talk(memory, f"other-{session_id}", user_id)
        await talk(memory, session_id, user_id, ["What do I drink?"])

        async def none(reranker: Reranker, question: str | None) -> None:
            return None

        monkeypatch.setattr(Reranker, "vector_of", none)
        assert (await found(memory, user_id))[0] == STATION
        context = await memory.get_context(session_id, user_id, QUESTION)
        assert context.related[0].text == STATION


def test_the_setting_is_checked_and_read_from_the_environment() -> None:
    assert MemLayerConfig().rerank
    assert not MemLayerConfig.from_env({"GRAPHMEM_RERANK": "no"}).rerank
    for wrong in (lambda: MemLayerConfig(rerank="yes"), lambda: MemLayerConfig.from_env({"GRAPHMEM_RERANK": "maybe"})):  # type: ignore[arg-type]
        with pytest.raises(ConfigError):
            wrong()
