"""A process of its own that uses a database: ``python worker.py count|append PATH NAME NUMBER``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[3])]

from contract.builders import changes_of, fact, interaction, me, message, thing, update  # noqa: E402

from graphmem.config import MemLayerConfig  # noqa: E402
from graphmem.stores.base import Changes, Ledger, Store  # noqa: E402
from graphmem.stores.sqlite import open_store  # noqa: E402


async def count(store: Store, name: str, number: int) -> None:
    """Count up a fact's text ``number`` times, each time from what is there, and append a message each time."""
    (said,) = await store.messages(user_id="u", session_id="start")

    def up(ledger: Ledger) -> Changes:
        reached = max((int(f.text) for f in ledger.facts), default=0)
        return changes_of(fact(me("u"), "LIKES", thing("u", "counter"), said, text=str(reached + 1)))

    for i in range(number):
        await store.apply("u", update(up, keys=["counter"]))
        await store.append(interaction("shared", message(f"{name}-{i}"), user_id="u", job_id=f"{name}-{i}"))


async def append(store: Store, name: str, number: int) -> None:
    """Append messages for as long as there is time, and say each id when it is acknowledged."""
    for i in range(number):
        await store.append(interaction("s", message(f"{name}-{i}", f"Words {i}"), user_id="u", job_id=f"{name}-{i}"))
        print(f"{name}-{i}", flush=True)


async def main(what: str, path: str, name: str, number: str) -> None:
    store = await open_store(MemLayerConfig(connection_url=path))
    await {"count": count, "append": append}[what](store, name, int(number))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
