"""An OpenAI-compatible server on loopback that answers as a test scripts it: real HTTP for the real client."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """One HTTP answer.

    Args:
        body: sent as it is when a text, else as JSON.
        hang: the server says nothing until it is stopped.
        hang_up: it closes the connection without a word.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    hang_up: bool = False


def says(content: Any, *, finish_reason: str = "stop", refusal: str | None = None) -> Answer:
    """A completion whose message is ``content``: a text, or what becomes JSON; 100 tokens in and 20 out."""
    text = content if content is None or isinstance(content, str) else json.dumps(content)
    message = {"role": "assistant", "content": text, "refusal": refusal}
    return completion([{"index": 0, "message": message, "finish_reason": finish_reason}])


def completion(choices: Any) -> Answer:
    """A completion with these choices."""
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    body = {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": choices, "usage": usage}
    return Answer(body=body)


def chunks(completion: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A completion as it is streamed: its first choice word by word or with its tool calls, then the usage."""
    common = {key: completion[key] for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    choice = completion["choices"][0]
    message = choice["message"]
    words = [{"content": word} for word in re.findall(r"\s*\S+|\s+$", message.get("content") or "")]
    calls = (
        [{"tool_calls": [{"index": i, **call} for i, call in enumerate(message["tool_calls"])]}]
        if message.get("tool_calls")
        else []
    )
    for delta in [{"role": "assistant", "content": ""}, *words, *calls]:
        yield {**common, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield {**common, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]}
    yield {**common, "choices": [], "usage": completion["usage"]}


def refuses(status: int, code: str | None = None, param: str | None = None, **headers: str) -> Answer:
    """An error as OpenAI words it; its message repeats what must not reach a log."""
    error = {"message": "secret words of the server", "type": "error", "code": code, "param": param}
    return Answer(status, {"error": error}, {name.replace("_", "-"): value for name, value in headers.items()})


def fact(predicate: str, name: str, label: str, quote: str, **more: Any) -> dict[str, Any]:
    """A fact of the user, as the schema wants it; ``more`` replaces its properties."""
    return {
        "quote": quote,
        "turn": 0,
        "subject": entity("User", "User"),
        "predicate": predicate,
        "object": entity(name, label),
        "status": "current",
        "valid_from": None,
        "valid_to": None,
        "replaces": False,
        "ends_all": False,
        "verb": None,
        "stated": True,
        **more,
    }


def entity(name: str, label: str, *aliases: str, unnamed: bool = False) -> dict[str, Any]:
    """An entity, as the schema wants it."""
    return {"name": name, "label": label, "aliases": list(aliases), "unnamed": unnamed}


Script = Callable[[dict[str, Any]], Answer]


class OpenAIServer:
    """The running server.

    Args:
        answers: one for each request in turn, the last one again and again; or a function from a request's body.
        port: where to listen; 0 for any free one.
        hold: requests wait for `let_go`.
    """

    def __init__(self, answers: Iterable[Answer] | Script, port: int = 0, *, hold: bool = False) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.paths: list[str] = []
        self.under_way = self.most_under_way = 0
        self._answers = answers if callable(answers) else list(answers)
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._free = threading.Event()
        if not hold:
            self._free.set()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._http.server_address[1])

    @property
    def base_url(self) -> str:
        """What a client is given."""
        return f"http://127.0.0.1:{self.port}/v1"

    def stop(self) -> None:
        """End it; hanging requests are let go."""
        self.let_go()
        self._stopped.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def take(self, path: str, key: str | None, body: dict[str, Any]) -> Answer:
        """Note a request and return what is scripted for it."""
        with self._lock:
            self.paths.append(path)
            self.keys.append(key)
            self.requests.append(body)
            if callable(self._answers):
                return self._answers(body)
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def hold(self) -> None:
        """Keep the requests that come until `let_go`."""
        self._free.clear()

    def let_go(self) -> None:
        """Answer what was held back, and what comes."""
        self._free.set()

    def wait_for_leave(self) -> None:
        """What every request does first."""
        self._free.wait()

    def wait_until_stopped(self) -> None:
        """What a hanging request does."""
        self._stopped.wait()

    def count(self, change: int) -> None:
        """Note that a request begins or ends."""
        with self._lock:
            self.under_way += change
            self.most_under_way = max(self.most_under_way, self.under_way)


def _handler(server: OpenAIServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            server.count(1)
            try:
                self._answer()
            finally:
                server.count(-1)

        def _answer(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.wait_for_leave()
            answer = server.take(self.path, self.headers.get("Authorization"), body)
            if answer.hang:
                server.wait_until_stopped()
            if answer.hang or answer.hang_up:
                self.close_connection = True
                return
            if body.get("stream") and answer.status == 200:
                self._stream(answer.body)
                return
            plain = isinstance(answer.body, str)
            data = (answer.body if plain else json.dumps(answer.body)).encode()
            self.send_response(answer.status)
            headers = {"Content-Type": "text/html" if plain else "application/json", **answer.headers}
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def _stream(self, completion: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            for chunk in [json.dumps(chunk) for chunk in chunks(completion)] + ["[DONE]"]:
                self.wfile.write(f"data: {chunk}\n\n".encode())
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def openai_server(
    *answers: Answer, script: Script | None = None, port: int = 0, hold: bool = False
) -> Iterator[OpenAIServer]:
    """Run a server for a test."""
    server = OpenAIServer(script or answers, port, hold=hold)
    try:
        yield server
    finally:
        server.stop()
