"""``graphmem doctor`` tries what is configured, says what to do, and never shows a secret; the first words to a newcomer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import neo4j_server
import pytest
from command_line import environment, graphmem, process
from openai_server import Answer, fact, openai_server, refuses, says

from graphmem.cli.health import hidden, secrets_of
from graphmem.cli.settings import Settings

KEY = "sk-very-secret-0001"


def diagnosis(*arguments: str, code: int = 0) -> dict[str, dict[str, Any]]:
    told = json.loads(graphmem("doctor", *arguments, "--json", code=code).stdout)
    assert told["ok"] is (code == 0)
    return {check["name"]: check for check in told["checks"]}


def test_a_new_installation_is_well(tmp_path: Path) -> None:
    checks = diagnosis()
    states = {name: check["state"] for name, check in checks.items()}
    assert {states[name] for name in ("graphmem", "store", "offline extractor", "spaCy", "memory")} == {"ok"}
    assert states["language model"] == "absent"
    assert "GRAPHMEM_LLM_MODEL" in checks["language model"]["advice"]
    assert "nothing is stored yet" in checks["store"]["found"]
    assert list(tmp_path.iterdir()) == [], "looking makes no database"


def test_a_store_is_counted_and_left_as_it_is(stored: str) -> None:
    before = graphmem("export", "--url", stored).stdout
    assert "1 users, 6 messages" in diagnosis("--url", stored)["store"]["found"]
    assert graphmem("export", "--url", stored).stdout == before


@pytest.mark.parametrize(
    ("url", "says_"),
    [
        ("gone/memory.db", "is not there"),
        ("notes.db", "notes.db"),
        ("bolt://127.0.0.1:9", "cannot reach Neo4j at bolt://127.0.0.1:9"),
        ("http://localhost", "is no store"),
    ],
)
def test_a_store_that_cannot_be_opened(url: str, says_: str, tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("my notes " * 1000)
    checks = diagnosis("--url", url, code=1)
    broken = [check for check in checks.values() if check["state"] == "failed"]
    assert len(broken) == 1
    assert says_ in broken[0]["found"]
    assert checks["offline extractor"]["state"] == "ok", "the rest is looked at all the same"


def test_the_plain_output_says_what_to_do(tmp_path: Path) -> None:
    done = graphmem("doctor", "--url", "gone/memory.db", code=1)
    assert "FAILED  store" in done.stdout
    assert "-> create it, or give --url another path" in done.stdout
    assert "store: does not work" in done.stderr


def test_a_language_model_reads_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = says({"facts": [fact("LIVES_IN", "Porto", "Place", "I live in Porto")]})
    with openai_server(answer) as server:
        monkeypatch.setenv("GRAPHMEM_LLM_MODEL", "m1")
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        check = diagnosis()["language model"]
        assert check["state"] == "ok", check
        assert check["found"].startswith(f"m1 at 127.0.0.1:{server.port} answers")
        assert len(server.requests) == 1
        assert server.keys == [f"Bearer {KEY}"]


def test_a_language_model_that_finds_nothing_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    with openai_server(says({"facts": []})) as server:
        monkeypatch.setenv("GRAPHMEM_LLM_MODEL", "m1")
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        assert diagnosis()["language model"]["state"] == "warning"


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_language_model_that_refuses(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    with openai_server(refuses(status)) as server:
        monkeypatch.setenv("GRAPHMEM_LLM_MODEL", "m1")
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url.replace("://", "://ana:hunter2@"))
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("GRAPHMEM_LLM_TIMEOUT", "1")
        done = graphmem("doctor", code=1)
        assert "FAILED  language model" in done.stdout
        assert "OPENAI_API_KEY" in done.stdout
        for secret in (KEY, "hunter2", "secret words"):
            assert secret not in done.output


def test_a_language_model_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHMEM_LLM_MODEL", "m1")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert diagnosis(code=1)["language model"]["found"] == "127.0.0.1:9 cannot be reached"


def test_a_language_model_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHMEM_LLM_MODEL", "m1")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    assert "needs a key: set OPENAI_API_KEY" in diagnosis(code=1)["language model"]["found"]


def test_wrong_settings_are_named_and_the_rest_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHMEM_TTL", "soon")
    checks = diagnosis(code=1)
    assert "GRAPHMEM_TTL='soon'" in checks["settings"]["found"]
    assert checks["spaCy"]["state"] == "ok"


def test_passwords_are_hidden_wherever_they_stand() -> None:
    settings = Settings(url="neo4j://ana:hunter2@db:7687")
    secrets = secrets_of(settings, [("GRAPHMEM_PASSWORD", "pass word"), ("HOME", "/home/ana"), ("OPENAI_API_KEY", KEY)])
    told = hidden(f"neo4j://ana:hunter2@db refuses 'pass word' and {KEY}; hunter2", secrets)
    assert told == "neo4j://***@db refuses '***' and ***; ***"


def test_a_password_in_the_url_is_not_shown() -> None:
    done = graphmem("doctor", "--url", "neo4j://ana:hunter2@127.0.0.1:9", code=1)
    assert "do not belong in the URL" in done.stdout
    assert "hunter2" not in done.output


@pytest.mark.neo4j
def test_a_neo4j_is_named_with_its_version(
    neo4j_address: neo4j_server.Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    if neo4j_address.user is not None:
        monkeypatch.setenv("GRAPHMEM_USER", neo4j_address.user)
        monkeypatch.setenv("GRAPHMEM_PASSWORD", neo4j_address.password or "")
    check = diagnosis("--url", neo4j_address.url)["store"]
    assert check["found"].startswith("Neo4j/")


def test_the_first_words_to_a_newcomer_and_the_help_to_others(stored: str) -> None:
    new = process()
    assert (new.returncode, new.stdout) == (2, "")
    assert "Nothing is stored here yet. To begin:" in new.stderr
    for command in ("demo", "chat", "ingest FILE", "doctor"):
        assert f"  graphmem {command}" in new.stderr
    known = process("--url", stored)
    assert known.returncode == 2
    assert "Commands:" in known.stderr
    assert "Nothing is stored" not in known.stderr
    assert "graphmem demo" in process("facts").stderr


def test_the_version() -> None:
    import graphmem as package

    assert graphmem("--version").stdout == f"graphmem {package.__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion(shell: str) -> None:
    done = process(env=environment(_GRAPHMEM_COMPLETE=f"{shell}_source"), script=_AS_GRAPHMEM)
    assert done.returncode == 0, done.stderr
    assert "_GRAPHMEM_COMPLETE" in done.stdout


@pytest.mark.parametrize(
    ("words", "proposals"),
    [
        ("graphmem fa", {"facts"}),
        ("graphmem ex", {"export", "expire", "extract"}),
        ("graphmem facts --st", {"--status"}),
        ("graphmem facts --status c", {"current"}),
    ],
)
def test_bash_completes_commands_options_and_values(words: str, proposals: set[str]) -> None:
    where = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1), "_GRAPHMEM_COMPLETE": "bash_complete"}
    done = process(env=environment(**where), script=_AS_GRAPHMEM)
    assert {line.partition(",")[2] for line in done.stdout.splitlines()} == proposals, done.stderr


def test_bash_itself_completes(tmp_path: Path) -> None:
    """The line of the documentation in a real shell, with the command on PATH."""
    command = tmp_path / "graphmem"
    command.write_text(f"#!{sys.executable}\nfrom graphmem.cli import main\nmain()\n")
    command.chmod(0o755)
    script = (
        'eval "$(_GRAPHMEM_COMPLETE=bash_source graphmem)"\n'
        "COMP_WORDS=(graphmem fa); COMP_CWORD=1\n_graphmem_completion graphmem\n"
        'echo "${COMPREPLY[@]}"; complete -p graphmem'
    )
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=environment(PATH=path), timeout=120
    )
    assert done.stdout.startswith("facts\n"), done.stderr
    assert "_graphmem_completion" in done.stdout


_AS_GRAPHMEM = ("-c", "import sys; sys.argv[0] = 'graphmem'; from graphmem.cli import main; main()")


def test_an_embedder_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    def script(body: dict[str, Any]) -> Answer:
        data = [{"index": i, "embedding": [1.0, float(len(text))]} for i, text in enumerate(body["input"])]
        return Answer(body={"object": "list", "model": body["model"], "data": data})

    assert "ranked by meaning" in diagnosis()["embedder"]["found"]
    monkeypatch.setenv("GRAPHMEM_RERANK", "no")
    assert "by words, names and the graph" in diagnosis()["embedder"]["found"]
    monkeypatch.setenv("GRAPHMEM_EMBEDDER", "openai:small")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with openai_server(script=script) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        check = diagnosis()["embedder"]
    assert (check["state"], check["found"]) == ("ok", "openai:small answers with vectors of 2 numbers")
    told = diagnosis(code=1)["embedder"]  # by now nobody is there
    assert (told["state"], "cannot be reached" in told["found"]) == ("failed", True)
    monkeypatch.setenv("GRAPHMEM_EMBEDDER", "local")
    assert diagnosis()["embedder"]["found"] == "local-2 answers with vectors of 384 numbers"
    monkeypatch.setenv("GRAPHMEM_EMBEDDER", "sentence-transformers:small")
    assert "pip install 'graphmem[sentence-transformers]'" in diagnosis(code=1)["embedder"]["found"]
