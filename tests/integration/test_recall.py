"""Context and search over real stores: one recall each, and nothing of anybody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from recall_records import START, fact

from extraction.records import FactStatus
from graphmem.config import MemLayerConfig
from graphmem.errors import SessionOwnerError
from graphmem.identity import named_entity, user_entity
from graphmem.recall import get_context, search
from graphmem.records import Context, EntityMention, Fact, Statement
from graphmem.stores.base import (
    Changes,
    LedgerUpdate,
    NewInteraction,
    NewMessage,
    Recall,
    Recalled,
    Store,
    touched_entities,
)
from graphmem.stores.registry import store_factory

SAID = (
    ("m1", "user", "I moved to Porto last October", 0),
    ("m2", "assistant", "Porto is lovely in autumn", 0),
    ("m3", "user", "My sister Ana works at Siemens", 1),
    ("m4", "user", "We watched a documentary about octopuses", 2),
)


class OneStore:
    """A store that counts how often it is asked; every answer is the real store's."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.recalls: list[Recall] = []

    async def recall(self, request: Recall) -> Recalled:
        self.recalls.append(request)
        return await self.store.recall(request)


@pytest.fixture
async def store(store_config: MemLayerConfig) -> AsyncIterator[Store]:
    opened = await store_factory(store_config.provider)(store_config)
    yield opened
    await opened.close()


async def remember(store: Store, user_id: str, session_id: str) -> None:
    """Store `SAID` in the session and what it says in the user's ledger."""
    messages = tuple(NewMessage(id, role, text, START + timedelta(days=days)) for id, role, text, days in SAID)
    await store.append(NewInteraction(session_id, user_id, messages, START))
    me = user_entity(user_id)
    porto = named_entity(user_id, "Place", "Porto")
    lisbon = named_entity(user_id, "Place", "Lisbon")
    ana = named_entity(user_id, "Person", "Ana", ("sister",))
    siemens = named_entity(user_id, "Organization", "Siemens")
    facts = tuple(
        stated(f, session_id)
        for f in (
            fact("LIVES_IN", porto, subject=me, valid_from="2023-10", message_ids=("m1",)),
            fact("LIVES_IN", lisbon, subject=me, status=FactStatus.ENDED, valid_to="2023-10", message_ids=("m1",)),
            fact("HAS_SIBLING", ana, subject=me, role="sister", message_ids=("m3",)),
            fact("WORKS_AT", siemens, subject=ana, message_ids=("m3",)),
        )
    )
    changes = Changes(entities=tuple(touched_entities(facts).values()), facts=facts)
    await store.apply(user_id, LedgerUpdate(frozenset(), frozenset(), frozenset(), lambda ledger: changes))


def stated(told: Fact, session_id: str) -> Fact:
    """The fact with the statement that it rests on."""
    claim = Statement(
        id=f"{told.id}-claim",
        session_id=session_id,
        message_id=told.message_ids[0],
        at=told.recorded_at,
        order=0,
        subject=EntityMention(told.subject.name, told.subject.label),
        predicate=told.predicate,
        object=EntityMention(told.object.name, told.object.label),
    )
    return replace(told, statements=(claim,))


async def context(store: object, session_id: str, user_id: str | None = None, query: str | None = None) -> Context:
    return await get_context(
        store,  # type: ignore[arg-type]
        session_id=session_id,
        user_id=user_id,
        query=query,
        buffer_size=2,
        max_tokens=500,
        not_before=None,
    )


async def test_a_context_has_facts_related_messages_and_recent_turns(
    store: Store, user_id: str, session_id: str
) -> None:
    await remember(store, user_id, session_id)
    got = await context(store, session_id, query="Where do I live, still in Porto?")
    assert got.facts[0].text == "lives in Porto"
    assert "- lives in Porto (since 2023-10)" in got.text
    assert "Lisbon" not in got.text
    assert [m.id for m in got.messages] == ["m3", "m4"]
    assert {m.id for m in got.related} == {"m1", "m2"}


async def test_without_a_query_the_last_user_message_is_the_query(store: Store, user_id: str, session_id: str) -> None:
    await remember(store, user_id, session_id)
    asking = NewMessage("m5", "user", "What does my sister do for a living?", START + timedelta(days=3))
    await store.append(NewInteraction(session_id, user_id, (asking,), START))
    got = await context(store, session_id)
    assert got.facts[0].text == "Ana (sister) works at Siemens"


async def test_each_asks_the_store_once(store: Store, user_id: str, session_id: str) -> None:
    await remember(store, user_id, session_id)
    counted = OneStore(store)
    await context(counted, session_id, query="Porto")
    assert len(counted.recalls) == 1
    await search(counted, user_id=user_id, query="Porto", limit=5)  # type: ignore[arg-type]
    assert len(counted.recalls) == 2


async def test_another_user_s_context_and_search_know_nothing(store: Store, user_id: str, session_id: str) -> None:
    await remember(store, user_id, session_id)
    other = f"{user_id}-other"
    assert await context(store, f"{session_id}-other", other, "Where do I live, in Porto?") == Context(text="")
    assert await search(store, user_id=other, query="Porto Ana Siemens", limit=10, kind="any") == []
    with pytest.raises(SessionOwnerError):
        await context(store, session_id, other, "Porto")


@pytest.mark.parametrize(
    ("kind", "kinds"), [("message", {"message"}), ("fact", {"fact"}), ("any", {"message", "fact"})]
)
async def test_search_by_kind(store: Store, user_id: str, session_id: str, kind: str, kinds: set[str]) -> None:
    await remember(store, user_id, session_id)
    hits = await search(store, user_id=user_id, query="moved to Porto", limit=10, kind=kind)  # type: ignore[arg-type]
    assert {"message" if hit.message else "fact" for hit in hits} == kinds
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1.0
    if kind != "fact":
        assert next(h.message.id for h in hits if h.message) == "m1"
    if kind != "message":
        assert next(h.fact.text for h in hits if h.fact) == "lives in Porto"


async def test_search_gives_at_most_limit_and_only_what_fits(store: Store, user_id: str, session_id: str) -> None:
    await remember(store, user_id, session_id)
    assert len(await search(store, user_id=user_id, query="Porto", limit=1)) == 1
    assert await search(store, user_id=user_id, query="Porto", limit=0) == []
    assert await search(store, user_id=user_id, query="xyzzy", limit=10, kind="any") == []
    assert await search(store, user_id=user_id, query="", limit=10, kind="any") == []


async def test_messages_whose_time_has_passed_are_left_out(store: Store, user_id: str, session_id: str) -> None:
    await remember(store, user_id, session_id)
    limit = START + timedelta(days=1, hours=12)
    hits = await search(store, user_id=user_id, query="Porto octopuses", limit=10, not_before=limit)
    assert [h.message.id for h in hits if h.message] == ["m4"]
    got = await get_context(
        store, session_id=session_id, user_id=None, query="Porto", buffer_size=8, max_tokens=500, not_before=limit
    )
    assert [m.id for m in got.messages] == ["m4"]
    assert got.related == ()
