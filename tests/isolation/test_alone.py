"""A user's memory is what it would be if nobody else were in the store: random operations of several users, against a memory for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from isolation_scene import RULES

from graphmem import MemLayerConfig
from graphmem.sync import MemLayer

USERS, SESSIONS = 3, 2
START = datetime(2024, 3, 1, 10, 0, tzinfo=UTC)
LONG_AGO = datetime(2001, 3, 1, 10, 0, tzinfo=UTC)
TTL = timedelta(days=20 * 365).total_seconds()
"""What was said long ago has expired, and the rest has not."""
TEXTS = (
    "I live in Porto.",
    "I live in Leeds with my sister Ana.",
    "Sorry, I meant Faro, not Porto.",
    "I don't live in Leeds any more.",
    "I moved to Oslo last year.",
    "My sister Ana works at Siemens.",
    "My brother Bo likes chess.",
    "I like tea.",
    "I don't like tea any more.",
    "I'm allergic to peanuts.",
    "I work at Volvo and my boss is Carla.",
    "What a day! Where should Ana and I eat tonight, in Porto or in Faro?",
)
QUESTIONS = ("Where do I live?", "tea or chess", "Ana Siemens Porto")


@dataclass(frozen=True)
class Step:
    """One operation of one user: say, forget_message, forget_session, forget_fact, forget_user, expire or reload."""

    user: int
    what: str
    session: int
    text: int
    number: int
    old: bool


STEPS = st.lists(
    st.builds(
        Step,
        st.integers(0, USERS - 1),
        st.sampled_from(
            ["say"] * 9
            + ["forget_message", "forget_message", "forget_session", "forget_fact", "forget_user", "expire", "reload"]
        ),
        st.integers(0, SESSIONS - 1),
        st.integers(0, len(TEXTS) - 1),
        st.integers(0, 20),
        st.integers(0, 4).map(lambda n: n == 0),
    ),
    min_size=6,
    max_size=24,
)


def do(memory: MemLayer, user: str, step: Step, place: int) -> None:
    """Do a step for a user."""
    session = f"{user}-{step.session}"
    if step.what == "say":
        at = (LONG_AGO if step.old else START) + timedelta(minutes=place)
        memory.store(session, {"input": TEXTS[step.text], "output": "I see.", "id": f"m{place}", "at": at}, user)
        if step.old:
            # it would go by itself, but at a moment of its own
            memory.expire(user)
    elif step.what == "forget_message":
        memory.forget(user_id=user, session_id=session, message_id=f"m{step.number}")
    elif step.what == "forget_session":
        memory.forget(user_id=user, session_id=session)
    elif step.what == "forget_fact":
        if facts := memory.facts(user):
            memory.forget(user_id=user, fact_id=facts[step.number % len(facts)].id)
    elif step.what == "forget_user":
        memory.forget(user_id=user)
    elif step.what == "expire":
        memory.expire(user)
    else:
        records = list(memory.export(user))
        memory.forget(user_id=user)
        memory.load(records)
    if memory.config.summarizer != "none":
        memory.flush()


def view(memory: MemLayer, user: str) -> dict[str, Any]:
    """Everything that a user can see."""
    sessions = [f"{user}-{n}" for n in range(SESSIONS)]
    return {
        "messages": memory.messages(user_id=user),
        "facts": memory.facts(user),
        "statements": [fact.statements for fact in memory.facts(user)],
        "current": [fact.text for fact in memory.facts(user, status="current")],
        "hits": [memory.search(question, user, kind="any", limit=50) for question in QUESTIONS],
        "contexts": [memory.get_context(s, user, question).text for s in sessions for question in (None, *QUESTIONS)],
        "summaries": [memory.get_context(s, user).summary for s in sessions],
        "cypher": sorted(map(repr, memory.cypher("MATCH (n)-[r]->(m) RETURN n, type(r) AS r, m", user))),
        "stats": memory.stats(user),
        "records": list(memory.export(user)),
        "checked": memory.check(user),
    }


@pytest.fixture(scope="module")
def together(shared: MemLayerConfig) -> Iterator[MemLayer]:
    """A memory that several users share."""
    with MemLayer(configured(shared)) as memory:
        yield memory


def configured(where: MemLayerConfig) -> MemLayerConfig:
    """With summaries on SQLite; to wait for them is to flush, which on a shared server reads what others left."""
    summarizer = "extractive" if where.provider == "sqlite" else "none"
    return replace(where, extractor=RULES, buffer_size=2, ttl=TTL, summarizer=summarizer)


def compare(together: MemLayer, steps: list[Step]) -> None:
    """Do the steps of all users in one memory, and those of each in a memory of its own."""
    prefix = uuid4().hex[:10]
    users = [f"{prefix}-{number}" for number in range(USERS)]
    try:
        for place, step in enumerate(steps):
            do(together, users[step.user], step, place)
        for number, user in enumerate(users):
            with MemLayer(replace(together.config, provider="sqlite", connection_url=":memory:", auth=None)) as alone:
                for place, step in enumerate(steps):
                    if step.user == number:
                        do(alone, user, step, place)
                expected, found = view(alone, user), view(together, user)
            for what, value in expected.items():
                assert found[what] == value, f"{what} of user {number}"
            others = [other for other in users if other != user]
            assert not any(other in repr(found) for other in others)
    finally:
        for user in users:
            together.forget(user_id=user)


def compare_many(together: MemLayer, number: int) -> None:
    """Compare for a number of random lists of steps; a tenth as many on a server, where each takes as much longer."""
    on_server = together.config.provider == "neo4j"

    @settings(
        deadline=None,
        suppress_health_check=list(HealthCheck),
        max_examples=max(2, number // 10) if on_server else number,
    )
    @given(STEPS)
    def each(steps: list[Step]) -> None:
        compare(together, steps)

    each()


def test_a_memory_among_others_is_what_it_would_be_alone(together: MemLayer) -> None:
    compare_many(together, 12)


@pytest.mark.slow
@pytest.mark.long
def test_hundreds_of_memories_among_others_are_what_they_would_be_alone(together: MemLayer) -> None:
    compare_many(together, 200)
