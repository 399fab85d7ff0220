"""What goes over the wire: transactions and queries a verb takes, and what happens when the wire is cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from contract.builders import changes_of, fact, interaction, me, message, place, recall, tell, update
from wire import Wire

from graphmem.config import MemLayerConfig
from graphmem.errors import StoreUnavailable
from graphmem.stores.base import Changes
from graphmem.stores.neo4j import Neo4jStore, open_store


async def test_transactions_and_queries_of_each_verb(
    store: Neo4jStore, user_id: str, session_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Round trips are the cost: the beginning, each query and the commit are one, but for what can travel together."""
    wire = Wire(caplog)
    await store.append(
        interaction(session_id, message("a", "I live in Porto"), message("b"), user_id=user_id, job_id=f"{user_id}-1")
    )
    assert wire.since_last() == (1, 1, 2)
    said = await store.messages(user_id=user_id, session_id=None)
    assert wire.since_last() == (1, 1, 1)
    one = fact(me(user_id), "LIVES_IN", place(user_id, "Porto"), said[0])
    await store.apply(user_id, update(lambda _: changes_of(one), keys=["porto"]), job_id=f"{user_id}-1")
    assert wire.since_last() == (1, 2, 4)
    await tell(store, user_id, session_id, "Hello", prefix="n", job_id=f"{user_id}-2")
    wire.since_last()
    await store.apply(user_id, update(lambda _: Changes(), keys=["porto"]), job_id=f"{user_id}-2")
    assert wire.since_last() == (1, 1, 3)
    for query in (None, "Porto?"):
        answer = await recall(store, user_id, query, session_id)
        assert answer.facts == (one,)
        assert wire.since_last() == (1, 1, 1)


class Proxy:
    """A TCP proxy in front of the server that can cut connections when a query arrives, or when a commit has been passed on."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self.cut_commits = 0
        self.cut_queries = 0
        self.port = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Proxy]:
        """Serve on a free port."""
        server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(*self._target)
        answers = asyncio.ensure_future(_copy(up_reader, writer))
        try:
            while data := await reader.read(65_536):
                if self.cut_queries > 0 and b"\xb3\x10" in data:
                    self.cut_queries -= 1
                    break
                is_commit = data == b"\x00\x02\xb0\x12\x00\x00"
                if is_commit and self.cut_commits > 0:
                    self.cut_commits -= 1
                    answers.cancel()
                    await asyncio.gather(answers, return_exceptions=True)  # till then it is the one who reads
                    up_writer.write(data)
                    await up_reader.read(65_536)
                    break
                up_writer.write(data)
        finally:
            answers.cancel()
            up_writer.close()
            writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
    writer.close()


@pytest.fixture
async def behind_proxy(neo4j_config: MemLayerConfig) -> AsyncIterator[tuple[Proxy, Neo4jStore]]:
    """A store whose connection to the server can be cut."""
    at = urlsplit(str(neo4j_config.connection_url))
    async with Proxy(at.hostname or "", at.port or 7687).serving() as proxy:
        config = MemLayerConfig(
            provider="neo4j", connection_url=f"bolt://127.0.0.1:{proxy.port}", auth=neo4j_config.auth
        )
        store = await open_store(config)
        yield proxy, store
        await store.close()


async def test_an_append_whose_commit_was_lost_is_one_append(
    behind_proxy: tuple[Proxy, Neo4jStore], user_id: str, session_id: str
) -> None:
    """The server has done it, nobody heard: the same again finds it there, with its job."""
    proxy, store = behind_proxy
    proxy.cut_commits = 1
    appended = await store.append(
        interaction(session_id, message("a"), message("b"), user_id=user_id, job_id=f"{user_id}-1", worker="w")
    )
    assert proxy.cut_commits == 0
    assert appended.new_ids == {"a", "b"}
    assert appended.job is not None
    assert [m.id for m in appended.job.messages] == ["a", "b"]
    assert [m.seq for m in await store.messages(user_id=user_id, session_id=None)] == [1, 2]
    assert (await store.describe(user_id)).stats.pending == 2


async def test_an_apply_whose_commit_was_lost_is_one_apply(
    behind_proxy: tuple[Proxy, Neo4jStore], user_id: str, session_id: str
) -> None:
    """It is decided again, on what is there by then."""
    proxy, store = behind_proxy
    said = await tell(store, user_id, session_id, "I live in Porto")
    one = fact(me(user_id), "LIVES_IN", place(user_id, "Porto"), *said)
    proxy.cut_commits = 1
    await store.apply(
        user_id, update(lambda known: Changes() if one in known.facts else changes_of(one), keys=["porto"])
    )
    assert proxy.cut_commits == 0
    assert (await store.ledger(user_id)).facts == (one,)


async def test_a_commit_that_is_lost_again_and_again_is_said(
    behind_proxy: tuple[Proxy, Neo4jStore], user_id: str, session_id: str
) -> None:
    """After the second time the caller hears that repeating is safe."""
    proxy, store = behind_proxy
    proxy.cut_commits = 2
    with pytest.raises(StoreUnavailable, match="repeat the operation"):
        await tell(store, user_id, session_id, "Hello")
    assert len(await store.messages(user_id=user_id, session_id=None)) == 1


async def test_a_connection_that_died_while_idle_is_no_error(
    behind_proxy: tuple[Proxy, Neo4jStore], user_id: str, session_id: str
) -> None:
    """Firewalls and load balancers cut what is idle; the next verb takes a new connection."""
    proxy, store = behind_proxy
    proxy.cut_commits = 1
    await tell(store, user_id, session_id, "Hello")
    await recall(store, user_id, "hello", session_id)
    assert len(await store.messages(user_id=user_id, session_id=None)) == 1


@pytest.mark.parametrize("cuts", [1, 3])
async def test_a_read_that_is_cut_off_is_repeated(
    behind_proxy: tuple[Proxy, Neo4jStore], user_id: str, session_id: str, cuts: int
) -> None:
    proxy, store = behind_proxy
    said = await tell(store, user_id, session_id, "Hello")
    proxy.cut_queries = cuts
    assert (await recall(store, user_id, "hello", session_id)).matches == tuple(said)
    assert proxy.cut_queries == 0


async def test_a_write_that_is_cut_off_before_its_commit_is_repeated(
    behind_proxy: tuple[Proxy, Neo4jStore], user_id: str, session_id: str
) -> None:
    proxy, store = behind_proxy
    await store.describe(user_id)
    proxy.cut_queries = 2
    said = await tell(store, user_id, session_id, "Hello")
    assert proxy.cut_queries == 0
    assert await store.messages(user_id=user_id, session_id=None) == list(said)
