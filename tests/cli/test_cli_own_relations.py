"""The command line and relations that only a user's own code knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import asked, graphmem, refused
from own_relations import EXTRACTOR

from graphmem import MemLayerConfig
from graphmem.sync import MemLayer


@pytest.fixture
def driven(tmp_path: Path) -> str:
    """A database in which somebody drove one car and drives another."""
    url = str(tmp_path / "driven.db")
    with MemLayer(MemLayerConfig(connection_url=url, extractor=EXTRACTOR)) as memory:
        for number, text in enumerate(("I drive a Volvo.", "I drive a Fiat.", "I live in Porto.")):
            memory.store("s", {"input": text, "id": str(number)}, user_id="alice")
    return url


def told(url: str) -> set[tuple[str, str]]:
    return {(f["text"], f["status"]) for f in asked("facts", "--user", "alice", "--url", url)}


KNOWN = {("drives a Fiat", "current"), ("drove a Volvo", "ended"), ("lives in Porto", "current")}


def test_what_is_not_known_is_not_judged_and_not_repaired(driven: str) -> None:
    before = told(driven)
    (found,) = asked("check", "--repair", "--url", driven)["findings"]
    assert (found["kind"], found["about"]) == ("not-judged", "DRIVES")
    assert "GRAPHMEM_CATALOGUE=MODULE:NAME" in found["text"]
    assert told(driven) == before == KNOWN


@pytest.mark.parametrize("name", ["own_relations:CATALOGUE", "own_relations:EXTRACTOR"])
def test_with_the_catalogue_all_is_judged(driven: str, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("GRAPHMEM_CATALOGUE", name)
    assert asked("check", "--repair", "--url", driven) == {"findings": [], "left": []}
    assert told(driven) == KNOWN


def test_forgetting_without_the_catalogue_says_so_and_loses_nothing_for_good(
    driven: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Facts of relations that are unknown are judged as any; with the catalogue they come right again."""
    forgotten = graphmem("forget", "--session", "s", "--message", "2", "--yes", "--url", driven)
    assert "DRIVES was judged without knowing these relations" in forgotten.stderr
    monkeypatch.setenv("GRAPHMEM_CATALOGUE", "own_relations:CATALOGUE")
    graphmem("check", "--repair", "--url", driven)
    assert told(driven) == KNOWN - {("lives in Porto", "current")}


def test_forgetting_with_the_catalogue_ends_and_brings_back_what_it_should(
    driven: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPHMEM_CATALOGUE", "own_relations:CATALOGUE")
    forgotten = graphmem("forget", "--session", "s", "--message", "1", "--yes", "--url", driven)
    assert "judged without" not in forgotten.stderr
    assert told(driven) == {("drives a Volvo", "current"), ("lives in Porto", "current")}


def test_an_import_without_the_catalogue_says_so_and_loses_nothing_for_good(
    driven: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, copy = tmp_path / "alice.jsonl", str(tmp_path / "copy.db")
    records.write_text(graphmem("export", "--user", "alice", "--url", driven).stdout)
    assert "DRIVES was judged without knowing these relations" in graphmem("import", str(records), "--url", copy).stderr
    monkeypatch.setenv("GRAPHMEM_CATALOGUE", "own_relations:CATALOGUE")
    graphmem("check", "--repair", "--url", copy)
    assert told(copy) == KNOWN


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("own_relations", "MODULE:NAME"),
        ("no_such_module:X", "can be imported"),
        ("own_relations:NOTHING", "can be imported"),
        ("own_relations:NEITHER", "the name of a Catalogue, or of an extractor that has one"),
    ],
)
def test_a_catalogue_that_cannot_be_is_refused_in_one_line(
    driven: str, monkeypatch: pytest.MonkeyPatch, name: str, says: str
) -> None:
    monkeypatch.setenv("GRAPHMEM_CATALOGUE", name)
    error = refused("check", "--url", driven, code=2)
    assert "GRAPHMEM_CATALOGUE" in error
    assert says in error
