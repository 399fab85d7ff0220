"""What `graphmem.stores.embedding.EmbeddingStore` promises of the built-in stores."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from struct import pack

import pytest

from graphmem.records import Message
from graphmem.stores.base import Recalled, Selection, Store
from graphmem.stores.embedding import EmbeddingStore, Kind, Similar, StoredText, VectorSpace

from ..builders import fact, learn, me, minute, recall, revise, tell, thing
from ..conftest import Names

SPACE = VectorSpace("north", 3)


def vector(*numbers: float) -> bytes:
    """A vector of length 1 in this direction."""
    length = sum(n * n for n in numbers) ** 0.5
    return pack(f"<{len(numbers)}f", *(n / length for n in numbers))


EAST, NORTH, UP = vector(1, 0, 0), vector(0, 1, 0), vector(0, 0, 1)


def similar(direction: bytes | None, space: VectorSpace = SPACE, **settings: int) -> Similar:
    return Similar(space, direction, **{"messages": 5, "facts": 5, "neighbours": 0, **settings})


async def bare(
    store: Store, user_id: str, kind: Kind = "message", space: VectorSpace = SPACE, **bounds: object
) -> list[str]:
    """The texts that have no vector."""
    assert isinstance(store, EmbeddingStore)
    return [t.text for t in await store.without_vector(space, user_id=user_id, kind=kind, **bounds)]  # type: ignore[arg-type]


async def keep(store: Store, said: Iterable[tuple[Message | StoredText, bytes]], space: VectorSpace = SPACE) -> int:
    assert isinstance(store, EmbeddingStore)
    texts = [(t if isinstance(t, StoredText) else StoredText.of(t), v) for t, v in said]
    return await store.keep_vectors(space, texts)


async def fact_texts(store: Store, user_id: str) -> dict[str, StoredText]:
    assert isinstance(store, EmbeddingStore)
    return {t.text: t for t in await store.without_vector(SPACE, user_id=user_id, kind="fact")}


def near(answer: Recalled) -> dict[str, float]:
    """Cosines by message text, rounded."""
    assert answer.nearness is not None
    texts = {(m.session_id, m.seq): m.text for m in (*answer.matches, *answer.messages)}
    return {texts[place]: round(cosine, 4) for place, cosine in answer.nearness.messages.items()}


class EmbeddingContract:
    async def test_texts_without_a_vector_come_newest_first_and_with_what_they_are(
        self, store: Store, names: Names
    ) -> None:
        assert isinstance(store, EmbeddingStore)
        user, session = names.user(), names.session()
        said = await tell(store, user, session, "One", "Two", "Three")
        await tell(store, names.user("bob"), names.session("bob"), "Another's")
        await learn(store, user, fact(me(user), "LIKES", thing(user, "tea"), said[0]))
        assert await store.without_vector(SPACE, user_id=user, kind="message") == [StoredText.of(m) for m in said[::-1]]
        (about,) = await store.without_vector(SPACE, user_id=user, kind="fact")
        assert (about.kind, about.session_id, about.text) == ("fact", None, "likes tea")
        assert await bare(store, user, since=minute(1)) == ["Three", "Two"]
        assert await bare(store, user, until=minute(1)) == ["Two", "One"]
        assert await bare(store, user, limit=1) == ["Three"]
        assert await bare(store, names.user("nobody")) == []
        found = set(await store.users_without_vector(SPACE))
        assert {user, names.user("bob")} <= found
        assert user not in await store.users_without_vector(SPACE, since=minute(5)) or about  # its fact has none

    async def test_what_has_a_vector_is_not_asked_for_again(self, store: Store, names: Names) -> None:
        assert isinstance(store, EmbeddingStore)
        user = names.user()
        said = await tell(store, user, names.session(), "One", "Two")
        await learn(store, user, fact(me(user), "LIKES", thing(user, "tea"), said[0]))
        assert await keep(store, [(said[0], EAST), (said[1], NORTH)]) == 2
        assert await bare(store, user) == []
        assert await keep(store, [(t, UP) for t in (await fact_texts(store, user)).values()]) == 1
        assert await bare(store, user, "fact") == []
        assert user not in await store.users_without_vector(SPACE)

    async def test_vectors_of_another_model_or_size_count_as_none(self, store: Store, names: Names) -> None:
        user = names.user()
        (one, two) = await tell(store, user, names.session(), "One", "Two")
        await keep(store, [(one, EAST), (two, NORTH)])
        other, larger = VectorSpace("south", 3), VectorSpace("north", 4)
        assert await bare(store, user, space=VectorSpace("north")) == []
        for space in (other, larger):
            assert await bare(store, user, space=space) == ["Two", "One"]
            direction = vector(*([1.0] * space.size))
            assert (await recall(store, user, "zebra", similar=similar(direction, space))).nearness is None
        await keep(store, [(one, vector(1, 0, 0, 0))], larger)
        assert await bare(store, user, space=larger) == ["Two"]
        assert await bare(store, user) == ["One"]
        assert near(await recall(store, user, "zebra", similar=similar(EAST))) == {"Two": 0.0}

    async def test_a_vector_of_what_is_gone_or_has_another_text_is_not_kept(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        (one, two) = await tell(store, user, session, "One", "Two")
        assert await keep(store, [(replace(StoredText.of(two), text="Too"), EAST)]) == 0
        await store.forget(Selection(session_id=session, message_id=one.id), revise)
        assert await keep(store, [(one, EAST)]) == 0
        assert await keep(store, [(replace(StoredText.of(two), user_id=names.user("eve")), EAST)]) == 0
        assert await bare(store, user) == ["Two"]

    async def test_the_nearest_come_whatever_their_words(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "supper", "the zebra", "yacht", "nothing")
        vectors = [vector(1, 0.1, 0), NORTH, vector(0.5, 0, 1)]
        await keep(store, list(zip(said, vectors, strict=False)))
        answer = await recall(store, user, "zebra", similar=similar(EAST, messages=1))
        assert {m.text for m in answer.matches} == {"the zebra", "supper"}
        assert near(answer) == {"supper": 0.995, "the zebra": 0.0}
        assert answer.nearness is not None
        cosines = [0.99504, 0.0, 0.44721]
        mean = sum(cosines) / 3
        assert answer.nearness.mean == pytest.approx(mean, abs=1e-3)
        assert answer.nearness.spread == pytest.approx((sum((c - mean) ** 2 for c in cosines) / 3) ** 0.5, abs=1e-3)
        assert (await recall(store, user, "zebra")).nearness is None

    async def test_what_stands_around_the_nearest_comes_too(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        said = await tell(store, user, session, "a", "b", "supper", "d", "e", "f")
        await tell(store, user, names.session("other"), "x", "y", "z")
        await keep(store, [(said[2], EAST)])
        answer = await recall(store, user, "zebra", similar=similar(EAST, neighbours=1), reach=1)
        assert {m.text for m in answer.matches} == {"b", "supper", "d"}
        assert near(answer) == {"supper": 1.0}
        answer = await recall(store, user, "zebra", similar=similar(EAST, neighbours=0), reach=1)
        assert [m.text for m in answer.matches] == ["supper"]

    async def test_no_message_and_no_fact_comes_twice(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        said = await tell(store, user, session, "supper again", "supper")
        await learn(store, user, fact(me(user), "LIKES", thing(user, "supper"), said[0]))
        await keep(store, [(m, EAST) for m in said])
        await keep(store, [(t, EAST) for t in (await fact_texts(store, user)).values()])
        answer = await recall(store, user, "supper", session, similar=similar(EAST, neighbours=2), neighbours=2)
        assert sorted(m.text for m in answer.matches) == ["supper", "supper again"]
        assert [f.text for f in answer.facts] == ["likes supper"]

    async def test_the_nearest_facts_come_after_the_others(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "tea", "boats")
        tea = fact(me(user), "LIKES", thing(user, "tea"), said[0])
        boat = fact(me(user), "OWNS", thing(user, "a boat"), said[1])
        await learn(store, user, tea, boat)
        texts = await fact_texts(store, user)
        await keep(store, [(texts["likes tea"], NORTH), (texts["owns a boat"], EAST)])
        answer = await recall(store, user, "sailing", similar=similar(EAST), facts=0)
        assert answer.facts == (boat, tea)
        assert answer.nearness is not None
        assert {id: round(c, 4) for id, c in answer.nearness.facts.items()} == {boat.id: 1.0, tea.id: 0.0}
        assert (await recall(store, user, "sailing", similar=similar(EAST, facts=1), facts=0)).facts == (boat,)

    async def test_a_fact_with_another_text_has_no_vector_any_more(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "tea")
        tea = fact(me(user), "LIKES", thing(user, "tea"), said[0])
        await learn(store, user, tea)
        await keep(store, [(t, EAST) for t in (await fact_texts(store, user)).values()])
        await learn(store, user, replace(tea, confidence=0.5))
        assert await bare(store, user, "fact") == []
        await learn(store, user, replace(tea, text="liked tea"))
        assert await bare(store, user, "fact") == ["liked tea"]
        assert (await recall(store, user, "x", similar=similar(EAST))).nearness is None

    async def test_without_a_question_the_last_message_of_the_user_is_compared(
        self, store: Store, names: Names
    ) -> None:
        user, session = names.user(), names.session()
        said = await tell(store, user, session, "supper", "the yacht", "where to dine")
        await keep(store, [(said[0], vector(1, 0.1, 0)), (said[1], NORTH)])
        assert (await recall(store, user, None, session, similar=similar(None))).nearness is None
        await keep(store, [(said[2], EAST)])
        assert near(await recall(store, user, None, session, similar=similar(None))) == {
            "supper": 0.995,
            "the yacht": 0.0,
            "where to dine": 1.0,
        }
        assert (await recall(store, user, None, similar=similar(None))).nearness is None
        assert (await recall(store, user, "words", session, similar=similar(None))).nearness is None

    async def test_what_is_past_its_time_is_not_near(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "supper", "dinner", "lunch")
        await keep(store, [(m, EAST) for m in said])
        answer = await recall(store, user, "x", similar=similar(EAST, neighbours=3), not_before=minute(0.5), reach=2)
        assert {m.text for m in answer.matches} == {"dinner", "lunch"}
        assert near(answer) == {"dinner": 1.0, "lunch": 1.0}

    async def test_nothing_of_another_user_is_near(self, store: Store, names: Names) -> None:
        alice, bob = names.user(), names.user("bob")
        (mine,) = await tell(store, alice, names.session(), "alice's supper")
        theirs = await tell(store, bob, names.session("bob"), "bob's supper", "bob's dinner")
        await learn(store, bob, fact(me(bob), "LIKES", thing(bob, "supper"), theirs[0]))
        await keep(store, [(mine, vector(1, 1, 0))])
        await keep(store, [(m, EAST) for m in theirs])
        await keep(store, [(t, EAST) for t in (await fact_texts(store, bob)).values()])
        answer = await recall(store, alice, "zebra", similar=similar(EAST, messages=100, neighbours=9), reach=9)
        assert [m.text for m in answer.matches] == ["alice's supper"]
        assert answer.facts == ()
        assert answer.nearness is not None
        assert (answer.nearness.mean, answer.nearness.spread) == pytest.approx((0.7071, 0.0), abs=1e-3)
        assert (await recall(store, names.user("eve"), "supper", similar=similar(EAST))).nearness is None

    @pytest.mark.parametrize("what", ["message", "session", "user", "expired"])
    async def test_a_vector_goes_with_its_text(self, store: Store, names: Names, what: str) -> None:
        """Whatever comes under the same ids afterwards has none."""
        user, session = names.user(), names.session()
        said = await tell(store, user, session, "supper", "dinner")
        await learn(store, user, fact(me(user), "LIKES", thing(user, "supper"), said[0]))
        await keep(store, [(m, EAST) for m in said])
        await keep(store, [(t, EAST) for t in (await fact_texts(store, user)).values()])
        selection = {
            "message": Selection(session_id=session, message_id=said[0].id),
            "session": Selection(session_id=session),
            "user": Selection(user_id=user),
            "expired": Selection(user_id=user, expired_before=minute(0.5)),
        }[what]
        await store.forget(selection, revise)
        left = {"message": {"dinner": 1.0}, "expired": {"dinner": 1.0}}.get(what)
        answer = await recall(store, user, "x", similar=similar(EAST))
        assert (None if answer.nearness is None else near(answer)) == left
        assert answer.facts == ()
        (again,) = await tell(store, user, session, "supper")
        assert again.id == said[0].id
        assert await bare(store, user) == ["supper"]
        await learn(store, user, fact(me(user), "LIKES", thing(user, "supper"), again))
        assert await bare(store, user, "fact") == ["likes supper"]

    async def test_a_fact_that_is_forgotten_takes_its_vector_along(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "tea")
        tea = fact(me(user), "LIKES", thing(user, "tea"), said[0])
        await learn(store, user, tea)
        await keep(store, [(t, EAST) for t in (await fact_texts(store, user)).values()])
        await store.forget(Selection(user_id=user, fact_id=tea.id), revise)
        await learn(store, user, tea)
        assert await bare(store, user, "fact") == ["likes tea"]
