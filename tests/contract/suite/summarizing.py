"""What `graphmem.stores.summarizing.SummarizedStore` promises of the built-in stores."""

from __future__ import annotations

import pytest

from graphmem.records import SummaryLine
from graphmem.stores.base import Selection, Store
from graphmem.stores.summarizing import SessionPart, SummarizedStore

from ..builders import fact, interaction, learn, me, message, minute, recall, revise, tell, thing
from ..conftest import Names


def line(text: str, first: int, last: int | None = None) -> SummaryLine:
    """A line over the messages ``first`` to ``last``, which `tell` said one minute apart from the start."""
    return SummaryLine(text, first, first if last is None else last, minute(first - 1))


async def part_of(store: Store, session_id: str, keep: int = 0, limit: int = 100) -> SessionPart:
    assert isinstance(store, SummarizedStore)
    part = await store.session_part(session_id, keep=keep, limit=limit)
    assert part is not None
    return part


async def keep(store: Store, session_id: str, *lines: SummaryLine, summarized: int) -> None:
    """Write a summary on top of whatever is there."""
    assert isinstance(store, SummarizedStore)
    revision = (await part_of(store, session_id)).revision
    assert await store.keep_summary(session_id, lines, summarized=summarized, revision=revision)


class SummaryContract:
    async def test_an_unknown_session_has_no_part_and_takes_no_summary(self, store: Store, names: Names) -> None:
        assert isinstance(store, SummarizedStore)
        session = names.session()
        assert await store.session_part(session, keep=0, limit=10) is None
        assert not await store.keep_summary(session, (line("x", 1),), summarized=1, revision="")
        assert await store.session_part(session, keep=0, limit=10) is None

    async def test_a_part_is_the_oldest_messages_that_the_summary_does_not_cover(
        self, store: Store, names: Names
    ) -> None:
        user, session = names.user(), names.session()
        said = await tell(store, user, session, *(f"Tea {i}" for i in range(8)))
        await tell(store, user, names.session("other"), "Another session")
        await learn(store, user, fact(me(user), "LIKES", thing(user, "tea"), said[1], said[4]))
        part = await part_of(store, session, keep=2, limit=3)
        assert (part.summary, part.summarized, part.messages) == ((), 0, said[:3])
        assert part.telling == {said[1].id}
        await keep(store, session, line("Tea was had.", 1, 3), summarized=3)
        part = await part_of(store, session, keep=2)
        assert (part.summary, part.summarized, part.messages) == ((line("Tea was had.", 1, 3),), 3, said[3:6])
        assert part.telling == {said[4].id}
        assert (await part_of(store, session, keep=9)).messages == ()

    async def test_a_recall_and_the_next_append_know_the_summary(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        await tell(store, user, session, "One", "Two", "Three")
        lines = (line("First “one” \n was said", 1), line("then Zwei 🍵", 2))
        await keep(store, session, *lines, summarized=2)
        assert (await recall(store, user, "one", session)).summary == lines
        assert (await recall(store, None, None, session)).summary == lines
        assert (await recall(store, user, "one")).summary == ()
        assert (await recall(store, user, "one", names.session("other"))).summary == ()
        appended = await store.append(interaction(session, message("new")))
        assert appended.summarized == 2
        assert (await store.append(interaction(names.session("fresh"), message("m"), user_id=user))).summarized == 0

    async def test_a_recall_leaves_out_lines_that_are_past_their_time(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        await tell(store, user, session, "One", "Two", "Three")
        old, new = line("about one and two", 1, 2), line("about two", 2)
        await keep(store, session, old, new, summarized=2)
        assert (await recall(store, user, None, session, not_before=minute(0))).summary == (old, new)
        assert (await recall(store, user, None, session, not_before=minute(0.5))).summary == (new,)
        assert (await recall(store, user, None, session, not_before=minute(1.5))).summary == ()

    async def test_of_two_who_summarise_at_once_one_is_kept(self, store: Store, names: Names) -> None:
        assert isinstance(store, SummarizedStore)
        user, session = names.user(), names.session()
        await tell(store, user, session, "One", "Two")
        revision = (await part_of(store, session)).revision
        assert await store.keep_summary(session, (line("a", 1),), summarized=1, revision=revision)
        assert not await store.keep_summary(session, (line("b", 1, 2),), summarized=2, revision=revision)
        part = await part_of(store, session)
        assert (part.summary, part.summarized) == ((line("a", 1),), 1)
        assert part.revision != revision

    async def test_a_forgotten_message_takes_its_lines_along_and_the_rest_is_made_anew(
        self, store: Store, names: Names
    ) -> None:
        user, session = names.user(), names.session()
        said = await tell(store, user, session, "One", "Two", "Three", "Four", "Five")
        await keep(store, session, line("a", 1), line("b", 2, 3), line("c", 4), summarized=4)
        await store.forget(Selection(session_id=session, message_id=said[2].id), revise)
        part = await part_of(store, session)
        assert (part.summary, part.summarized) == ((line("a", 1), line("c", 4)), 0)
        assert part.messages == (*said[:2], *said[3:])
        assert (await recall(store, user, None, session)).summary == (line("a", 1), line("c", 4))

    async def test_a_forgotten_message_that_is_not_summarised_leaves_the_summary(
        self, store: Store, names: Names
    ) -> None:
        user, session = names.user(), names.session()
        said = await tell(store, user, session, "One", "Two", "Three")
        await keep(store, session, line("a", 1, 2), summarized=2)
        before = await part_of(store, session)
        await store.forget(Selection(session_id=session, message_id=said[2].id), revise)
        after = await part_of(store, session)
        assert (after.summary, after.summarized, after.messages) == ((line("a", 1, 2),), 2, ())
        assert after.revision != before.revision

    @pytest.mark.parametrize("facts", [True, False])
    async def test_expired_messages_take_their_lines_along(self, store: Store, names: Names, facts: bool) -> None:
        user, session, other = names.user(), names.session(), names.session("other")
        await tell(store, user, session, "One", "Two", "Three", "Four")
        await tell(store, user, other, "Later", at=60)
        await keep(store, session, line("a", 1), line("b", 1, 3), line("c", 3), summarized=3)
        await keep(store, other, SummaryLine("later", 1, 1, minute(60)), summarized=1)
        await store.forget(Selection(user_id=user, expired_before=minute(1.5), facts=facts), revise)
        part = await part_of(store, session)
        assert (part.summary, part.summarized) == ((line("c", 3),), 0)
        assert (await part_of(store, other)).summarized == 1

    async def test_what_was_being_summarised_while_it_was_forgotten_is_not_kept(
        self, store: Store, names: Names
    ) -> None:
        """Not even when the session begins anew meanwhile."""
        assert isinstance(store, SummarizedStore)
        user, session = names.user(), names.session()
        said = await tell(store, user, session, "One", "Two")
        one = (await part_of(store, session)).revision
        await store.forget(Selection(session_id=session, message_id=said[0].id), revise)
        assert not await store.keep_summary(session, (line("One", 1),), summarized=1, revision=one)
        two = (await part_of(store, session)).revision
        await store.forget(Selection(session_id=session), revise)
        assert not await store.keep_summary(session, (line("Two", 2),), summarized=2, revision=two)
        await tell(store, user, session, "Three")
        assert not await store.keep_summary(session, (line("Two", 1),), summarized=1, revision=two)
        part = await part_of(store, session)
        assert (part.summary, part.summarized, [m.text for m in part.messages]) == ((), 0, ["Three"])

    async def test_a_forgotten_user_has_no_summaries(self, store: Store, names: Names) -> None:
        assert isinstance(store, SummarizedStore)
        user, session = names.user(), names.session()
        await tell(store, user, session, "One", "Two")
        await keep(store, session, line("a", 1), summarized=1)
        await store.forget(Selection(user_id=user), revise)
        assert await store.session_part(session, keep=0, limit=10) is None
        assert (await recall(store, user, None, session)).summary == ()
