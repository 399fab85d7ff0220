"""What `Store.claim` and `Store.release` promise."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from graphmem.stores.base import Backlog, Claim, Selection, Store

from ..builders import START, append_job, claim, interaction, job_ids, learn, message, minute, revise
from ..conftest import Names, OpenStore

LONG_AGO = START - timedelta(days=20_000)
"""A claim at this time holds nothing in the present of other tests, so that it can ask for the jobs of all users."""


class ClaimContract:
    async def test_nothing_to_claim(self, store: Store, names: Names) -> None:
        assert await claim(store, "w", names.user(), 0) == []

    async def test_jobs_come_oldest_first(self, store: Store, names: Names) -> None:
        user = names.user()
        order = ["c", "a", "d", "b"]
        for i, name in enumerate(order):
            await append_job(store, user, names.session(name), names.job(name), at=i)
        assert job_ids(await claim(store, "w", user, 5)) == [names.job(name) for name in order]

    async def test_a_claimed_job_is_nobody_elses_until_the_lease_runs_out(self, store: Store, names: Names) -> None:
        user = names.user()
        await append_job(store, user, names.session(), names.job())
        (first,) = await claim(store, "w1", user, 1, lease=timedelta(minutes=10))
        assert await claim(store, "w2", user, 10.9, all_due=True) == []
        assert await claim(store, "w1", user, 10.9) == []
        (second,) = await claim(store, "w2", user, 11.1)
        assert second == first
        assert second.attempts == 0
        assert await claim(store, "w1", user, 11.2) == []

    async def test_the_lease_counts_by_the_time_of_the_claim_not_by_a_clock_of_its_own(
        self, store: Store, names: Names
    ) -> None:
        user = names.user()
        await append_job(store, user, names.session(), names.job(), at=0)
        century = 60 * 24 * 365 * 100
        assert len(await claim(store, "w1", user, century)) == 1
        assert await claim(store, "w2", user, 0) == []
        assert await claim(store, "w2", user, century + 0.9) == []
        assert len(await claim(store, "w2", user, century + 1.1)) == 1

    async def test_the_limit_holds_and_the_rest_stays(self, store: Store, names: Names) -> None:
        user = names.user()
        for i in range(5):
            await append_job(store, user, names.session(str(i)), names.job(str(i)), at=i)
        assert job_ids(await claim(store, "w1", user, 5, limit=2)) == [names.job("0"), names.job("1")]
        assert job_ids(await claim(store, "w2", user, 5, limit=2)) == [names.job("2"), names.job("3")]
        assert job_ids(await claim(store, "w3", user, 5, limit=2)) == [names.job("4")]

    async def test_only_jobs_of_the_user_that_is_asked_for(self, store: Store, names: Names) -> None:
        alice, bob = names.user("alice"), names.user("bob")
        await append_job(store, alice, names.session("a"), names.job("a"))
        await append_job(store, bob, names.session("b"), names.job("b"))
        (job,) = await claim(store, "w", bob, 1)
        assert (job.id, job.user_id) == (names.job("b"), bob)
        assert job_ids(await claim(store, "w", alice, 1)) == [names.job("a")]

    async def test_without_a_user_jobs_of_all_users_come(self, store: Store, names: Names) -> None:
        alice, bob = names.user("alice"), names.user("bob")
        await append_job(store, alice, names.session("a"), names.job("a"))
        await append_job(store, bob, names.session("b"), names.job("b"))
        jobs = await store.claim(Claim("w", LONG_AGO, limit=10_000))
        mine = [(job.id, job.user_id) for job in jobs if job.user_id in (alice, bob)]
        assert mine == [(names.job("a"), alice), (names.job("b"), bob)]

    async def test_jobs_of_a_session_come_in_their_order(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        order = ["9", "1", "5", "3"]
        for i, name in enumerate(order):
            await append_job(store, user, session, names.job(name), at=i)
        assert job_ids(await claim(store, "w", user, 5)) == [names.job(name) for name in order]

    async def test_a_job_waits_while_another_worker_holds_an_earlier_one_of_its_session(
        self, store: Store, names: Names
    ) -> None:
        user, session = names.user(), names.session()
        for i, name in enumerate("abc"):
            await append_job(store, user, session, names.job(name), at=i)
        await append_job(store, user, names.session("other"), names.job("d"), at=3)
        assert job_ids(await claim(store, "w1", user, 4, limit=1)) == [names.job("a")]
        assert job_ids(await claim(store, "w2", user, 4)) == [names.job("d")]
        assert job_ids(await claim(store, "w1", user, 4)) == [names.job("b"), names.job("c")]

    async def test_the_next_of_a_session_comes_when_the_one_before_is_finished(
        self, store: Store, names: Names
    ) -> None:
        user, session = names.user(), names.session()
        for i, name in enumerate("ab"):
            await append_job(store, user, session, names.job(name), at=i)
        await claim(store, "w1", user, 4, limit=1)
        assert await claim(store, "w2", user, 4) == []
        await learn(store, user, job_id=names.job("a"))
        assert job_ids(await claim(store, "w2", user, 4)) == [names.job("b")]

    async def test_when_the_lease_of_the_one_before_runs_out_both_come_in_order(
        self, store: Store, names: Names
    ) -> None:
        user, session = names.user(), names.session()
        for i, name in enumerate("ab"):
            await append_job(store, user, session, names.job(name), at=i)
        await claim(store, "w1", user, 4, limit=1)
        assert job_ids(await claim(store, "w2", user, 5.1)) == [names.job("a"), names.job("b")]

    async def test_a_job_whose_messages_are_all_gone_is_dropped(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        await append_job(store, user, session, names.job("a"))
        await append_job(store, user, session, names.job("b"), at=1)
        await store.forget(Selection(session_id=session, message_id=f"m-{names.job('a')}"), revise)
        assert job_ids(await claim(store, "w", user, 2)) == [names.job("b")]
        await learn(store, user, job_id=names.job("b"))
        assert await claim(store, "w", user, 9, all_due=True) == []

    async def test_workers_that_claim_at_once_never_share_a_job(
        self, store: Store, names: Names, open_store: OpenStore
    ) -> None:
        user, second = names.user(), await open_store()
        for i in range(8):
            for part in range(2):
                await append_job(store, user, names.session(str(i)), names.job(f"{i}.{part}"), at=i + part / 2)

        async def work(worker: int) -> list[tuple[str, str]]:
            got: list[tuple[str, str]] = []
            while jobs := await claim((store, second)[worker % 2], f"w{worker}", user, 20, limit=3):
                got += [(job.session_id, job.id) for job in jobs]
            return got

        shares = await asyncio.gather(*(work(n) for n in range(6)))
        everything = [id for share in shares for _, id in share]
        assert sorted(everything) == sorted(names.job(f"{i}.{part}") for i in range(8) for part in range(2))
        sessions = [{session for session, _ in share} for share in shares]
        assert sum(map(len, sessions)) == 8, "two workers hold jobs of one session"
        assert all(share == sorted(share, key=lambda entry: entry[1]) for share in map(_by_session, shares))

    async def test_a_released_job_without_an_error_is_free_at_once(self, store: Store, names: Names) -> None:
        user = names.user()
        await append_job(store, user, names.session(), names.job())
        (first,) = await claim(store, "w1", user, 1)
        await store.release(first.id, error=None, retry_at=None)
        assert await claim(store, "w2", user, 1) == [first]

    async def test_without_an_error_a_retry_time_does_not_count(self, store: Store, names: Names) -> None:
        user = names.user()
        await append_job(store, user, names.session(), names.job())
        await claim(store, "w1", user, 1)
        await store.release(names.job(), error=None, retry_at=minute(30))
        assert job_ids(await claim(store, "w2", user, 1)) == [names.job()]

    async def test_a_released_job_with_an_error_is_due_at_its_retry_time(self, store: Store, names: Names) -> None:
        user = names.user()
        await append_job(store, user, names.session(), names.job())
        await claim(store, "w1", user, 1)
        await store.release(names.job(), error="the endpoint is down", retry_at=minute(30))
        assert await claim(store, "w2", user, 29.9) == []
        (job,) = await claim(store, "w2", user, 30)
        assert (job.attempts, job.error) == (1, "the endpoint is down")

    async def test_with_all_due_a_job_does_not_wait_for_its_retry_time(self, store: Store, names: Names) -> None:
        user = names.user()
        await append_job(store, user, names.session(), names.job())
        await claim(store, "w1", user, 1)
        await store.release(names.job(), error="down", retry_at=minute(30))
        assert job_ids(await claim(store, "w2", user, 2, all_due=True)) == [names.job()]
        assert await claim(store, "w1", user, 2, all_due=True) == []

    async def test_attempts_count_failures_and_the_error_is_the_last_one(self, store: Store, names: Names) -> None:
        user = names.user()
        await append_job(store, user, names.session(), names.job())
        for at, error in ((1, "first"), (2, "second"), (3, None)):
            assert len(await claim(store, "w", user, at)) == 1
            await store.release(names.job(), error=error, retry_at=None)
        (job,) = await claim(store, "w", user, 4)
        assert (job.attempts, job.error) == (2, "second")

    async def test_a_job_that_was_not_tried_keeps_its_attempts_and_gets_the_cause(
        self, store: Store, names: Names
    ) -> None:
        user = names.user()
        await append_job(store, user, names.session(), names.job())
        await claim(store, "w", user, 1)
        await store.release(names.job(), error="not asked now", retry_at=minute(9), attempted=False)
        assert await claim(store, "w", user, 8) == []
        (job,) = await claim(store, "w", user, 9)
        assert (job.attempts, job.error) == (0, "not asked now")

    async def test_a_lease_is_renewed_by_the_worker_that_holds_it_and_by_no_other(
        self, store: Store, names: Names
    ) -> None:
        user = names.user()
        await append_job(store, user, names.session(), names.job())
        lease = timedelta(minutes=10)
        assert len(await claim(store, "w1", user, 0, lease=lease)) == 1
        assert await claim(store, "w1", user, 8, lease=lease, limit=0, renew=(names.job(), names.job("none"))) == []
        assert await claim(store, "w2", user, 12, lease=lease, renew=(names.job(),)) == []
        assert await claim(store, "w2", user, 17.9, lease=lease) == []
        assert job_ids(await claim(store, "w2", user, 18, lease=lease)) == [names.job()]
        await claim(store, "w1", user, 19, lease=lease, limit=0, renew=(names.job(),))
        assert job_ids(await claim(store, "w3", user, 28, lease=lease)) == [names.job()]

    async def test_a_worker_hands_back_what_it_holds_by_a_lease_that_is_over(self, store: Store, names: Names) -> None:
        user = names.user()
        jobs = [names.job(name) for name in "abc"]
        for i, job in enumerate(jobs):
            await append_job(store, user, names.session(str(i)), job, at=i)
        lease = timedelta(minutes=10)
        assert len(await claim(store, "w1", user, 3, lease=lease)) == 3
        assert await claim(store, "w1", user, 4, lease=-lease, limit=0, renew=tuple(jobs[:2])) == []
        assert job_ids(await claim(store, "w2", user, 4, lease=lease)) == jobs[:2]
        await claim(store, "w1", user, 5, lease=-lease, limit=0, renew=tuple(jobs))
        assert job_ids(await claim(store, "w3", user, 5, lease=lease)) == jobs[2:]

    async def test_a_job_that_waits_for_its_retry_holds_up_no_other_of_its_session(
        self, store: Store, names: Names
    ) -> None:
        """Only a job that another worker holds does: one message that always fails must not stop its session."""
        user, session = names.user(), names.session()
        for i, name in enumerate("ab"):
            await append_job(store, user, session, names.job(name), at=i)
        await claim(store, "w1", user, 2, limit=1)
        await store.release(names.job("a"), error="down", retry_at=minute(90))
        assert job_ids(await claim(store, "w2", user, 3)) == [names.job("b")]

    async def test_a_parked_job_comes_only_when_asked_for_and_then_is_one_like_others(
        self, store: Store, names: Names
    ) -> None:
        user = names.user()
        await append_job(store, user, names.session(), names.job())
        await claim(store, "w", user, 2)
        await store.release(names.job(), error="cannot be read", retry_at=minute(9_000), parked=True)
        assert await claim(store, "w", user, 3) == []
        assert job_ids(await claim(store, "w2", user, 4, parked=True, all_due=True)) == [names.job()]
        assert (await store.backlog(user)).parked == 0
        await store.release(names.job(), error=None, retry_at=None)
        assert job_ids(await claim(store, "w", user, 5)) == [names.job()]

    async def test_a_parked_job_does_not_come_by_itself_and_is_counted(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        await append_job(store, user, session, names.job("a"))
        await append_job(store, user, session, names.job("b"), at=1)
        await claim(store, "w", user, 2, limit=1)
        await store.release(names.job("a"), error="cannot be read", retry_at=None, parked=True)
        assert job_ids(await claim(store, "w2", user, 10_000, all_due=True)) == [names.job("b")]
        assert await store.backlog(user) == Backlog(messages=2, parked=1, last_error="cannot be read")

    async def test_releasing_a_job_that_is_gone_is_no_error(self, store: Store, names: Names) -> None:
        user = names.user()
        await append_job(store, user, names.session(), names.job())
        await learn(store, user, job_id=names.job())
        await store.release(names.job(), error="too late", retry_at=None)
        await store.release(names.job("never"), error=None, retry_at=None, parked=True)
        assert await store.backlog(user) == Backlog()
        assert await claim(store, "w", user, 99, all_due=True) == []

    async def test_jobs_survive_closing_and_opening(self, store: Store, names: Names, open_store: OpenStore) -> None:
        user = names.user()
        appended = await store.append(interaction(names.session(), message("m"), user_id=user, job_id=names.job()))
        await store.release(names.job(), error="down", retry_at=minute(5))
        second = await open_store()
        assert await claim(second, "w", user, 4) == []
        (job,) = await claim(second, "w", user, 6)
        assert appended.job is not None
        assert (job.messages, job.attempts, job.error) == (appended.job.messages, 1, "down")


def _by_session(share: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The share with its sessions together, each in the order in which its jobs came."""
    return sorted(share, key=lambda entry: entry[0])
