"""What `Store.forget` promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from graphmem.errors import SessionOwnerError
from graphmem.records import Entity, Fact, Forgotten, Stats
from graphmem.stores.base import Backlog, Changes, Gone, Ledger, NewMessage, Selection, Store

from ..builders import (
    append_job,
    by_id,
    claim,
    fact,
    interaction,
    job_ids,
    learn,
    me,
    message,
    minute,
    newest_first,
    place,
    recall,
    revise,
    supported_by,
    tell,
    thing,
)
from ..conftest import Names

NOTHING = Forgotten(0, 0, 0, 0)


class Diary:
    """A user with two sessions, three facts and a pending job: tea is said in both sessions, the others in one."""

    def __init__(self, user: str, names: Names, key: str) -> None:
        self.user = user
        self.first, self.second, self.job = names.session(f"{key}1"), names.session(f"{key}2"), names.job(key)

    async def write(self, store: Store) -> Diary:
        a = await tell(store, self.user, self.first, "I like tea", "I like milk")
        b = await tell(store, self.user, self.second, "Tea it is", "I live in Porto", at=60)
        await append_job(store, self.user, self.second, self.job, at=90)
        user = me(self.user)
        self.tea_fact = fact(user, "LIKES", thing(self.user, "tea"), a[0], b[0])
        self.milk_fact = fact(user, "LIKES", thing(self.user, "milk"), a[1])
        self.porto_fact = fact(user, "LIVES_IN", place(self.user, "Porto"), b[1])
        await learn(store, self.user, *self.facts)
        return self

    @property
    def facts(self) -> tuple[Fact, ...]:
        return (self.tea_fact, self.milk_fact, self.porto_fact)

    def entities(self, *names: str) -> list[Entity]:
        known = {"tea": thing(self.user, "tea"), "milk": thing(self.user, "milk"), "Porto": place(self.user, "Porto")}
        return by_id([me(self.user), *(known[name] for name in names)])


async def diary(store: Store, names: Names, key: str = "alice") -> Diary:
    return await Diary(names.user(key), names, key).write(store)


async def assert_whole(store: Store, one: Diary) -> None:
    assert (await store.describe(one.user)).stats == Stats(1, 2, 5, 4, 3, 3, 1)
    assert list((await store.ledger(one.user)).facts) == newest_first(one.facts)


async def assert_gone(store: Store, user: str) -> None:
    description = await store.describe(user)
    assert description.stats == Stats(0, 0, 0, 0, 0, 0, 0)
    assert (description.user_ids, description.session_ids) == ((), ())
    assert await store.backlog(user) == Backlog()
    ledger = await store.ledger(user)
    assert (ledger.entities, ledger.facts) == ((), ())
    assert await store.messages(user_id=user, session_id=None) == []
    answer = await recall(store, user, "tea milk porto")
    assert (answer.matches, answer.linked, answer.facts, answer.user, answer.message_count) == ((), (), (), None, 0)
    assert await claim(store, "w", user, 10_000, all_due=True) == []


class ForgetContract:
    async def test_forgetting_a_user(self, store: Store, names: Names) -> None:
        alice, bob = await diary(store, names, "alice"), await diary(store, names, "bob")
        forgotten = await store.forget(Selection(user_id=alice.user), revise)
        assert forgotten == Forgotten(messages=5, facts=3, entities=4, sessions=2)
        await assert_gone(store, alice.user)
        await assert_whole(store, bob)
        assert await store.forget(Selection(user_id=alice.user), revise) == NOTHING

    async def test_forgetting_a_session(self, store: Store, names: Names) -> None:
        alice, bob = await diary(store, names, "alice"), await diary(store, names, "bob")
        forgotten = await store.forget(Selection(user_id=alice.user, session_id=alice.second), revise)
        assert forgotten == Forgotten(messages=3, facts=1, entities=1, sessions=1)
        assert (await store.describe(alice.user)).stats == Stats(1, 1, 2, 3, 2, 2, 0)
        ledger = await store.ledger(alice.user)
        left = supported_by(alice.tea_fact, alice.tea_fact.statements[:1])
        assert list(ledger.facts) == newest_first([left, alice.milk_fact])
        assert by_id(ledger.entities) == alice.entities("tea", "milk")
        assert await store.messages(user_id=None, session_id=alice.second) == []
        assert await claim(store, "w", alice.user, 99, all_due=True) == []
        assert (await recall(store, alice.user, "porto")).matches == ()
        await assert_whole(store, bob)
        assert await store.forget(Selection(user_id=alice.user, session_id=alice.second), revise) == NOTHING

    async def test_a_session_may_be_named_without_its_user(self, store: Store, names: Names) -> None:
        alice = await diary(store, names)
        assert (await store.forget(Selection(session_id=alice.first), revise)) == Forgotten(2, 1, 1, 1)
        ledger = await store.ledger(alice.user)
        left = supported_by(alice.tea_fact, alice.tea_fact.statements[1:])
        assert list(ledger.facts) == newest_first([left, alice.porto_fact])
        assert [job.id for job in await claim(store, "w", alice.user, 99)] == [alice.job]

    async def test_forgetting_a_message(self, store: Store, names: Names) -> None:
        alice, bob = await diary(store, names, "alice"), await diary(store, names, "bob")
        milk = Selection(session_id=alice.first, message_id="m2")
        assert await store.forget(milk, revise) == Forgotten(messages=1, facts=1, entities=1, sessions=0)
        assert list((await store.ledger(alice.user)).facts) == newest_first([alice.tea_fact, alice.porto_fact])
        assert [m.id for m in await store.messages(user_id=None, session_id=alice.first)] == ["m1"]
        assert len(await store.messages(user_id=None, session_id=alice.second)) == 3, "its namesake elsewhere stays"
        tea = Selection(user_id=alice.user, session_id=alice.first, message_id="m1")
        assert await store.forget(tea, revise) == Forgotten(messages=1, facts=0, entities=0, sessions=1)
        assert (await store.ledger(alice.user)).facts[-1].message_ids == ("m1",)
        assert (await store.describe(alice.user)).session_ids == (alice.second,)
        assert await store.forget(milk, revise) == await store.forget(tea, revise) == NOTHING
        await assert_whole(store, bob)

    async def test_forgetting_a_fact(self, store: Store, names: Names) -> None:
        alice, bob = await diary(store, names, "alice"), await diary(store, names, "bob")
        selection = Selection(user_id=alice.user, fact_id=alice.porto_fact.id)
        assert await store.forget(selection, revise) == Forgotten(messages=0, facts=1, entities=1, sessions=0)
        ledger = await store.ledger(alice.user)
        assert list(ledger.facts) == newest_first([alice.tea_fact, alice.milk_fact])
        assert by_id(ledger.entities) == alice.entities("tea", "milk")
        assert (await store.describe(alice.user)).stats.messages == 5
        assert await store.forget(selection, revise) == NOTHING
        await assert_whole(store, bob)

    async def test_another_users_fact_cannot_be_forgotten(self, store: Store, names: Names) -> None:
        alice, bob = await diary(store, names, "alice"), await diary(store, names, "bob")
        assert await store.forget(Selection(user_id=bob.user, fact_id=alice.tea_fact.id), revise) == NOTHING
        await assert_whole(store, alice)
        await assert_whole(store, bob)

    async def test_forgetting_checks_the_owner_of_the_session(self, store: Store, names: Names) -> None:
        alice, bob = await diary(store, names, "alice"), await diary(store, names, "bob")
        for message_id in (None, "m1", "unknown"):
            with pytest.raises(SessionOwnerError) as refusal:
                await store.forget(Selection(user_id=bob.user, session_id=alice.first, message_id=message_id), revise)
            assert alice.user not in str(refusal.value)
        await assert_whole(store, alice)
        await assert_whole(store, bob)

    async def test_forgetting_what_does_not_exist_removes_nothing(self, store: Store, names: Names) -> None:
        alice, nobody = await diary(store, names), names.user("nobody")
        for selection in (
            Selection(user_id=nobody),
            Selection(session_id=names.session("none")),
            Selection(user_id=alice.user, session_id=names.session("none")),
            Selection(session_id=alice.first, message_id="none"),
            Selection(session_id=names.session("none"), message_id="m1"),
            Selection(user_id=alice.user, fact_id="none"),
            Selection(user_id=nobody, fact_id=alice.tea_fact.id),
            Selection(user_id=nobody, expired_before=minute(999)),
            Selection(user_id=alice.user, expired_before=minute(-999)),
        ):
            assert await store.forget(selection, revise) == NOTHING, selection
        await assert_whole(store, alice)
        await assert_gone(store, nobody)

    async def test_revise_gets_the_whole_ledger_and_what_is_gone(self, store: Store, names: Names) -> None:
        alice = await diary(store, names)
        await diary(store, names, "bob")
        before = await store.ledger(alice.user)
        seen: list[tuple[Ledger, Gone]] = []

        def look(ledger: Ledger, gone: Gone) -> Changes:
            seen.append((ledger, gone))
            return revise(ledger, gone)

        await store.forget(Selection(session_id=alice.first, message_id="m2"), look)
        ledger, gone = seen[-1]
        assert gone == Gone(messages=frozenset({(alice.first, "m2")}), user_id=alice.user)
        assert ledger.whole
        assert ledger.facts == before.facts
        assert by_id(ledger.entities) == by_id(before.entities)
        await store.forget(Selection(session_id=alice.second), look)
        assert seen[-1][1].messages == {(alice.second, id) for id in ("m1", "m2", f"m-{alice.job}")}
        await store.forget(Selection(user_id=alice.user, fact_id=alice.tea_fact.id), look)
        assert seen[-1][1] == Gone(facts=frozenset({alice.tea_fact.id}), user_id=alice.user)

    async def test_what_revise_decides_is_written(self, store: Store, names: Names) -> None:
        """Also beyond removals: a fact that only the forgotten one had ended is current again."""
        alice = await diary(store, names)
        again = fact(
            me(alice.user),
            "OWNS",
            thing(alice.user, "boat"),
            (await store.messages(user_id=None, session_id=alice.first))[0],
        )

        def decide(ledger: Ledger, gone: Gone) -> Changes:
            plain = revise(ledger, gone)
            return Changes((thing(alice.user, "boat"),), (again,), plain.removed_facts, plain.removed_entities)

        forgotten = await store.forget(Selection(session_id=alice.first, message_id="m2"), decide)
        assert (forgotten.messages, forgotten.facts) == (1, 1)
        assert list((await store.ledger(alice.user)).facts) == newest_first([alice.tea_fact, alice.porto_fact, again])

    async def test_a_revise_that_fails_changes_nothing(self, store: Store, names: Names) -> None:
        alice = await diary(store, names)

        def fail(ledger: Ledger, gone: Gone) -> Changes:
            raise LookupError

        with pytest.raises(LookupError):
            await store.forget(Selection(session_id=alice.first), fail)
        await assert_whole(store, alice)
        assert len((await recall(store, alice.user, "milk")).matches) == 1
        assert job_ids(await claim(store, "w", alice.user, 99)) == [alice.job]

    async def test_a_user_without_sessions_and_facts_goes(self, store: Store, names: Names) -> None:
        alice = await diary(store, names)
        await store.forget(Selection(session_id=alice.first), revise)
        assert (await store.describe(alice.user)).stats.users == 1
        forgotten = await store.forget(Selection(session_id=alice.second), revise)
        assert forgotten == Forgotten(messages=3, facts=2, entities=3, sessions=1), "the user's own entity goes too"
        await assert_gone(store, alice.user)

    async def test_a_forgotten_session_is_free_for_another_user(self, store: Store, names: Names) -> None:
        alice, bob = await diary(store, names), names.user("bob")
        await store.forget(Selection(user_id=alice.user), revise)
        appended = await store.append(interaction(alice.first, message("m1", "Other words"), user_id=bob))
        assert (appended.user_id, appended.messages[0].seq, appended.new_ids) == (bob, 1, frozenset({"m1"}))
        assert (await store.describe(alice.user)).stats.users == 0

    async def test_a_forgotten_message_may_be_said_again(self, store: Store, names: Names) -> None:
        alice = await diary(store, names)
        await store.forget(Selection(session_id=alice.first, message_id="m1"), revise)
        appended = await store.append(interaction(alice.first, message("m1", "I prefer coffee")))
        assert (appended.new_ids, appended.messages[0].seq) == (frozenset({"m1"}), 3)

    async def test_a_session_whose_messages_have_gone_is_nothing_to_another_user(
        self, store: Store, names: Names
    ) -> None:
        alice, bob = await diary(store, names, "alice"), await diary(store, names, "bob")
        await store.forget(Selection(user_id=alice.user, expired_before=minute(30), facts=False), revise)
        for message_id in (None, "m1"):
            of_bob = Selection(user_id=bob.user, session_id=alice.first, message_id=message_id)
            assert await store.forget(of_bob, revise) == NOTHING
        assert list((await store.ledger(alice.user)).facts) == newest_first(alice.facts)
        await assert_whole(store, bob)
        of_whoever = await store.forget(Selection(session_id=alice.first, message_id="m2"), revise)
        assert (of_whoever.messages, of_whoever.facts) == (0, 1)

    async def test_what_is_said_again_is_not_of_the_job_that_it_was_forgotten_from(
        self, store: Store, names: Names
    ) -> None:
        alice, job = await diary(store, names), names.job("two")
        tea, milk = message("t", "I like tea", at=100), message("m", "I like milk", at=101)
        await store.append(interaction(alice.first, tea, milk, job_id=job))
        await store.forget(Selection(session_id=alice.first, message_id="t"), revise)
        await store.append(interaction(alice.first, message("t", "Never mind", at=102)))
        assert (await store.describe(alice.user)).stats.pending == 2
        held = {job.id: job for job in await claim(store, "w", alice.user, 999)}
        assert [m.id for m in held[job].messages] == ["m"]

    async def test_why_a_job_failed_is_forgotten_with_any_of_its_messages(self, store: Store, names: Names) -> None:
        """The cause may quote the message."""
        alice, job = await diary(store, names), names.job("two")
        tea, milk = message("t", "I like tea", at=100), message("m", "I like milk", at=101)
        await store.append(interaction(alice.first, tea, milk, job_id=job))
        await store.release(job, error="cannot read 'I like tea'", retry_at=None)
        await store.forget(Selection(session_id=alice.first, message_id="t"), revise)
        assert (await store.backlog(alice.user)).last_error is None
        assert {job.id: job.error for job in await claim(store, "w", alice.user, 999)}[job] is None

    async def test_a_held_job_goes_with_its_messages(self, store: Store, names: Names) -> None:
        alice = await diary(store, names)
        assert len(await claim(store, "w", alice.user, 99)) == 1
        await store.forget(Selection(session_id=alice.second, message_id=f"m-{alice.job}"), revise)
        await store.release(alice.job, error="late", retry_at=None)
        assert await store.backlog(alice.user) == Backlog()
        assert await claim(store, "w2", alice.user, 10_000, all_due=True) == []

    async def test_expired_messages_of_a_user_go_with_their_facts(self, store: Store, names: Names) -> None:
        alice, bob = await diary(store, names, "alice"), await diary(store, names, "bob")
        forgotten = await store.forget(Selection(user_id=alice.user, expired_before=minute(60)), revise)
        assert forgotten == Forgotten(messages=2, facts=1, entities=1, sessions=1)
        ledger = await store.ledger(alice.user)
        left = supported_by(alice.tea_fact, alice.tea_fact.statements[1:])
        assert list(ledger.facts) == newest_first([left, alice.porto_fact])
        assert [m.at for m in await store.messages(user_id=alice.user, session_id=None)] == [
            minute(n) for n in (60, 61, 90)
        ]
        await assert_whole(store, bob)

    async def test_statements_may_outlive_their_messages(self, store: Store, names: Names) -> None:
        alice = await diary(store, names)
        before = await store.ledger(alice.user)
        selection = Selection(user_id=alice.user, expired_before=minute(61.5), facts=False)
        assert await store.forget(selection, revise) == Forgotten(messages=4, facts=0, entities=0, sessions=1)
        after = await store.ledger(alice.user)
        assert after == before
        assert [f.statements for f in after.facts] == [f.statements for f in before.facts]
        answer = await recall(store, alice.user, "tea milk")
        assert answer.matches == ()
        assert sorted(e.name for e in answer.linked) == ["milk", "tea"]
        assert len(answer.facts) == 3
        assert answer.message_count == 1

    async def test_expired_messages_that_wait_for_their_facts_stay_until_these_are_in(
        self, store: Store, names: Names
    ) -> None:
        """Where facts outlive messages, a message must not go before it was read; with ``facts`` it goes all the same."""
        alice, bob = await diary(store, names, "alice"), await diary(store, names, "bob")
        expired = Selection(user_id=alice.user, expired_before=minute(999), facts=False)
        assert await store.forget(expired, revise) == Forgotten(messages=4, facts=0, entities=0, sessions=1)
        (job,) = await claim(store, "w", alice.user, 1000)
        assert [m.id for m in job.messages] == [f"m-{alice.job}"]
        assert await store.forget(expired, revise) == NOTHING, "held by a worker it still waits"
        await learn(store, alice.user, job_id=alice.job)
        assert await store.forget(expired, revise) == Forgotten(messages=1, facts=0, entities=0, sessions=1)
        with_facts = Selection(user_id=bob.user, expired_before=minute(999))
        assert await store.forget(with_facts, revise) == Forgotten(messages=5, facts=3, entities=4, sessions=2)
        await assert_gone(store, bob.user)

    async def test_a_user_with_facts_but_without_messages_stays_until_forgotten(
        self, store: Store, names: Names
    ) -> None:
        alice = await diary(store, names)
        await learn(store, alice.user, job_id=alice.job)
        await store.forget(Selection(user_id=alice.user, expired_before=minute(999), facts=False), revise)
        description = await store.describe(alice.user)
        assert description.stats == Stats(1, 0, 0, 4, 3, 3, 0)
        assert (description.user_ids, description.session_ids) == ((alice.user,), ())
        assert list((await store.ledger(alice.user)).facts) == newest_first(alice.facts)
        assert await claim(store, "w", alice.user, 10_000, all_due=True) == []
        assert await store.forget(Selection(user_id=alice.user), revise) == Forgotten(0, 3, 4, 0)
        await assert_gone(store, alice.user)

    async def test_expired_messages_of_all_users_go(self, store: Store, names: Names) -> None:
        """The messages are from long before those of any other test, so that a shared database keeps the others'."""
        threshold = datetime(1200 + int(names.prefix, 16) % 500, 1, 1, tzinfo=UTC)
        alice, bob = await diary(store, names, "alice"), await diary(store, names, "bob")
        for one in (alice, bob):
            for i, at in enumerate((threshold - timedelta(microseconds=1), threshold)):
                session = names.session(f"{one.user}-old{i}")
                await store.append(interaction(session, NewMessage("old", "user", "Old words", at), user_id=one.user))
        forgotten = await store.forget(Selection(expired_before=threshold), revise)
        assert forgotten == Forgotten(messages=2, facts=0, entities=0, sessions=2)
        for one in (alice, bob):
            assert (await store.describe(one.user)).stats == Stats(1, 3, 6, 4, 3, 3, 1)
            assert [m.at for m in (await recall(store, one.user, "old words")).matches] == [threshold]
