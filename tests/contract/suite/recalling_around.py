"""What `Store.recall` brings around the messages that match: what was said just before and after them."""

from __future__ import annotations

from graphmem.records import Message
from graphmem.stores.base import Recall, Selection, Store
from graphmem.text import probe

from ..builders import in_order, interaction, message, minute, recall, revise, tell
from ..conftest import Names

TALK = ("Nothing yet", "Where to?", "To the harbour", "Why?", "No reason")


class RecallAroundContract:
    async def test_the_messages_before_and_after_a_match_come_too(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session("a"), *TALK)
        await tell(store, user, names.session("b"), *TALK[:2], *TALK[3:], prefix="n")
        assert await _ids(store, user, "harbour") == ["m2", "m3", "m4"]
        brought = await recall(store, user, "harbour", neighbours=1)
        assert tuple(in_order(brought.matches)) == said[1:4]
        assert Recall(user, None, probe("harbour")).neighbours == 100

    async def test_the_messages_further_away_come_within_reach(self, store: Store, names: Names) -> None:
        user = names.user()
        await tell(store, user, names.session("a"), *TALK)
        for reach, expected in ((-1, "3"), (0, "3"), (1, "234"), (2, "12345"), (9, "12345")):
            assert await _ids(store, user, "harbour", reach=reach) == [f"m{i}" for i in expected]
        assert Recall(user, None, probe("harbour")).reach == 1

    async def test_a_match_at_the_end_of_its_session_has_one_neighbour_there(self, store: Store, names: Names) -> None:
        user = names.user()
        await tell(store, user, names.session("a"), "Porto first", "Then tea", "Nothing more")
        await tell(store, user, names.session("b"), "Hello", "Some tea", "Porto last", at=10, prefix="n")
        await tell(store, user, names.session("c"), "Porto alone", at=20, prefix="o")
        assert await _ids(store, user, "porto") == ["m1", "m2", "n2", "n3", "o1"]

    async def test_what_is_a_match_and_stands_beside_one_comes_once(self, store: Store, names: Names) -> None:
        user = names.user()
        await tell(store, user, names.session(), "Porto", "Porto", "Between", "Porto", "After")
        assert await _ids(store, user, "porto") == ["m1", "m2", "m3", "m4", "m5"]

    async def test_only_the_best_matches_have_neighbours(self, store: Store, names: Names) -> None:
        """Best are those that share most terms, and of equals the newest."""
        user = names.user()
        await tell(store, user, names.session("a"), "Before", "harbour wine", "After")
        await tell(store, user, names.session("b"), "Before", "wine", "After", at=10, prefix="n")
        await tell(store, user, names.session("c"), "Before", "harbour", "After", at=20, prefix="o")
        best, newest, oldest = ["m1", "m2", "m3"], ["o1", "o2", "o3"], ["n1", "n2", "n3"]
        for most, expected in enumerate(
            (
                ["m2", "n2", "o2"],
                [*best, "n2", "o2"],
                [*best, "n2", *newest],
                [*best, *oldest, *newest],
                [*best, *oldest, *newest],
            )
        ):
            assert await _ids(store, user, "harbour wine", neighbours=most) == expected
        assert await _ids(store, user, "harbour wine", candidates=1) == best
        assert await _ids(store, user, "harbour wine", candidates=2, neighbours=1) == [*best, "o2"]
        assert await _ids(store, user, "harbour wine", candidates=0) == []

    async def test_of_matches_alike_and_of_one_time_the_later_in_order_have_neighbours(
        self, store: Store, names: Names
    ) -> None:
        """Equal in terms and time, sessions count by their ids and messages by their place, the last first."""
        user = names.user()
        for name in "ab":
            said = [message(f"{name}{i}", text) for i, text in enumerate(("Hi", "tea", "Hm", "Oh", "tea", "Bye"))]
            await store.append(interaction(names.session(name), *said, user_id=user))
        matches = ["a1", "a4", "b1", "b4"]
        assert await _ids(store, user, "tea", neighbours=1) == sorted([*matches, "b3", "b5"])
        assert await _ids(store, user, "tea", neighbours=2) == sorted([*matches, "b0", "b2", "b3", "b5"])
        assert await _ids(store, user, "tea", neighbours=3) == sorted([*matches, "b0", "b2", "b3", "b5", "a3", "a5"])

    async def test_neighbours_before_the_limit_of_time_stay_out(self, store: Store, names: Names) -> None:
        user = names.user()
        said = [message(f"m{i}", text, at=at) for i, (text, at) in enumerate((("Hi", 5), ("Porto", 9), ("Bye", 3)))]
        await store.append(interaction(names.session(), *said, user_id=user))
        assert await _ids(store, user, "porto", not_before=minute(3)) == ["m0", "m1", "m2"]
        assert await _ids(store, user, "porto", not_before=minute(5)) == ["m0", "m1"]
        assert await _ids(store, user, "porto", not_before=minute(6)) == ["m1"]

    async def test_a_forgotten_neighbour_leaves_a_gap(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        await tell(store, user, session, *TALK)
        await store.forget(Selection(session_id=session, message_id="m2"), revise)
        assert await _ids(store, user, "harbour") == ["m3", "m4"]

    async def test_no_neighbour_is_of_another_user(self, store: Store, names: Names) -> None:
        users = [names.user("alice"), names.user("bob")]
        for user in users:
            await tell(store, user, names.session(user), *TALK)
        for user in users:
            answer = await recall(store, user, "harbour", neighbours=100)
            assert [(m.user_id, m.id) for m in in_order(answer.matches)] == [(user, f"m{i}") for i in (2, 3, 4)]


async def _ids(store: Store, user: str, query: str, neighbours: int = 100, **settings: object) -> list[str]:
    brought: tuple[Message, ...] = (await recall(store, user, query, neighbours=neighbours, **settings)).matches
    assert len({(m.session_id, m.id) for m in brought}) == len(brought)
    return sorted(m.id for m in brought)
