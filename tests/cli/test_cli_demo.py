"""The demo works offline, fits a screen, and leaves nothing behind."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from command_line import asked, environment, graphmem, process

from graphmem.cli import demo


def test_it_tells_the_whole_story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    shown = graphmem("demo").stdout
    for line in (
        "+ lives in Leeds",
        "+ is allergic to peanuts",
        "- lived in Leeds (ended",
        "+ lives in Porto",
        "+ works at Siemens",
        "x was not born in Bristol (taken back)",
        "+ was born in Bath",
        "+ does not own",
        "Biscuit",
        "Ana",
    ):
        assert line in shown, line
    assert re.search(r"(?m)^Ana +Porto$", shown)
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert list(temporary.iterdir()) == [], "the temporary database is gone"
    assert list(tmp_path.iterdir()) == [temporary], "the working directory is as it was"


def test_json() -> None:
    told = asked("demo")
    assert told["rows"] == [{"sister": "Ana", "city": "Porto"}]
    assert "peanuts" in told["context"]
    assert told["question"] == demo.QUESTION
    assert len(told["messages"]) == 7


def test_it_is_kept_where_asked_and_again_adds_nothing(tmp_path: Path) -> None:
    shown = graphmem("demo", "--url", "kept.db").stdout
    assert "Kept in kept.db" in shown
    before = asked("stats", "--url", "kept.db")
    assert before["messages"] == 14
    graphmem("demo", "--url", "kept.db")
    assert asked("stats", "--url", "kept.db") == before


def test_no_setting_of_the_environment_spoils_it() -> None:
    done = process(
        "demo",
        "--json",
        env=environment(
            GRAPHMEM_URL="bolt://127.0.0.1:1", GRAPHMEM_TTL="1", GRAPHMEM_LLM_MODEL="x", GRAPHMEM_EXTRACTOR="llm"
        ),
    )
    assert done.returncode == 0, done.stderr
    assert '"city": "Porto"' in done.stdout
