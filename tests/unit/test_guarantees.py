"""The page of promises names tests that are there, and limits and kinds of findings as they are."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from graphmem.checking import KINDS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))
LIMITS = re.findall(r"^\| [^|]+ \| ([\d,]+)[^|]* \| `(graphmem[\w.]+)` \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("path", "name"), TESTS)
def test_a_test_that_is_named_is_there(path: str, name: str) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    assert re.search(rf"def {name}\(" if name else r"def test_", source)


def test_every_promise_names_a_test() -> None:
    assert len(TESTS) > 30
    promises = re.split(r"^- (?=\*\*)", PAGE.partition("## It can be checked")[0], flags=re.MULTILINE)[1:]
    assert [p.splitlines()[0] for p in promises if "`tests/" not in p] == []


@pytest.mark.parametrize(("value", "name"), LIMITS)
def test_a_limit_is_what_the_page_says(value: str, name: str) -> None:
    module, _, constant = name.rpartition(".")
    assert getattr(importlib.import_module(module), constant) == int(value.replace(",", ""))


def test_every_kind_of_finding_is_explained() -> None:
    assert len(LIMITS) >= 4
    explained = {kind for cell in re.findall(r"^\| ([a-z, -]+) \|", PAGE, re.MULTILINE) for kind in cell.split(", ")}
    assert KINDS.keys() <= explained
