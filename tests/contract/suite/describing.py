"""What `Store.describe` and `Store.close` promise."""

from __future__ import annotations

import pytest

from extraction.records import Usage
from graphmem.errors import StoreError
from graphmem.records import Stats
from graphmem.stores.base import Backlog, Changes, Selection, Store

from ..builders import append_job, claim, fact, interaction, learn, me, message, place, revise, tell, thing, update
from ..conftest import Names, OpenStore


class DescribeContract:
    async def test_an_unknown_user_counts_nothing(self, store: Store, names: Names) -> None:
        description = await store.describe(names.user())
        assert description.stats == Stats(0, 0, 0, 0, 0, 0, 0)
        assert (description.user_ids, description.session_ids) == ((), ())
        assert await store.backlog(names.user()) == Backlog()

    async def test_a_user_is_counted(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session("b"), "One", "Two")
        await append_job(store, user, names.session("a"), names.job())
        await learn(
            store,
            user,
            fact(me(user), "LIVES_IN", place(user, "Porto"), *said),
            fact(me(user), "LIVES_IN", place(user, "Lisbon"), *said, status="ended"),
            fact(me(user), "OWNS", thing(user, "car"), *said, status="negated"),
        )
        description = await store.describe(user)
        assert description.stats == Stats(
            users=1, sessions=2, messages=3, entities=4, facts=3, current_facts=1, pending=1
        )
        assert description.user_ids == (user,)
        assert description.session_ids == (names.session("a"), names.session("b"))

    async def test_what_a_language_model_was_asked_is_summed_and_goes_with_its_user(
        self, store: Store, names: Names
    ) -> None:
        user, other = names.user("a"), names.user("b")
        for owner in (user, other):
            await tell(store, owner, names.session(owner), "I live in Porto", job_id=names.job(owner))
        nothing = update(lambda _: Changes())
        await store.apply(user, nothing, usage=Usage(1, 100, 20))
        await store.apply(user, nothing, job_id=names.job(user), usage=Usage(2, 50, 5))
        await store.apply(other, nothing, usage=Usage(1, 7, 3))
        await store.apply(other, nothing)
        assert _usage((await store.describe(user)).stats) == Usage(3, 150, 25)
        assert _usage((await store.describe(other)).stats) == Usage(1, 7, 3)
        assert _usage((await store.describe()).stats).prompt_tokens >= 157
        await store.forget(Selection(user_id=user), revise)
        assert _usage((await store.describe(user)).stats) == Usage()

    async def test_pending_counts_messages_not_jobs(self, store: Store, names: Names) -> None:
        user = names.user()
        await store.append(
            interaction(names.session(), message("a"), message("b"), message("c"), user_id=user, job_id=names.job("1"))
        )
        await store.append(
            interaction(names.session(), message("c"), message("d"), user_id=user, job_id=names.job("2"), worker="w")
        )
        for pending in (4, 1):
            assert (await store.describe(user)).stats.pending == pending
            assert await store.backlog(user) == Backlog(messages=pending)
            assert (await store.backlog()).messages >= pending
            await learn(store, user, job_id=names.job("1"))

    async def test_messages_of_a_parked_job_are_still_pending(self, store: Store, names: Names) -> None:
        """Their facts are not in."""
        user = names.user()
        await append_job(store, user, names.session(), names.job())
        await claim(store, "w", user, 1)
        await store.release(names.job(), error="cannot be read", retry_at=None, parked=True)
        assert (await store.describe(user)).stats.pending == 1
        assert await store.backlog(user) == Backlog(messages=1, parked=1, last_error="cannot be read")
        every = await store.backlog()
        assert every.messages >= 1
        assert every.parked >= 1
        assert every.last_error is not None

    async def test_the_last_error_is_of_that_user(self, store: Store, names: Names) -> None:
        alice, bob = names.user("alice"), names.user("bob")
        await append_job(store, alice, names.session("a"), names.job("a"))
        await append_job(store, bob, names.session("b"), names.job("b"))
        await store.release(names.job("a"), error="secret of alice", retry_at=None, parked=True)
        assert (await store.backlog(alice)).last_error == "secret of alice"
        assert await store.backlog(bob) == Backlog(messages=1)

    async def test_sessions_and_users_come_sorted_and_at_most_so_many(self, store: Store, names: Names) -> None:
        user = names.user()
        order = ["b", "Z", "a", "é", "c", "ｚ", "🦓"]
        sessions = [names.session(name) for name in order]
        for session in sessions:
            await tell(store, user, session, "Hello")
        assert (await store.describe(user)).session_ids == tuple(sorted(sessions))
        some = await store.describe(user, limit=3)
        assert some.session_ids == tuple(sorted(sessions)[:3])
        assert some.stats.sessions == len(sessions)

    async def test_without_a_user_all_are_counted(self, store: Store, names: Names, shared_store: bool) -> None:
        users = [names.user(name) for name in ("bob", "alice", "carol")]
        for i, user in enumerate(users):
            said = await tell(store, user, names.session(user), "Hello", "Again")
            await append_job(store, user, names.session(user), names.job(user), at=5)
            await learn(store, user, *(fact(me(user), "LIKES", thing(user, f"thing {n}"), *said) for n in range(i + 1)))
        description = await store.describe(limit=1_000_000)
        mine = Stats(users=3, sessions=3, messages=9, entities=9, facts=6, current_facts=6, pending=3)
        if shared_store:
            for field in Stats.__slots__:
                assert getattr(description.stats, field) >= getattr(mine, field), field
        else:
            assert description.stats == mine
            assert description.user_ids == tuple(sorted(users))
        assert set(users) <= set(description.user_ids)
        assert {names.session(user) for user in users} <= set(description.session_ids)
        assert list(description.user_ids) == sorted(description.user_ids)
        assert list(description.session_ids) == sorted(description.session_ids)
        two = await store.describe(limit=2)
        assert two.user_ids == description.user_ids[:2] or shared_store
        assert (len(two.user_ids), len(two.session_ids)) == (2, 2)

    async def test_what_is_stored_is_there_after_closing_and_opening(
        self, store: Store, names: Names, open_store: OpenStore
    ) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "I live in Porto")
        one = fact(me(user), "LIVES_IN", place(user, "Porto"), *said)
        await learn(store, user, one)
        await store.close()
        again = await open_store()
        assert (await again.ledger(user)).facts == (one,)
        assert await again.messages(user_id=user, session_id=None) == list(said)
        assert (await again.forget(Selection(user_id=user), revise)).messages == 1

    async def test_closing_twice_does_nothing(self, store: Store, names: Names) -> None:
        await tell(store, names.user(), names.session(), "Hello")
        await store.close()
        await store.close()

    async def test_a_store_that_was_never_used_can_be_closed(self, open_store: OpenStore) -> None:
        store = await open_store()
        await store.close()

    async def test_a_closed_store_refuses_with_an_error_of_its_own(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        await tell(store, user, session, "Hello")
        await store.close()
        with pytest.raises(StoreError):
            await tell(store, user, session, "Again", prefix="n")
        with pytest.raises(StoreError):
            await store.ledger(user)
        with pytest.raises(StoreError):
            await store.describe()


def _usage(stats: Stats) -> Usage:
    return Usage(stats.llm_requests, stats.prompt_tokens, stats.completion_tokens)
