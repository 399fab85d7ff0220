"""What goes wrong underneath is seen at once: notes on stderr, the first few of them, above the bar."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from command_line import ROOT, environment, graphmem, process
from openai_server import OpenAIServer, fact, openai_server, refuses, says

from graphmem.cli.logs import SHOWN, log_notes
from graphmem.cli.progress import progress

LOCAL_ONLY = "the language model could not be reached: these are the local facts only"
SCRIPT = (str(ROOT / "scripts" / "extract_transcript.py"),)
DEAD = "http://127.0.0.1:1/v1"


@pytest.fixture
def dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """A language model behind which nobody is."""
    use_model(monkeypatch, DEAD)


def use_model(monkeypatch: pytest.MonkeyPatch, base_url: str) -> None:
    settings = {"GRAPHMEM_LLM_MODEL": "m", "GRAPHMEM_LLM_TIMEOUT": "1.5"}
    for name, value in {**settings, "OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "no-key"}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("dead")
def test_extract_says_that_the_facts_are_the_local_ones_only(transcript: Path) -> None:
    result = graphmem("extract", str(transcript), "--extractor", "hybrid")
    assert "lives in Leeds" in result.stdout
    lines = result.stderr.splitlines()
    assert lines[-1] == LOCAL_ONLY
    assert lines[0].startswith("note: the language model, attempt 1: 127.0.0.1:1 cannot be reached")
    assert sum("note:" in line for line in lines) == 2


@pytest.mark.usefixtures("dead")
def test_the_script_says_it_too(transcript: Path) -> None:
    done = process(str(transcript), "--extractor", "hybrid", script=SCRIPT)
    assert done.returncode == 0
    assert json.loads(done.stdout.splitlines()[0])["text"] == "lives in Leeds"
    assert done.stderr.splitlines()[-1] == LOCAL_ONLY
    assert "Traceback" not in done.stderr


def test_a_model_that_fails_in_between_is_told_of_with_counts(
    transcript: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = says({"facts": [fact("LIVES_IN", "Leeds", "Place", "I live in Leeds")]})
    with openai_server(answer, refuses(401), answer) as server:
        use_model(monkeypatch, server.base_url)
        result = graphmem("extract", str(transcript), "--extractor", "hybrid")
    assert "could not be reached for 1 of 3 exchanges: of these the facts are the local ones only" in result.stderr


def test_a_model_that_answers_is_no_news_and_its_connections_are_closed(
    transcript: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []
    from extraction import LLMExtractor

    close = LLMExtractor.aclose

    async def noted(self: LLMExtractor) -> None:
        closed.append(self)
        await close(self)

    monkeypatch.setattr(LLMExtractor, "aclose", noted)
    with openai_server(says({"facts": []})) as server:
        use_model(monkeypatch, server.base_url)
        for extractor in ("hybrid", "llm"):
            assert "note" not in graphmem("extract", str(transcript), "--extractor", extractor).stderr
            assert len(closed) == 1
            closed.clear()


@pytest.mark.usefixtures("dead")
def test_ingest_shows_a_dead_model_while_it_works(transcript: Path) -> None:
    result = graphmem("ingest", str(transcript), "--url", "memory.db", code=1)
    lines = result.stderr.splitlines()
    assert any(line.startswith("note: the language model, attempt 1: 127.0.0.1:1 cannot be reached") for line in lines)
    assert any(
        line.startswith("note: message ") and " of session " in line and "cannot be reached" in line for line in lines
    )
    assert any("the messages are stored, but facts are missing" in line for line in lines)


def test_the_first_notes_are_shown_and_the_rest_is_hidden_once(capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("graphmem.outbox")
    with log_notes(), log_notes():
        for number in range(SHOWN + 3):
            log.warning("number\n%d", number)
        log.info("nothing")
    log.warning("afterwards")
    lines = capsys.readouterr().err.splitlines()
    hidden = "note: further notes are hidden; set GRAPHMEM_DEBUG=1 to see all"
    assert lines == [*(f"note: number {number}" for number in range(SHOWN)), hidden]


def test_a_trace_is_one_line_and_the_level_of_the_retries_is_restored(capsys: pytest.CaptureFixture[str]) -> None:
    retries = logging.getLogger("extraction.llm.client")
    level = retries.level
    with log_notes():
        for number in range(3):
            retries.debug("attempt %d", number)
        try:
            raise ValueError("a\nb")
        except ValueError:
            logging.getLogger("graphmem.outbox").exception("it failed")
    assert capsys.readouterr().err.splitlines() == [
        "note: the language model, attempt 0",
        "note: it failed (ValueError: a b)",
    ]
    assert retries.level == level


def test_notes_come_above_the_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with log_notes(), progress("storing", "messages") as bar:
        said: list[str] = []
        monkeypatch.setattr(bar, "say", said.append, raising=False)
        logging.getLogger("graphmem.memory").warning("a warning")
    assert said == ["note: a warning"]
    with log_notes():
        logging.getLogger("graphmem.memory").warning("without a bar")
    assert "note: without a bar\n" in capsys.readouterr().err


def test_with_debugging_the_log_itself_is_shown_and_no_notes(transcript: Path) -> None:
    with openai_server(refuses(401)) as server:
        done = _debugged(transcript, server)
    assert "WARNING:" in done
    assert "note:" not in done


def _debugged(transcript: Path, server: OpenAIServer) -> str:
    model = {"GRAPHMEM_LLM_MODEL": "m", "OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "no-key"}
    env = environment(GRAPHMEM_DEBUG="1", **model)
    return process("extract", str(transcript), "--extractor", "hybrid", env=env).stderr
