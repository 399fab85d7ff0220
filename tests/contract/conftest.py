"""Fixtures of the contract suite: an open store, a way to open it again, and names that no other test uses."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import pytest

from graphmem.config import MemLayerConfig
from graphmem.errors import GraphMemError
from graphmem.stores.base import Selection, Store
from graphmem.stores.registry import store_factory

from .builders import revise
from .leaks import Resources, assert_nothing_left

OpenStore = Callable[[], Awaitable[Store]]


class Names:
    """Identifiers with a prefix of their own, so that tests can share one database for ever."""

    def __init__(self) -> None:
        self.prefix = uuid4().hex[:12]
        self.users: set[str] = set()

    def user(self, name: str = "alice") -> str:
        """A user id; it is forgotten after the test."""
        return self.owner(f"{self.prefix}-{name}")

    def session(self, name: str = "s1") -> str:
        """A session id, which may come to be a user id too."""
        return self.owner(f"{self.prefix}-session-{name}")

    def job(self, name: str = "j1") -> str:
        return f"{self.prefix}-job-{name}"

    def owner(self, user_id: str) -> str:
        """Have the user of this id forgotten after the test."""
        self.users.add(user_id)
        return user_id


@pytest.fixture
def shared_store(store_config: MemLayerConfig) -> bool:
    """Whether others use the same database at the same time, so that counts over all users are lower bounds only."""
    return store_config.provider == "neo4j"


@pytest.fixture
async def open_store(store_config: MemLayerConfig) -> AsyncIterator[OpenStore]:
    """Opens the store again, as another process would; all are closed in the end and must leave nothing behind."""
    before = Resources.now()
    opened: list[Store] = []

    async def open_one() -> Store:
        store = await store_factory(store_config.provider)(store_config)
        opened.append(store)
        return store

    yield open_one
    for store in opened:
        await store.close()
    await assert_nothing_left(before)


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    """The store under test."""
    return await open_store()


@pytest.fixture
async def names(store: Store, shared_store: bool) -> AsyncIterator[Names]:
    """Fresh identifiers; on a shared database their users are forgotten afterwards."""
    fresh = Names()
    yield fresh
    if shared_store:
        for user_id in sorted(fresh.users):
            with contextlib.suppress(GraphMemError):
                await store.forget(Selection(user_id=user_id), revise)
