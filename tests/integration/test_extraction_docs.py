"""The examples of docs/extraction.md run and print what it says; its commands and links are there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.evaluation.messages import read_messages

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "extraction.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE, re.DOTALL)


def test_every_example_has_its_output() -> None:
    assert len(EXAMPLES) == PAGE.count("```python") == 4


@pytest.mark.parametrize(("code", "printed"), EXAMPLES, ids=["rules", "relation", "extractor", "spacy"])
def test_an_example_prints_what_stands_below_it(code: str, printed: str, tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    assert run.stdout == printed


def test_the_sample_message_can_be_read(tmp_path: Path) -> None:
    (sample,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "sample.jsonl"
    path.write_text(json.dumps(json.loads(sample)))
    (message,) = read_messages([path])
    assert (message.before, message.facts[0].object) == ("Where are you based?", "Porto")


def test_its_commands_name_files_that_are_there() -> None:
    commands = re.findall(r"```sh\n(.*?)\n```", PAGE, re.DOTALL)
    assert {command.removeprefix("python ").split()[0] for command in commands} == {
        "scripts/evaluate_extraction.py",
        "scripts/benchmark_extraction.py",
        "scripts/train_extractor.py",
    }
    for name in re.findall(r"\b(?:scripts|tests|extraction)/[\w/]+\.\w+", PAGE):
        assert (ROOT / name).is_file(), name


def test_its_links_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-") for h in re.findall(r"^#+ (.*)$", PAGE, re.M)
    }
    for target in re.findall(r"\]\(#([^)]+)\)", PAGE):
        assert target in headings
