"""The example of docs/show.md runs and prints what it says, and its picture is there and small."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "show.md").read_text(encoding="utf-8")


def test_the_example_prints_what_stands_below_it(tmp_path: Path) -> None:
    ((code, printed),) = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE, re.DOTALL)
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    assert run.stdout == printed


def test_the_picture_is_small() -> None:
    (name,) = re.findall(r"!\[[^]]*\]\(([^)]+)\)", PAGE)
    assert (DOCS / name).stat().st_size < 150_000
