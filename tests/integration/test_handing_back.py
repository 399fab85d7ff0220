"""A process that is told to end (SIGTERM) in the middle of its work hands back what it holds: another may have it at once."""

from __future__ import annotations

import json
import re
import sys

import pytest
from openai_server import Answer, openai_server
from told_to_end import ROOT, Child, asked_of, check_handed_back, environment_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


async def test_ingest_hands_back_what_it_holds(store_config, user_id, unique, tmp_path):
    path = tmp_path / "talk.jsonl"
    turns = [
        {"input": f"I like {unique}", "output": "Nice", "id": "m", "session_id": f"{unique}-{n}"} for n in range(6)
    ]
    path.write_text("".join(json.dumps(turn) + "\n" for turn in turns))
    with openai_server(Answer(hang=True)) as server:
        arguments = ["-m", "graphmem.cli", "ingest", str(path), "--user", user_id]
        child = Child(arguments, environment_of(store_config, server.base_url))
        code, errors = child.told_to_end(lambda: asked_of(server, unique) == 6)
        assert (code, errors.splitlines()[-1]) == (143, "graphmem: terminated")
        assert "Traceback" not in errors
        await check_handed_back(store_config, user_id, 6)


async def test_chat_hands_back_what_it_holds(store_config, user_id, unique):
    with openai_server(Answer(hang=True)) as server:
        arguments = ["-m", "graphmem.cli", "chat", "--json", "--user", user_id]
        child = Child(arguments, environment_of(store_config, server.base_url))
        assert child.process.stdin is not None
        child.process.stdin.write(f"I like {unique}\n")
        child.process.stdin.flush()
        # one request is to read what was said, the other to answer it
        code, errors = child.told_to_end(lambda: asked_of(server, unique) == 2)
        assert (code, errors.splitlines()[-1]) == (143, "graphmem: terminated")
        await check_handed_back(store_config, user_id, 1)


@pytest.mark.parametrize("place", [0, 1], ids=["asynchronous", "blocking"])
async def test_the_recipes_of_the_documentation_hand_back_what_they_hold(
    store_config, user_id, unique, place, tmp_path
):
    """The two programs of docs/production.md, word for word; the work in the middle of them is a store and a long wait."""
    text = (ROOT / "docs" / "production.md").read_text(encoding="utf-8")
    recipe = re.findall(r"```py\n(.*?)```", text.partition("## Shutting down")[2], re.DOTALL)[place]
    work = [
        f"await memory.store({user_id!r}, {{'input': 'I like {unique}'}}); await asyncio.sleep(600)",
        f"memory.store({user_id!r}, {{'input': 'I like {unique}'}}); import time; time.sleep(600)",
    ][place]
    program = tmp_path / "program.py"
    assert recipe.count("...  # your work\n") == 1
    program.write_text(recipe.replace("...  # your work\n", f"{work}\n"))
    with openai_server(Answer(hang=True)) as server:
        child = Child([str(program)], environment_of(store_config, server.base_url))
        code, errors = child.told_to_end(lambda: asked_of(server, unique) == 1)
        assert "Traceback" not in errors
        assert code == 143
        await check_handed_back(store_config, user_id, 1)
