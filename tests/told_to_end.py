"""Processes that are told to end in the middle of their work, and what they leave behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from openai_server import OpenAIServer

from graphmem.clock import utc_now
from graphmem.config import MemLayerConfig
from graphmem.stores.base import Claim
from graphmem.stores.registry import store_factory

ROOT = Path(__file__).resolve().parents[1]


def environment_of(config: MemLayerConfig, base_url: str) -> dict[str, str]:
    """The environment of a process that uses a store and a language model.

    It has room for all that other tests may have left on a shared server.
    """
    user, password = config.auth or ("", "")
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "GRAPHMEM_URL": str(config.connection_url),
        "GRAPHMEM_USER": user,
        "GRAPHMEM_PASSWORD": password,
        "GRAPHMEM_EXTRACTOR": "llm",
        "GRAPHMEM_LLM_MODEL": "m",
        "GRAPHMEM_LLM_TIMEOUT": "60",
        "GRAPHMEM_LLM_CONCURRENCY": "1000",
        "GRAPHMEM_LIMIT_IN_HAND": "1000",
        "GRAPHMEM_LIMIT_CLOSE_SECONDS": "0.2",
        "OPENAI_BASE_URL": base_url,
        "OPENAI_API_KEY": "k",
    }


def asked_of(server: OpenAIServer, words: str) -> int:
    """How many requests had these words in them."""
    return sum(words in json.dumps(request) for request in list(server.requests))


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
        assert not [job for job in waiting if job.leased_until and job.leased_until > utc_now() + timedelta(seconds=75)]
        assert len(claimed) == number or config.provider == "neo4j"
    finally:
        await store.close()
