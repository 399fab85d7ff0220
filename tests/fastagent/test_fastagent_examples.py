"""The examples run offline and print what they promise; the handler of the documents is the one that is tested."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HANDLER = """@app.on_message
async def handle_message(agent, message):
    context = await memory.get_context(session_id=message.session_id)
    response = await agent.query(f"Previous Context: {context}\\nUser: {message.text}")
    await memory.store(session_id=message.session_id, interaction={"input": message.text, "output": response})
    return response
"""


def run(name: str, folder: Path, **environment: str) -> str:
    """What an example prints, run in an empty folder."""
    unset = ("FAST_AGENT_MODEL", "GRAPHMEM_URL", "GRAPHMEM_PROVIDER")
    kept = {key: value for key, value in os.environ.items() if key not in unset}
    example = subprocess.run(
        [sys.executable, ROOT / "examples" / f"{name}.py"],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert example.returncode == 0, example.stderr
    return example.stdout


@pytest.mark.parametrize("name", ["fastagent_handler", "fastagent_hook"])
def test_alice_is_known_and_bob_is_not(name, tmp_path):
    alice, _, bob = run(name, tmp_path).rpartition("Where do I live?")
    assert "live in NYC" in alice or "lives in NYC" in alice
    assert "NYC" not in bob


def test_what_is_said_in_confidence_is_not_known_the_next_day(tmp_path):
    printed = run("fastagent_class", tmp_path)
    assert "The user lives in NYC." in printed
    assert "Initech" not in printed


def test_one_variable_chooses_a_real_model(tmp_path, model):
    printed = run("fastagent_hook", tmp_path, FAST_AGENT_MODEL="generic.m")
    assert printed.splitlines() == ["ok: Where do I live?", "ok: Where do I live?"]
    assert "I live in NYC." in model.blocks(1)[0]
    assert not any("NYC" in block for block in model.blocks(2))


@pytest.mark.parametrize("document", ["examples/fastagent_handler.py", "docs/fastagent.md", "README.md"])
def test_the_handler_stands_everywhere_as_it_is_tested(document):
    assert HANDLER in (ROOT / document).read_text(encoding="utf-8")
