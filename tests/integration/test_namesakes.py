"""Two people of one name whom a user knows stay two, from the words to the graph."""

from __future__ import annotations

import pytest

from graphmem import MemLayer, MemLayerConfig


@pytest.mark.parametrize(
    "said",
    [
        "I have a new colleague called Anna and she lives in Vienna.",
        "Anna from work lives in Vienna.",
        "My colleague Anna lives in Vienna.",
    ],
)
async def test_anna_from_work_is_not_the_sister(said: str) -> None:
    async with MemLayer(MemLayerConfig(connection_url=":memory:")) as memory:
        await memory.store("s1", {"input": "My sister Anna lives in Gdynia."}, user_id="jan")
        await memory.store("s2", {"input": said}, user_id="jan")
        facts = await memory.facts(user_id="jan")
    homes = {fact.object.name: fact for fact in facts if fact.predicate == "LIVES_IN"}
    assert {name: fact.status for name, fact in homes.items()} == {"Gdynia": "current", "Vienna": "current"}
    assert homes["Gdynia"].subject.id != homes["Vienna"].subject.id
    known = {fact.predicate: fact.object.id for fact in facts if fact.predicate in ("HAS_SIBLING", "HAS_COLLEAGUE")}
    assert known == {"HAS_SIBLING": homes["Gdynia"].subject.id, "HAS_COLLEAGUE": homes["Vienna"].subject.id}
