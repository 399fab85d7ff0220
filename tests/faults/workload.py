"""What a child process does until it is killed: operations chosen by a seed, each acknowledged on disk as soon as it is done.

A child writes ``begin N`` before and ``done N`` after operation N, with `os.write`, which a kill does not take back.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import resource
import signal
import sqlite3
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from extraction import RuleExtractor, Turn
from graphmem import MemLayer, MemLayerConfig, clock, memory
from graphmem.errors import GraphMemError, StoreError

RULES = RuleExtractor()
"""Made once, before children are forked, and everything that it imports on its first use with it."""
asyncio.run(RULES.extract([Turn("user", "I live in Porto.")]))

USERS = ("ada", "bea", "cleo")
START = datetime(2024, 3, 1, 10, 0, tzinfo=UTC)
SENTENCES = (
    "I live in {place}.",
    "I moved to {place}.",
    "I work at {firm}.",
    "My sister Ana lives in {place}.",
    "I like {thing}.",
    "I don't like {thing} any more.",
    "I'm allergic to {thing}.",
    "I no longer work at {firm}.",
    "What a day.",
)
PLACES = ("Leeds", "Porto", "Faro", "Oslo", "Lyon")
FIRMS = ("Barclays", "Siemens", "Volvo")
THINGS = ("tea", "coffee", "peanuts", "chess")


@dataclass(frozen=True)
class Operation:
    """One thing to do. ``what``: store, forget_message, forget_session, forget_user, context, flush or load."""

    what: str
    user_id: str
    session_id: str
    id: str
    texts: tuple[str, ...] = ()
    at: datetime = START
    wait: bool | None = None
    target: str = ""

    def message_ids(self) -> list[str]:
        """The ids of the messages that a store makes, or a load."""
        return [f"{self.id}-{place}" for place in range(len(self.texts))]


def operations(seed: int, number: int, prefix: str = "") -> list[Operation]:
    """Return the operations of a seed; with ``prefix`` before users and sessions, for a shared server."""
    choose = random.Random(seed)
    made: list[Operation] = []
    for place in range(number):
        user = choose.choice(USERS)
        session = f"{prefix}{user}-{choose.randrange(2)}"
        id, at = f"m{place}", START + timedelta(minutes=place)
        texts = tuple(_sentence(choose) for _ in range(choose.randint(1, 3)))
        what = choose.choices(
            ("store", "forget_message", "forget_session", "forget_user", "context", "flush", "load"),
            (12, 2, 1, 1, 1, 1, 1),
        )[0]
        target = ""
        if what == "forget_message":
            said = [m for o in made if o.session_id == session for m in o.message_ids()]
            if not said:
                what = "store"
            else:
                target = choose.choice(said)
        keeps = what in ("store", "load")
        made.append(
            Operation(
                what, f"{prefix}{user}", session, id, texts if keeps else (), at, choose.choice((True, False)), target
            )
        )
    return made


def _sentence(choose: random.Random) -> str:
    words = {"place": choose.choice(PLACES), "firm": choose.choice(FIRMS), "thing": choose.choice(THINGS)}
    return choose.choice(SENTENCES).format(**words)


async def perform(layer: MemLayer, operation: Operation) -> None:
    """Do one operation; to do it again does nothing more."""
    o = operation
    if o.what == "store":
        await layer.store(o.session_id, messages_of(o), user_id=o.user_id, wait=o.wait)
    elif o.what == "load":
        records = [
            {"type": "message", "user_id": o.user_id, "session_id": o.session_id, "name": None, "text": m["content"]}
            | {"id": m["id"], "role": m["role"], "at": m["at"].isoformat()}
            for m in messages_of(o)
        ]
        await layer.load(records)
    elif o.what == "forget_message":
        await layer.forget(session_id=o.session_id, message_id=o.target)
    elif o.what == "forget_session":
        await layer.forget(session_id=o.session_id)
    elif o.what == "forget_user":
        await layer.forget(user_id=o.user_id)
    elif o.what == "context":
        await layer.get_context(o.session_id, user_id=o.user_id, query="Where do I live?")
    else:
        await layer.flush()


async def do_all(layer: MemLayer, todo: list[Operation], failed: list[Operation]) -> None:
    """Do operations of one user one after the other; each that fails is done again, as a caller would, until it works."""
    for operation in todo:
        for _ in range(120):
            try:
                await perform(layer, operation)
                break
            except StoreError:
                failed.append(operation)
                await asyncio.sleep(1)
        else:
            raise AssertionError(f"{operation} never worked")


def messages_of(operation: Operation) -> list[dict[str, Any]]:
    """The messages of a store or a load."""
    return [
        {"role": "user", "content": text, "id": id, "at": operation.at + timedelta(seconds=place)}
        for place, (id, text) in enumerate(zip(operation.message_ids(), operation.texts, strict=True))
    ]


@dataclass(frozen=True)
class Kill:
    """When a child kills itself: at its n-th SQL statement or line on the wire, or never (it is killed from outside)."""

    statement: int | None = None
    wire: int | None = None

    def arm(self) -> None:
        """Watch from now on."""
        if self.statement is not None:
            _count_statements(self.statement)
        if self.wire is not None:
            _count_lines(self.wire)


class _Countdown:
    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self, *_: object) -> None:
        self.left -= 1
        if self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _count_statements(left: int) -> None:
    count = _Countdown(left)

    connect = sqlite3.connect

    def watched(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(count)
        return connection

    sqlite3.connect = watched


class _Lines(logging.Handler):
    def __init__(self, left: int) -> None:
        super().__init__()
        self._count = _Countdown(left)

    def emit(self, record: logging.LogRecord) -> None:
        self._count()


def _count_lines(left: int) -> None:
    wire = logging.getLogger("neo4j.io")
    wire.setLevel(logging.DEBUG)
    wire.propagate = False
    wire.addHandler(_Lines(left))


def run(config: dict[str, Any], seed: int, number: int, prefix: str, first: int, log: str) -> None:
    """Do the operations from ``first`` on; what a child process starts with."""
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def work() -> None:
        async with MemLayer(MemLayerConfig(**config, extractor=RULES)) as layer:
            for place, operation in enumerate(operations(seed, number, prefix)[first:], first):
                os.write(out, f"begin {place}\n".encode())
                await perform(layer, operation)
                os.write(out, f"done {place}\n".encode())

    asyncio.run(work())


def command(arguments: list[str], folder: str, later: bool = False) -> None:
    """Run the command line in ``folder``, an hour later when the leases of those who died shall be over; a child process."""
    from graphmem.cli import cli

    if later:
        memory.utc_now = lambda: clock.utc_now() + timedelta(hours=1)
    os.chdir(folder)
    os.environ["GRAPHMEM_EXTRACTOR"] = "rules"
    with open("said.txt", "w") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    cli.main(arguments, prog_name="graphmem")


def open_once(config: dict[str, Any]) -> None:
    """Open and close a store; what a child process starts with."""

    async def work() -> None:
        async with MemLayer(MemLayerConfig(**config, extractor="none")):
            pass

    asyncio.run(work())


def acknowledged(log: Path) -> tuple[int, int | None]:
    """Return how many operations are done, and the one that had begun when the process died."""
    lines = log.read_text().split("\n") if log.exists() else []
    done = sum(line.startswith("done") for line in lines)
    begun = sum(line.startswith("begin") for line in lines)
    return done, done if begun > done else None


def fill(path: str, log: str, limit: int | None) -> None:
    """Store larger and larger texts until the disk is full, or no file may grow beyond ``limit`` bytes."""
    if limit is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    async def work() -> None:
        with open(log, "w") as out:  # noqa: ASYNC230
            async with MemLayer(MemLayerConfig(connection_url=path, extractor=RULES)) as layer:
                for place in range(500):
                    text = f"I live in {PLACES[place % 5]}. " + "Well, well. " * 100 * (place % 7)
                    try:
                        await layer.store("s", {"input": text, "id": str(place)}, user_id="u")
                    except GraphMemError as error:
                        print(f"refused {type(error).__name__}: {error}", file=out)
                        return
                    print(f"stored {place}", file=out)

    asyncio.run(work())


def crowd(config: dict[str, Any], name: str, coroutines: int, each: int, prefix: str) -> None:
    """Store conflicting facts of three users from many coroutines at once, and leave nothing open; a process of its own."""
    before = set(os.listdir("/proc/self/fd"))

    async def one(layer: MemLayer, number: int) -> None:
        choose = random.Random(f"{name}{number}")
        for place in range(each):
            user = f"{prefix}{choose.choice(USERS)}"
            message = {
                "role": "user",
                "content": f"I live in {choose.choice(PLACES)}.",
                "id": f"{name}-{number}-{place}",
            }
            await layer.store(f"{user}-{choose.randrange(2)}", [message], user_id=user)

    async def work() -> None:
        async with MemLayer(MemLayerConfig(**config, extractor=RULES)) as layer:
            await asyncio.gather(*(one(layer, number) for number in range(coroutines)))
            await layer.flush()
        await asyncio.sleep(0.2)

    asyncio.run(work())
    left = set(os.listdir("/proc/self/fd")) - before
    assert len(left) <= 1, f"descriptors are left open: {left}"


if __name__ == "__main__":
    crowd(*json.loads(sys.argv[1]))
