"""A full disk, a file that was cut short, a bit that was flipped: an error in words, and no loss that nobody notices."""

# ruff: noqa: ASYNC240 - a test may write a file while its event loop waits

from __future__ import annotations

import ctypes
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import workload
from children import KILLS, SEED, Nursery, an_hour_later, seeds

from graphmem import MemLayer, MemLayerConfig
from graphmem.checking import is_problem
from graphmem.errors import StoreError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and mounts of Linux")


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of two megabytes; skips where one may not be mounted."""
    disk = folder / "disk"
    disk.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", os.fsencode(disk), b"tmpfs", 0, b"size=2m"):
        pytest.skip(f"no file system may be mounted here: {os.strerror(ctypes.get_errno())}")
    try:
        yield disk
    finally:
        libc.umount(os.fsencode(disk))


@contextmanager
def limited_files(folder: Path) -> Iterator[Path]:
    """A folder in which the child process may write no file beyond one megabyte."""
    yield folder


@pytest.mark.parametrize(
    ("place", "limit", "says"),
    [(small_disk, None, "disk is full; free some space"), (limited_files, 1_000_000, "check the disk|disk is full")],
)
async def test_a_full_disk_is_told_and_loses_nothing(
    nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Any, limit: int | None, says: str
) -> None:
    with place(tmp_path) as disk:
        path, log = disk / "memory.db", tmp_path / "log"
        nursery.run("fill", str(path), str(log), limit)
        *stored, refused = log.read_text().splitlines()
        assert len(stored) > 5
        assert refused.startswith("refused StoreUnavailable: the database ")
        assert any(text in refused for text in says.split("|")), refused
        moved = tmp_path / "moved"
        moved.mkdir()
        for part in disk.glob("memory.db*"):
            (moved / part.name).write_bytes(part.read_bytes())
    with an_hour_later(monkeypatch):
        async with MemLayer(
            MemLayerConfig(connection_url=str(moved / "memory.db"), extractor=workload.RULES)
        ) as memory:
            await memory.flush()
            assert await memory.check() == []
            there = [m.id for m in await memory.messages(user_id="u")]
            assert there[: len(stored)] == [line.removeprefix("stored ") for line in stored]
            assert len(there) - len(stored) <= 1, "at most the one that was refused"
            await memory.store("s", {"input": "There is room again.", "id": "again"}, user_id="u")


@pytest.fixture
async def whole(folder: Path) -> bytes:
    """A closed database with a hundred messages."""
    path = folder / "whole.db"
    async with MemLayer(MemLayerConfig(connection_url=str(path), extractor=workload.RULES)) as memory:
        choose = random.Random(SEED)
        for place in range(50):
            text = f"{workload._sentence(choose)} {choose.randbytes(40).hex()}"
            await memory.store(
                f"s{place % 3}", {"input": text, "output": f"Reply {place}", "id": f"m{place}"}, user_id="u"
            )
    return path.read_bytes()


async def read_all(path: Path) -> tuple[Any, ...]:
    """Everything that can be read; raises what reading raises."""
    async with MemLayer(MemLayerConfig(connection_url=str(path), extractor="none")) as memory:
        problems = [f for f in await memory.check() if is_problem(f)]
        read = (await memory.messages(user_id="u"), await memory.facts("u"), await memory.search("Porto", "u"))
        return problems, read


async def outcome(path: Path, content: bytes) -> tuple[str, Any]:
    """What becomes of a file with that content: an error in one line, findings, or all that can be read."""
    path.write_bytes(content)
    try:
        problems, read = await read_all(path)
    except StoreError as error:
        said = str(error)
    else:
        return ("found", problems) if problems else ("read", read)
    finally:
        for part in path.parent.glob(f"{path.name}*"):
            part.unlink()
    assert str(path) in said
    assert "\n" not in said
    return "error", said


async def test_a_file_that_was_cut_short_is_an_error(whole: bytes, folder: Path) -> None:
    choose = random.Random(SEED)
    lengths = {1, 50, 99, 100, 512, 4095, 4096, 8192, len(whole) - 4096, len(whole) - 512, len(whole) - 1}
    lengths |= {choose.randrange(1, len(whole)) for _ in range(KILLS)}
    for length in sorted(lengths):
        what, _ = await outcome(folder / "cut.db", whole[:length])
        assert what == "error", f"cut to {length} bytes: {what}"


async def flip(whole: bytes, folder: Path, chosen: list[int]) -> dict[str, int]:
    (folder / "same.db").write_bytes(whole)
    _, intact = await read_all(folder / "same.db")
    counts = {"error": 0, "found": 0, "read": 0, "changed": 0}
    for seed in chosen:
        choose = random.Random(seed)
        content = bytearray(whole)
        content[choose.randrange(len(content))] ^= 1 << choose.randrange(8)
        what, read = await outcome(folder / "flipped.db", bytes(content))
        if what == "read" and read != intact:
            what = "changed"
            ids = [[(m.session_id, m.id) for m in r[0]] for r in (read, intact)]
            assert ids[0] == ids[1], f"seed {seed}: a message is lost and nothing tells it"
        counts[what] += 1
    return counts


async def test_a_bit_that_was_flipped_loses_no_message_unnoticed(whole: bytes, folder: Path) -> None:
    """An error, a finding, or every message is there. SQLite keeps no checksums: of a text itself a letter may have changed."""
    counts = await flip(whole, folder, seeds(3 * KILLS))
    assert counts["error"] + counts["found"] > 0


@pytest.mark.slow
@pytest.mark.long
async def test_a_thousand_flipped_bits_lose_no_message_unnoticed(whole: bytes, folder: Path) -> None:
    print(await flip(whole, folder, seeds(40 * KILLS, SEED + 1)))
