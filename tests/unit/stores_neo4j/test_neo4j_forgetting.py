"""Forgetting what is too big for one transaction, and what is left when it is interrupted."""

from __future__ import annotations

from typing import Any

import pytest
from contract.builders import fact, learn, me, minute, person, recall, revise, tell, thing

from graphmem.config import MemLayerConfig
from graphmem.records import Forgotten
from graphmem.stores.base import Recall, Selection
from graphmem.stores.neo4j import Neo4jStore, forget, open_store
from graphmem.text import probe


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is big."""
    monkeypatch.setattr(forget, "PORTION", 4)


async def _fill(store: Neo4jStore, user_id: str, session_id: str) -> None:
    said = await tell(store, user_id, session_id, *(f"I like tea {i}" for i in range(11)), job_id=f"{user_id}-job")
    facts = [fact(me(user_id), "LIKES", thing(user_id, f"tea {i}"), m) for i, m in enumerate(said)]
    await learn(store, user_id, *facts, fact(me(user_id), "HAS_FRIEND", person(user_id, "Ana", "annie"), said[0]))


async def _nodes(cypher: Any, user_id: str) -> int:
    (count,) = await cypher(
        "MATCH (u:User {user_id: $user}) WITH u.owner AS owner MATCH (n) WHERE n.owner = owner OR n.key = owner RETURN count(n) AS n",
        user=user_id,
    ) or [{"n": 0}]
    return int(count["n"])


@pytest.mark.usefixtures("small_portions")
async def test_a_big_user_goes_in_portions(store: Neo4jStore, cypher: Any, user_id: str, session_id: str) -> None:
    """All of it, and it is counted."""
    await _fill(store, user_id, session_id)
    assert await store.forget(Selection(user_id=user_id), revise) == Forgotten(11, 12, 13, 1)
    assert await cypher("MATCH (n) WHERE n.user_id = $user RETURN n", user=user_id) == []
    assert await cypher("MATCH (k:EntityKey) WHERE NOT (k)-[:NAMES]->() RETURN k", user=user_id) == []
    assert await store.forget(Selection(user_id=user_id), revise) == Forgotten()


@pytest.mark.usefixtures("small_portions")
async def test_many_messages_expire_in_portions(store: Neo4jStore, user_id: str, session_id: str) -> None:
    """With their facts, and without."""
    await _fill(store, user_id, session_id)
    await learn(store, user_id, job_id=f"{user_id}-job")
    few = await store.forget(Selection(user_id=user_id, expired_before=minute(6), facts=False), revise)
    assert few == Forgotten(messages=6)
    rest = await store.forget(Selection(user_id=user_id, expired_before=minute(99)), revise)
    assert rest == Forgotten(messages=5, facts=12, entities=13, sessions=1)
    assert (await store.describe(user_id)).stats.users == 0


async def _interrupted(store: Neo4jStore, cypher: Any, user_id: str, session_id: str) -> None:
    """A user whose forgetting ended in the middle: marked, a portion gone."""
    await _fill(store, user_id, session_id)
    await cypher("MATCH (u:User {user_id: $user}) SET u:Forgetting", user=user_id)
    await cypher("MATCH (m:Message {user_id: $user}) WITH m LIMIT 3 DETACH DELETE m", user=user_id)


async def test_a_user_who_is_being_forgotten_seems_gone(
    store: Neo4jStore, cypher: Any, user_id: str, session_id: str
) -> None:
    """From the first moment, to every reader and every worker."""
    await _interrupted(store, cypher, user_id, session_id)
    assert (await store.describe(user_id)).stats.messages == 0
    assert (await store.ledger(user_id)).entities == ()
    assert await store.messages(user_id=user_id, session_id=None) == []
    assert await store.messages(user_id=None, session_id=session_id) == []
    answer = await store.recall(Recall(user_id, session_id, probe("tea")))
    assert (answer.messages, answer.matches, answer.linked, answer.facts, answer.user) == ((), (), (), (), None)


async def test_the_next_opening_finishes_what_was_interrupted(
    store: Neo4jStore, cypher: Any, neo4j_config: MemLayerConfig, user_id: str, session_id: str
) -> None:
    """Whoever asked for it need not be there any more."""
    await _interrupted(store, cypher, user_id, session_id)
    await (await open_store(neo4j_config)).close()
    assert await _nodes(cypher, user_id) == 0


async def test_a_user_who_comes_back_begins_with_nothing(
    store: Neo4jStore, cypher: Any, user_id: str, session_id: str
) -> None:
    """What is said after the forgetting began stays; what was before goes first."""
    await _interrupted(store, cypher, user_id, session_id)
    (said,) = await tell(store, user_id, session_id, "Hello again")
    assert said.seq == 1
    assert await store.messages(user_id=user_id, session_id=None) == [said]
    assert (await store.ledger(user_id)).facts == ()


async def test_forgetting_again_finishes(store: Neo4jStore, cypher: Any, user_id: str, session_id: str) -> None:
    """A repeat of the call does what the interrupted one did not."""
    await _interrupted(store, cypher, user_id, session_id)
    await store.forget(Selection(user_id=user_id), revise)
    assert await _nodes(cypher, user_id) == 0


async def test_without_a_query_the_last_message_that_has_not_expired_asks(
    store: Neo4jStore, user_id: str, session_id: str
) -> None:
    """Also when times run backwards, and after the last one was forgotten."""
    await tell(store, user_id, session_id, "Something of Porto", at=50, prefix="a")
    await tell(store, user_id, session_id, "Something of Lisbon", at=10, prefix="b")
    assert (await recall(store, user_id, None, session_id)).query == probe("Something of Lisbon")
    late = await recall(store, user_id, None, session_id, not_before=minute(20))
    assert late.query == probe("Something of Porto")
    assert [m.id for m in late.matches] == ["a1"]
    nothing = await recall(store, user_id, None, session_id, not_before=minute(60))
    assert (nothing.query, nothing.messages) == (None, ())
    await store.forget(Selection(session_id=session_id, message_id="b1"), revise)
    assert (await recall(store, user_id, None, session_id)).query == probe("Something of Porto")
