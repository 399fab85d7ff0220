"""What ``python -m build`` makes installs and works in an empty environment, far from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SEES_ITSELF = """
import pathlib, sys
import extraction, graphmem, spacy
for package in (extraction, graphmem):
    assert pathlib.Path(package.__file__).is_relative_to(sys.prefix), package.__file__
    assert (pathlib.Path(package.__file__).parent / "py.typed").exists()
nlp = spacy.blank("en")
nlp.add_pipe("graphmem_facts")
print([fact.object.name for fact in nlp("I live in Porto.")._.facts])
"""


@pytest.mark.slow
def test_sdist_and_wheel_install_and_work_in_an_empty_environment(tmp_path: Path) -> None:
    clone = _clone(tmp_path / "clone")
    _run([sys.executable, "-m", "build", "--outdir", str(tmp_path / "dist")], clone, dict(os.environ))
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    (sdist,) = (tmp_path / "dist").glob("*.tar.gz")
    _holds_what_it_should(wheel, sdist)

    venv.create(tmp_path / "env", with_pip=True)
    python = str(tmp_path / "env" / "bin" / "python")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environ = {"PATH": f"{tmp_path / 'env' / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path), **_pip_settings()}
    for number, install in enumerate(([str(wheel)], ["--force-reinstall", "--no-deps", str(sdist)])):
        _run([python, "-m", "pip", "install", "--quiet", *install], elsewhere, environ)
        assert _run(["graphmem", "--version"], elsewhere, environ).startswith("graphmem 0.")
        doctor = json.loads(
            _run(["graphmem", "doctor", "--json"], elsewhere, {**environ, "GRAPHMEM_EMBEDDER": "local"})
        )
        assert doctor["ok"], doctor
        assert "384 numbers" in json.dumps(doctor)
        assert "lives in Porto" in _run(["graphmem", "demo"], elsewhere, environ)
        assert _run([python, "-c", SEES_ITSELF], elsewhere, environ) == "['Porto']\n"
        session = ["graphmem", "chat", "--url", f"{number}.db", "--json"]
        assert "lives in Porto" in _run(session, elsewhere, environ, input="I live in Porto.\n")


def _holds_what_it_should(wheel: Path, sdist: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "graphmem/data/demo.jsonl",
        "extraction/local/model/model.onnx",
        "extraction/local/model/LICENSE",
        "extraction/local/lexicon/jobs.txt",
        "graphmem/embed/model/embedding.onnx",
        "graphmem/embed/model/LICENSE",
    } <= inside
    assert not [name for name in inside if name.startswith(("tests/", "docs/", "scripts/"))]
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"README.md", "LICENSE", "CHANGELOG.md", "docs/cypher.md", "tests/conftest.py", "pyproject.toml"} <= names


def _clone(folder: Path) -> Path:
    """Copy the files that belong to the project, as they are now, those that are not committed yet among them."""
    list_files = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(list_files, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, files.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


def _run(command: list[str], folder: Path, environ: dict[str, str], input: str | None = None) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environ, input=input, capture_output=True, text=True, timeout=1800, check=False
    )
    assert done.returncode == 0, (command, done.stdout[-1000:], done.stderr[-2000:])
    return done.stdout


def _pip_settings() -> dict[str, str]:
    """What tells pip where to install from on this machine."""
    return {
        k: v
        for k, v in os.environ.items()
        if k.startswith(("PIP_", "SSL_", "REQUESTS_")) or k.lower().endswith("_proxy")
    }
