"""``memory.turn``: what is known is in the prompt, what was said is kept when the block ends well, and only then."""

from __future__ import annotations

import asyncio

import pytest

from graphmem import MemLayer
from graphmem.errors import InvalidInteraction, SessionOwnerError, StoreUnavailable
from graphmem.sync import MemLayer as Blocking


@pytest.fixture
async def memory(store_config):
    async with MemLayer(config=store_config) as memory:
        yield memory


async def test_the_first_turn_has_the_text_alone_and_the_next_knows_what_was_said(memory, user_id, session_id):
    async with memory.turn(session_id, user_id, "I live in Porto.") as turn:
        assert turn.messages == [{"role": "user", "content": "I live in Porto."}]
        turn.reply = "Nice."
    assert [fact.text for fact in turn.stored.facts] == ["lives in Porto"]
    async with memory.turn(f"{session_id}-2", user_id, "Where do I live?") as turn:
        system, user = turn.messages
        turn.reply = "In Porto."
    assert system["role"] == "system"
    assert system["content"] == str(turn.context)
    assert system["content"].count("<memory>") == 1
    assert "lives in Porto" in system["content"]
    assert user == {"role": "user", "content": "Where do I live?"}
    said = await memory.messages(session_id=f"{session_id}-2")
    assert [(m.role, m.text) for m in said] == [("user", "Where do I live?"), ("assistant", "In Porto.")]


async def test_what_a_caller_puts_before_the_messages_is_not_stored(memory, user_id, session_id):
    async with memory.turn(session_id, user_id, "Hello.") as turn:
        turn.messages.insert(0, {"role": "system", "content": "You are a pirate."})
        assert [m["role"] for m in turn.messages] == ["system", "user"]
        turn.reply = "Ahoy."
    assert "pirate" not in str(await memory.get_context(session_id=session_id))
    assert [m.text for m in await memory.messages(session_id=session_id)] == ["Hello.", "Ahoy."]


async def test_the_budget_of_the_context_holds(memory, user_id, session_id):
    await memory.store(session_id, {"input": "I like " + "very " * 400 + "long walks.", "output": "Oh."}, user_id)
    async with memory.turn(session_id, user_id, "What do I like?", max_tokens=100) as turn:
        turn.reply = "Walks."
    assert turn.context.tokens <= 100


async def test_nothing_is_stored_when_the_block_raises(memory, user_id, session_id):
    turn = memory.turn(session_id, user_id, "I live in Porto.")

    async def fails():
        async with turn:
            turn.reply = "Nice."
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    assert turn.stored is None
    assert await memory.messages(session_id=session_id, user_id=user_id) == []
    assert await memory.facts(user_id) == []


async def test_nothing_is_stored_when_the_turn_is_cancelled(memory, user_id, session_id):
    reached = asyncio.Event()

    async def one_turn():
        async with memory.turn(session_id, user_id, "I live in Porto.") as turn:
            turn.reply = "Ni"
            reached.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(one_turn())
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await memory.messages(session_id=session_id, user_id=user_id) == []


@pytest.mark.parametrize(("reply", "said"), [(None, "was not set"), (7, "is int"), (["a"], "is list")])
async def test_a_turn_without_an_answer_says_so_and_is_not_stored(memory, user_id, session_id, reply, said):
    with pytest.raises(InvalidInteraction, match=f"turn.reply {said}.*not stored; set it"):
        async with memory.turn(session_id, user_id, "Hello.") as turn:
            turn.reply = reply
    assert await memory.messages(session_id=session_id, user_id=user_id) == []


@pytest.mark.parametrize("text", ["", "  \n", None, 5, ["Hello"]])
async def test_a_text_that_is_none_is_refused_at_once(memory, user_id, session_id, text):
    with pytest.raises(InvalidInteraction, match="text must be what the user says"):
        memory.turn(session_id, user_id, text)


@pytest.mark.parametrize(("session", "user"), [("", "u"), (None, "u"), ("s", ""), ("s", 3)])
async def test_an_id_that_is_none_is_refused_at_once(memory, session, user):
    with pytest.raises(InvalidInteraction, match="must be a text"):
        memory.turn(session, user, "Hello.")


async def test_another_users_session_is_refused_before_the_model_is_asked(memory, user_id, session_id):
    await memory.store(session_id, {"input": "I live in Porto.", "output": "Nice."}, user_id)
    entered = False
    with pytest.raises(SessionOwnerError):
        async with memory.turn(session_id, f"{user_id}-other", "Where do I live?"):
            entered = True
    assert not entered


async def test_a_turn_is_used_once_and_in_a_block(memory, user_id, session_id):
    turn = memory.turn(session_id, user_id, "Hello.")
    with pytest.raises(InvalidInteraction, match="async with"):
        _ = turn.messages
    async with turn:
        turn.reply = "Hi."
    with pytest.raises(InvalidInteraction, match="used once"):
        async with turn:
            pass
    assert len(await memory.messages(session_id=session_id)) == 2


async def test_turns_of_one_session_and_of_others_at_once_keep_to_themselves(memory, user_id, session_id):
    async def converse(number):
        for _ in range(3):
            async with memory.turn(
                f"{session_id}-{number}", f"{user_id}-{number}", f"My dog is called Rex{number}."
            ) as turn:
                await asyncio.sleep(0)
                turn.reply = f"Rex{number}!"
        return str(turn.context)

    contexts = await asyncio.gather(*(converse(number) for number in range(8)))
    for number, context in enumerate(contexts):
        assert f"Rex{number}" in context
        assert not any(f"Rex{other}" in context for other in range(8) if other != number)


async def test_a_store_that_is_down_is_an_error_before_the_model_is_asked():
    from graphmem import MemLayerConfig

    config = MemLayerConfig(provider="neo4j", connection_url="bolt://127.0.0.1:9", auth=("neo4j", "x"))
    async with asyncio.timeout(30):
        memory = MemLayer(config=config)
        with pytest.raises(StoreUnavailable):
            async with memory.turn("s", "u", "Hello."):
                pytest.fail("the block must not begin")
        await memory.aclose()


def test_the_blocking_turn_is_the_same(store_config, user_id, session_id):
    with Blocking(config=store_config) as memory:
        with memory.turn(session_id, user_id, "I live in Porto.") as turn:
            turn.reply = "Nice."
        with memory.turn(session_id, user_id, "Where do I live?") as turn:
            assert "lives in Porto" in turn.messages[0]["content"]
            turn.reply = "In Porto."
        with pytest.raises(KeyError), memory.turn(session_id, user_id, "And now?"):
            raise KeyError
        with pytest.raises(InvalidInteraction, match="not stored"), memory.turn(session_id, user_id, "And now?"):
            pass
        assert len(memory.messages(session_id=session_id)) == 4
