"""A process that is told to end (SIGTERM) in the middle of its work hands back what it holds: another may have it at once."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from openai_server import Answer, openai_server

from graphmem.clock import utc_now
from graphmem.config import MemLayerConfig
from graphmem.stores.base import Claim
from graphmem.stores.registry import store_factory

ROOT = Path(__file__).resolve().parents[2]
SAID = "I live in Porto"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def environment_of(config: MemLayerConfig, base_url: str) -> dict[str, str]:
    """The environment of a process that uses a store and a language model."""
    user, password = config.auth or ("", "")
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "GRAPHMEM_URL": str(config.connection_url),
        "GRAPHMEM_USER": user,
        "GRAPHMEM_PASSWORD": password,
        "GRAPHMEM_EXTRACTOR": "llm",
        "GRAPHMEM_LLM_MODEL": "m",
        "GRAPHMEM_LLM_TIMEOUT": "600",
        "GRAPHMEM_LIMIT_CLOSE_SECONDS": "0.2",
        "OPENAI_BASE_URL": base_url,
        "OPENAI_API_KEY": "k",
    }


class Child:
    """A process, started in the middle of which something happens."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            [sys.executable, *arguments], stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment
        )

    def told_to_end(self, when: Callable[[], bool]) -> tuple[int, str]:
        """Send SIGTERM as soon as ``when``; return the exit code and what was said on stderr."""
        for _ in range(6000):
            if when():
                break
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.02)
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors


async def check_handed_back(config: MemLayerConfig, user_id: str, number: int) -> None:
    """Check that another process can claim all jobs of a user this very moment, unless yet another one has done so.

    The server is shared with other tests, who take what is free; the child alone holds anything for so long.
    """
    store = await store_factory(config.provider)(config)
    try:
        claimed = await store.claim(Claim("another", utc_now(), limit=100, user_id=user_id))
        waiting = await store.pending(user_id)
        assert not [job for job in waiting if job.leased_until and job.leased_until > utc_now() + timedelta(minutes=10)]
        assert len(claimed) == number or config.provider == "neo4j"
    finally:
        await store.close()


async def test_ingest_hands_back_what_it_holds(store_config, user_id, unique, tmp_path):
    path = tmp_path / "talk.jsonl"
    turns = [{"input": SAID, "output": "Nice", "id": f"m{n}", "session_id": unique} for n in range(6)]
    path.write_text("".join(json.dumps(turn) + "\n" for turn in turns))
    with openai_server(Answer(hang=True)) as server:
        arguments = ["-m", "graphmem.cli", "ingest", str(path), "--user", user_id]
        child = Child(arguments, environment_of(store_config, server.base_url))
        code, errors = child.told_to_end(lambda: server.under_way == 6)
        assert (code, errors.splitlines()[-1]) == (143, "graphmem: terminated")
        assert "Traceback" not in errors
        await check_handed_back(store_config, user_id, 6)


async def test_chat_hands_back_what_it_holds(store_config, user_id):
    with openai_server(Answer(hang=True)) as server:
        arguments = ["-m", "graphmem.cli", "chat", "--json", "--user", user_id]
        child = Child(arguments, environment_of(store_config, server.base_url))
        assert child.process.stdin is not None
        child.process.stdin.write(f"{SAID}\n")
        child.process.stdin.flush()
        # one request is to read what was said, the other to answer it
        code, errors = child.told_to_end(lambda: server.under_way == 2)
        assert (code, errors.splitlines()[-1]) == (143, "graphmem: terminated")
        await check_handed_back(store_config, user_id, 1)


@pytest.mark.parametrize("place", [0, 1], ids=["asynchronous", "blocking"])
async def test_the_recipes_of_the_documentation_hand_back_what_they_hold(store_config, user_id, place, tmp_path):
    """The two programs of docs/production.md, word for word; the work in the middle of them is a store and a long wait."""
    text = (ROOT / "docs" / "production.md").read_text(encoding="utf-8")
    recipe = re.findall(r"```py\n(.*?)```", text.partition("## Shutting down")[2], re.DOTALL)[place]
    work = [
        f"await memory.store({user_id!r}, {{'input': {SAID!r}}}); await asyncio.sleep(600)",
        f"memory.store({user_id!r}, {{'input': {SAID!r}}}); import time; time.sleep(600)",
    ][place]
    program = tmp_path / "program.py"
    assert recipe.count("...  # your work\n") == 1
    program.write_text(recipe.replace("...  # your work\n", f"{work}\n"))
    with openai_server(Answer(hang=True)) as server:
        child = Child([str(program)], environment_of(store_config, server.base_url))
        code, errors = child.told_to_end(lambda: server.under_way == 1)
        assert "Traceback" not in errors
        assert code == 143
        await check_handed_back(store_config, user_id, 1)
