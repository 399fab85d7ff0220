"""The rules of the house that a reader relies on: one-way dependencies, a fast import, documented public names."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import extraction
import graphmem
from graphmem import errors

ROOT = Path(__file__).resolve().parents[2]

LAYERS = [
    {"extraction"},
    {"records", "errors", "arguments", "clock", "identity", "text", "render", "speaking"},
    {"limits"},
    {"config", "stores"},
    {
        "bounding",
        "mentions",
        "misspelled",
        "resolve",
        "timeline",
        "whereabouts",
        "endings",
        "statements",
        "succession",
        "reconcile",
        "edtf",
        "filtering",
        "interaction",
        "portable",
        "stated",
        "checking",
        "rank",
        "compose",
        "cypher",
        "page",
    },
    {"expiry", "extractors", "job_reading", "outbox", "recall", "summarize", "embed"},
    {"parts"},
    {"memory", "turn"},
    {"sync", "transcripts", "cli", "fastagent", "memlayer", ""},
]
"""From the bottom up: a module imports from its own layer and those below."""


def layer_of(module: str) -> int:
    name = "extraction" if module.split(".")[0] == "extraction" else [*module.split("."), ""][1]
    return next(i for i, layer in enumerate(LAYERS) if name in layer)


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {
                f"{node.module}.{alias.name}" if node.module == "graphmem" else node.module for alias in node.names
            }
    return {name for name in found if name.split(".")[0] in ("graphmem", "extraction")}


SOURCES = sorted(p for package in ("graphmem", "extraction") for p in (ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_dependencies_flow_one_way(path):
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    wrong = {name for name in imports_of(path) if layer_of(name) > layer_of(module)}
    assert not wrong, f"{module} imports from a layer above it: {sorted(wrong)}"


def test_importing_graphmem_loads_nothing_heavy():
    heavy = ["spacy", "neo4j", "openai", "networkx", "kglite", "dateparser", "rich", "numpy", "sqlite3", "anyio"]
    code = f"import graphmem, extraction, sys; print([m for m in {heavy!r} if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


@pytest.mark.parametrize("package", [graphmem, extraction], ids=lambda p: p.__name__)
def test_every_public_name_exists_and_is_documented(package):
    for name in package.__all__:
        value = getattr(package, name)
        assert inspect.isdatadescriptor(value) or (value.__doc__ or "").strip(), (
            f"{package.__name__}.{name} has no docstring"
        )


def test_every_error_is_under_the_root_and_in_the_tree_of_the_docstring():
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == errors.__name__]
    assert all(issubclass(c, errors.GraphMemError) for c in classes)
    assert all(c.__name__ in (errors.__doc__ or "") for c in classes)


def test_every_verb_of_the_facade_is_documented_and_there_in_the_blocking_one():
    from graphmem.sync import MemLayer as Blocking

    verbs = [
        name for name, value in inspect.getmembers(graphmem.MemLayer, inspect.isroutine) if not name.startswith("_")
    ]
    for name in verbs:
        assert (getattr(graphmem.MemLayer, name).__doc__ or "").strip(), name
        twin = getattr(Blocking, {"aclose": "close"}.get(name, name))
        assert list(inspect.signature(twin).parameters) == list(
            inspect.signature(getattr(graphmem.MemLayer, name)).parameters
        )
