"""The scripts that measure how good and how fast an extractor is, as processes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from command_line import ROOT, environment, process
from openai_server import fact, openai_server, says

SCRIPT = (str(ROOT / "scripts" / "evaluate_extraction.py"),)
BENCHMARK = (str(ROOT / "scripts" / "benchmark_extraction.py"),)


def annotated(predicate: str, object: str) -> dict[str, object]:
    """A fact of the user as it is annotated."""
    return {"s": "user", "p": predicate, "o": object, "polarity": "+", "time": "current", "optional": False}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two messages: one that the rules read, one of which they find a part."""
    path = tmp_path / "data.jsonl"
    rows = [
        {"id": "a", "style": "short", "message": "I live in Porto.", "facts": [annotated("LIVES_IN", "Porto")]},
        {"id": "b", "style": "long", "message": "I love tea, zzyzx blorp.", "facts": [annotated("USES", "blorp")]},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("script", [SCRIPT, BENCHMARK], ids=["evaluate", "benchmark"])
def test_they_explain_themselves_and_can_be_started(script: tuple[str]) -> None:
    assert os.access(script[0], os.X_OK)
    done = process("--help", script=script)
    assert "Example:" in done.stdout
    assert process("--bogus", script=script).returncode == 2


def test_the_figures_as_json(data: Path) -> None:
    done = process(str(data), "--extractor", "rules", "--threshold", "0,0.99", "--json", script=SCRIPT)
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(done.stdout)
    assert figures["messages"] == 2
    assert figures["styles"]["short"]["f1"] == 1
    assert (figures["styles"]["all"]["wanted"], figures["styles"]["all"]["found"]) == (2, 1)
    assert [(m["id"], m["predicate"], m["object"]) for m in figures["missed"]] == [("b", "USES", "blorp")]
    assert [t["threshold"] for t in figures["thresholds"]] == [0, 0.99]
    assert sum(b["facts"] for b in figures["reliability"]) == figures["styles"]["all"]["given"]
    assert sum(p["given"] for p in figures["predicates"].values()) == figures["styles"]["all"]["given"]


def test_the_figures_as_tables(data: Path) -> None:
    done = process(str(data), "--extractor", "rules", "--errors", "1", script=SCRIPT)
    assert done.returncode == 0, done.stderr
    for words in ("by style", "by predicate", "LIVES_IN", "calibration error", "by threshold", "missed", "blorp"):
        assert words in done.stdout
    assert "missed" not in process(str(data), "--extractor", "rules", "--errors", "0", script=SCRIPT).stdout


@pytest.mark.parametrize(("extractor", "others"), [("llm", False), ("hybrid", True)])
def test_a_language_model_is_measured_alone_and_with_the_rules(data: Path, extractor: str, others: bool) -> None:
    answer = says({"facts": [fact("LIVES_IN", "Porto", "Place", "I live in Porto")]})
    with openai_server(answer) as server:
        done = process(
            *(str(data), "--extractor", extractor, "--model", "m", "--base-url", server.base_url, "--json"),
            script=SCRIPT,
            env=environment(OPENAI_API_KEY="no-key"),
        )
    figures = json.loads(done.stdout)
    assert figures["styles"]["short"]["f1"] == 1
    assert (figures["styles"]["long"]["given"] > 0) == others
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--extractor", "magic"), 1, "no extractor 'magic'"),
        (("--extractor", "llm"), 1, "give --model"),
        (("--threshold", "0.5,two"), 2, "'two' is no number from 0 to 1"),
        (("--threshold", "1.5"), 2, "'1.5' is no number from 0 to 1"),
        (
            ("--extractor", "llm", "--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--timeout", "1"),
            1,
            "no message could be read",
        ),
    ],
)
def test_a_failure_is_one_line(data: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    done = process(str(data), *arguments, script=SCRIPT, env=environment(OPENAI_API_KEY="no-key"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr
    assert says in done.stderr


def test_bad_and_empty_data_are_named(tmp_path: Path) -> None:
    for text, problem in (('{"facts": []}\n', "bad.jsonl:1: 'message' is missing"), ("\n", "no messages in")):
        (tmp_path / "bad.jsonl").write_text(text)
        done = process(str(tmp_path / "bad.jsonl"), script=SCRIPT)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert problem in done.stderr


def test_the_benchmark_measures_what_it_reads(data: Path) -> None:
    short = ("--extractor", "rules", "--messages", "4", "--megabytes", "0.001")
    done = process(str(data), *short, "--json", script=BENCHMARK)
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(done.stdout)
    assert figures["text_facts"] == 2
    assert all(figures[f] > 0 for f in ("ready_seconds", "messages_per_second", "milliseconds_median", "text_seconds"))
    assert "messages per second" in process(str(data), *short, script=BENCHMARK).stdout


def test_the_benchmark_names_what_is_wrong(data: Path, tmp_path: Path) -> None:
    done = process(str(data), "--extractor", "magic", script=BENCHMARK)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "no extractor 'magic'" in done.stderr
    for text, problem in (("oops", "bad.jsonl:1: not JSON"), ('{"message": " ", "facts": []}', "no messages to read")):
        (tmp_path / "bad.jsonl").write_text(text)
        done = process(str(tmp_path / "bad.jsonl"), script=BENCHMARK)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert problem in done.stderr
