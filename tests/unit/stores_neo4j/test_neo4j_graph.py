"""The graph that a person sees in Neo4j: its shape, and that it is in step with the ledger after every write."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from contract.builders import changes_of, fact, learn, me, minute, person, place, revise, tell, thing, update
from graph_check import assert_in_step

from extraction.records import FactStatus
from graphmem.records import Fact, Message
from graphmem.stores.base import Changes, Selection
from graphmem.stores.neo4j import Neo4jStore


async def test_the_shape_of_the_graph(store: Neo4jStore, cypher: Any, user_id: str, session_id: str) -> None:
    """Labels, relationships and properties as documented; what is absent is no property."""
    said = await tell(store, user_id, session_id, "I live in Porto since 2024", "My sister Ana sails")
    porto, ana, boat = place(user_id, "Porto", "Invicta"), person(user_id, "Ana", "sister"), thing(user_id, "boat")
    lisbon = fact(me(user_id), "LIVES_IN", place(user_id, "Lisbon"), said[0], status="ended", retired_at=minute(1))
    lives = fact(me(user_id), "LIVES_IN", porto, said[0], valid_from="2024", supersedes=(lisbon.id,))
    sails = fact(ana, "RELATED_TO", boat, said[1])
    sails = replace(sails, statements=(replace(sails.statements[0], verb="sails"),))
    await learn(store, user_id, lives, lisbon, sails)

    (now,) = await cypher(
        "MATCH (u:User:Entity {user_id: $user})-[r:LIVES_IN]->(p:Place:Entity) RETURN u.name AS user, properties(r) AS r, p.name AS p",
        user=user_id,
    )
    assert now == {"user": "User", "r": {"fact_id": lives.id, "since": "2024", "confidence": 0.9}, "p": "Porto"}
    (related,) = await cypher(
        "MATCH (:Person {user_id: $user})-[r:RELATED_TO]->(:Thing) RETURN r.text AS text", user=user_id
    )
    assert related == {"text": "sails"}
    facts = await cypher("MATCH (f:Fact {user_id: $user}) RETURN properties(f) AS f ORDER BY f.id", user=user_id)
    stored = {f["f"]["id"]: f["f"] for f in facts}[lives.id]
    public = """id user_id predicate text polarity status valid_from recorded_at confidence evidence""".split()
    assert {name: stored[name] for name in public} == {
        "id": lives.id,
        "user_id": user_id,
        "predicate": "LIVES_IN",
        "text": "lives in Porto",
        "polarity": "+",
        "status": "current",
        "valid_from": "2024",
        "recorded_at": "2024-03-01T10:00:00.000000Z",
        "confidence": 0.9,
        "evidence": said[0].text,
    }
    assert "valid_to" not in stored
    assert "retired_at" not in stored
    (times,) = await cypher(
        "MATCH (:Session {id: $session})-[:HAS_MESSAGE]->(m:Message {seq: 1})-[:MENTIONS]->(e) "
        "RETURN datetime(m.at).year AS year, m.text AS text, collect(e.name) AS names",
        session=session_id,
    )
    assert (times["year"], times["text"], sorted(times["names"])) == (2024, said[0].text, ["Lisbon", "Porto"])
    (ended,) = await cypher(
        "MATCH (f:Fact {user_id: $user})-[:SUPERSEDES]->(old:Fact)-[:OBJECT]->(e) RETURN old.status AS status, e.name AS name",
        user=user_id,
    )
    assert ended == {"status": "ended", "name": "Lisbon"}


async def test_random_changes_keep_the_graph_in_step(
    store: Neo4jStore, cypher: Any, user_id: str, session_id: str
) -> None:
    """Facts come, change status and support, and go for good; messages are forgotten and expire."""
    rng = random.Random(7)
    said: list[Message] = []
    for i in range(4):
        texts = [f"Words {i} {n}" for n in range(4)]
        said += await tell(store, user_id, f"{session_id}-{i}", *texts, at=i * 100)
    subjects = [me(user_id), person(user_id, "Ana"), person(user_id, "Bob")]
    objects = [*subjects, place(user_id, "Porto"), thing(user_id, "tea")]
    known: dict[str, Fact] = {}
    ever: set[str] = set()
    for step in range(30):
        batch: dict[str, Fact] = {}
        for _ in range(rng.randint(1, 3)):
            one = fact(
                rng.choice(subjects), rng.choice(["LIKES", "RELATED_TO"]), rng.choice(objects), *rng.sample(said, 2)
            )
            others = tuple(rng.sample(sorted(known), min(len(known), 2)))
            status = rng.choice(list(FactStatus))
            batch[one.id] = replace(one, id=f"{one.id}{rng.randint(0, 1)}", status=status, supersedes=others)
        batch = {one.id: one for one in batch.values() if one.id in known or one.id not in ever}
        ever |= batch.keys()
        removed = frozenset(rng.sample(sorted(known), min(len(known), rng.randint(0, 2)))) - batch.keys()
        changes = replace(changes_of(*batch.values()), removed_facts=removed)
        await store.apply(user_id, update(lambda _, changes=changes: changes))
        known = {id: f for id, f in {**known, **batch}.items() if id not in removed}
        await assert_in_step(store, cypher, user_id)
        if step % 10 == 9:
            gone = said.pop(rng.randrange(len(said)))
            await store.forget(Selection(session_id=gone.session_id, message_id=gone.id), revise)
            known = {f.id: f for f in (await store.ledger(user_id)).facts}
            await assert_in_step(store, cypher, user_id)
    await store.forget(Selection(user_id=user_id, expired_before=minute(150), facts=False), revise)
    await assert_in_step(store, cypher, user_id)
    await store.forget(Selection(session_id=f"{session_id}-3"), revise)
    await assert_in_step(store, cypher, user_id)
    await store.forget(Selection(user_id=user_id), revise)
    assert await cypher("MATCH (n) WHERE n.user_id = $user RETURN n", user=user_id) == []


async def test_an_entity_that_gets_another_label_has_one(store: Neo4jStore, cypher: Any, user_id: str) -> None:
    """What was a Thing may turn out to be a Place."""
    porto = thing(user_id, "Porto")
    await store.apply(user_id, update(lambda _: Changes(entities=(me(user_id), porto))))
    await store.apply(user_id, update(lambda _: Changes(entities=(replace(porto, label="Place"),))))
    (found,) = await cypher("MATCH (e {id: $id}) RETURN labels(e) AS labels", id=porto.id)
    assert sorted(found["labels"]) == ["Entity", "Place"]


async def test_what_came_only_from_expired_messages_can_still_be_forgotten_by_session(
    store: Neo4jStore, cypher: Any, user_id: str, session_id: str
) -> None:
    """The session is gone with its messages, its facts are not; whoever forgets the session means them too."""
    said = await tell(store, user_id, session_id, "I like tea")
    await tell(store, user_id, f"{session_id}-later", "Hello", at=100)
    await learn(store, user_id, fact(me(user_id), "LIKES", thing(user_id, "tea"), *said))
    await store.forget(Selection(user_id=user_id, expired_before=minute(50), facts=False), revise)
    assert (await store.describe(user_id)).stats.facts == 1
    forgotten = await store.forget(Selection(session_id=session_id), revise)
    assert (forgotten.messages, forgotten.facts, forgotten.sessions) == (0, 1, 0)
    assert await cypher("MATCH (s:PastSession) WHERE s.user_id = $user RETURN s", user=user_id) == []


async def test_facts_of_expired_messages_can_expire_later(store: Neo4jStore, user_id: str, session_id: str) -> None:
    """`revise` gets the messages that went before, too."""
    said = await tell(store, user_id, session_id, "I like tea")
    await tell(store, user_id, f"{session_id}-later", "Hello", at=100)
    await learn(store, user_id, fact(me(user_id), "LIKES", thing(user_id, "tea"), *said))
    await store.forget(Selection(user_id=user_id, expired_before=minute(50), facts=False), revise)
    forgotten = await store.forget(Selection(user_id=user_id, expired_before=minute(50)), revise)
    assert (forgotten.messages, forgotten.facts, forgotten.entities) == (0, 1, 1)
