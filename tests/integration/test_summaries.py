"""Summaries of long sessions: made in the background, never in the way, and without a trace of what was forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest
from openai_server import Answer, openai_server, refuses, says
from scripted_extractor import LivesIn

from graphmem import LLMConfig, MemLayer
from graphmem.errors import ConfigError
from graphmem.summarize import SummaryError
from graphmem.summarize.keeper import EVERY

TOPICS = ("garden", "piano", "Lisbon", "chess", "bicycle", "novel", "winter", "harbour", "violin", "bakery")


def line(number: int) -> str:
    return f"Entry {number}: we talked about the {TOPICS[number % 10]} and the letter {number} from Aunt Quill{number}."


async def talk(memory: MemLayer, session_id: str, count: int, first: int = 0) -> None:
    """Messages with ids ``m<number>``; all that happens in the background is done at the end."""
    said = [{"role": "user", "content": line(i), "id": f"m{i}"} for i in range(first, first + count)]
    await memory.store(session_id, said)
    await memory.flush()


def offline(config, **settings):
    return replace(config, extractor=LivesIn(), **settings)


def with_llm(config, base_url, **settings):
    return offline(config, llm=LLMConfig("model-x", base_url, "sk-private", timeout=5.0), **settings)


def summaries(server):
    """The bodies of the requests for summaries."""
    return [r["messages"][1]["content"] for r in server.requests]


async def test_what_leaves_the_buffer_is_summarised_offline(store_config, session_id):
    async with MemLayer(offline(store_config)) as memory:
        await talk(memory, session_id, EVERY + 7)
        assert (await memory.get_context(session_id)).summary == ""
        await talk(memory, session_id, 1, first=EVERY + 7)
        context = await memory.get_context(session_id)
        assert context.summary
        assert f"Summary of the conversation:\n- {context.summary.splitlines()[0]}" in context.text
        assert all("Aunt Quill" in text for text in context.summary.splitlines())
        recent = {m.id for m in context.messages}
        assert not any(line(int(id[1:])) in context.summary for id in recent)


async def test_a_context_stays_within_its_budget_over_a_long_conversation(store_config, session_id):
    async with MemLayer(offline(store_config, max_tokens=300)) as memory:
        batch = [{"role": "user", "content": line(i), "id": f"m{i}"} for i in range(1000)]
        for start in range(0, 1000, 200):
            await memory.store(session_id, batch[start : start + 200])
        await memory.flush()
        context = await memory.get_context(session_id, query="What did we talk about?")
        assert 0 < context.tokens <= 300
        assert context.summary
        await talk(memory, session_id, EVERY, first=1000)
        assert (await memory.get_context(session_id)).tokens <= 300


async def test_nothing_of_a_forgotten_message_stays_in_the_summary(store_config, session_id):
    async with MemLayer(offline(store_config)) as memory:
        await talk(memory, session_id, 30)
        quoted = (await memory.get_context(session_id)).summary.splitlines()[0]
        number = int(quoted.split("Entry ")[1].split(":")[0])
        await memory.forget(session_id=session_id, message_id=f"m{number}")
        assert f"Aunt Quill{number}." not in (await memory.get_context(session_id)).text
        await memory.flush()
        rebuilt = (await memory.get_context(session_id)).summary
        assert rebuilt
        assert f"Aunt Quill{number}." not in rebuilt


async def test_a_forgotten_session_leaves_no_summary(store_config, session_id):
    async with MemLayer(offline(store_config)) as memory:
        await talk(memory, session_id, 30)
        await memory.forget(session_id=session_id)
        await talk(memory, session_id, 1)
        assert (await memory.get_context(session_id)).summary == ""


async def test_another_users_context_never_has_it(store_config, session_id, user_id):
    async with MemLayer(offline(store_config)) as memory:
        await talk(memory, session_id, 30)
        assert (await memory.get_context(f"other-{session_id}", user_id=user_id)).summary == ""


async def test_a_model_is_asked_once_for_every_so_many_messages(store_config, session_id):
    with openai_server(*(says({"summary": f"Version {i}."}) for i in range(1, 9))) as server:
        async with MemLayer(with_llm(store_config, server.base_url)) as memory:
            await talk(memory, session_id, 8 + EVERY)
            assert (await memory.get_context(session_id)).summary == "Version 1."
            await talk(memory, session_id, EVERY, first=8 + EVERY)
            await talk(memory, session_id, EVERY, first=8 + 2 * EVERY)
            assert (await memory.get_context(session_id)).summary == "Version 3."
        asked = summaries(server)
        assert len(asked) == 3
        assert '"summary": "Version 2."' in asked[2]
        assert [line(i) in asked[1] for i in (EVERY - 1, EVERY, 2 * EVERY - 1, 2 * EVERY)] == [False, True, True, False]
        assert "sk-private" not in str(server.requests)


@pytest.mark.parametrize(
    "failure",
    [
        refuses(401),
        refuses(400),
        says("no JSON"),
        says({"summary": ""}),
        says(None, refusal="no"),
        Answer(hang_up=True),
    ],
    ids=["key", "request", "no json", "empty", "refusal", "hang up"],
)
async def test_a_failure_keeps_the_old_summary_and_is_tried_again(
    sqlite_config, session_id, failure, monkeypatch, caplog
):
    monkeypatch.setattr("graphmem.summarize.keeper.RETRY_SECONDS", 0.0)
    good = says({"summary": "All is well."})
    broken = False

    def script(request):
        return failure if broken else good

    with openai_server(script=script) as server:
        config = replace(
            with_llm(sqlite_config, server.base_url), llm=LLMConfig("x", server.base_url, "k", timeout=1.0)
        )
        async with MemLayer(config) as memory:
            await talk(memory, session_id, 8 + EVERY)
            broken = True
            await talk(memory, session_id, EVERY, first=8 + EVERY)
            assert (await memory.get_context(session_id)).summary == "All is well."
            assert "a summary stays as it is for now" in caplog.text
            assert "Aunt Quill" not in caplog.text
    broken = False
    with openai_server(says({"summary": "Better."})) as server:
        async with MemLayer(with_llm(sqlite_config, server.base_url)) as memory:
            await talk(memory, session_id, 1, first=8 + 2 * EVERY)
            assert (await memory.get_context(session_id)).summary == "Better."
            assert '"summary": "All is well."' in summaries(server)[0]


async def test_a_failure_is_not_repeated_with_every_store(sqlite_config, session_id):
    with openai_server(says("no JSON")) as server:
        async with MemLayer(with_llm(sqlite_config, server.base_url)) as memory:
            await talk(memory, session_id, 30)
        assert len(server.requests) == 1


async def test_a_store_and_a_context_do_not_wait_for_the_model(sqlite_config, session_id):
    with openai_server(says({"summary": "Late."}), hold=True) as server:
        async with MemLayer(with_llm(sqlite_config, server.base_url)) as memory:
            await memory.store(session_id, [{"role": "user", "content": line(i)} for i in range(30)])
            assert (await memory.get_context(session_id)).summary == ""
            server.let_go()
            await memory.flush()
            assert (await memory.get_context(session_id)).summary == "Late."


async def test_what_is_forgotten_while_the_model_writes_is_not_kept(store_config, session_id):
    def script(request):
        content = request["messages"][1]["content"]
        return says(
            {"summary": "Aunt Quill3 wrote." if "Quill3 " in content or "Quill3." in content else "Others wrote."}
        )

    with openai_server(script=script, hold=True) as server:
        async with MemLayer(with_llm(store_config, server.base_url)) as memory:
            await memory.store(session_id, [{"role": "user", "content": line(i), "id": f"m{i}"} for i in range(30)])
            await memory.forget(session_id=session_id, message_id="m3")
            server.let_go()
            await memory.flush()
            assert (await memory.get_context(session_id)).summary == "Others wrote."


async def test_a_forgotten_message_takes_the_models_summary_along_until_it_is_written_anew(sqlite_config, session_id):
    with openai_server(says({"summary": "About Aunt Quill3."}), says({"summary": "Anew."})) as server:
        async with MemLayer(with_llm(sqlite_config, server.base_url)) as memory:
            await talk(memory, session_id, 8 + EVERY + 3)
            await memory.forget(session_id=session_id, message_id="m3")
            assert (await memory.get_context(session_id)).summary == ""
            await memory.flush()
            assert (await memory.get_context(session_id)).summary == "Anew."
        assert '"summary": ""' in summaries(server)[1]
        assert "Quill3." not in summaries(server)[1]


async def test_expired_messages_are_in_no_summary(store_config, session_id):
    """Hidden from the moment their time has passed, and left out when the summary is made anew."""
    async with MemLayer(offline(store_config, ttl=3600)) as memory:
        old = [{"role": "user", "content": line(i), "at": "2024-01-01T00:00:00Z"} for i in range(20)]
        await memory.store(session_id, old)
        await talk(memory, session_id, 30, first=100)
        await memory.expire()
        summary = (await memory.get_context(session_id)).summary
        assert summary
        assert "2024-01-01" not in summary


async def test_a_summariser_of_ones_own(sqlite_config, session_id):
    class Counting:
        async def summarize(self, summary, messages):
            return f"{summary}+{len(messages)}"

    async with MemLayer(offline(sqlite_config, summarizer=Counting())) as memory:
        await talk(memory, session_id, 8 + EVERY)
        await talk(memory, session_id, EVERY, first=8 + EVERY)
        assert (await memory.get_context(session_id)).summary == f"+{EVERY}+{EVERY}"


@pytest.mark.parametrize("wrong", [None, 3, RuntimeError("boom"), SummaryError("not now")])
async def test_a_summariser_that_fails_does_no_harm(sqlite_config, session_id, wrong):
    class Failing:
        async def summarize(self, summary, messages):
            if isinstance(wrong, Exception):
                raise wrong
            return wrong

    async with MemLayer(offline(sqlite_config, summarizer=Failing())) as memory:
        await talk(memory, session_id, 30)
        assert (await memory.get_context(session_id)).summary == ""
        assert len(await memory.messages(session_id)) == 30


async def test_without_a_summariser_there_is_no_summary(sqlite_config, session_id):
    async with MemLayer(offline(sqlite_config, summarizer="none")) as memory:
        await talk(memory, session_id, 40)
        assert (await memory.get_context(session_id)).summary == ""


@pytest.mark.parametrize("wrong", ["best", "", 3, object()])
def test_a_summariser_that_is_none_is_refused(sqlite_config, wrong):
    with pytest.raises(ConfigError, match="summarizer.*auto, extractive, llm, none"):
        replace(sqlite_config, summarizer=wrong)
    with pytest.raises(ConfigError, match="it needs a language model"):
        replace(sqlite_config, summarizer="llm")


async def test_what_is_over_is_not_told_from_the_summary(sqlite_config, session_id):
    async with MemLayer(replace(sqlite_config, extractor="rules")) as memory:
        await memory.store(session_id, {"input": "I live in Leeds near the old harbour.", "at": "2023-01-01T00:00:00Z"})
        chat = [{"role": "user", "content": f"Report {i} on the weather was quite unremarkable"} for i in range(30)]
        await memory.store(session_id, chat)
        await memory.flush()
        assert "I live in Leeds" in (await memory.get_context(session_id)).summary
        await memory.store(session_id, {"input": "I moved to Porto last week."})
        context = await memory.get_context(session_id, query="Where do I live?")
        assert "I live in Leeds" not in context.summary
        assert context.summary


async def test_a_flush_waits_no_longer_for_a_summary_than_it_may(sqlite_config, session_id):
    with openai_server(says({"summary": "Late."}), hold=True) as server:
        async with MemLayer(with_llm(sqlite_config, server.base_url)) as memory:
            await memory.store(session_id, [{"role": "user", "content": line(i)} for i in range(30)])
            assert await memory.flush(timeout=0.2) == 0
            assert (await memory.get_context(session_id)).summary == ""
            server.let_go()
            await memory.flush()
            assert (await memory.get_context(session_id)).summary == "Late."
