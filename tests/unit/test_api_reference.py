"""docs/api.md tells of everything public, in the words of the docstrings."""

from __future__ import annotations

import inspect
import re

import pytest

import extraction
import graphmem
from graphmem.stores.base import Store
from scripts.api_reference import CHAPTERS, PAGE

TEXT = PAGE.read_text(encoding="utf-8")
HEADINGS = re.findall(r"^#+ `(.+)`$", TEXT, re.MULTILINE)
REMAKE = "run scripts/api_reference.py"


def test_the_chapters_are_there() -> None:
    assert re.findall(r"^## (.+)$", TEXT, re.MULTILINE) == list(CHAPTERS), REMAKE
    assert {path for paths in CHAPTERS.values() for path in paths} <= set(HEADINGS), REMAKE


@pytest.mark.parametrize("package", [graphmem, extraction])
def test_every_public_name_is_told(package: object) -> None:
    told = {heading.rpartition(".")[2] for heading in HEADINGS}
    assert set(package.__all__) - told <= {"EndpointError", "ExtractionError", "NotAsked", "Usage", "FactStatus"}, (
        REMAKE
    )


@pytest.mark.parametrize("kind", [graphmem.MemLayer, Store])
def test_every_verb_is_told_in_the_words_of_its_docstring(kind: type) -> None:
    for name, verb in inspect.getmembers(kind, inspect.isfunction):
        if not name.startswith("_"):
            assert f"{kind.__module__}.{kind.__name__}.{name}" in HEADINGS, REMAKE
            summary = (inspect.getdoc(verb) or "").partition("\n")[0]
            assert summary in TEXT, REMAKE
