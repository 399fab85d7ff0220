"""What `Store.append` promises of messages; `jobs` has what it promises of the job."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from graphmem.errors import IdempotencyConflict, LimitExceeded, SessionOwnerError
from graphmem.records import Message
from graphmem.stores.base import NewMessage, Selection, Store

from ..builders import claim, in_order, interaction, message, minute, recall, revise, tell
from ..conftest import Names, OpenStore


class AppendContract:
    async def test_append_returns_the_messages_as_they_are_stored(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        appended = await store.append(
            interaction(
                session,
                message("q", "Where do I live?", at=1, name="Ana"),
                message("a", "In Porto.", role="assistant", at=2),
                user_id=user,
            )
        )
        assert appended.user_id == user
        assert appended.messages == (
            Message("q", session, user, 1, "user", "Ana", "Where do I live?", minute(1)),
            Message("a", session, user, 2, "assistant", None, "In Porto.", minute(2)),
        )
        assert appended.new_ids == {"q", "a"}
        assert appended.job is None
        assert await store.messages(user_id=None, session_id=session) == list(appended.messages)

    async def test_metadata_comes_back_with_the_message_wherever_it_comes(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        texts = ['{"a":1}', None, '{"b":[1.5,"é 🦓",null,{"c":true}],"x":"' + "y" * 60_000 + '"}']
        said = [replace(message(f"m{i}", "tea", at=i), metadata=text) for i, text in enumerate(texts)]
        first = await store.append(interaction(session, *said, user_id=user))
        assert [m.metadata for m in first.messages] == texts
        assert await store.messages(user_id=user, session_id=session) == list(first.messages)
        brought = await recall(store, user, "tea", session)
        assert brought.messages == tuple(in_order(brought.matches)) == first.messages
        again = await store.append(interaction(session, replace(said[0], metadata='{"a":2}'), user_id=user))
        assert again.messages == first.messages[:1]
        last = replace(message("m3", "tea", at=3), metadata='{"d":4}')
        job = (await store.append(interaction(session, last, user_id=user, job_id=names.job()))).job
        assert job is not None
        assert job.history == first.messages
        assert [m.metadata for m in job.messages] == ['{"d":4}']
        assert await claim(store, "w", user, 10) == [job]

    @pytest.mark.parametrize("role", ["user", "assistant", "system", "tool"])
    async def test_every_role_is_kept(self, store: Store, names: Names, role: str) -> None:
        session = names.session()
        await store.append(interaction(session, message("m", role=role)))
        assert [m.role for m in await store.messages(user_id=None, session_id=session)] == [role]

    async def test_times_keep_their_microsecond_and_their_instant(self, store: Store, names: Names) -> None:
        session = names.session()
        times = [
            datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC),
            datetime(2024, 3, 1, 5, 30, 0, 1, tzinfo=timezone(timedelta(hours=5, minutes=30))),
            datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC),
            datetime(2299, 12, 31, tzinfo=timezone(timedelta(hours=-8))),
        ]
        said = [NewMessage(f"m{i}", "user", "Hello", at) for i, at in enumerate(times)]
        await store.append(interaction(session, *said))
        stored = await store.messages(user_id=None, session_id=session)
        assert [m.at for m in stored] == times
        assert all(m.at.tzinfo is not None for m in stored)

    async def test_seq_counts_from_one_and_goes_on_over_interactions(self, store: Store, names: Names) -> None:
        session = names.session()
        await store.append(interaction(session, message("a"), message("b")))
        later = await store.append(interaction(session, message("c"), message("d")))
        assert [m.seq for m in later.messages] == [3, 4]
        stored = await store.messages(user_id=None, session_id=session)
        assert [(m.id, m.seq) for m in stored] == [("a", 1), ("b", 2), ("c", 3), ("d", 4)]

    async def test_messages_keep_the_order_of_the_interaction_whatever_their_times(
        self, store: Store, names: Names
    ) -> None:
        session = names.session()
        appended = await store.append(interaction(session, message("z", at=5), message("a", at=1), message("m", at=3)))
        assert [(m.id, m.seq) for m in appended.messages] == [("z", 1), ("a", 2), ("m", 3)]

    async def test_seq_is_never_used_again_after_the_newest_message_is_forgotten(
        self, store: Store, names: Names
    ) -> None:
        user, session = names.user(), names.session()
        await tell(store, user, session, "One", "Two", "Three")
        await store.forget(Selection(session_id=session, message_id="m3"), revise)
        await store.forget(Selection(session_id=session, message_id="m2"), revise)
        again = await store.append(interaction(session, message("m4")))
        assert [m.seq for m in again.messages] == [4]

    async def test_a_session_takes_as_many_messages_as_it_may_have_and_what_it_has_already(
        self, store: Store, names: Names
    ) -> None:
        session = names.session()
        two = interaction(session, message("a"), message("b"))
        with pytest.raises(LimitExceeded, match="would have 2 messages; the limit is 1"):
            await store.append(replace(two, most=1))
        assert await store.messages(user_id=None, session_id=session) == []
        await store.append(replace(two, most=2))
        assert (await store.append(replace(two, most=1))).new_ids == frozenset()
        await store.forget(Selection(session_id=session, message_id="a"), revise)
        with pytest.raises(LimitExceeded, match="would have 3"):
            await store.append(replace(interaction(session, message("b"), message("c")), most=2))
        assert [m.id for m in await store.messages(user_id=None, session_id=session)] == ["b"]

    async def test_sessions_count_on_their_own(self, store: Store, names: Names) -> None:
        user = names.user()
        first = await store.append(interaction(names.session("a"), message("m", "One"), user_id=user))
        second = await store.append(interaction(names.session("b"), message("m", "Two"), user_id=user))
        assert [m.seq for m in (*first.messages, *second.messages)] == [1, 1]
        assert [m.text for m in await store.messages(user_id=user, session_id=None)] == ["One", "Two"]

    async def test_a_new_session_without_a_user_belongs_to_the_user_of_its_own_id(
        self, store: Store, names: Names
    ) -> None:
        session = names.session()
        appended = await store.append(interaction(session, message("m")))
        assert appended.user_id == session
        assert appended.messages[0].user_id == session
        again = await store.append(interaction(session, message("n"), user_id=session))
        assert again.user_id == session

    async def test_a_known_session_without_a_user_goes_on_with_its_owner(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        await tell(store, user, session, "Hello")
        appended = await store.append(interaction(session, message("next")))
        assert appended.user_id == user
        assert [m.user_id for m in await store.messages(user_id=None, session_id=session)] == [user, user]

    async def test_a_session_has_one_user_for_ever(self, store: Store, names: Names) -> None:
        user, session = names.user("owner"), names.session()
        await tell(store, user, session, "Hello")
        job = names.job()
        with pytest.raises(SessionOwnerError) as refusal:
            await store.append(interaction(session, message("x"), user_id=names.user("intruder"), job_id=job))
        assert user not in str(refusal.value)
        assert [m.id for m in await store.messages(user_id=None, session_id=session)] == ["m1"]
        assert (await store.describe(names.user("intruder"))).stats.users == 0
        assert (await store.describe(user)).stats.pending == 0

    async def test_even_a_message_that_is_there_already_is_refused_to_another_user(
        self, store: Store, names: Names
    ) -> None:
        session = names.session()
        await store.append(interaction(session, message("m"), user_id=names.user("owner")))
        with pytest.raises(SessionOwnerError):
            await store.append(interaction(session, message("m"), user_id=names.user("intruder")))

    async def test_the_owner_comes_before_a_conflict(self, store: Store, names: Names) -> None:
        """A stranger does not learn which messages another user's session holds."""
        session, intruder = names.session(), names.user("intruder")
        await store.append(interaction(session, message("m", "Hello"), user_id=names.user("owner")))
        for said in ([message("m", "Other words")], [message("n", "One"), message("n", "Two")]):
            with pytest.raises(SessionOwnerError):
                await store.append(interaction(session, *said, user_id=intruder))

    async def test_the_same_message_again_is_left_as_it_is(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        first = await store.append(interaction(session, message("m", "Hello", at=1, name="Ana"), user_id=user))
        again = await store.append(
            interaction(session, message("m", "Hello", at=99, name="Bob"), user_id=user, job_id=names.job())
        )
        assert again.messages == first.messages
        assert again.user_id == user
        assert again.new_ids == frozenset()
        assert again.job is None
        assert await store.messages(user_id=None, session_id=session) == list(first.messages)
        assert (await store.describe(user)).stats.pending == 0

    @pytest.mark.parametrize(
        "changed", [message("old", "Hello!"), message("old", "Hello", role="assistant"), message("old", "hello")]
    )
    async def test_another_text_or_role_under_the_same_id_is_a_conflict_and_nothing_is_appended(
        self, store: Store, names: Names, changed: NewMessage
    ) -> None:
        user, session, job = names.user(), names.session(), names.job()
        await store.append(interaction(session, message("old", "Hello"), user_id=user))
        before = await store.messages(user_id=None, session_id=session)
        with pytest.raises(IdempotencyConflict, match="old"):
            await store.append(
                interaction(session, message("new1"), changed, message("new2"), user_id=user, job_id=job)
            )
        assert await store.messages(user_id=None, session_id=session) == before
        assert (await store.describe(user)).stats.pending == 0
        after = await store.append(interaction(session, message("new1"), user_id=user))
        assert after.new_ids == {"new1"}
        assert [m.seq for m in after.messages] == [2]

    async def test_a_conflict_leaves_no_new_session_behind(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        with pytest.raises(IdempotencyConflict):
            await store.append(interaction(session, message("m", "One"), message("m", "Two"), user_id=user))
        assert (await store.describe(user)).stats.sessions == 0
        assert await store.messages(user_id=None, session_id=session) == []

    async def test_an_id_twice_in_one_interaction_is_one_message(self, store: Store, names: Names) -> None:
        session = names.session()
        appended = await store.append(interaction(session, message("m", "Hello"), message("m", "Hello")))
        assert appended.new_ids == {"m"}
        assert [(m.id, m.seq) for m in await store.messages(user_id=None, session_id=session)] == [("m", 1)]

    async def test_of_a_partial_repeat_only_the_new_messages_are_appended(self, store: Store, names: Names) -> None:
        session = names.session()
        await store.append(interaction(session, message("a", "One"), message("b", "Two")))
        appended = await store.append(
            interaction(session, message("b", "Two"), message("c", "Three"), message("a", "One"), message("d", "Four"))
        )
        assert [(m.id, m.seq) for m in appended.messages] == [("b", 2), ("c", 3), ("a", 1), ("d", 4)]
        assert appended.new_ids == {"c", "d"}
        assert [m.id for m in await store.messages(user_id=None, session_id=session)] == ["a", "b", "c", "d"]

    async def test_an_id_is_unique_within_its_session_only(self, store: Store, names: Names) -> None:
        user = names.user()
        await store.append(interaction(names.session("a"), message("m", "One"), user_id=user))
        other = await store.append(interaction(names.session("b"), message("m", "Other"), user_id=user))
        third = await store.append(interaction(names.session("c"), message("m", "Third"), user_id=names.user("bob")))
        assert other.new_ids == third.new_ids == {"m"}

    async def test_concurrent_appends_to_one_session_keep_interactions_whole(
        self, store: Store, names: Names, open_store: OpenStore
    ) -> None:
        user, session, second = names.user(), names.session(), await open_store()

        async def one(number: int) -> None:
            said = [message(f"{number}-{i}", at=number) for i in range(3)]
            await (store, second)[number % 2].append(interaction(session, *said, user_id=user))

        await asyncio.gather(*(one(number) for number in range(12)))
        stored = await store.messages(user_id=None, session_id=session)
        assert [m.seq for m in stored] == list(range(1, 37))
        groups = [[m.id for m in stored[i : i + 3]] for i in range(0, 36, 3)]
        assert sorted(groups) == sorted([f"{n}-{i}" for i in range(3)] for n in range(12))

    async def test_the_same_interaction_from_two_processes_at_once_is_stored_once(
        self, store: Store, names: Names, open_store: OpenStore
    ) -> None:
        user, session, second = names.user(), names.session(), await open_store()
        results = await asyncio.gather(
            *(
                (store, second)[i % 2].append(
                    interaction(session, message("a"), message("b"), user_id=user, job_id=names.job(str(i)))
                )
                for i in range(8)
            )
        )
        assert sorted(len(r.new_ids) for r in results) == [0] * 7 + [2]
        assert sum(r.job is not None for r in results) == 1
        assert len({r.messages for r in results}) == 1
        assert (await store.describe(user)).stats.messages == 2

    async def test_of_two_users_who_open_a_session_at_once_one_gets_it(
        self, store: Store, names: Names, open_store: OpenStore
    ) -> None:
        session, second = names.session(), await open_store()
        users = [names.user(f"u{i}") for i in range(6)]
        results = await asyncio.gather(
            *(
                (store, second)[i % 2].append(interaction(session, message(f"m{i}"), user_id=user))
                for i, user in enumerate(users)
            ),
            return_exceptions=True,
        )
        failures = [r for r in results if isinstance(r, BaseException)]
        assert len(failures) == 5
        assert all(isinstance(f, SessionOwnerError) for f in failures)
        stored = await store.messages(user_id=None, session_id=session)
        assert len(stored) == 1
        assert (await store.describe(stored[0].user_id)).session_ids == (session,)

    async def test_a_cancelled_append_is_wholly_there_or_not_at_all(self, store: Store, names: Names) -> None:
        user = names.user()
        sessions = [names.session(str(i)) for i in range(10)]
        said = [message(f"m{i}", at=i) for i in range(4)]
        calls = [
            asyncio.create_task(store.append(interaction(session, *said, user_id=user, job_id=names.job(session))))
            for session in sessions
        ]
        for call in calls:
            await asyncio.sleep(0)
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        for session in sessions:
            stored = await store.messages(user_id=None, session_id=session)
            assert [m.id for m in stored] in ([], ["m0", "m1", "m2", "m3"])
            again = await store.append(interaction(session, *said, user_id=user))
            assert len(again.new_ids) in ((0,) if stored else (0, 4)), (
                "it may have been on its way when it was cancelled"
            )
            assert [m.seq for m in await store.messages(user_id=None, session_id=session)] == [1, 2, 3, 4]
