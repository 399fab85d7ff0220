"""The two transcript scripts: many files in, facts or a store out."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import ROOT, asked, environment, process, size_of, wait_until

LOAD = (str(ROOT / "scripts" / "load_transcripts.py"),)
EXTRACT = (str(ROOT / "scripts" / "extract_transcript.py"),)
RANK = (str(ROOT / "scripts" / "train_ranking.py"),)
SHORTEN = (str(ROOT / "scripts" / "shorten_embeddings.py"),)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Chats of three people in two folders, and things that are no chats."""
    folder = tmp_path / "chats"
    (folder / "more").mkdir(parents=True)
    (folder / "a.txt").write_text("[2024-01-01 10:00] Alice: I live in Leeds.\n")
    (folder / "b.txt").write_text("[2024-02-01 10:00] Alice: I moved to Porto.\n")
    (folder / "more" / "bob.jsonl").write_text('{"input": "I live in Oslo.", "output": "Nice"}\n')
    (folder / "more" / "picture.png").write_bytes(b"\x89PNG")
    (folder / ".hidden.txt").write_text("User: hidden\n")
    return folder


@pytest.mark.parametrize("script", [LOAD, EXTRACT, RANK, SHORTEN], ids=["load", "extract", "rank", "shorten"])
def test_they_explain_themselves_and_can_be_started(script: tuple[str]) -> None:
    assert os.access(script[0], os.X_OK)
    assert Path(script[0]).read_text().startswith("#!/usr/bin/env python3\n")
    done = process("--help", script=script)
    assert "Example:" in done.stdout
    assert process("--bogus", script=script).returncode == 2


def test_a_folder_is_loaded_in_order_and_again_adds_nothing(folder: Path) -> None:
    done = process(str(folder), "--url", "memory.db", "--jobs", "3", "--json", script=LOAD)
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert (counts["files"], counts["failed"], counts["new_messages"]) == (3, 0, 4)
    lived = {f["text"]: f["status"] for f in asked("facts", "--url", "memory.db", "--user", "Alice")}
    assert lived == {"lives in Porto": "current", "lived in Leeds": "ended"}
    again = json.loads(process(str(folder), "--url", "memory.db", "--json", script=LOAD).stdout)
    assert (again["new_messages"], again["already_there"], again["new_facts"]) == (0, 4, 0)


def test_a_file_that_fails_is_named_and_stops_no_other(folder: Path) -> None:
    (folder / "bad.jsonl").write_text("oops\n")
    done = process(str(folder), "--url", "memory.db", script=LOAD)
    assert done.returncode == 1
    assert f"failed: {folder}/bad.jsonl:1: not JSON" in done.stderr
    assert asked("stats", "--url", "memory.db")["messages"] == 4


def test_nothing_to_load_and_a_dead_server(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = process(str(tmp_path / "empty"), script=LOAD)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "no transcript in" in done.stderr
    done = process(str(folder), "--url", "bolt://127.0.0.1:1", script=LOAD)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_loading_goes_on_after_a_kill(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for person in range(6):
        lines = [json.dumps({"input": f"I like number {n}.", "output": "Yes"}) + "\n" for n in range(60)]
        (folder / f"person{person}.jsonl").write_text("".join(lines))
    running = subprocess.Popen(
        [sys.executable, *LOAD, str(folder), "--url", "killed.db", "--jobs", "3"],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=environment(),
    )
    wait_until(lambda: size_of(tmp_path / "killed.db") > 100_000 or running.poll() is not None)
    running.kill()
    running.wait()
    for url in ("killed.db", "whole.db"):
        done = process(str(folder), "--url", url, script=LOAD)
        assert done.returncode == 0, done.stderr
    assert asked("stats", "--url", "killed.db") == asked("stats", "--url", "whole.db")


def test_facts_as_json_lines_and_csv(folder: Path) -> None:
    files = [str(folder / "a.txt"), str(folder / "b.txt"), str(folder / "more" / "bob.jsonl")]
    done = process(*files, script=EXTRACT)
    facts = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(f["file"], f["text"]) for f in facts] == list(
        zip(files, ["lives in Leeds", "lives in Porto", "lives in Oslo"], strict=True)
    )
    assert process(*files, "--output", "facts.csv", script=EXTRACT).returncode == 0
    with Path("facts.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["subject"], r["predicate"], r["object"], r["object_label"]) for r in rows] == [
        ("User", "LIVES_IN", city, "Place") for city in ("Leeds", "Porto", "Oslo")
    ]


def test_a_bad_file_among_good_ones(folder: Path) -> None:
    done = process(str(folder / "gone.txt"), str(folder / "a.txt"), "--output", "facts.jsonl", script=EXTRACT)
    assert done.returncode == 1
    assert "gone.txt: no such file" in done.stderr
    assert len(Path("facts.jsonl").read_text().splitlines()) == 1


def test_the_facts_of_a_folder(folder: Path, tmp_path: Path) -> None:
    done = process(str(folder), script=EXTRACT)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == [
        "lives in Leeds",
        "lives in Porto",
        "lives in Oslo",
    ]
    (tmp_path / "empty").mkdir()
    done = process(str(tmp_path / "empty"), script=EXTRACT)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "no transcript in" in done.stderr


def test_embeddings_are_shortened_by_the_messages_given(tmp_path: Path) -> None:
    folder = tmp_path / "messages"
    folder.mkdir()
    file, output = folder / "a.jsonl", tmp_path / "short.npy"
    arguments = ("--messages", str(folder), "--output", str(output))
    rows = [json.dumps({"message": f"I have {n} cats and a {w}", "facts": []}) for n in range(20) for w in _THINGS]
    file.write_text("\n".join(rows[:50]))
    done = process(*arguments, script=SHORTEN)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "50 messages; there must be more than 192" in done.stderr
    file.write_text("\n".join(rows))
    done = process(*arguments, script=SHORTEN)
    assert done.stdout.startswith("200 messages; 192 of 384 directions keep"), done.stderr
    assert np.load(output).shape == (193, 384)
    file.write_text("no message")
    assert "a.jsonl:1" in process(*arguments, script=SHORTEN).stderr


_THINGS = "boat lamp drum vase coat kite rope chess sofa tent".split()
