"""Processes that are killed at any moment lose nothing that was acknowledged and leave nothing half done: SQLite."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import workload
from aftermath import assert_nothing_lost
from children import KILLS, SEED, Nursery, an_hour_later, seeds
from workload import acknowledged, operations

from graphmem import MemLayer, MemLayerConfig
from graphmem.stores.sqlite.schema import MIGRATIONS, migrate

OPERATIONS = 14
ROUNDS = 3
MOST_STATEMENTS = 220
MOST_SECONDS = 0.25


async def kill_again_and_again(nursery: Nursery, folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Kill the same work several times, look at what is left each time, and let it be finished; returns the number of kills."""
    choose = random.Random(seed)
    path, log = folder / "memory.db", folder / "log"
    todo = operations(seed, OPERATIONS)
    kills, ever_begun = 0, set[int]()
    for turn in range(ROUNDS + 1):
        done, _ = acknowledged(log)
        statement, after = None, None
        if turn < ROUNDS and choose.random() < 0.7:
            statement = choose.randint(1, MOST_STATEMENTS)
        elif turn < ROUNDS:
            after = choose.uniform(0.01, MOST_SECONDS)
        arguments = ({"connection_url": str(path)}, seed, OPERATIONS, "", done, str(log.with_name(f"log{turn}")))
        kills += nursery.run("run", *arguments, statement=statement, after=after)
        count, begun = acknowledged(log.with_name(f"log{turn}"))
        ever_begun |= set() if begun is None else {done + begun}
        log.write_text("done\n" * (done + count))
        with an_hour_later(monkeypatch):
            async with MemLayer(MemLayerConfig(connection_url=str(path), extractor=workload.RULES)) as memory:
                await memory.flush()
                under_way = todo[done + count] if done + count in ever_begun else None
                await assert_nothing_lost(memory, todo[: done + count], under_way)
    assert acknowledged(log)[0] == OPERATIONS
    return kills


async def many(nursery: Nursery, folder: Path, chosen: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    killed = 0
    for place, seed in enumerate(chosen):
        own = folder / str(place)
        own.mkdir()
        try:
            killed += await kill_again_and_again(nursery, own, seed, monkeypatch)
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise
        shutil.rmtree(own)
    assert killed > len(chosen), "most of the processes ended by themselves"


async def test_a_kill_at_any_moment_loses_nothing(
    nursery: Nursery, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the messages and their facts, within a transaction, while something is forgotten or loaded."""
    await many(nursery, folder, seeds(KILLS // ROUNDS), monkeypatch)


@pytest.mark.slow
@pytest.mark.long
async def test_hundreds_of_kills_lose_nothing(nursery: Nursery, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await many(nursery, folder, seeds(10 * KILLS // ROUNDS, SEED + 1), monkeypatch)


def transcript(folder: Path) -> Path:
    """A transcript of two sessions."""
    path = folder / "ada.jsonl"
    turns = [
        {"session_id": f"s{i % 2}", "user_id": "ada", "id": f"m{i}", "at": f"2024-03-01T10:{i:02}:00Z"}
        | {"input": text, "output": "I see."}
        for i, text in enumerate(
            ["I live in Leeds.", "I like tea.", "I moved to Porto.", "My sister Ana lives in Faro."] * 3
        )
    ]
    path.write_text("".join(json.dumps(turn) + "\n" for turn in turns))
    return path


async def contents(path: Path) -> tuple[Any, ...]:
    async with MemLayer(MemLayerConfig(connection_url=str(path), extractor="none")) as memory:
        assert await memory.check() == []
        return (
            [asdict(m) for m in await memory.messages(user_id="ada")],
            {(f.text, f.status, f.message_ids) for f in await memory.facts("ada")},
            await memory.stats(),
        )


@pytest.mark.parametrize("verb", ["ingest", "import"])
async def test_a_command_that_is_killed_and_run_again_does_all_of_it_once(
    nursery: Nursery, folder: Path, verb: str
) -> None:
    """``graphmem ingest`` and ``graphmem import``, at any statement."""
    given = transcript(folder)
    whole = folder / "whole.db"
    nursery.run("command", ["ingest", str(given), "--url", str(whole)], str(folder))
    if verb == "import":
        given = folder / "export.jsonl"
        nursery.run("command", ["export", str(given), "--url", str(whole)], str(folder))
        assert given.stat().st_size > 0
    wanted = await contents(whole)
    killed = 0
    for place, seed in enumerate(seeds(KILLS // 3)):
        path = folder / f"{place}.db"
        arguments = [verb, str(given), "--url", str(path)]
        statement = random.Random(seed).randint(1, 600 if verb == "ingest" else 200)
        killed += nursery.run("command", arguments, str(folder), statement=statement)
        assert not nursery.run("command", arguments, str(folder), True)
        assert await contents(path) == wanted
        path.unlink()
    assert killed > 0


async def test_a_migration_that_is_killed_is_done_by_the_next_process(nursery: Nursery, folder: Path) -> None:
    """At each of its statements: the file is of the old version or of the new one, and its messages are there."""
    old = folder / "old.db"
    connection = sqlite3.connect(old, isolation_level=None)
    migrate(connection, str(old), MIGRATIONS[:1])
    connection.execute("INSERT INTO users (id) VALUES ('u')")
    connection.execute("INSERT INTO sessions (user, id, last_seq) VALUES (1, 's', 1)")
    connection.execute(
        "INSERT INTO messages (user, session, seq, id, role, text, at, terms) "
        "VALUES (1, 1, 1, 'm', 'user', 'Well', '2024-03-01T10:00:00.000000Z', '')"
    )
    connection.close()
    for source in (old, None):
        statement, killed = 1, True
        while killed:
            path = folder / f"{statement}.db"
            if source is not None:
                shutil.copy(source, path)
            killed = nursery.run("open_once", {"connection_url": str(path)}, statement=statement)
            check = sqlite3.connect(path)
            (version,) = check.execute("PRAGMA user_version").fetchone()
            assert version in (1 if source else 0, len(MIGRATIONS))
            check.close()
            async with MemLayer(MemLayerConfig(connection_url=str(path), extractor="none")) as memory:
                assert [m.text for m in await memory.messages(user_id="u")] == (["Well"] if source else [])
            path.unlink()
            statement += 1
        assert statement > 10, "every statement of the opening was tried"
