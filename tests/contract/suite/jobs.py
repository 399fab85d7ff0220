"""The job that `Store.append` leaves pending: what it carries, and the same when it is claimed."""

from __future__ import annotations

from graphmem.stores.base import Selection, Store
from graphmem.text import probe

from ..builders import (
    append_job,
    by_id,
    claim,
    fact,
    interaction,
    learn,
    me,
    message,
    minute,
    person,
    place,
    recall,
    revise,
    tell,
)
from ..conftest import Names


class JobContract:
    async def test_a_job_carries_its_interaction(self, store: Store, names: Names) -> None:
        user, session, job_id = names.user(), names.session(), names.job()
        appended = await store.append(
            interaction(session, message("q"), message("a", role="assistant"), user_id=user, job_id=job_id)
        )
        job = appended.job
        assert job is not None
        assert (job.id, job.user_id, job.session_id) == (job_id, user, session)
        assert job.messages == appended.messages
        assert (job.history, job.known, job.attempts, job.error) == ((), (), 0, None)
        assert job.user_name == "User"

    async def test_no_job_is_left_without_a_job_id(self, store: Store, names: Names) -> None:
        user = names.user()
        appended = await store.append(interaction(names.session(), message("m"), user_id=user))
        assert appended.job is None
        assert await claim(store, "w", user, 1) == []

    async def test_a_job_without_a_worker_can_be_claimed_at_once_and_is_the_same_job(
        self, store: Store, names: Names
    ) -> None:
        user = names.user()
        appended = await append_job(store, user, names.session(), names.job())
        assert await claim(store, "w", user, 0) == [appended.job]

    async def test_a_job_with_a_worker_is_held_until_its_lease_runs_out(self, store: Store, names: Names) -> None:
        user = names.user()
        appended = await store.append(
            interaction(names.session(), message("m"), user_id=user, job_id=names.job(), worker="w1", now=0)
        )
        assert appended.job is not None
        assert await claim(store, "w2", user, 0.9) == []
        assert await claim(store, "w1", user, 0.9, all_due=True) == []
        assert await claim(store, "w2", user, 1.1) == [appended.job]

    async def test_history_is_the_messages_just_before_oldest_first(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        await tell(store, user, session, "One", "Two", "Three", "Four")
        appended = await store.append(interaction(session, message("m5"), user_id=user, job_id=names.job(), history=2))
        assert appended.job is not None
        assert [m.id for m in appended.job.history] == ["m3", "m4"]
        assert [m.id for m in appended.job.messages] == ["m5"]
        assert await claim(store, "w", user, 1) == [appended.job]

    async def test_history_may_be_none_at_all_or_shorter_than_asked_for(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        await tell(store, user, session, "One", "Two")
        none = await store.append(interaction(session, message("m3"), user_id=user, job_id=names.job("a"), history=0))
        all_of_it = await store.append(
            interaction(session, message("m4"), user_id=user, job_id=names.job("b"), history=50)
        )
        assert none.job is not None
        assert all_of_it.job is not None
        assert none.job.history == ()
        assert [m.id for m in all_of_it.job.history] == ["m1", "m2", "m3"]

    async def test_history_is_of_the_same_session(self, store: Store, names: Names) -> None:
        user = names.user()
        await tell(store, user, names.session("other"), "One")
        appended = await append_job(store, user, names.session(), names.job())
        assert appended.job is not None
        assert appended.job.history == ()

    async def test_the_job_of_a_partial_repeat_covers_the_new_messages_only(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        await store.append(interaction(session, message("a", "One"), user_id=user))
        appended = await store.append(
            interaction(session, message("a", "One"), message("b", "Two"), user_id=user, job_id=names.job())
        )
        assert appended.job is not None
        assert [m.id for m in appended.job.messages] == ["b"]
        assert [m.id for m in appended.job.history] == ["a"]
        assert (await store.describe(user)).stats.pending == 1
        assert await claim(store, "w", user, 1) == [appended.job]

    async def test_a_repeat_while_the_job_is_pending_leaves_no_second_job(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        new = message("m")
        await store.append(interaction(session, new, user_id=user, job_id=names.job("first")))
        again = await store.append(interaction(session, new, user_id=user, job_id=names.job("second")))
        assert again.job is None
        assert [job.id for job in await claim(store, "w", user, 1)] == [names.job("first")]

    async def test_the_job_knows_the_name_of_its_user(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        await tell(store, user, session, "Hello")
        await learn(store, user, entities=[me(user, "Zoë Müller")])
        appended = await append_job(store, user, session, names.job())
        assert appended.job is not None
        assert appended.job.user_name == "Zoë Müller"
        assert [job.user_name for job in await claim(store, "w", user, 1)] == ["Zoë Müller"]

    async def test_the_job_knows_the_entities_that_its_messages_name(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        said = await tell(store, user, session, "I live in Porto. My sister is Ana. I was in Lisbon.")
        ana, porto, lisbon = person(user, "Ana", "sister"), place(user, "São Paulo", "Sampa"), place(user, "Lisbon")
        await learn(store, user, *(fact(me(user), "RELATED_TO", e, *said) for e in (ana, porto, lisbon)))
        by_alias = message("x", "Her name... I mean my SISTER: she flew", at=5)
        by_name = message("y", "to sao paulo!", role="assistant", at=6)
        appended = await store.append(interaction(session, by_alias, by_name, user_id=user, job_id=names.job()))
        assert appended.job is not None
        assert {e.id: e for e in appended.job.known} == {ana.id: ana, porto.id: porto}
        (claimed,) = await claim(store, "w", user, 6)
        assert {e.id: e for e in claimed.known} == {ana.id: ana, porto.id: porto}

    async def test_the_job_knows_what_is_named_anywhere_in_a_long_message(self, store: Store, names: Names) -> None:
        """A query is cut to its ends, a message is not."""
        user = names.user()
        said = await tell(store, user, names.session("old"), "About everybody")
        ana, york = person(user, "Ana"), place(user, "New York City")
        await learn(store, user, *(fact(me(user), "RELATED_TO", e, *said) for e in (ana, york)))
        rest = " ".join(f"word{i}" for i in range(400))
        appended = await store.append(
            interaction(
                names.session(),
                message("m", f"{rest} Ana {rest} New York City {rest}", at=5),
                user_id=user,
                job_id=names.job(),
            )
        )
        assert appended.job is not None
        assert by_id(appended.job.known) == by_id([ana, york])
        (claimed,) = await claim(store, "w", user, 6)
        assert by_id(claimed.known) == by_id([ana, york])
        asked = await recall(store, user, None, names.session())
        assert asked.query == probe(appended.messages[0].text)
        assert asked.linked == ()

    async def test_the_job_knows_no_entity_of_another_user(self, store: Store, names: Names) -> None:
        bob = names.user("bob")
        said = await tell(store, bob, names.session("bob"), "I live in Porto")
        await learn(store, bob, fact(me(bob), "LIVES_IN", place(bob, "Porto"), *said))
        user = names.user()
        appended = await store.append(
            interaction(names.session(), message("m", "Porto is nice"), user_id=user, job_id=names.job())
        )
        assert appended.job is not None
        assert appended.job.known == ()

    async def test_a_claimed_job_is_as_the_store_is_now(self, store: Store, names: Names) -> None:
        """Entities that became known and messages that were forgotten after the append show in the claimed job."""
        user, session = names.user(), names.session()
        said = await tell(store, user, session, "One", "Two", "Three")
        new = [message("x", "Porto again", at=5), message("y", "And Lisbon", at=6)]
        await store.append(interaction(session, *new, user_id=user, job_id=names.job()))
        porto = place(user, "Porto")
        await learn(store, user, fact(me(user), "LIVES_IN", porto, said[0]))
        await store.forget(Selection(session_id=session, message_id="m3"), revise)
        await store.forget(Selection(session_id=session, message_id="y"), revise)
        (job,) = await claim(store, "w", user, 7)
        assert [m.id for m in job.messages] == ["x"]
        assert [m.id for m in job.history] == ["m1", "m2"]
        assert job.known == (porto,)
        assert (await store.describe(user)).stats.pending == 1
        assert job.messages[0].at == minute(5)
