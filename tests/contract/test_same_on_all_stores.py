"""The same operations give the same answers on SQLite and on Neo4j, whatever they are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings

from graphmem.config import MemLayerConfig
from graphmem.stores.base import Selection, Store
from graphmem.stores.registry import store_factory

from .builders import revise
from .operations import SESSIONS, TEXTS, USERS, Describe, Operation, Player, Read, ReadLedger, Remember, operations

FINALLY: tuple[Operation, ...] = (
    *(Describe(user) for user in range(USERS)),
    *(ReadLedger(user) for user in range(USERS)),
    *(Read(user, None, None, None) for user in range(USERS)),
    *(Read(None, session, None, None) for session in range(SESSIONS)),
    *(Remember(user, None, text, 8, 200, 400, None) for user in range(USERS) for text in range(len(TEXTS))),
)
"""What is looked at after every run."""

_COMMON = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture
async def both(sqlite_config: MemLayerConfig, neo4j_config: MemLayerConfig) -> AsyncIterator[tuple[Store, Store]]:
    """An SQLite and a Neo4j store."""
    sqlite = await store_factory("sqlite")(sqlite_config)
    neo4j = await store_factory("neo4j")(neo4j_config)
    yield sqlite, neo4j
    await sqlite.close()
    await neo4j.close()


async def play_on_both(stores: tuple[Store, Store], operations: list[Operation]) -> None:
    """Play the operations on both stores; a difference names the operation, and all before it are printed.

    The long test does not shrink them: on a real server that takes minutes, and they can be played again as they are.
    """
    prefix = uuid4().hex[:12]
    players = [Player(store, prefix) for store in stores]
    try:
        for number, each in enumerate((*operations, *FINALLY)):
            note(f"{number}: {each}")
            first, second = [await player.play(each) for player in players]
            assert first == second, f"answers to operation {number}, {each}, differ"
    finally:
        for player in players:
            for user_id in player.users:
                await player.store.forget(Selection(user_id=user_id), revise)
    for user_id in players[0].users:
        first, second = [await store.describe(user_id) for store in stores]
        assert first == second
        assert first.stats.users == 0


@pytest.mark.neo4j
@settings(_COMMON, max_examples=10)
@given(operations=operations(25))
async def test_random_operations_give_the_same_answers(both: tuple[Store, Store], operations: list[Operation]) -> None:
    await play_on_both(both, operations)


@pytest.mark.neo4j
@pytest.mark.slow
@settings(_COMMON, max_examples=30, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(operations=operations(60))
async def test_many_random_operations_give_the_same_answers(
    both: tuple[Store, Store], operations: list[Operation]
) -> None:
    await play_on_both(both, operations)
