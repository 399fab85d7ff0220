"""``graphmem show`` writes one page, wholly or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from command_line import asked, graphmem, refused

from graphmem.config import MemLayerConfig
from graphmem.sync import MemLayer


def test_a_page_is_written(stored: str) -> None:
    said = graphmem("show", "--url", stored).stderr
    assert said == "graph.html: 3 facts about 4 entities\n"
    page = Path("graph.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "What is known about alice" in page
    assert "I moved to Porto." in page
    graphmem("show", "--url", stored)
    assert Path("graph.html").read_text(encoding="utf-8") == page, "again the same"


def test_the_report_as_json_and_the_page_on_stdout(stored: str) -> None:
    assert asked("show", "alice.html", "--url", stored) == {
        "file": "alice.html",
        "facts": 3,
        "entities": 4,
        "pending": 0,
    }
    assert graphmem("show", "-", "--url", stored).stdout == Path("alice.html").read_text(encoding="utf-8")
    assert "goes without" in refused("show", "-", "--json", "--url", stored, code=2)


def test_without_messages(stored: str) -> None:
    graphmem("show", "--no-messages", "--url", stored)
    page = Path("graph.html").read_text(encoding="utf-8")
    assert "lives in Porto" in page
    assert "I moved to Porto." not in page


def test_it_is_opened_when_asked(stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def launch(url: str, **_: Any) -> int:
        opened.append(url)
        return 0 if len(opened) == 1 else 1

    monkeypatch.setattr(click, "launch", launch)
    graphmem("show", "a b.html", "--open", "--url", stored)
    assert opened == [(Path.cwd() / "a b.html").as_uri()]
    result = graphmem("show", "--open", "--url", stored, code=1)
    assert "open graph.html yourself" in result.stderr
    assert Path("graph.html").exists()


def test_what_cannot_be(stored: str) -> None:
    assert "no such database" in refused("show", "--url", "gone.db")
    assert "no such user 'bob'" in refused("show", "--user", "bob", "--url", stored)
    assert "cannot be written" in refused("show", "gone/graph.html", "--url", stored)
    Path("folder").mkdir()
    assert "folder is a folder" in refused("show", "folder", "--url", stored)


def test_what_waits_to_be_read_is_said(tmp_path: Path) -> None:
    url = str(tmp_path / "waiting.db")
    config = MemLayerConfig(connection_url=url, extractor=Failing())
    with MemLayer(config) as memory:
        memory.store("s", {"input": "I live in Leeds.", "output": "ok"}, user_id="bob", wait=True)
    assert "2 messages wait to be read" in graphmem("show", "--url", url).stderr


class Failing:
    """An extractor that never works."""

    async def extract(self, turns: Any, context: Any = None) -> Any:
        from extraction import ExtractionError

        raise ExtractionError("no")
