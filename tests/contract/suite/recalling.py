"""What `Store.recall` promises of messages, links and the user; `recalling_facts` has the facts."""

from __future__ import annotations

import pytest

from graphmem.errors import SessionOwnerError
from graphmem.stores.base import Recall, Selection, Store
from graphmem.text import probe

from ..builders import (
    by_id,
    fact,
    in_order,
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
    thing,
)
from ..conftest import Names


class RecallContract:
    async def test_an_unknown_user_brings_nothing(self, store: Store, names: Names) -> None:
        user = names.user()
        answer = await recall(store, user, "Where do I live?", names.session())
        assert answer.user_id == user
        assert answer.query == probe("Where do I live?")
        assert (answer.messages, answer.matches, answer.linked, answer.facts) == ((), (), (), ())
        assert (answer.user, answer.message_count, answer.summary) == (None, 0, ())

    async def test_what_was_just_stored_or_forgotten_is_known_at_once(self, store: Store, names: Names) -> None:
        user = names.user()
        for number in range(25):
            session = names.session(str(number % 5))
            (said,) = await tell(store, user, session, f"I saw zebra{number}", prefix=f"{number}-", at=number)
            await learn(store, user, fact(me(user), "LIKES", thing(user, f"zebra{number}"), said))
            answer = await recall(store, user, f"zebra{number}")
            assert [m.id for m in answer.matches] == [said.id]
            assert [f.object.name for f in answer.facts if f"zebra{number}" in f.text] == [f"zebra{number}"]
            if number % 3 == 0:
                await store.forget(Selection(session_id=session, message_id=said.id), revise)
                answer = await recall(store, user, f"zebra{number}")
                assert answer.matches == ()
                assert [f for f in answer.facts if f"zebra{number}" in f.text] == []

    async def test_an_unknown_session_without_a_user_stands_for_the_user_of_its_id(
        self, store: Store, names: Names
    ) -> None:
        session = names.session()
        answer = await recall(store, None, None, session)
        assert (answer.user_id, answer.query, answer.user) == (session, None, None)
        await tell(store, session, names.session("another"), "I live in Porto")
        later = await recall(store, None, "Porto", session)
        assert later.user_id == session
        assert [m.text for m in later.matches] == ["I live in Porto"]

    async def test_without_a_user_the_sessions_owner_is_meant(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        await tell(store, user, session, "Hello")
        await tell(store, user, names.session("old"), "I live in Porto", at=-60)
        answer = await recall(store, None, "Porto", session)
        assert answer.user_id == user
        assert [m.text for m in answer.matches] == ["I live in Porto"]
        assert answer.message_count == 2

    async def test_an_unknown_session_of_a_known_user_has_no_messages(self, store: Store, names: Names) -> None:
        user = names.user()
        await tell(store, user, names.session("old"), "I live in Porto")
        answer = await recall(store, user, None, names.session("new"))
        assert (answer.messages, answer.query, answer.matches) == ((), None, ())
        assert answer.user == me(user)
        assert answer.message_count == 1

    async def test_another_users_session_is_refused(self, store: Store, names: Names) -> None:
        owner, session, other = names.user("owner"), names.session(), names.user("other")
        await tell(store, owner, session, "Secret")
        await tell(store, other, names.session("o"), "Mine")
        for query in (None, "secret"):
            with pytest.raises(SessionOwnerError) as refusal:
                await recall(store, other, query, session)
            assert owner not in str(refusal.value)

    async def test_the_newest_messages_of_the_session_come_oldest_first(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        said = [
            message(f"m{i}", at=at, role=role)
            for i, (at, role) in enumerate([(9, "user"), (1, "assistant"), (5, "tool")])
        ]
        appended = await store.append(interaction(session, *said, user_id=user))
        await tell(store, user, names.session("other"), "Elsewhere", at=99)
        assert (await recall(store, user, "x", session)).messages == appended.messages
        assert (await recall(store, user, "x", session, newest=2)).messages == appended.messages[1:]
        assert (await recall(store, user, "x", session, newest=0)).messages == ()

    async def test_without_a_session_there_are_no_newest_messages(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "I live in Porto")
        answer = await recall(store, user, "porto")
        assert answer.messages == ()
        assert answer.matches == said
        nothing = await recall(store, user)
        assert (nothing.query, nothing.messages, nothing.matches) == (None, (), ())

    async def test_without_a_query_the_last_user_message_is_the_query(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        old = await tell(store, user, names.session("old"), "Lisbon is warm", "Porto is old", at=-60)
        porto = place(user, "Porto")
        await learn(store, user, fact(me(user), "VISITED", porto, old[1]))
        await store.append(
            interaction(
                session,
                message("q1", "What of Lisbon?", at=9),
                message("q2", "What of Porto?", at=1),
                message("a", "Lisbon?", role="assistant", at=10),
                user_id=user,
            )
        )
        answer = await recall(store, user, None, session, newest=1)
        assert answer.query == probe("What of Porto?")
        assert {m.id for m in answer.matches} == {"m2", "q2"}
        assert answer.linked == (porto,)
        assert [m.id for m in answer.messages] == ["a"]

    async def test_a_session_without_a_user_message_has_no_query(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        await store.append(interaction(session, message("a", "Porto?", role="assistant"), user_id=user))
        answer = await recall(store, user, None, session)
        assert (answer.query, answer.matches, answer.linked) == (None, (), ())
        assert [m.id for m in answer.messages] == ["a"]

    async def test_matches_share_a_term_with_the_query(self, store: Store, names: Names) -> None:
        user = names.user()
        await tell(
            store, user, names.session("a"), "I moved to São Paulo", "Nothing of note", "We love moving pictures"
        )
        await tell(
            store, user, names.session("b"), "paulo called", "東京に住んでいます", "", "the of and", at=60, prefix="n"
        )
        await store.append(
            interaction(names.session("b"), message("bot", "Sao!", role="assistant", at=70), user_id=user)
        )
        answer = await recall(store, user, "Sao Paulo moves")
        assert {m.id for m in answer.matches} == {"m1", "m3", "n1", "bot"}
        assert len(answer.matches) == 4
        assert [m.id for m in (await recall(store, user, "東京")).matches] == ["n2"]
        assert (await recall(store, user, "the of and")).matches == ()
        assert (await recall(store, user, "")).matches == ()
        assert answer.message_count == 8

    async def test_matches_come_back_with_every_field(self, store: Store, names: Names) -> None:
        user = names.user()
        appended = await store.append(
            interaction(
                names.session(), message("m", "Porto!", name="Ana", at=0.5), message("n", "porto"), user_id=user
            )
        )
        assert tuple(in_order((await recall(store, user, "porto")).matches)) == appended.messages

    async def test_of_many_matches_those_come_whose_shared_terms_weigh_most_then_the_newest(
        self, store: Store, names: Names
    ) -> None:
        user = names.user()
        texts = [
            "harbour harbour harbour harbour",
            "harbour bridge and wine, a long sentence about a walk by the river on a cold day with friends",
            "wine",
            "bridge wine",
            "harbour",
            "lighthouse",
        ]
        await tell(store, user, names.session("a"), *texts)
        await tell(store, user, names.session("b"), "harbour harbour, the oldest", at=-99, prefix="old")
        query = "harbour bridge wine lighthouse"

        async def best(candidates: int) -> set[str]:
            answer = await recall(store, user, query, candidates=candidates)
            assert len(answer.matches) == min(candidates, 7)
            return {m.id for m in answer.matches}

        assert await best(1) == {"m2"}
        assert await best(2) == {"m2", "m4"}
        assert await best(3) == {"m2", "m4", "m6"}
        assert await best(4) == {"m2", "m4", "m6", "m3"}
        assert await best(6) == {"m1", "m2", "m3", "m4", "m5", "m6"}
        assert len(await best(200)) == 7
        assert await best(0) == set()

    async def test_how_often_the_terms_stand_comes_too(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        await tell(store, user, session, "harbour harbour wine", "harbour", "tea", "wine")
        answer = await recall(store, user, "wine at the harbour, or coffee", candidates=1)
        assert (dict(answer.frequencies), answer.message_count) == ({"wine": 2, "harbour": 2, "coffe": 0}, 4)
        await store.forget(Selection(session_id=session, message_id="m1"), revise)
        answer = await recall(store, user, "wine at the harbour, or coffee")
        assert (dict(answer.frequencies), answer.message_count) == ({"wine": 1, "harbour": 1, "coffe": 0}, 3)

    async def test_syntax_of_a_search_engine_is_only_text(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), 'porto AND "lisbon" OR NOT wine* NEAR(x) +user:(y)')
        for query in (
            'porto" OR *',
            "NOT porto",
            "(porto",
            "porto:*",
            "text:porto^9~",
            "po?to porto\\",
            "{porto} [porto TO z]",
            "'; --porto",
        ):
            assert (await recall(store, user, query)).matches == said, query
        for query in ("*", "po*", "po?to", "prto~", '"', "AND", "/.*/", "[a TO z]", "%", "_____"):
            assert (await recall(store, user, query)).matches == (), query

    async def test_linked_are_the_entities_that_the_query_names(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "About everybody")
        ana, york = person(user, "Ana", "sister", "Annie B."), place(user, "New York City", "NYC")
        cpp, tokyo = thing(user, "C++"), place(user, "東京")
        await learn(store, user, *(fact(me(user), "RELATED_TO", e, *said) for e in (ana, york, cpp, tokyo)))

        async def linked(query: str) -> list[str]:
            return sorted(e.name for e in (await recall(store, user, query)).linked)

        assert await linked("How is Ana?") == ["Ana"]
        assert await linked("How is my sister's dog, and ÁNA?") == ["Ana"]
        assert await linked("annie b lives in new  york city") == ["Ana", "New York City"]
        assert await linked("nyc, C++") == ["C++", "New York City"]
        assert await linked("New York") == []
        assert await linked("An a, anaconda, C") == []
        assert await linked("東京") == ["東京"]
        answer = await recall(store, user, "Ana and Ana's NYC")
        assert by_id(answer.linked) == by_id([ana, york])

    async def test_the_user_has_a_name_and_is_linked_by_it(self, store: Store, names: Names) -> None:
        user = names.user()
        await tell(store, user, names.session(), "Hello")
        named = me(user, "Zoë", "Zoe Müller")
        await learn(store, user, entities=[named])
        answer = await recall(store, user, "What does zoe like?")
        assert answer.user == named
        assert answer.linked == (named,)
        assert (await recall(store, user, "nothing")).linked == ()

    async def test_recall_leaves_out_what_was_said_before_the_limit_of_time(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        await tell(store, user, session, "Porto one", "Porto two", "Porto three", "Porto four")
        answer = await recall(store, user, "porto", session, not_before=minute(2))
        assert [m.id for m in answer.messages] == ["m3", "m4"]
        assert {m.id for m in answer.matches} == {"m3", "m4"}
        few = await recall(store, user, "porto", session, not_before=minute(2), newest=1, candidates=1)
        assert [m.id for m in few.messages] == ["m4"]
        assert [m.id for m in few.matches] == ["m4"]
        none = await recall(store, user, "porto", session, not_before=minute(3.01))
        assert (none.messages, none.matches) == ((), ())

    async def test_what_is_left_out_by_its_time_takes_no_place_among_the_newest(
        self, store: Store, names: Names
    ) -> None:
        user, session = names.user(), names.session()
        said = [message(f"m{i}", "Porto", at=at) for i, at in enumerate((5, 1, 9, 2, 3))]
        await store.append(interaction(session, *said, user_id=user))
        answer = await recall(store, user, "porto", session, not_before=minute(3), newest=2, candidates=3)
        assert [m.id for m in answer.messages] == ["m2", "m4"]
        assert {m.id for m in answer.matches} == {"m0", "m2", "m4"}

    async def test_users_never_see_each_others_memory(self, store: Store, names: Names) -> None:
        """Same words, same message ids, same entity names: everything but the user is the same."""
        users = [names.user("alice"), names.user("bob")]
        for user in users:
            said = await tell(store, user, names.session(user), "I live in Porto with Ana", "Porto again")
            ana = person(user, "Ana", "sister")
            await learn(
                store,
                user,
                fact(me(user), "LIVES_IN", place(user, "Porto"), *said),
                fact(me(user), "HAS_SIBLING", ana, *said),
            )
        for user in users:
            answer = await recall(store, user, "Is my sister Ana in Porto?", candidates=1000, facts=1000)
            assert {m.user_id for m in answer.matches} == {user}
            assert len(answer.matches) == 2
            assert by_id(answer.linked) == by_id([person(user, "Ana", "sister"), place(user, "Porto")])
            assert {f.subject for f in answer.facts} == {me(user)}
            assert (len(answer.facts), answer.message_count) == (2, 2)

    async def test_recall_finds_nothing_of_what_was_forgotten(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        said = await tell(store, user, session, "I live in Porto", "I like tea")
        await learn(
            store,
            user,
            fact(me(user), "LIVES_IN", place(user, "Porto"), said[0]),
            fact(me(user), "LIKES", thing(user, "tea"), said[1]),
        )
        await store.forget(Selection(session_id=session, message_id="m1"), revise)
        answer = await store.recall(Recall(user, session, probe("Porto live")))
        assert [m.id for m in answer.messages] == ["m2"]
        assert (answer.matches, answer.linked, answer.message_count) == ((), (), 1)
        assert [f.predicate for f in answer.facts] == ["LIKES"]
