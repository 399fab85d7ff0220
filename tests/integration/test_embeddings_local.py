"""The small model of the package: memories are found by meaning without a network, a key or a download."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from graphmem import MemLayer, MemLayerConfig
from graphmem.embed import EmbeddingError, make_embedder
from graphmem.embed.shipped import NAME, ShippedEmbedder

SAID = (
    "We had supper at Luigi's last night.",
    "The gate squeaks when it rains.",
    "My violin needs new strings.",
    "A letter came from the tax office.",
    "It was foggy on the motorway.",
    "Somebody whistled in the stairwell.",
    "The printer is out of toner.",
    "I repainted the fence blue.",
)


def embed(*texts: str, embedder: ShippedEmbedder | None = None) -> np.ndarray:
    return np.array(asyncio.run((embedder or ShippedEmbedder())(list(texts))))


async def test_what_shares_no_word_is_found_by_its_meaning(
    store_config: MemLayerConfig, user_id: str, session_id: str
) -> None:
    config = replace(store_config, extractor="local", embedder="local")
    async with MemLayer(config) as memory:
        for number, text in enumerate(SAID):
            said = {"role": "user", "content": text, "id": f"m{number}", "at": f"2024-03-01T10:{number:02}:00Z"}
            await memory.store(session_id, [said], user_id)
        await memory.flush()
        for question, answer in (
            ("Which restaurant did I eat in?", SAID[0]),
            ("Which musical instruments do I own?", SAID[2]),
            ("What mail did I get?", SAID[3]),
        ):
            hits = await memory.search(question, user_id=user_id, kind="message")
            assert hits[0].message is not None
            assert hits[0].message.text == answer
        await memory.forget(user_id=user_id)


def test_a_text_has_the_same_vector_in_any_company() -> None:
    together, alone = embed(*SAID), np.concatenate([embed(text) for text in SAID])
    assert np.array_equal(together, alone)
    assert together.shape == (len(SAID), 384)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-3)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which animals live with Ben?", "My two cats sleep on the radiator"),
        ("Which musical instruments do I own?", SAID[2]),
        ("What mail did I get?", SAID[3]),
        ("Which restaurant did I eat in?", SAID[0]),
    ],
)
def test_a_question_is_nearest_to_what_answers_it(question: str, answer: str) -> None:
    asked, right, *others = embed(question, answer, *(text for text in SAID if text != answer))
    assert max(np.array(others) @ asked) < right @ asked - 0.05


@pytest.mark.parametrize(
    "text", ["", "\ud800", "\x00", "🦊" * 50, "word " * 5_000, "x" * 4_000, "\u202e\u0000[SEP] [CLS]"]
)
def test_any_text_has_one(text: str) -> None:
    assert np.isfinite(embed(text)).all()


def test_the_model_has_a_name_and_stays_small() -> None:
    model = make_embedder(MemLayerConfig(embedder="local"))
    assert model is not None
    assert model.name == NAME
    assert ShippedEmbedder()._path.stat().st_size < 25_000_000


async def test_a_damaged_model_is_told_and_words_answer(
    sqlite_config: MemLayerConfig, session_id: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "embedding.onnx").write_bytes(b"not a network")
    damaged = ShippedEmbedder(tmp_path / "embedding.onnx")
    with pytest.raises(EmbeddingError, match="reinstall graphmem"):
        await damaged(["a text"])
    with caplog.at_level(logging.WARNING):
        async with MemLayer(replace(sqlite_config, extractor="local", embedder=damaged)) as memory:
            await memory.store(session_id, {"input": "My violin needs new strings.", "output": "I see."})
            hits = await memory.search("violin", session_id, kind="message")
    assert hits[0].message is not None
    assert hits[0].message.text == "My violin needs new strings."
    assert any("cannot be opened" in record.getMessage() for record in caplog.records)
    assert not any("violin" in record.getMessage() for record in caplog.records)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="which files are open is read from /proc")
def test_nobody_is_told_what_runs_here(tmp_path: Path) -> None:
    """ONNX Runtime notes what runs where in a database under the home folder and sends it away, unless it is told not to."""
    program = """
import asyncio, os, sys
from graphmem import MemLayer, MemLayerConfig

async def main():
    async with MemLayer(MemLayerConfig(connection_url=":memory:", embedder=sys.argv[1] or None)) as memory:
        await memory.store("s", {"input": "I live in Porto with two cats.", "output": "How nice."})
        await memory.flush()
        assert await memory.search("Which pets live with me?", "s")

asyncio.run(main())
print([f for f in os.listdir("/proc/self/fd") if "onnx" in os.path.realpath(f"/proc/self/fd/{f}")])
"""
    home = tmp_path / "home"
    home.mkdir()
    quiet = ("CI", "GITHUB_ACTIONS", "TF_BUILD", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "XDG_CACHE_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in quiet} | {"HOME": str(home)}
    for embedder in ("", "local"):
        command = [sys.executable, "-c", program, embedder]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert done.stdout == "[]\n", done.stderr
    assert list(home.rglob("*")) == []
