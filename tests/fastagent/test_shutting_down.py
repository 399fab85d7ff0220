"""A server that is told to end closes its memory as the documentation says."""

from __future__ import annotations

import time

import httpx
import neo4j_server
from openai_server import Answer, openai_server, says
from told_to_end import ROOT, Child, asked_of, check_handed_back, environment_of

from graphmem.config import MemLayerConfig


async def test_a_server_that_is_told_to_end_hands_back_what_it_holds(
    store_config: MemLayerConfig, user_id: str, unique: str
) -> None:
    """The example under uvicorn, with a model that answers the chat and never says what facts there are."""

    def script(request: dict[str, object]) -> Answer:
        return Answer(hang=True) if "response_format" in request else says("Nice.")

    with openai_server(script=script) as server:
        port = neo4j_server.free_port()
        environment = {**environment_of(store_config, server.base_url), "TOKENS": f"t1={user_id}", "MODEL": "m"}
        arguments = ["-m", "uvicorn", "--app-dir", str(ROOT / "examples"), "--port", str(port), "asgi_app:app"]
        child = Child(arguments, environment)
        assert _say(child, port, f"I like {unique}.") == "Nice."
        _, errors = child.told_to_end(lambda: asked_of(server, unique) == 2)
        assert "Application shutdown complete" in errors
        await check_handed_back(store_config, user_id, 1)


def _say(child: Child, port: int, text: str) -> str:
    """Say something to the server as soon as it listens."""
    for _ in range(600):
        try:
            headers = {"Authorization": "Bearer t1"}
            answer = httpx.post(f"http://127.0.0.1:{port}/chat/monday", content=text, headers=headers, timeout=60)
            assert answer.status_code == 200, answer.text
            return answer.text
        except httpx.ConnectError:
            assert child.process.poll() is None, child.process.communicate()
            time.sleep(0.1)
    raise AssertionError("the server never listened")
