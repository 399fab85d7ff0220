#!/usr/bin/env python3
"""Measure a store: what each verb costs, next to what the bare driver takes on the same store in the same minute."""

from __future__ import annotations

import asyncio
import json
import resource
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path
from uuid import uuid4

import click
from benchmarking.filling import empty_graph, fill_graph, fill_user, texts
from benchmarking.floors import Floor, open_floor
from benchmarking.measuring import Row, TimedExtractor, at_once, in_turn, percentile, row

from extraction import LocalExtractor
from graphmem import MemLayer, MemLayerConfig
from graphmem.cli.leaving import ScriptCommand
from graphmem.cli.output import note, print_table
from graphmem.cli.progress import progress
from graphmem.cli.settings import Settings
from graphmem.stores.base import Store
from graphmem.stores.registry import store_factory

CONCURRENT = 16
QUESTIONS = ("What did Ana say about the train to Porto?", "Who likes chess?", "What happened in Leeds?", "tea")
SAID = (
    "I had lunch with Ana{n} near the harbour and it rained all day.",
    "My friend Bruno{n} lives in Leeds.",
    "Can you help me plan the week?",
    "I love ramen and I am learning karate number {n}.",
)


class Benchmark:
    """One run over one store.

    Args:
        memory: open, with ``extractor``.
        store: a second way into the same store, to fill it.
        floor: the bare database beside it.
        extractor: what reads the facts, with its own time known.
        rounds: samples of each figure.
        prefix: of the users that are made here.
    """

    def __init__(
        self, memory: MemLayer, store: Store, floor: Floor, extractor: TimedExtractor, rounds: int, prefix: str
    ) -> None:
        self.memory, self.store, self.floor, self.extractor = memory, store, floor, extractor
        self.rounds, self.prefix = rounds, prefix
        self.rows: list[Row] = []
        self.users: list[str] = []

    async def stores(self, label: str) -> None:
        """Store one by one and at once; the extractor's own time aside and included."""
        user = await self._user(f"store-{label}", 10, 3)
        spent: list[float] = []

        async def one(number: int) -> None:
            before = self.extractor.seconds
            said = SAID[number % len(SAID)].format(n=number)
            await self.memory.store(f"{user}-s", {"input": said, "output": "I see."}, user_id=user)
            spent.append(self.extractor.seconds - before)

        bare, whole = await in_turn([self.floor.two_writes, one], self.rounds)
        aside = [all_ - own for all_, own in zip(whole, spent[-len(whole) :], strict=True)]
        floor = percentile(bare, 0.5)
        self.rows += [
            row("two bare durable transactions", bare, floor=floor, name="two writes"),
            row(f"store, {label}", whole, floor=floor, name="two writes"),
            row(f"store without the extractor, {label}", aside, floor=floor, name="two writes"),
        ]
        users = [await self._user(f"at-once-{label}-{n}", 2, 0) for n in range(CONCURRENT)]

        async def many(number: int) -> None:
            name = users[number % CONCURRENT]
            said = SAID[number % len(SAID)].format(n=number)
            await self.memory.store(f"{name}-s", {"input": said, "output": "I see."}, user_id=name)

        seconds, total = await at_once(many, max(self.rounds, 2 * CONCURRENT), CONCURRENT)
        self.rows.append(row(f"store, {CONCURRENT} at once, {label}", seconds, total=total))

    async def reads(self, label: str, sizes: list[int]) -> None:
        """Contexts and searches of users with so many messages each, in turn with the floor and with each other."""
        users = {size: await self._user(f"read-{label}-{size}", size, max(3, size // 10)) for size in sizes}

        def context(user: str):  # type: ignore[no-untyped-def]
            return lambda n: self.memory.get_context(f"{user}-s", user_id=user, query=QUESTIONS[n % len(QUESTIONS)])

        def search(user: str):  # type: ignore[no-untyped-def]
            return lambda n: self.memory.search(QUESTIONS[n % len(QUESTIONS)], user_id=user)

        calls = [self.floor.read, *map(context, users.values()), *map(search, users.values())]
        bare, *samples = await in_turn(calls, self.rounds)
        floor = percentile(bare, 0.5)
        self.rows.append(row("bare indexed read", bare, floor=floor, name="read"))
        names = [f"{what}, {size:,} messages, {label}" for what in ("get_context", "search") for size in sizes]
        self.rows += [row(name, s, floor=floor, name="read") for name, s in zip(names, samples, strict=True)]

    async def ingest(self, messages: int) -> None:
        """A transcript message by message, and as the command ``ingest`` stores it: many messages at once."""
        said = [{"role": "user", "content": text} for text in texts(7, messages)]
        few = said[: max(1, messages // 10)]
        single, bulk = f"{self.prefix}-single", f"{self.prefix}-bulk"
        self.users += [single, bulk]
        before = self.extractor.seconds
        began = time.perf_counter()
        for message in few:
            await self.memory.store(f"{single}-s", [message], user_id=single)
        each = (time.perf_counter() - began) / len(few)
        reading_each = (self.extractor.seconds - before) / len(few)
        before, began = self.extractor.seconds, time.perf_counter()
        for start in range(0, len(said), 100):
            await self.memory.store(f"{bulk}-s", said[start : start + 100], user_id=bulk)
        together = (time.perf_counter() - began) / len(said)
        reading = (self.extractor.seconds - before) / len(said)
        self.rows += [
            Row("ingest, message by message", each * 1000, each * 1000, 1 / each),
            Row(f"ingest, {messages:,} messages in hundreds", together * 1000, together * 1000, 1 / together),
        ]
        note(f"ingest: {each / together:.1f} times faster a message in hundreds")
        aside = (each - reading_each) / max(together - reading, 1e-9)
        note(
            f"ingest: {aside:.1f} times without the extractor, whose own time is {reading_each / reading:.1f} times shorter"
        )

    async def many_facts(self, facts: int) -> None:
        """Recall of users among so many facts."""
        each, users = 1000, max(1, facts // 1000)
        with progress("filling", "users") as bar:
            bar.expect(users)
            for number in range(users):
                await self._user(f"facts-{number}", 200, each)
                bar.advance(1)

        async def one(number: int) -> None:
            user = f"{self.prefix}-facts-{number * 7919 % users}"
            await self.memory.get_context(f"{user}-s", user_id=user, query=QUESTIONS[number % len(QUESTIONS)])

        bare, whole = await in_turn([self.floor.read, one], self.rounds)
        floor = percentile(bare, 0.5)
        self.rows.append(row(f"get_context among {users * each:,} facts", whole, floor=floor, name="read"))

    async def graph(self, users: int, there: int) -> None:
        """Bring the number of other users from ``there`` to ``users``."""
        with progress("filling", "users") as bar:
            bar.expect(users - there)
            await fill_graph(self.store, f"{self.prefix}-other{there}", users - there, CONCURRENT, bar.advance)
        self.users += [f"{self.prefix}-other{there}-{n}" for n in range(users - there)]

    async def _user(self, name: str, messages: int, facts: int) -> str:
        user = f"{self.prefix}-{name}".replace(" ", "-").replace(",", "")
        await fill_user(self.store, user, messages, facts, len(self.users))
        self.users.append(user)
        return user


@click.command(cls=ScriptCommand, epilog="Example:  scripts/benchmark.py --url bolt://localhost:7687 --users 1,1000")
@click.option("--url", metavar="URL", help="A bolt:// or neo4j:// URL.  [default: a new SQLite file]")
@click.option("--users", default="1,1000", show_default=True, help="Sizes of the graph, growing: how many other users.")
@click.option("--messages", default="10,1000,20000", show_default=True, help="Messages of the users that are read.")
@click.option("--rounds", type=click.IntRange(5), default=100, show_default=True, help="Samples of each figure.")
@click.option("--ingest", type=click.IntRange(0), default=2000, show_default=True, help="Messages of the transcript.")
@click.option("--facts", type=click.IntRange(0), default=0, help="Also recall among so many facts (1000 a user).")
@click.option("--keep", is_flag=True, help="Leave what was written; else it is forgotten in the end.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def command(
    url: str | None, users: str, messages: str, rounds: int, ingest: int, facts: int, keep: bool, as_json: bool
) -> None:
    """Measure store, get_context and search on a store, next to the bare driver, in graphs of several sizes.

    The floor is sampled in turn with what is measured, so the multiples hold on a busy machine where milliseconds do not.
    Everything is written under users of its own. Wants an otherwise idle store.
    """
    with tempfile.TemporaryDirectory(prefix="graphmem-benchmark-") as folder:
        config = Settings(url=url or str(Path(folder) / "memory.db")).config()
        numbers = [int(n) for n in users.split(",")], [int(n) for n in messages.split(",")]
        rows = asyncio.run(_run(config, Path(folder), *numbers, rounds, ingest, facts, keep or url is None))
        size = sum(file.stat().st_size for file in Path(folder).glob("memory.db*"))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    note(f"memory of this process: {memory:.0f} MB" + (f"; database: {size / 2**20:.1f} MB" if size else ""))
    if as_json:
        print(json.dumps([asdict(r) for r in rows], indent=1))
        return
    print_table(
        ("what", "p50 ms", "p95 ms", "cpu ms", "per second", "floors"),
        [
            (
                r.what,
                f"{r.p50:.2f}",
                f"{r.p95:.2f}",
                "" if r.cpu is None else f"{r.cpu:.2f}",
                f"{r.per_second:.0f}",
                _floors(r),
            )
            for r in rows
        ],
    )


def _floors(measured: Row) -> str:
    return "" if measured.floors is None else f"{measured.floors:.1f} x {measured.floor}"


async def _run(
    config: MemLayerConfig,
    folder: Path,
    users: list[int],
    messages: list[int],
    rounds: int,
    ingest: int,
    facts: int,
    keep: bool,
) -> list[Row]:
    extractor = TimedExtractor(LocalExtractor())
    floor = await open_floor(config, folder)
    store = await store_factory(config.provider)(config)
    async with MemLayer(replace(config, extractor=extractor)) as memory:
        run = Benchmark(memory, store, floor, extractor, rounds, f"bench-{uuid4().hex[:8]}")
        there = 0
        try:
            for size in users:
                await run.graph(size, there)
                there = size
                await run.stores(f"{size:,} users")
                await run.reads(f"{size:,} users", messages)
            if ingest:
                await run.ingest(ingest)
            if facts:
                await run.many_facts(facts)
        finally:
            if not keep:
                with progress("forgetting", "users") as bar:
                    bar.expect(len(run.users))
                    await empty_graph(store, run.users, bar.advance)
            await floor.close()
            await store.close()
    return run.rows


if __name__ == "__main__":
    command()
