"""What `Store.apply` promises when it is given a job: the job is finished with its facts, once, and never for messages that are gone."""

from __future__ import annotations

import asyncio

from graphmem.stores.base import Changes, Selection, Store

from ..builders import (
    append_job,
    by_id,
    changes_of,
    claim,
    fact,
    interaction,
    job_ids,
    learn,
    me,
    message,
    minute,
    place,
    revise,
    tell,
    thing,
    update,
)
from ..conftest import Names, OpenStore


class FinishContract:
    """`Store.apply` with a job."""

    async def test_applying_finishes_the_job(self, store: Store, names: Names) -> None:
        user = names.user()
        appended = await append_job(store, user, names.session(), names.job())
        await claim(store, "w", user, 1)
        one = fact(me(user), "LIVES_IN", place(user, "Porto"), *appended.messages)
        assert await learn(store, user, one, job_id=names.job()) == changes_of(one)
        assert (await store.describe(user)).stats.pending == 0
        assert await claim(store, "w", user, 99, all_due=True) == []

    async def test_a_job_without_facts_is_finished_too(self, store: Store, names: Names) -> None:
        user = names.user()
        await append_job(store, user, names.session(), names.job())
        assert not await store.apply(user, update(lambda _: Changes()), job_id=names.job())
        assert (await store.describe(user)).stats.pending == 0
        assert await claim(store, "w", user, 99, all_due=True) == []

    async def test_of_two_workers_with_the_same_job_one_writes(
        self, store: Store, names: Names, open_store: OpenStore
    ) -> None:
        user, second = names.user(), await open_store()
        appended = await append_job(store, user, names.session(), names.job())
        facts = [fact(me(user), "LIKES", thing(user, f"thing {i}"), *appended.messages) for i in range(8)]
        results = await asyncio.gather(
            *(learn((store, second)[i % 2], user, f, job_id=names.job()) for i, f in enumerate(facts))
        )
        written = [r for r in results if r]
        assert len(written) == 1
        assert (await store.ledger(user)).facts == written[0].facts

    async def test_a_job_that_is_finished_writes_nothing_more(self, store: Store, names: Names) -> None:
        user = names.user()
        appended = await append_job(store, user, names.session(), names.job())
        one = fact(me(user), "LIKES", thing(user, "tea"), *appended.messages)
        two = fact(me(user), "LIKES", thing(user, "coffee"), *appended.messages)
        await learn(store, user, one, job_id=names.job())
        assert await learn(store, user, two, job_id=names.job()) == Changes()
        assert await learn(store, user, two, job_id=names.job("never was")) == Changes()
        assert (await store.ledger(user)).facts == (one,)

    async def test_a_job_whose_messages_were_forgotten_writes_nothing(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        await tell(store, user, session, "Before")
        appended = await append_job(store, user, session, names.job())
        await claim(store, "w", user, 1)
        await store.forget(Selection(session_id=session, message_id=appended.messages[0].id), revise)
        one = fact(me(user), "LIKES", thing(user, "tea"), *appended.messages)
        assert await learn(store, user, one, job_id=names.job()) == Changes()
        ledger = await store.ledger(user)
        assert ledger.facts == ()
        assert thing(user, "tea") not in ledger.entities

    async def test_nothing_of_a_user_who_was_forgotten_comes_back(self, store: Store, names: Names) -> None:
        user = names.user()
        appended = await append_job(store, user, names.session(), names.job())
        await claim(store, "w", user, 1)
        await store.forget(Selection(user_id=user), revise)
        one = fact(me(user), "LIKES", thing(user, "tea"), *appended.messages)
        assert await learn(store, user, one, job_id=names.job()) == Changes()
        assert (await store.describe(user)).stats.users == 0
        assert (await store.ledger(user)).entities == ()

    async def test_a_job_that_more_is_to_come_for_stays_with_the_worker(self, store: Store, names: Names) -> None:
        user = names.user()
        appended = await append_job(store, user, names.session(), names.job())
        await claim(store, "w", user, 1)
        one = fact(me(user), "LIKES", thing(user, "tea"), *appended.messages)
        two = fact(me(user), "LIKES", thing(user, "milk"), *appended.messages)
        changes = changes_of(one)
        assert await store.apply(user, update(lambda _: changes), job_id=names.job(), finish=False) == changes
        assert (await store.describe(user)).stats.pending == len(appended.messages)
        assert await claim(store, "other", user, 1, all_due=True) == []
        assert await learn(store, user, two, job_id=names.job()) == changes_of(two)
        assert set((await store.ledger(user)).facts) == {one, two}
        assert (await store.describe(user)).stats.pending == 0
        assert await store.apply(user, update(lambda _: changes), job_id=names.job(), finish=False) == Changes()

    async def test_what_is_read_at_once_is_not_written_for_messages_that_are_gone(
        self, store: Store, names: Names
    ) -> None:
        user, session = names.user(), names.session()
        await tell(store, user, session, "Before")
        appended = await append_job(store, user, session, names.job())
        await store.forget(Selection(session_id=session, message_id=appended.messages[0].id), revise)
        changes = changes_of(fact(me(user), "LIKES", thing(user, "tea"), *appended.messages))
        assert await store.apply(user, update(lambda _: changes), job_id=names.job(), finish=False) == Changes()
        assert (await store.ledger(user)).facts == ()

    async def test_statements_of_a_forgotten_message_are_not_written(self, store: Store, names: Names) -> None:
        user, session, secret = names.user(), names.session(), "zanzibar"
        kept, gone = message("kept", "I like tea", at=0), message("gone", f"I like tea, {secret}", at=1)
        appended = await store.append(interaction(session, kept, gone, user_id=user, job_id=names.job()))
        said_kept, said_gone = appended.messages
        await store.forget(Selection(session_id=session, message_id="gone"), revise)
        only_gone = fact(me(user), "VISITED", place(user, "Unguja"), said_gone)
        only_kept = fact(me(user), "LIKES", thing(user, "milk"), said_kept)
        both = fact(me(user), "LIKES", thing(user, "tea"), said_kept, said_gone)
        written = await learn(store, user, only_gone, only_kept, both, job_id=names.job())
        ledger = await store.ledger(user)
        facts = {f.id: f for f in ledger.facts}
        assert only_gone.id not in facts
        assert facts[only_kept.id] == only_kept
        assert facts[both.id].statements == both.statements[:1]
        assert facts[both.id].message_ids == ("kept",)
        assert secret not in repr([(f, f.statements) for f in ledger.facts])
        assert {f.id: f for f in written.facts} == facts
        assert (await store.describe(user)).stats.pending == 0

    async def test_an_entity_that_only_a_forgotten_message_named_is_not_written(
        self, store: Store, names: Names
    ) -> None:
        user, session = names.user(), names.session()
        appended = await store.append(
            interaction(session, message("kept"), message("gone"), user_id=user, job_id=names.job())
        )
        await store.forget(Selection(session_id=session, message_id="gone"), revise)
        tea, unguja = thing(user, "tea"), place(user, "Unguja")
        facts = (
            fact(me(user), "LIKES", tea, appended.messages[0]),
            fact(me(user), "VISITED", unguja, appended.messages[1]),
        )
        await learn(store, user, *facts, job_id=names.job())
        assert by_id((await store.ledger(user)).entities) == by_id([me(user), tea])

    async def test_statements_of_expired_messages_stay_when_their_fact_is_written_again(
        self, store: Store, names: Names
    ) -> None:
        """A store checks the messages of the job; those that expired before are gone, and their statements stay."""
        user, session = names.user(), names.session()
        old = await tell(store, user, session, "I like tea")
        tea = thing(user, "tea")
        await learn(store, user, fact(me(user), "LIKES", tea, *old))
        new = await append_job(store, user, session, names.job(), at=60)
        await store.forget(Selection(user_id=user, expired_before=minute(30), facts=False), revise)
        both = fact(me(user), "LIKES", tea, *old, *new.messages)
        assert (await learn(store, user, both, job_id=names.job())).facts == (both,)
        assert (await store.ledger(user)).facts == (both,)

    async def test_another_users_job_is_not_finished(self, store: Store, names: Names) -> None:
        alice, bob = names.user("alice"), names.user("bob")
        await append_job(store, alice, names.session("a"), names.job())
        said = await tell(store, bob, names.session("b"), "Tea")
        one = fact(me(bob), "LIKES", thing(bob, "tea"), *said)
        assert await learn(store, bob, one, job_id=names.job()) == Changes()
        assert (await store.describe(alice)).stats.pending == 1
        assert job_ids(await claim(store, "w", alice, 1)) == [names.job()]

    async def test_forgetting_while_facts_are_applied_leaves_no_fact_without_its_message(
        self, store: Store, names: Names, open_store: OpenStore
    ) -> None:
        user, second = names.user(), await open_store()
        jobs = [await append_job(store, user, names.session(str(i)), names.job(str(i)), at=i) for i in range(8)]

        async def finish(i: int) -> None:
            one = fact(me(user), "LIKES", thing(user, f"thing {i}"), *jobs[i].messages)
            await learn(store, user, one, job_id=names.job(str(i)))

        async def forget(i: int) -> None:
            said = jobs[i].messages[0]
            await second.forget(Selection(session_id=said.session_id, message_id=said.id), revise)

        await asyncio.gather(*(step for i in range(8) for step in ((finish(i), forget(i))[:: 1 if i % 2 else -1])))
        ledger = await store.ledger(user)
        assert ledger.facts == ()
        assert [e for e in ledger.entities if e.label == "Thing"] == []
        assert (await store.describe(user)).stats.messages == 0
