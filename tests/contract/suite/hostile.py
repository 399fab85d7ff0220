"""Identifiers and texts from hostile or careless callers: they are data, whatever they look like."""

from __future__ import annotations

import pytest

from graphmem.errors import GraphMemError
from graphmem.identity import derived_id
from graphmem.records import Entity
from graphmem.stores.base import NewMessage, Selection, Store

from ..builders import claim, fact, interaction, learn, me, message, minute, recall, revise, statement, tell, thing
from ..conftest import Names

HOSTILE = {
    "quotes": "a'b\"c`d´e''",
    "sql": "'); DROP TABLE messages; --",
    "cypher": "'}) DETACH DELETE n //",
    "backslashes": "\\' \\u0027 \\",
    "wildcards": "%_*?[a-z]",
    "braces": "{x} ${y} $z :param",
    "nul": "before\x00after",
    "controls": "\x01\x1b[31m\x7f\u2028\u2029",
    "white space": " \t\r\n ",
    "emoji": "👩‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "right to left": "\u202eمرحبا שלום\u202c",
    "combining": "Z̸̢͇a̷l̵g̴o̶ e\u0301",
    "json": '{"user_id": null}',
    "path": "../../etc/passwd\\..\\x",
    "number": "0",
    "null": "null",
    "long": "x" * 10_000,
    "long and wide": "é🦓" * 5_000,
}

LOOK_ALIKES = [
    "case",
    "Case",
    "CASE",
    "cаse",  # with a Cyrillic letter
    "case ",
    " case",
    "case\u200b",
    "case\x00",
    "ｃａｓｅ",
    "caſe",
    "café",
    "cafe\u0301",
    "cafe",
    "1",
    "01",
    "1.0",
    "x" * 10_000,
    "x" * 10_000 + "y",
    "x" * 9_999 + "y",
]


class HostileContract:
    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
    async def test_a_hostile_identifier_is_an_identifier(self, store: Store, names: Names, text: str) -> None:
        user, session, job = (names.owner(f"{part}{names.prefix}{text}") for part in "usj")
        new = message(text, "I live in Porto")
        appended = await store.append(interaction(session, new, user_id=user, job_id=job))
        assert (appended.user_id, appended.new_ids) == (user, frozenset({text}))
        stored = appended.messages[0]
        assert (stored.id, stored.session_id, stored.user_id) == (text, session, user)
        (claimed,) = await claim(store, f"worker {text}", user, 1)
        assert claimed == appended.job
        one = fact(me(user), "LIKES", thing(user, "tea"), stored)
        await learn(store, user, one, job_id=job)
        assert (await store.ledger(user)).facts == (one,)
        assert await store.messages(user_id=user, session_id=session) == [stored]
        answer = await recall(store, user, "porto", session)
        assert (answer.user_id, answer.messages, answer.matches) == (user, (stored,), (stored,))
        description = await store.describe(user)
        assert (description.user_ids, description.session_ids) == ((user,), (session,))
        forgotten = await store.forget(Selection(session_id=session, message_id=text), revise)
        assert (forgotten.messages, forgotten.facts, forgotten.sessions) == (1, 1, 1)
        assert (await store.describe(user)).stats.users == 0

    @pytest.mark.parametrize("text", [*HOSTILE.values(), "", "word " * 200_000], ids=[*HOSTILE, "empty", "a million"])
    async def test_a_hostile_text_comes_back_as_it_was(self, store: Store, names: Names, text: str) -> None:
        user, session = names.user(), names.session()
        new = NewMessage("m", "user", text, minute(0), text[:20_000] or None)
        appended = await store.append(interaction(session, new, user_id=user, job_id=names.job()))
        assert appended.messages[0].text == text
        (stored,) = await store.messages(user_id=user, session_id=None)
        assert (stored.text, stored.name) == (text, text[:20_000] or None)
        assert (await recall(store, user, None, session)).messages == (stored,)
        short = text[:20_000]
        entity = Entity(derived_id("entity", user, "Thing", short), short, "Thing", (short, "tea"))
        said = statement(stored, me(user), "LIKES", entity, evidence=short, verb=short)
        one = fact(me(user), "LIKES", entity, stored, text=short, evidence=short, statements=(said,))
        await learn(store, user, one, job_id=names.job())
        assert (await store.ledger(user)).facts == (one,)
        assert (await recall(store, user, "tea")).linked == (entity,)

    async def test_users_whose_ids_look_alike_are_kept_apart(self, store: Store, names: Names) -> None:
        users = [names.owner(f"{names.prefix}{text}") for text in LOOK_ALIKES]
        for i, user in enumerate(users):
            said = await tell(store, user, names.session(str(i)), f"I live in Porto {i}")
            await learn(store, user, fact(me(user), "LIKES", thing(user, "tea"), *said))
        for i, user in enumerate(users):
            assert [m.text for m in await store.messages(user_id=user, session_id=None)] == [f"I live in Porto {i}"]
            answer = await recall(store, user, "porto tea")
            assert [m.text for m in answer.matches] == [f"I live in Porto {i}"]
            assert [f.evidence for f in answer.facts] == [f"I live in Porto {i}"]
            assert (await store.describe(user)).session_ids == (names.session(str(i)),)
        await store.forget(Selection(user_id=users[0]), revise)
        for user in users[1:]:
            assert (await store.describe(user)).stats.facts == 1

    async def test_sessions_and_messages_whose_ids_look_alike_are_kept_apart(self, store: Store, names: Names) -> None:
        user = names.user()
        sessions = [names.owner(f"{names.prefix}{text}") for text in LOOK_ALIKES]
        for session in sessions:
            appended = await store.append(
                interaction(session, *(message(text, f"Text of {text[-2:]!r}") for text in LOOK_ALIKES), user_id=user)
            )
            assert appended.new_ids == set(LOOK_ALIKES)
        await store.forget(Selection(session_id=sessions[0]), revise)
        await store.forget(Selection(session_id=sessions[1], message_id=LOOK_ALIKES[0]), revise)
        assert await store.messages(user_id=None, session_id=sessions[0]) == []
        left = await store.messages(user_id=None, session_id=sessions[1])
        assert [m.id for m in left] == LOOK_ALIKES[1:]
        for session in sessions[2:]:
            assert [m.id for m in await store.messages(user_id=None, session_id=session)] == LOOK_ALIKES

    async def test_names_that_look_alike_link_by_their_key(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "Names")
        entities = [thing(user, "Café"), thing(user, "Cafй"), thing(user, "ca*"), thing(user, "c%")]
        await learn(store, user, *(fact(me(user), "LIKES", e, *said) for e in entities))
        assert (await recall(store, user, "cafe")).linked == (entities[0],)
        assert (await recall(store, user, "CAFЙ")).linked == (entities[1],)
        assert (await recall(store, user, "ca% c_ cafes")).linked == ()

    @pytest.mark.parametrize("where", ["user", "session", "message", "text", "name", "job"])
    async def test_what_cannot_be_written_as_unicode_is_kept_or_refused_in_words(
        self, store: Store, names: Names, where: str
    ) -> None:
        """A lone surrogate has no UTF-8: a store keeps it or raises an error of graphmem, and half of nothing is left."""
        bad = f"{names.prefix}\ud800"
        part = {"user": names.user(), "session": names.session(), "message": "m", "text": "Hello", "job": names.job()}
        part[where] = bad
        new = NewMessage(part["message"], "user", part["text"], minute(0), part.get("name"))
        kept = True
        try:
            await store.append(interaction(part["session"], new, user_id=part["user"], job_id=part["job"]))
        except GraphMemError:
            kept = False
        stored = await store.messages(user_id=names.user(), session_id=None) if where != "user" else []
        if kept and where != "user":
            assert [(m.id, m.session_id, m.text, m.name) for m in stored] == [
                (part["message"], part["session"], part["text"], part.get("name"))
            ]
        else:
            assert stored == []
