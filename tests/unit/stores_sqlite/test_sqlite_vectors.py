"""Vectors that are remembered between questions: the answers are those of a store that has just been opened."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from contract.builders import fact, learn, me, recall, revise, tell, thing
from contract.suite.embedding import EAST, NORTH, UP, fact_texts, keep, near, similar, vector

from graphmem.config import MemLayerConfig
from graphmem.stores.base import Recalled, Selection
from graphmem.stores.sqlite import SqliteStore, open_store


async def asked(store: SqliteStore, user_id: str = "u") -> Recalled:
    return await recall(store, user_id, "zebra", similar=similar(EAST, messages=50, facts=50))


async def test_what_takes_the_row_of_a_forgotten_message_is_not_near_in_its_place(store: SqliteStore) -> None:
    said = await tell(store, "u", "s", "one", "two")
    await keep(store, [(said[0], NORTH), (said[1], EAST)])
    assert near(await asked(store)) == {"one": 0.0, "two": 1.0}
    await store.forget(Selection(session_id="s", message_id=said[1].id), revise)
    (three,) = await tell(store, "u", "s", "three", prefix="n")
    assert near(await asked(store)) == {"one": 0.0}
    await keep(store, [(three, UP)])
    assert near(await asked(store)) == {"one": 0.0, "three": 0.0}


@pytest.mark.parametrize("most", [256 * 1024 * 1024, 40])
async def test_random_changes_are_seen_at_once(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """With room for everything, and with room for three vectors."""
    monkeypatch.setattr("graphmem.stores.sqlite.vector_cache.MOST_BYTES", most)
    rng = random.Random(3)
    said = {m.id: m for m in await tell(store, "u", "s", *(f"text {i}" for i in range(12)))}
    await tell(store, "v", "t", "another's")
    for step in range(40):
        one = said[rng.choice(sorted(said))]
        match rng.randrange(5):
            case 0:
                await store.forget(Selection(session_id="s", message_id=one.id), revise)
                del said[one.id]
                said |= {m.id: m for m in await tell(store, "u", "s", f"new {step}", prefix=f"n{step}-", at=step)}
            case 1:
                about = thing("u", f"thing {rng.randrange(4)}")
                await learn(store, "u", fact(me("u"), "LIKES", about, one))
                texts = (await fact_texts(store, "u")).values()
                await keep(store, [(t, vector(rng.random(), rng.random(), 1)) for t in texts])
            case _:
                some = rng.sample(sorted(said), 3)
                await keep(store, [(said[id], vector(rng.random(), rng.random(), 1)) for id in some])
        other = await open_store(MemLayerConfig(connection_url=str(path)))
        assert isinstance(other, SqliteStore)
        for user in ("u", "v"):
            here, there = await asked(store, user), await asked(other, user)
            assert (here.nearness, set(here.matches), here.facts) == (there.nearness, set(there.matches), there.facts)
        await other.close()
