"""What `Store.ledger` and `Store.messages` promise."""

from __future__ import annotations

import pytest

from graphmem.errors import SessionOwnerError
from graphmem.stores.base import Store

from ..builders import fact, interaction, learn, me, message, minute, newest_first, person, place, tell, thing
from ..conftest import Names


class ReadContract:
    async def test_the_ledger_of_an_unknown_user_is_empty(self, store: Store, names: Names) -> None:
        ledger = await store.ledger(names.user())
        assert (ledger.entities, ledger.facts) == ((), ())

    async def test_a_user_with_a_session_has_an_entity(self, store: Store, names: Names) -> None:
        user = names.user()
        await tell(store, user, names.session(), "Hello")
        ledger = await store.ledger(user)
        assert (ledger.entities, ledger.facts, ledger.whole) == ((me(user),), (), True)

    async def test_entities_of_the_ledger_come_by_label_name_and_id(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "Names")
        entities = [
            person(user, "bob"),
            person(user, "Bob"),
            place(user, "Porto"),
            person(user, "Ana"),
            thing(user, "Ångström"),
            thing(user, "zebra"),
            thing(user, "ｚ wide"),
            thing(user, "🦓"),
            place(user, "Aveiro"),
            thing(user, "Zebra crossing"),
        ]
        entities = list({e.id: e for e in entities}.values())
        await learn(store, user, *(fact(me(user), "RELATED_TO", e, *said) for e in entities))
        expected = sorted([me(user), *entities], key=lambda e: (e.label, e.name, e.id))
        assert list((await store.ledger(user)).entities) == expected

    async def test_facts_of_the_ledger_come_newest_first_and_by_id_within_a_moment(
        self, store: Store, names: Names
    ) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "One", "Two", "Three")
        facts = [fact(me(user), "LIKES", thing(user, f"thing {i}"), said[(i * 2) % 3]) for i in range(9)]
        facts.append(fact(me(user), "OWNS", thing(user, "car"), said[2], status="ended"))
        await learn(store, user, *facts)
        ledger = await store.ledger(user)
        assert list(ledger.facts) == newest_first(facts)
        assert ledger.whole

    async def test_users_have_ledgers_of_their_own(self, store: Store, names: Names) -> None:
        for user in (names.user("alice"), names.user("bob")):
            said = await tell(store, user, names.session(user), f"Words of {user}")
            await learn(store, user, fact(me(user), "LIVES_IN", place(user, "Porto"), *said, evidence=user))
        ledger = await store.ledger(names.user("alice"))
        assert [f.evidence for f in ledger.facts] == [names.user("alice")]
        assert len(ledger.entities) == 2

    async def test_messages_of_what_is_unknown_are_none(self, store: Store, names: Names) -> None:
        user = names.user()
        assert await store.messages(user_id=user, session_id=None) == []
        assert await store.messages(user_id=None, session_id=names.session()) == []
        assert await store.messages(user_id=user, session_id=names.session(), limit=3) == []

    async def test_messages_of_a_session_come_by_seq_whatever_their_times(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        said = [message(f"m{i}", at=at) for i, at in enumerate((5, 1, 9, 1, 3))]
        await store.append(interaction(session, *said, user_id=user))
        assert [m.id for m in await store.messages(user_id=None, session_id=session)] == ["m0", "m1", "m2", "m3", "m4"]
        assert [m.id for m in await store.messages(user_id=user, session_id=session, limit=2)] == ["m3", "m4"]

    async def test_messages_of_a_user_come_by_time_session_and_seq(self, store: Store, names: Names) -> None:
        user, a, b = names.user(), names.session("a"), names.session("b")
        await store.append(interaction(b, message("b1", at=1), message("b2", at=1), message("b3", at=0), user_id=user))
        await store.append(interaction(a, message("a1", at=1), message("a2", at=2), message("a3", at=1), user_id=user))
        everything = await store.messages(user_id=user, session_id=None)
        assert [m.id for m in everything] == ["b3", "a1", "a3", "b1", "b2", "a2"]
        assert [m.id for m in await store.messages(user_id=user, session_id=None, limit=3)] == ["b1", "b2", "a2"]

    @pytest.mark.parametrize(("limit", "expected"), [(None, 4), (99, 4), (4, 4), (1, 1), (0, 0)])
    async def test_the_limit_of_messages(self, store: Store, names: Names, limit: int | None, expected: int) -> None:
        user, session = names.user(), names.session()
        said = await tell(store, user, session, "One", "Two", "Three", "Four")
        newest = list(said)[4 - expected :]
        assert await store.messages(user_id=None, session_id=session, limit=limit) == newest
        assert await store.messages(user_id=user, session_id=None, limit=limit) == newest

    async def test_reading_leaves_out_what_was_said_before_the_limit_of_time(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        said = [message(f"m{i}", at=at) for i, at in enumerate((5, 1, 9, 2, 3))]
        await store.append(interaction(session, *said, user_id=user))
        in_session = await store.messages(user_id=None, session_id=session, not_before=minute(3))
        assert [m.id for m in in_session] == ["m0", "m2", "m4"]
        newest = await store.messages(user_id=None, session_id=session, not_before=minute(3), limit=2)
        assert [m.id for m in newest] == ["m2", "m4"]
        of_user = await store.messages(user_id=user, session_id=None, not_before=minute(3), limit=2)
        assert [m.id for m in of_user] == ["m0", "m2"]

    async def test_reading_checks_the_owner_of_the_session(self, store: Store, names: Names) -> None:
        owner, session, other = names.user("owner"), names.session(), names.user("other")
        await tell(store, owner, session, "Secret")
        await tell(store, other, names.session("o"), "Mine")
        with pytest.raises(SessionOwnerError) as refusal:
            await store.messages(user_id=other, session_id=session)
        assert owner not in str(refusal.value)
        assert len(await store.messages(user_id=owner, session_id=session)) == 1

    async def test_messages_of_a_user_are_of_that_user_only(self, store: Store, names: Names) -> None:
        for user in (names.user("alice"), names.user("bob")):
            await tell(store, user, names.session(user), f"Words of {user}")
        assert [m.text for m in await store.messages(user_id=names.user("bob"), session_id=None)] == [
            f"Words of {names.user('bob')}"
        ]
