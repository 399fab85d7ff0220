"""The examples do what they say, with a local server in the place of a language model."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import subprocess
import sys
import textwrap
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from openai_server import openai_server, refuses, says

from graphmem import MemLayerConfig

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


def load(name):
    """An example as a module."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def chat(server, folder, user, *lines):
    """What a chat of ``openai_client.py`` prints."""
    run = subprocess.run(
        [sys.executable, EXAMPLES / "openai_client.py", user],
        cwd=folder,
        env={**os.environ, "OPENAI_BASE_URL": server.base_url, "PYTHONPATH": str(ROOT)},
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.stderr == ""
    return run.stdout.splitlines()


def test_a_chat_with_the_openai_client_knows_what_was_said_in_an_earlier_one(tmp_path):
    with openai_server(script=lambda body: says(f"Answer to: {body['messages'][-1]['content']}")) as server:
        assert chat(server, tmp_path, "maya", "I live in Porto.", "And I like tea.") == [
            "Answer to: I live in Porto.",
            "Answer to: And I like tea.",
        ]
        chat(server, tmp_path, "maya", "Where do I live?")
        chat(server, tmp_path, "ben", "Where do I live?")
    first, second, later, other = (request["messages"] for request in server.requests)
    assert [m["role"] for m in first] == ["system", "user"]
    assert "Answer to: I live in Porto." in second[1]["content"]
    assert [m["role"] for m in later] == ["system", "system", "user"]
    assert "- lives in Porto" in later[1]["content"]
    assert "Porto" not in str(other)


def test_the_readme_shows_the_turn_of_the_example():
    example = (EXAMPLES / "openai_client.py").read_text(encoding="utf-8")
    start = example.index("    async with memory.turn(")
    assert textwrap.dedent(example[start : example.index("\n    return turn.reply")]) in (ROOT / "README.md").read_text(
        encoding="utf-8"
    )


@asynccontextmanager
async def running(app):
    """A client of an ASGI app whose lifespan began and ends as under a server."""
    events, sent = asyncio.Queue(), asyncio.Queue()
    life = asyncio.create_task(app({"type": "lifespan"}, events.get, sent.put))
    await events.put({"type": "lifespan.startup"})
    started = await sent.get()
    if started["type"] != "lifespan.startup.complete":
        await life
        raise RuntimeError(started["message"])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        yield client
    await events.put({"type": "lifespan.shutdown"})
    assert (await sent.get())["type"] == "lifespan.shutdown.complete"
    await life


def say(client, token, conversation, text):
    """One request to the chat."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.post(f"/chat/{conversation}", content=text, headers=headers)


async def test_the_service_knows_each_user_by_the_token_and_no_other(store_config, user_id, monkeypatch):
    maya, ben = f"{user_id}-maya", f"{user_id}-ben"
    with openai_server(script=lambda body: says(str(body["messages"]))) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        app = load("asgi_app").App(store_config, {"t1": maya, "t2": ben})
        async with running(app) as client:
            assert (await say(client, "t1", "monday", "I live in Porto.")).status_code == 200
            assert (await say(client, "t2", "monday", "I live in Oslo.")).status_code == 200
        async with running(app) as client:
            answers = await asyncio.gather(
                *(say(client, token, f"c{n}", "Where do I live?") for n in range(8) for token in ("t1", "t2"))
            )
            assert {answer.status_code for answer in answers} == {200}
            for number, answer in enumerate(answers):
                own, other = ("Porto", "Oslo") if number % 2 == 0 else ("Oslo", "Porto")
                assert f"lives in {own}" in answer.text
                assert other not in answer.text
            sessions = {m.session_id for m in await app.memory.messages(user_id=maya)}
            assert sessions == {f"{maya}/monday", *(f"{maya}/c{n}" for n in range(8))}


async def test_the_service_says_what_is_wrong_with_a_request(sqlite_config, monkeypatch):
    with openai_server(says("Hi.")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        app = load("asgi_app").App(sqlite_config, {"t1": "maya"})
        async with running(app) as client:
            assert (await say(client, None, "monday", "Hello")).status_code == 401
            assert (await say(client, "maya", "monday", "Hello")).status_code == 401
            assert (await say(client, "t1", "monday", "")).status_code == 400
            assert (await say(client, "t1", "", "Hello")).status_code == 404
            assert (await client.get("/chat/monday")).status_code == 404
            assert server.requests == []
            assert await app.memory.messages(user_id="maya") == []


async def test_nothing_is_kept_of_a_turn_that_the_model_did_not_answer(sqlite_config, monkeypatch):
    import openai

    with openai_server(refuses(400)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        app = load("asgi_app").App(sqlite_config, {"t1": "maya"})
        async with running(app) as client:
            with pytest.raises(openai.BadRequestError):
                await say(client, "t1", "monday", "I live in Porto.")
            assert await app.memory.messages(user_id="maya") == []


async def test_a_memory_that_is_not_there_stops_the_start(monkeypatch):
    config = MemLayerConfig(provider="neo4j", connection_url="bolt://127.0.0.1:9", auth=("neo4j", "x"))
    with pytest.raises(RuntimeError, match="127.0.0.1:9"):
        async with running(load("asgi_app").App(config, {})):
            pass
