"""Users never see each other's data: random operations of users whose names, ids and words clash."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, note, settings

from graphmem.stores.base import Selection, Store

from ..builders import revise
from ..operations import (
    TEXTS,
    USERS,
    Ask,
    ClaimJobs,
    Describe,
    Finish,
    Operation,
    Player,
    Read,
    ReadLedger,
    Release,
    Remember,
    operations,
)

_COMMON = settings(
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.differing_executors,
    ],
)


class IsolationContract:
    @settings(_COMMON, max_examples=10)
    @given(operations=operations(25))
    async def test_no_answer_holds_a_word_of_another_user(self, store: Store, operations: list[Operation]) -> None:
        await play_and_listen(store, operations)

    @pytest.mark.slow
    @settings(_COMMON, max_examples=20)
    @given(operations=operations(60))
    async def test_no_answer_to_many_operations_holds_a_word_of_another_user(
        self, store: Store, operations: list[Operation]
    ) -> None:
        await play_and_listen(store, operations)


async def play_and_listen(store: Store, operations: list[Operation]) -> None:
    """Play the operations; each answer may hold the marker of the user who asked and no other."""
    player = Player(store, uuid4().hex[:12], marked=True)
    try:
        for number, each in enumerate((*operations, *_questions())):
            asking = await _asking(player, each)
            note(f"{number}: {each} by user {asking}")
            answer = await player.play(each)
            words = " ".join(_words(answer))
            for other in set(range(USERS)) - {asking}:
                assert player.marker(other) not in words, f"operation {number}, {each}: a word of user {other}"
    finally:
        for user_id in player.users:
            await store.forget(Selection(user_id=user_id), revise)


def _questions() -> Iterable[Operation]:
    for user in range(USERS):
        yield from (Describe(user), ReadLedger(user), Read(user, None, None, None), ClaimJobs(0, user, 3, True))
        yield Ask(user, ("Ana", "Faro", "tea"), (0, 1, 2, 3), True)
        yield from (Remember(user, None, text, 8, 200, 400, None) for text in range(len(TEXTS)))


async def _asking(player: Player, each: Operation) -> int | None:
    """The number of the user whose data the operation may show: the one it names, else the owner of its session or job."""
    if isinstance(each, Finish | Release):
        owner = player.jobs[each.job % len(player.jobs)].user_id if player.jobs else None
        return next((n for n in range(USERS) if player.user(n) == owner), None)
    if each.user is not None:
        return each.user
    if isinstance(each, Remember) and each.session is None:
        return 0
    return None if each.session is None else await player.owner(each.session)


def _words(value: object) -> Iterable[str]:
    """Every text in an answer, however deep."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _words(getattr(value, field.name))
    elif isinstance(value, tuple | list | set | frozenset):
        for part in value:
            yield from _words(part)
    else:
        yield str(value)
