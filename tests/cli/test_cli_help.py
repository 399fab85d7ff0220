"""Every command explains itself, and starts fast because it imports what it needs and no more."""

from __future__ import annotations

import pytest
from command_line import ROOT, graphmem, process

from graphmem.cli.app import COMMANDS

HEAVY = ("spacy", "neo4j", "openai", "networkx", "kglite", "dateparser", "rich", "numpy", "onnxruntime", "sqlite3")


def names() -> list[str]:
    listed = graphmem("--help").stdout.partition("Commands:")[2].splitlines()
    return [line.split()[0] for line in listed if line.strip() and line.split()[0] in COMMANDS]


def test_the_help_lists_the_commands_with_an_example() -> None:
    assert {
        "demo",
        "ingest",
        "extract",
        "context",
        "facts",
        "search",
        "cypher",
        "stats",
        "forget",
        "export",
        "import",
    } <= set(names())
    assert "Example:" in graphmem("--help").stdout
    assert graphmem("-h").stdout == graphmem("--help").stdout


@pytest.mark.parametrize("name", names())
def test_every_command_has_help_with_an_example_and_the_common_options(name: str) -> None:
    text = graphmem(name, "--help").stdout
    assert f"Usage: graphmem {name}" in text or f"{name} [OPTIONS]" in text
    assert f"graphmem {name}" in text.partition("Example:")[2]
    for option in ("--url", "--user", "--json"):
        assert option in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("arguments", [["--help"], ["facts", "--help"], ["ingest", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom graphmem.cli import cli\n"
        f"try:\n    cli.main({arguments!r}, prog_name='graphmem')\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    done = process(script=("-c", code))
    assert done.stderr.strip() == "[]", done.stderr


def test_no_command_and_a_wrong_one_are_wrong_usage() -> None:
    assert process().returncode == 2
    done = process("fact")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "see graphmem --help" in done.stderr or "--help" in done.stderr


def test_the_modules_of_the_commands_are_there() -> None:
    for name in names():
        module = f"{name}_" if name == "import" else name
        assert (ROOT / "graphmem" / "cli" / f"{module}.py").is_file()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("facts", "The user; default: the only one of the store."),
        ("stats", "default: of everybody."),
        ("export", "default: of everybody."),
        ("forget", "who must be named to delete all of them"),
        ("ingest", "default: the file says, else its name."),
        ("extract", "no store is read or written."),
        ("import", "Not to be given"),
        ("demo", "default: nothing is kept."),
    ],
)
def test_the_help_of_the_common_options_is_true_of_each_command(name: str, says: str) -> None:
    assert says in " ".join(graphmem(name, "--help").stdout.split())
