"""What `graphmem.stores.embedding.ShortVectorStore` promises of the built-in stores."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphmem.records import Message
from graphmem.stores.base import Recalled, Selection, Store
from graphmem.stores.embedding import ShortVectorStore, StoredText

from ..builders import interaction, message, minute, recall, revise, tell
from ..conftest import Names


async def keep(store: Store, *vectors: tuple[Message, str]) -> int:
    assert isinstance(store, ShortVectorStore)
    return await store.keep_short_vectors([(StoredText.of(said), vector) for said, vector in vectors])


def by_text(answer: Recalled) -> dict[str, str]:
    """Short vectors by message text."""
    texts = {(m.session_id, m.seq): m.text for m in answer.matches}
    return {texts[place]: vector for place, vector in answer.short_vectors.items()}


class ShortVectorContract:
    async def test_short_vectors_come_with_what_words_find_and_with_nothing_else(
        self, store: Store, names: Names
    ) -> None:
        user, session = names.user(), names.session()
        said = await tell(store, user, session, "before", "the zebra", "a zebra", "far", "farther")
        assert await keep(store, (said[0], "a"), (said[1], "b"), (said[4], "c")) == 3
        answer = await recall(store, user, "zebra", neighbours=5, reach=1)
        assert by_text(answer) == {"before": "a", "the zebra": "b"}
        assert (await recall(store, user, "yacht")).short_vectors == {}
        assert (await recall(store, names.user("nobody"), "zebra")).short_vectors == {}

    async def test_a_short_vector_takes_the_place_of_the_one_before(self, store: Store, names: Names) -> None:
        user = names.user()
        (said,) = await tell(store, user, names.session(), "the zebra")
        await keep(store, (said, "one"))
        assert await keep(store, (said, "two")) == 1
        assert by_text(await recall(store, user, "zebra")) == {"the zebra": "two"}

    async def test_a_short_vector_of_what_is_gone_or_has_another_text_is_not_kept(
        self, store: Store, names: Names
    ) -> None:
        user, session = names.user(), names.session()
        one, two = await tell(store, user, session, "one zebra", "two zebras")
        await store.forget(Selection(session_id=session, message_id=one.id), revise)
        assert await keep(store, (one, "a")) == 0
        assert await keep(store, (replace(two, text="too"), "b")) == 0
        assert await keep(store, (replace(two, user_id=names.user("eve")), "c")) == 0
        assert await keep(store, (replace(two, session_id=names.session("other")), "d")) == 0
        assert await keep(store) == 0
        assert (await recall(store, user, "zebra")).short_vectors == {}

    async def test_short_vectors_of_several_users_are_kept_at_once_and_stay_theirs(
        self, store: Store, names: Names
    ) -> None:
        alice, bob = names.user(), names.user("bob")
        (mine,) = await tell(store, alice, names.session(), "a zebra")
        (theirs,) = await tell(store, bob, names.session("bob"), "bob's zebra")
        assert await keep(store, (mine, "a"), (theirs, "b")) == 2
        assert by_text(await recall(store, alice, "zebra")) == {"a zebra": "a"}
        assert by_text(await recall(store, bob, "zebra")) == {"bob's zebra": "b"}

    @pytest.mark.parametrize("what", ["message", "session", "user", "expired"])
    async def test_a_short_vector_goes_with_its_message(self, store: Store, names: Names, what: str) -> None:
        """Whatever comes under the same ids afterwards has none."""
        user, session = names.user(), names.session()
        (said,) = await tell(store, user, session, "the zebra")
        await keep(store, (said, "a"))
        selection = {
            "message": Selection(session_id=session, message_id=said.id),
            "session": Selection(session_id=session),
            "user": Selection(user_id=user),
            "expired": Selection(user_id=user, expired_before=minute(0.5)),
        }[what]
        await store.forget(selection, revise)
        (again,) = await tell(store, user, session, "the zebra")
        assert again.id == said.id
        assert (await recall(store, user, "zebra")).short_vectors == {}
        assert await keep(store, (again, "b")) == 1

    async def test_messages_are_what_they_were_beside_a_short_vector(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        said = await tell(store, user, session, "the zebra", job_id=names.session("job"))
        before = await recall(store, user, "zebra", session)
        await keep(store, (said[0], "a"))
        after = await recall(store, user, "zebra", session)
        assert replace(after, short_vectors={}) == before
        assert await store.messages(user_id=user, session_id=session) == list(said)
        assert (await store.backlog(user)).messages == 1

    async def test_they_come_with_new_messages(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        new = [replace(message("m1", "a zebra"), short_vector="a"), message("m2", "zebras")]
        await store.append(interaction(session, *new, user_id=user, job_id=names.job()))
        await store.append(interaction(session, replace(new[0], short_vector="b"), user_id=user))
        assert by_text(await recall(store, user, "zebra")) == {"a zebra": "a"}
