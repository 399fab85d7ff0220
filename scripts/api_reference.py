#!/usr/bin/env python3
"""Write docs/api.md, the reference of the public classes and functions, from their docstrings.

Needs griffe2md and ruff (both in the extra ``dev``). A test tells when a public name or a docstring is newer than the page.

example: python scripts/api_reference.py
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "api.md"

CHAPTERS: dict[str, tuple[str, ...]] = {
    "Memory": ("graphmem.memory.MemLayer", "graphmem.turn.Turn", "graphmem.page.graph.MemoryGraph"),
    "Settings": ("graphmem.config.MemLayerConfig", "graphmem.config.LLMConfig", "graphmem.limits.Limits"),
    "Records": tuple(
        f"graphmem.records.{name}"
        for name in "Entity Fact Message Context Hit StoreResult Forgotten Stats PendingJob Finding".split()
    ),
    "Errors": ("graphmem.errors",),
    "Extraction": tuple(
        f"extraction.{name}"
        for name in (
            "base.Extractor records.Turn records.ExtractionContext records.Extraction records.ExtractedFact "
            "records.EntityMention records.FactStatus local.extractor.LocalExtractor local.extractor.RuleExtractor "
            "llm.extractor.LLMExtractor hybrid.HybridExtractor catalogue.Catalogue catalogue.Relation "
            "spacy_component.pipeline"
        ).split()
    ),
    "Stores of your own": ("graphmem.stores.base.Store", "graphmem.stores.embedding.EmbeddingStore"),
    "Embedders of your own": ("graphmem.embed.base.EmbeddingError",),
    "FastAgent": tuple(f"graphmem.fastagent.{name}" for name in ("FastAgent", "remember", "session", "memory_tools")),
    "memlayer": ("graphmem.memlayer.GraphStorage",),
}
"""What the page shows, by chapter."""

_INTRODUCTION = """# Reference

What the public classes and functions take, return and raise, from their docstrings. `graphmem.sync.MemLayer` has the same verbs
as `graphmem.MemLayer`, blocking. The records, the settings and `MemLayer` are importable from `graphmem`, the extractors from
`extraction`. Made by `scripts/api_reference.py`.
"""
_LINK = re.compile(r"\[(\*\*)?([^\]\[]+?)(\*\*)?\]\(#[^)]*\)")
_CODE = re.compile(r"<code>(.*?)</code>", re.DOTALL)


def reference() -> str:
    """Return the page."""
    from griffe import GriffeLoader
    from griffe2md import render_object_docs

    loader = GriffeLoader(search_paths=[ROOT], docstring_parser="google")
    packages = {name: loader.load(name) for name in ("graphmem", "extraction")}
    loader.resolve_aliases()
    parts = [_INTRODUCTION]
    for chapter, paths in CHAPTERS.items():
        parts.append(f"## {chapter}\n")
        for path in paths:
            package, _, rest = path.partition(".")
            parts.append(_plain(render_object_docs(packages[package][rest], {"heading_level": 3})))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip() + "\n"


def _plain(markdown: str) -> str:
    """Leave out links within the page, whose targets no renderer of plain Markdown makes, and mark types as code."""
    unlinked = _LINK.sub(r"\1\2\3", markdown)
    return _CODE.sub(lambda found: f"`{found[1]}`", unlinked)


def main() -> None:
    """Write the page."""
    if len(sys.argv) > 1:
        sys.exit((__doc__ or "").strip() if sys.argv[1] in ("-h", "--help") else f"unknown argument {sys.argv[1]!r}")
    PAGE.write_text(reference(), encoding="utf-8")
    subprocess.run(["ruff", "format", "--quiet", str(PAGE)], check=True)  # noqa: S603, S607 - nothing of a user's
    print(PAGE.relative_to(ROOT))


if __name__ == "__main__":
    main()
