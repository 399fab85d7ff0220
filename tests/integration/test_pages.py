"""The pages of docs/: examples print what stands below them, links lead somewhere, tables name what is there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from graphmem.cli.app import CommandGroup, cli
from graphmem.config import MemLayerConfig
from graphmem.memlayer import GraphStorage
from graphmem.memory import MemLayer
from graphmem.records import Fact
from graphmem.stores.neo4j.schema import statements
from graphmem.transcripts import Transcript

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TESTED_ELSEWHERE = {"extraction.md", "memlayer.md", "fastagent.md", "show.md"}
EXAMPLES = [
    pytest.param(code, printed, id=f"{page.name}-{number}")
    for page in sorted(DOCS.glob("*.md"))
    if page.name not in TESTED_ELSEWHERE
    for number, (code, printed) in enumerate(
        re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL), 1
    )
]


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(("code", "printed"), EXAMPLES)
def test_an_example_prints_what_stands_below_it(code: str, printed: str, tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    assert run.stdout == printed


@pytest.mark.parametrize("name", sorted(p.name for p in DOCS.glob("*.md")))
def test_links_lead_somewhere(name: str) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:\s]*)(?:#([^)]*))?\)", page(name)):
        there = (DOCS / target) if target else DOCS / name
        assert there.exists(), target
        if anchor and there.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w\- ]", "", h).strip().lower().replace(" ", "-") for h in headings}, anchor


async def test_messages_of_an_export_can_be_read_anew(tmp_path: Path) -> None:
    """What the page on questions does with jq."""
    (fields,) = re.findall(r"\| \{(.*?), content: \.text\}", page("faq.md"))
    path = tmp_path / "messages.jsonl"
    async with MemLayer(MemLayerConfig(connection_url=str(tmp_path / "a.db"), extractor="none")) as memory:
        await memory.store("s1", {"input": "I live in Porto.", "output": "Nice."}, user_id="maya")
        await memory.store("s1", [{"role": "user", "name": "Bo", "content": "I live in Oslo."}], user_id="maya")
        exported = [r async for r in memory.export() if r["type"] == "message"]
    rows = [{**{name: r[name] for name in fields.split(", ")}, "content": r["text"]} for r in exported]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    async with MemLayer(MemLayerConfig(connection_url=str(tmp_path / "b.db"), extractor="rules")) as memory:
        for exchange in Transcript(path).exchanges():
            await memory.store(exchange.session_id, exchange.interaction(), user_id=exchange.user_id)
        again = [r async for r in memory.export() if r["type"] == "message"]
        assert again == exported
        assert "lives in Porto" in [fact.text for fact in await memory.facts("maya")]


def test_production_names_every_index_and_constraint() -> None:
    assert set(re.findall(r"`(graphmem_\w+)`", page("production.md"))) == set(statements())


def test_the_table_of_commands_is_complete() -> None:
    group = cli
    assert isinstance(group, CommandGroup)
    table = set(re.findall(r"^\| `graphmem (\w+)", page("commands.md"), re.MULTILINE))
    assert table == set(group.list_commands(click.Context(group)))


def test_options_and_commands_in_the_pages_exist() -> None:
    group = cli
    assert isinstance(group, CommandGroup)
    context = click.Context(group)
    for path in DOCS.glob("*.md"):
        for line in re.findall(r"graphmem [a-z]+ [^`\n]*|graphmem [a-z]+(?=[`\n])", path.read_text(encoding="utf-8")):
            words = line.partition("#")[0].split()
            command = group.get_command(context, words[1])
            if command is None:
                continue  # a sentence about graphmem
            known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
            assert {re.sub(r"[^a-z-]", "", w.partition("=")[0]) for w in words if w.startswith("--")} <= known, line


def test_moving_speaks_of_names_that_are_there() -> None:
    text = page("moving.md")
    for verb in ("store", "get_context", "search", "facts", "forget"):
        assert f"`{verb}(" in text or f"`{verb}`" in text
        assert callable(getattr(MemLayer, verb))
    for name in ("valid_from", "valid_to", "recorded_at", "retired_at", "message_ids"):
        assert f"`{name}`" in text
        assert name in Fact.__dataclass_fields__
    for name in ("add_entity", "add_relationship"):
        assert callable(getattr(GraphStorage, name))


def test_the_lines_of_moving_can_be_loaded(tmp_path: Path) -> None:
    (lines,) = re.findall(r"```json\n(.*?)```", page("moving.md"), re.DOTALL)
    path = tmp_path / "conversations.jsonl"
    path.write_text(lines)
    (exchange,) = Transcript(path).exchanges()
    assert (exchange.session_id, exchange.user_id, len(exchange.messages)) == ("s1", "maya", 2)
    assert [m.id for m in exchange.messages] == ["m1", "m2"]
