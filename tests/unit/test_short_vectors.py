"""Short vectors: what is kept of a vector, and how near messages are by it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from embedders import cosine
from hypothesis import given
from hypothesis import strategies as st

from graphmem.embed.shipped import ShippedEmbedder
from graphmem.embed.short import PROJECTION, SIZE, ShortEmbedder, is_known, kept, nearness
from scripts.shorten_embeddings import principal_components

TEXT = SIZE * 4 // 3
directions = st.lists(st.integers(-1000, 1000), min_size=SIZE, max_size=SIZE).filter(any)


def packed(numbers: Sequence[float]) -> bytes:
    return np.asarray(numbers, dtype="<f4").tobytes()


def random_vector(seed: int) -> list[float]:
    return np.random.default_rng(seed).normal(size=SIZE).tolist()


@given(directions, directions)
def test_nearness_is_the_cosine_of_what_was_kept(message: list[int], question: list[int]) -> None:
    text = kept(packed(message))
    assert is_known(text)
    assert text.isascii()
    unit = np.array(question) / np.linalg.norm(question)
    found = nearness({("s", 1): text}, packed(unit.tolist()))
    assert found is not None
    assert found.messages["s", 1] == pytest.approx(cosine(message, question), abs=0.03)


def test_the_nearest_of_many_is_the_same_before_and_after() -> None:
    vectors = [random_vector(seed) for seed in range(200)]
    question = random_vector(0 + 1000)
    found = nearness({("s", i): kept(packed(v)) for i, v in enumerate(vectors)}, packed(question))
    assert found is not None
    best = max(found.messages, key=lambda place: found.messages[place])
    assert best == ("s", max(range(200), key=lambda i: cosine(vectors[i], question)))


def test_the_order_in_which_a_store_brings_messages_never_matters() -> None:
    vectors = {(f"s{i % 7}", i): kept(packed(random_vector(i))) for i in range(60)}
    shuffled = dict(sorted(vectors.items(), key=lambda item: item[1]))
    question = packed(random_vector(1000))
    assert list(shuffled) != list(vectors)
    assert nearness(shuffled, question) == nearness(vectors, question)


def test_next_to_a_few_messages_counts_what_is_usual() -> None:
    question = packed((np.array(random_vector(1)) / np.linalg.norm(random_vector(1))).tolist())
    (one, many) = (
        nearness({("s", i): kept(packed(random_vector(1 + i))) for i in range(count)}, question) for count in (1, 400)
    )
    assert one is not None
    assert many is not None
    assert one.mean == pytest.approx((1 + 20 * 0.1) / 21, abs=0.01)
    assert one.spread > 0.15
    assert many.mean == pytest.approx(np.mean(list(many.messages.values())), abs=0.02)
    assert many.spread == pytest.approx(np.std(list(many.messages.values())), abs=0.03)


def test_vectors_of_another_version_are_passed_over() -> None:
    mine, question = kept(packed(random_vector(1))), packed(random_vector(2))
    other = "0" + mine[1:]
    assert not is_known(other)
    assert not is_known(None)
    assert not is_known("")
    found = nearness({("s", 1): mine, ("s", 2): other}, question)
    assert found is not None
    assert set(found.messages) == {("s", 1)}
    assert nearness({("s", 2): other}, question) is None
    assert nearness({}, question) is None


@pytest.mark.parametrize("damaged", ["*" * TEXT, "é" * TEXT, "A" * (TEXT - 1) + "\n", " " * TEXT])
def test_damaged_ones_are_not_compared(damaged: str) -> None:
    mine = kept(packed(random_vector(1)))
    assert nearness({("s", 1): mine, ("s", 2): mine[:2] + damaged}, packed(random_vector(2))) is None


def test_one_of_zeros_is_near_to_nothing() -> None:
    found = nearness({("s", 1): "1:" + "A" * TEXT}, packed(random_vector(2)))
    assert found is not None
    assert found.messages["s", 1] == 0.0


def test_principal_components_are_where_vectors_differ_most() -> None:
    chance = np.random.default_rng(4)
    spread = np.diag([5.0, 3.0, 0.1])
    vectors = chance.normal(size=(500, 3)) @ spread + [1.0, 2.0, 3.0]
    projection, kept_part = principal_components(vectors, 2)
    assert projection[0] == pytest.approx(vectors.mean(axis=0))
    assert np.abs(projection[1:]) == pytest.approx(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), abs=0.1)
    assert projection[1:].max(axis=1) == pytest.approx([1.0, 1.0], abs=0.1)
    assert kept_part == pytest.approx(1.0, abs=0.01)


def test_the_projection_of_the_package_is_one_of_its_model() -> None:
    projection = np.load(PROJECTION).astype(np.float64)
    assert projection.shape == (1 + SIZE, 384)
    assert projection[1:] @ projection[1:].T == pytest.approx(np.eye(SIZE), abs=0.01)
    texts = ["We had supper at Luigi's last night.", "My violin needs new strings.", "The gate squeaks."]
    whole = np.array(asyncio.run(ShippedEmbedder()(texts)))
    assert np.array(asyncio.run(ShortEmbedder()(texts))) == pytest.approx(
        (whole - projection[0]) @ projection[1:].T, abs=1e-3
    )
