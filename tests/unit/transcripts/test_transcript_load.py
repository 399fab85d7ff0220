"""Loading keeps one user's conversations in order, works on several users at once, and survives what fails."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from graphmem.errors import InvalidInteraction, SessionOwnerError, StoreUnavailable
from graphmem.records import StoreResult
from graphmem.transcripts.load import FileReport, LoadOptions, Progress, load


class Recorder:
    """Notes what is stored, and how many calls ran at once; a failure can be set for a session."""

    def __init__(self) -> None:
        self.stored: list[tuple[str, str]] = []
        self.failures: dict[str, Exception] = {}
        self.refused: set[str] = set()
        self.sizes: list[int] = []
        self.running = self.most = 0
        self.users_running: list[str] = []

    async def store(
        self, *, session_id: str, interaction: list[dict[str, Any]], user_id: str | None = None
    ) -> StoreResult:
        assert user_id is not None
        assert user_id not in self.users_running, "two exchanges of one user at once"
        self.users_running.append(user_id)
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.001)
        self.running -= 1
        self.users_running.remove(user_id)
        if session_id in self.failures:
            raise self.failures[session_id]
        if any(str(m["content"]) in self.refused for m in interaction):
            raise InvalidInteraction("refused")
        self.sizes.append(len(interaction))
        self.stored += [(user_id, str(m["content"])) for m in interaction if m["role"] == "user"]
        return StoreResult(tuple(str(m["id"]) for m in interaction), pending=False, facts=())


def chat(path: Path, user: str, session: str, count: int) -> Path:
    lines = [{"user_id": user, "session_id": session, "input": f"{session} {n}", "output": "ok"} for n in range(count)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


async def test_users_run_side_by_side_and_each_in_order(tmp_path: Path) -> None:
    files = [chat(tmp_path / f"{n}.jsonl", f"u{n % 3}", f"s{n}", 40) for n in range(6)]
    memory = Recorder()
    reports = await load(memory, files, LoadOptions(jobs=3))
    assert [report.stored for report in reports] == [80] * 6
    assert memory.most > 1
    for user in range(3):
        said = [text for name, text in memory.stored if name == f"u{user}"]
        assert said == [f"s{file} {n}" for file in (user, user + 3) for n in range(40)]


async def test_one_job_stores_one_thing_at_a_time(tmp_path: Path) -> None:
    memory = Recorder()
    await load(memory, [chat(tmp_path / f"{n}.jsonl", f"u{n}", f"s{n}", 20) for n in range(3)])
    assert memory.most == 1


async def test_a_file_that_fails_stops_no_other_and_each_is_told_once(tmp_path: Path) -> None:
    files = [chat(tmp_path / f"{n}.jsonl", f"u{n}", f"s{n}", 30) for n in range(3)]
    files.append(tmp_path / "gone.jsonl")
    memory = Recorder()
    memory.failures["s1"] = SessionOwnerError("s1")
    told: list[FileReport] = []
    reports = await load(memory, files, LoadOptions(jobs=2), Progress(finished=told.append))
    assert [report.error is None for report in reports] == [True, False, True, False]
    assert [report.stored for report in reports] == [60, 0, 60, 0]
    assert sorted(report.path for report in told) == sorted(map(str, files))


@pytest.mark.parametrize("jobs", [1, 4])
async def test_a_store_that_is_gone_ends_it_at_once(tmp_path: Path, jobs: int) -> None:
    files = [chat(tmp_path / f"{n}.jsonl", f"u{n}", f"s{n}", 200) for n in range(4)]
    memory = Recorder()
    memory.failures = {f"s{n}": StoreUnavailable("down") for n in range(4)}
    with pytest.raises(StoreUnavailable, match="down"):
        await asyncio.wait_for(load(memory, files, LoadOptions(jobs=jobs)), 30)
    assert memory.stored == []
    assert memory.running == 0


async def test_an_interruption_leaves_no_work_behind(tmp_path: Path) -> None:
    memory = Recorder()
    begun = asyncio.Event()
    file = chat(tmp_path / "a.jsonl", "u", "s", 2000)
    loading = asyncio.create_task(
        load(memory, [file], LoadOptions(jobs=2), Progress(stored=lambda report, messages: begun.set()))
    )
    await begun.wait()
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_belongs_to_one_session_is_stored_at_once_and_in_order(tmp_path: Path) -> None:
    files = [chat(tmp_path / f"{n}.jsonl", f"u{n % 2}", f"s{n}", 45) for n in range(4)]
    memory = Recorder()
    reports = await load(memory, files, LoadOptions(jobs=2, batch=20))
    assert [report.stored for report in reports] == [90] * 4
    assert max(memory.sizes) == 20
    assert sum(memory.sizes) == 360
    for user in range(2):
        said = [text for name, text in memory.stored if name == f"u{user}"]
        assert said == [f"s{file} {n}" for file in (user, user + 2) for n in range(45)]


async def test_one_refused_exchange_does_not_take_those_before_it_along(tmp_path: Path) -> None:
    file = chat(tmp_path / "a.jsonl", "u", "s", 30)
    memory = Recorder()
    memory.refused = {"s 13"}
    (report,) = await load(memory, [file], LoadOptions(batch=50))
    assert isinstance(report.error, InvalidInteraction)
    assert [text for _, text in memory.stored] == [f"s {n}" for n in range(13)]
    assert report.stored == 26
