"""What goes wrong on the first day: one line on stderr that says what to do, an exit code, and no stack trace."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import environment, graphmem, process, refused, size_of, wait_until

ASKING = (["facts"], ["search", "x"], ["context", "x"], ["cypher", "RETURN 1"], ["stats"], ["export"])


@pytest.mark.parametrize("command", ASKING, ids=lambda command: command[0])
def test_a_database_that_is_not_there_is_not_made(command: list[str], tmp_path: Path) -> None:
    line = refused(*command, "--url", "gone.db")
    assert line == "no such database 'gone.db'; graphmem ingest FILE --url gone.db makes one"
    assert "graphmem.db" in refused(*command)
    assert list(tmp_path.iterdir()) == []


def test_forget_makes_no_database_either(tmp_path: Path) -> None:
    assert "no such database" in refused("forget", "--user", "a", "--yes")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["ingest", "extract", "import"])
def test_a_wrong_path(command: str, tmp_path: Path) -> None:
    assert refused(command, "gone.jsonl") == "gone.jsonl: no such file; check the path"
    assert list(tmp_path.iterdir()) == []


def test_several_wrong_paths(tmp_path: Path) -> None:
    assert "none of the 2 files can be read; the first: a.txt: no such file" in refused("ingest", "a.txt", "b.txt")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["ingest", "extract", "import"])
def test_a_folder_instead_of_a_file(command: str, tmp_path: Path) -> None:
    assert "this is a folder; give the files in it" in refused(command, str(tmp_path))


def test_a_database_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("these are my notes, and no database at all" * 100)
    assert "notes.db" in refused("facts", "--url", "notes.db")
    assert (tmp_path / "notes.db").read_text().startswith("these are my notes")


def test_a_folder_as_a_database(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert "folder" in refused("facts", "--url", "folder")


def test_a_database_in_a_folder_that_is_not_there(transcript: Path) -> None:
    line = graphmem("ingest", str(transcript), "--url", "gone/memory.db", code=1).stderr
    assert "gone" in line
    assert "Traceback" not in line


def test_an_unknown_user_lists_the_users(stored: str) -> None:
    assert refused("facts", "--url", stored, "--user", "bob") == "no such user 'bob'; the store has alice"


def test_several_users_are_listed_up_to_ten(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    lines = [{"user_id": f"user{n:02}", "session_id": f"s{n}", "input": "Hello", "output": "Hi"} for n in range(12)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    graphmem("ingest", str(path), "--url", "many.db")
    line = refused("facts", "--url", "many.db", code=2)
    assert "add --user with one of user00, user01" in line
    assert "user09 and 2 more" in line
    assert "user10" not in line
    assert graphmem("stats", "--url", "many.db").exit_code == 0


def test_bad_json_names_the_line_and_stores_nothing_of_the_file(tmp_path: Path, transcript: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text(transcript.read_text() + "{oops\n")
    result = graphmem("ingest", str(bad), "--url", "memory.db", code=1)
    assert f"{bad}:4: not JSON" in result.stderr
    assert "nothing is stored here yet" in refused("facts", "--url", "memory.db")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["facts", "--url", "http://localhost:7687"], "the URL of a Neo4j server as bolt://localhost:7687"),
        (["facts", "--url", "bolt://"], "'bolt://' is no store: give --url (or GRAPHMEM_URL)"),
        (["facts", "--url", "file:x.db"], "leave 'file:' away"),
        (["facts", "--as-of", "soon"], "'soon' is not a time; give a day as 2023-06-01"),
        (["facts", "--as-of", "0000"], "'0000' is not a time"),
        (["facts", "--as-of", "2024-02-30"], "'2024-02-30' is not a time"),
        (["search", "x", "--limit", "99999999999999999999"], "99999999999999999999 is too large; at most 10,000"),
        (["search", "x", "--limit", "10001"], "at most 10,000"),
        (["fact"], "no such command 'fact' (did you mean facts?); see"),
        (["ingets", "x"], "did you mean ingest?"),
        (["xyzzy"], "no such command 'xyzzy'; see"),
        (["facts", "--url", ""], "it is empty"),
        (["facts", "--status", "old"], "'old' is not one of"),
        (["search", "x", "--limit", "0"], "0 is not in the range"),
        (["search"], "Missing argument 'TEXT'"),
        (["facts", "--bogus"], "No such option"),
        (["cypher", "RETURN $x AS x", "--param", "x"], "'x' is not NAME=VALUE"),
        (["ingest", "x", "--format", "csv"], "'csv' is not one of"),
        (["forget"], "say what to forget"),
        (["forget", "--message", "m1"], "add --session"),
        (["forget", "--fact", "f", "--session", "s"], "not both"),
        (["import", "x", "--user", "alice"], "leave --user away"),
        (["stats", "--url", ":memory:"], "holds nothing when a command starts"),
    ],
)
def test_wrong_usage(arguments: list[str], says: str) -> None:
    assert says in refused(*arguments, code=2)


def test_an_unknown_predicate_is_no_silent_nothing(stored: str) -> None:
    line = refused("facts", "--url", stored, "--predicate", "LIVES_INN", code=2)
    assert "--predicate='LIVES_INN' is not valid" in line
    assert "LIVES_IN," in line


@pytest.mark.parametrize("variable", [("GRAPHMEM_TTL", "soon"), ("GRAPHMEM_PROVIDER", "mongo")])
def test_a_setting_of_the_environment_that_is_wrong(variable: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(*variable)
    assert variable[1] in refused("facts", code=2)


LLM = {"GRAPHMEM_LLM_MODEL": "m"}
SETTINGS = [
    ({"GRAPHMEM_PROVIDER": "neo4j"}, [], "give --url bolt://localhost:7687 or set GRAPHMEM_URL"),
    ({"GRAPHMEM_PROVIDER": "sqlite", "GRAPHMEM_URL": "bolt://h"}, [], "but GRAPHMEM_PROVIDER says 'sqlite'; unset it"),
    ({"GRAPHMEM_PROVIDER": "mongo"}, [], "GRAPHMEM_PROVIDER='mongo' is not valid: one of "),
    ({"GRAPHMEM_URL": "http://h"}, [], "give --url (or GRAPHMEM_URL) a path"),
    ({}, ["--extractor", "llm"], "extractor 'llm' needs a language model: set GRAPHMEM_LLM_MODEL"),
    ({"GRAPHMEM_EXTRACTOR": "hybrid"}, [], "extractor 'hybrid' needs a language model: set GRAPHMEM_LLM_MODEL"),
    ({"GRAPHMEM_EXTRACTOR": "magic"}, [], "GRAPHMEM_EXTRACTOR='magic' is not valid: one of auto, "),
    (LLM, [], "set OPENAI_API_KEY, or OPENAI_BASE_URL"),
    ({**LLM, "OPENAI_BASE_URL": "nowhere"}, [], "OPENAI_BASE_URL is not valid: a URL such as"),
    ({**LLM, "GRAPHMEM_LLM_TIMEOUT": "0"}, [], "GRAPHMEM_LLM_TIMEOUT=0.0 is not valid"),
    ({"GRAPHMEM_LLM_MODEL": " "}, [], "GRAPHMEM_LLM_MODEL=' ' is not valid"),
    ({"GRAPHMEM_TTL": "-1"}, [], "GRAPHMEM_TTL=-1.0 is not valid"),
    ({"GRAPHMEM_BUFFER_SIZE": "-1"}, [], "GRAPHMEM_BUFFER_SIZE=-1 is not valid"),
    ({"GRAPHMEM_EMBEDDER": "e5"}, [], "one of local, openai, openai:MODEL, sentence-transformers:MODEL"),
]


@pytest.mark.parametrize(("environ", "arguments", "says"), SETTINGS)
def test_a_wrong_setting_is_told_in_words_of_the_command_line(
    environ: dict[str, str], arguments: list[str], says: str, transcript: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    line = refused("ingest", str(transcript), *arguments, code=2)
    assert says in line
    for python in ("connection_url", "provider=", "LLMConfig", "llm.", "extractor=", "base_url", "None"):
        assert python not in line


def test_a_server_that_is_down() -> None:
    line = refused("facts", "--url", "bolt://127.0.0.1:1")
    assert "127.0.0.1:1" in line


def test_the_trace_is_shown_when_asked_for() -> None:
    done = process("facts", env=environment(GRAPHMEM_DEBUG="1"))
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "Traceback" not in process("facts").stderr


def test_an_error_of_ours_is_one_line_too(stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a\nb\x1b[31m")

    monkeypatch.setattr("graphmem.cli.stats.opened_to_ask", broken)
    line = refused("stats", "--url", stored)
    assert line == "internal error: RuntimeError: a b\ufffd[31m; set GRAPHMEM_DEBUG=1 to see where"


def test_a_reader_that_goes_away_is_no_error(stored: str) -> None:
    code = "from graphmem.cli import cli; import time; time.sleep(0.5); cli.main(prog_name='graphmem')"
    running = subprocess.Popen(
        [sys.executable, "-c", code, "export", "--url", stored],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert running.stdout is not None
    running.stdout.close()
    assert running.stderr is not None
    errors = running.stderr.read()
    assert running.wait(timeout=60) == 0
    assert "Traceback" not in errors
    assert "BrokenPipe" not in errors


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_an_interrupt_ends_with_130_and_one_line(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    path.write_text("".join(json.dumps({"input": f"I like number {n}", "output": "Yes"}) + "\n" for n in range(20_000)))
    running = subprocess.Popen(
        [sys.executable, "-m", "graphmem.cli", "ingest", str(path), "--url", "long.db"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    wait_until(lambda: size_of(tmp_path / "long.db") > 100_000)
    running.send_signal(signal.SIGINT)
    out, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert errors.splitlines() == ["graphmem: interrupted"]
    assert out == ""
