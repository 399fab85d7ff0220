"""The same Cypher gives the same rows on a projection of SQLite, on a projection of Neo4j, and on Neo4j itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from uuid import uuid4

import cypher_compare
import neo4j
import neo4j_server
import pytest
from cypher_memory import START, ana, write_to_neo4j
from cypher_queries import PARAMETERS, QUERIES, WHOLE

from graphmem.config import MemLayerConfig
from graphmem.cypher import Projection, UserData, check_read_only, run
from graphmem.stores.base import Changes, LedgerUpdate, NewInteraction, NewMessage, Store
from graphmem.stores.registry import store_factory

pytestmark = pytest.mark.neo4j
SQLITE_AND_NEO4J = ("sqlite", "neo4j")


@pytest.fixture(scope="module")
def session(neo4j_address: neo4j_server.Address) -> Iterator[neo4j.Session]:
    """A session on Neo4j."""
    with (
        neo4j.GraphDatabase.driver(
            neo4j_address.url, auth=neo4j_address.auth, notifications_min_severity="OFF"
        ) as driver,
        driver.session() as session,
    ):
        yield session


@pytest.fixture(scope="module")
def written(session: neo4j.Session) -> Iterator[UserData]:
    """Ana's memory as it is in the projection, written into Neo4j node by node."""
    marker = uuid4().hex
    data = ana(f"user-{marker}", f"-{marker}")
    write_to_neo4j(session, Projection([data]).graph)
    yield data
    session.run("MATCH (n {user_id: $user_id}) DETACH DELETE n", user_id=data.user_id).consume()


@pytest.fixture(scope="module")
def projection(written: UserData) -> Projection:
    """The projection of Ana's memory."""
    return Projection([written])


@pytest.mark.parametrize("query", [*QUERIES, *WHOLE])
def test_projection_answers_as_neo4j(
    query: str, session: neo4j.Session, written: UserData, projection: Projection
) -> None:
    parameters = {**PARAMETERS, "user_id": written.user_id}
    expected = cypher_compare.comparable(query, cypher_compare.neo4j_rows(session, query, parameters))
    assert cypher_compare.comparable(query, run(projection, query, parameters)) == expected


def test_the_queries_find_something(session: neo4j.Session, written: UserData) -> None:
    """Equal because empty would prove nothing."""
    parameters = {**PARAMETERS, "user_id": written.user_id}
    empty = [q for q in [*QUERIES, *WHOLE] if not cypher_compare.neo4j_rows(session, q, parameters)]
    assert [q for q in empty if "Nope" not in q] == []


@pytest.mark.parametrize("query", [*QUERIES, *WHOLE])
def test_neo4j_too_finds_that_the_queries_only_read(query: str, session: neo4j.Session) -> None:
    check_read_only(query)
    summary = session.run(f"EXPLAIN {query}", {**PARAMETERS, "user_id": ""}).consume()
    assert summary.query_type == "r"


@pytest.fixture
async def stores(sqlite_config: MemLayerConfig, neo4j_config: MemLayerConfig) -> AsyncIterator[dict[str, Store]]:
    """Both built-in stores, open."""
    configs = dict(zip(SQLITE_AND_NEO4J, (sqlite_config, neo4j_config), strict=True))
    opened = {provider: await store_factory(provider)(config) for provider, config in configs.items()}
    yield opened
    for store in opened.values():
        await store.close()


async def test_both_stores_and_neo4j_itself_answer_alike(
    stores: dict[str, Store], session: neo4j.Session, user_id: str, unique: str
) -> None:
    data = ana(user_id, f"-{unique}")
    projections = {}
    for provider, store in stores.items():
        await _store(store, data, user_id)
        ledger, messages = await store.ledger(user_id), await store.messages(user_id=user_id, session_id=None)
        projections[provider] = Projection([(ledger, messages, user_id)])
    parameters = {**PARAMETERS, "user_id": user_id}
    for query in QUERIES:
        rows = {provider: run(projection, query, parameters) for provider, projection in projections.items()}
        rows["Neo4j itself"] = cypher_compare.neo4j_rows(session, query, parameters)
        answers = {way: cypher_compare.comparable(query, found) for way, found in rows.items()}
        assert answers["sqlite"] == answers["Neo4j itself"], query
        assert answers["neo4j"] == answers["Neo4j itself"], query
    for query in WHOLE:
        sqlite, on_neo4j = (cypher_compare.comparable(query, run(p, query, parameters)) for p in projections.values())
        assert sqlite == on_neo4j, query


async def _store(store: Store, data: UserData, user_id: str) -> None:
    for session_id in dict.fromkeys(m.session_id for m in data.messages):
        messages = tuple(
            NewMessage(m.id, m.role, m.text, m.at, m.name) for m in data.messages if m.session_id == session_id
        )
        await store.append(NewInteraction(session_id, user_id, messages, now=START + timedelta(days=300)))
    changes = Changes(entities=data.ledger.entities, facts=data.ledger.facts)
    await store.apply(user_id, LedgerUpdate(frozenset(), frozenset(), frozenset(), lambda ledger: changes))
