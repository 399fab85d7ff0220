"""A clean place to run commands in, a transcript and a database that holds it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from command_line import TURNS, graphmem


@pytest.fixture(autouse=True)
def clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory, and no setting of the machine's own."""
    for name in list(os.environ):
        if name.startswith(("GRAPHMEM_", "OPENAI_")) and not name.startswith("GRAPHMEM_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def transcript(tmp_path: Path) -> Path:
    """Three exchanges of alice in two sessions."""
    path = tmp_path / "alice.jsonl"
    path.write_text("".join(json.dumps(turn) + "\n" for turn in TURNS))
    return path


@pytest.fixture
def stored(tmp_path: Path, transcript: Path) -> str:
    """A database that holds them."""
    url = str(tmp_path / "memory.db")
    graphmem("ingest", str(transcript), "--url", url)
    return url
