"""How the server would run every query of the store: from an index, never through all nodes of a kind."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import neo4j
import pytest
from contract.builders import fact, learn, me, revise, tell, thing
from neo4j_server import Address

from graphmem.stores.base import Recall, Selection
from graphmem.stores.neo4j import (
    Neo4jStore,
    embedding_queries,
    forget_queries,
    fragments,
    inspect_queries,
    ledger_queries,
    queries,
    recalling,
)
from graphmem.stores.neo4j.connection import with_one_parameter
from graphmem.text import probe

MAY_SCAN = {
    "DESCRIBE_ALL",  # counts everything
    "USERS_WITH_EXPIRED_MESSAGES",  # one look-up for each user
    "USERS_WITH_EXPIRED_WORDS",
    "LOCK_OWNERS_OF_JOBS",  # what is pending is short
    "BACKLOG",
    "FORGETTING",  # users whose deletion was interrupted
    "PENDING",
    "USERS_WITHOUT_VECTOR",  # one look-up for each user
    "USERS",  # from here on: what only an inspection of the whole store asks
    "MIXED",
    "LEFT_OVER",
    "NAMES_OF_NOBODY",
}
FRAGMENTS = frozenset(vars(fragments)) | {"MESSAGE_SEARCH", "FACT_SEARCH"}


def named_queries() -> Iterator[tuple[str, str]]:
    """Every text of Cypher, with its name."""
    for module in (queries, ledger_queries, forget_queries, inspect_queries, embedding_queries):
        for name, value in vars(module).items():
            if not name.isupper() or name.startswith("_") or name in FRAGMENTS:
                continue
            texts = (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()
            for number, text in enumerate(texts):
                if isinstance(text, str) and re.search(r"\bMATCH\b", text):
                    yield (name if len(texts) == 1 else f"{name}[{number}]"), text


QUERIES = dict(named_queries())


def steps_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("children", ()):
        yield from steps_of(child)


@pytest.fixture
async def driver(neo4j_address: Address, store: Neo4jStore, session_id: str) -> AsyncIterator[neo4j.AsyncDriver]:
    """A driver to a database with the store's indexes and a user's memory: where nothing is, a scan is the cheapest plan."""
    said = await tell(store, session_id, session_id, *(f"I like tea {n}" for n in range(30)))
    liked = [fact(me(session_id), "LIKES", thing(session_id, f"tea {n}"), m) for n, m in enumerate(said)]
    await learn(store, session_id, *liked)
    async with neo4j.AsyncGraphDatabase.driver(
        neo4j_address.url, auth=neo4j_address.auth, notifications_min_severity="OFF"
    ) as opened:
        yield opened
    await store.forget(Selection(user_id=session_id), revise)


async def plan_of(driver: neo4j.AsyncDriver, query: str) -> list[str]:
    parameters = {"given": dict.fromkeys(re.findall(r"\$(\w+)", query))}
    async with driver.session() as session:
        summary = await (
            await session.run(f"CYPHER replan=force EXPLAIN {with_one_parameter(query)}", parameters)
        ).consume()
    assert summary.plan is not None
    return [step["operatorType"].partition("@")[0] for step in steps_of(summary.plan)]


def test_there_are_queries_to_look_at() -> None:
    assert {"APPEND", "RECALL", "CLAIM", "SESSION_PART", "KEEP_SUMMARY", "DELETE_MESSAGES"} <= set(QUERIES)


@pytest.mark.parametrize("name", [name for name in QUERIES if name not in MAY_SCAN])
async def test_no_query_walks_through_all_nodes_of_a_kind(driver: neo4j.AsyncDriver, name: str) -> None:
    steps = await plan_of(driver, QUERIES[name])
    assert [step for step in steps if step.endswith("Scan") and "Index" not in step] == []


async def test_a_plan_that_scans_is_seen(driver: neo4j.AsyncDriver) -> None:
    assert "NodeByLabelScan" in await plan_of(driver, "MATCH (m:Message) WHERE m.text = $text RETURN m")


async def test_of_a_users_facts_no_more_are_read_than_are_asked_for(
    driver: neo4j.AsyncDriver, store: Neo4jStore, session_id: str
) -> None:
    asked = Recall(session_id, None, probe("What is new?"), newest=0, candidates=5, facts=7)
    parameters = {"given": recalling._parameters(asked, asked.query)}
    async with driver.session() as session:
        query = f"PROFILE {with_one_parameter(queries.RECALL)}"
        summary = await (await session.run(query, parameters)).consume()
    assert summary.profile is not None
    read = [step["rows"] for step in steps_of(summary.profile) if "Fact(own" in step["args"].get("Details", "")]
    assert read
    assert max(read) <= 7
