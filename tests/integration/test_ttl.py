"""Messages with a time to live leave every answer at once, and the store in the end; what was said in them may stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from graphmem import MemLayer, MemLayerConfig, memory
from graphmem.errors import GraphMemError

START = datetime(2030, 1, 1, tzinfo=UTC)


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of everything that is opened in the test."""
    turned = Clock()
    monkeypatch.setattr(memory, "utc_now", turned)
    return turned


async def answers(layer: MemLayer, user_id: str, session_id: str) -> dict[str, bool]:
    """Where the word Leeds still is."""
    found = {
        "messages": await layer.messages(user_id=user_id),
        "session": await layer.messages(session_id=session_id),
        "search": await layer.search("Leeds", user_id),
        "context": (await layer.get_context(session_id, query="Leeds?")).messages,
        "cypher": await layer.cypher("MATCH (m:Message) RETURN m.text AS text", user_id=user_id),
        "facts": await layer.facts(user_id),
    }
    return {name: "Leeds" in repr(answer) for name, answer in found.items()}


@pytest.mark.parametrize("facts_too", [False, True])
async def test_it_is_gone_from_every_answer_the_moment_its_time_has_passed(
    store_config: MemLayerConfig, clock: Clock, user_id: str, session_id: str, facts_too: bool
) -> None:
    config = replace(store_config, extractor="rules", ttl=60, ttl_facts=facts_too)
    async with MemLayer(config) as layer:
        await layer.store(session_id, {"input": "I live in Leeds.", "output": "Leeds is nice."}, user_id=user_id)
        clock.now = START + timedelta(seconds=60)
        assert all((await answers(layer, user_id, session_id)).values())
        clock.now = START + timedelta(seconds=60, microseconds=1)
        kept = {
            name: name == "facts" and not facts_too
            for name in ("messages", "session", "search", "context", "cypher", "facts")
        }
        assert await answers(layer, user_id, session_id) == kept
        assert (await layer.stats(user_id)).messages == 2, "hidden, and still in the store"
        assert await layer.expire(user_id) == 2
        assert await answers(layer, user_id, session_id) == kept
        left = await layer.stats(user_id)
        assert (left.messages, left.facts) == ((0, 0) if facts_too else (0, 1))
        assert await layer.check(user_id) == []
        if not facts_too:
            (fact,) = await layer.facts(user_id)
            assert fact.evidence == "I live in Leeds"
        await layer.forget(user_id=user_id)


async def test_a_later_store_removes_it_in_passing(
    store_config: MemLayerConfig, clock: Clock, user_id: str, session_id: str
) -> None:
    async with MemLayer(replace(store_config, extractor="rules", ttl=60)) as layer:
        await layer.store(session_id, {"input": "I live in Leeds."}, user_id=user_id)
        clock.now = START + timedelta(minutes=5)
        await layer.store(session_id, {"input": "Hello."}, user_id=user_id)
        await layer._expiry.wait()
        assert (await layer.stats(user_id)).messages == 1
        await layer.forget(user_id=user_id)


async def test_without_a_time_to_live_nothing_expires(sqlite_config: MemLayerConfig, clock: Clock) -> None:
    async with MemLayer(replace(sqlite_config, extractor="rules")) as layer:
        await layer.store("s", {"input": "I live in Leeds."})
        clock.now = START + timedelta(days=36_500)
        assert await layer.expire() == 0
        assert len(await layer.messages("s")) == 1


async def test_no_word_of_a_user_is_logged_at_info_or_above(
    sqlite_config: MemLayerConfig, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor in an error about ids that belong to another user."""
    caplog.set_level("INFO")
    async with MemLayer(replace(sqlite_config, extractor="rules")) as layer:
        await layer.store("s", {"input": "I live in Xanadu and my password is Xyzzy."}, user_id="ada")
        await layer.get_context("s", query="Xanadu?")
        await layer.search("Xanadu", "ada")
        with pytest.raises(GraphMemError) as refused:
            await layer.store("s", {"input": "Mine."}, user_id="bea")
        await layer.forget(user_id="ada")
    said = " ".join(record.getMessage() for record in caplog.records)
    assert not any(word in said for word in ("Xanadu", "Xyzzy"))
    assert not any(word in str(refused.value) for word in ("Xanadu", "ada"))
