"""The script that learns the ranking's weights: small conversations in, a table out."""

from __future__ import annotations

import json
import runpy
import shutil
from pathlib import Path
from typing import Any

import pytest
from command_line import ROOT, process
from embedders import IdeasEmbedder
from openai_server import Answer, openai_server

RANK = (str(ROOT / "scripts" / "train_ranking.py"),)
WEIGHTS = ROOT / "graphmem" / "rank" / "weights_messages.py"


def conversation(name: str, things: list[str]) -> dict[str, object]:
    """Two people who talk about things, each thing asked for once."""
    turns, questions = [], []
    for i, thing in enumerate(things):
        turns.append({"speaker": "Ana", "dia_id": f"D1:{2 * i}", "text": f"What did you do with the {thing}?"})
        turns.append(
            {"speaker": "Ben", "dia_id": f"D1:{2 * i + 1}", "text": f"The {thing} I gave away, and number {i}."}
        )
        questions.append(
            {"question": f"What did Ben do with the {thing}?", "category": 4, "evidence": [f"D1:{2 * i + 1}"]}
        )
    questions.append({"question": "What did nobody say?", "category": 5, "evidence": ["D1:1"]})
    talk = {"session_1": turns, "session_1_date_time": "1:56 pm on 8 May, 2023"}
    return {"sample_id": name, "conversation": talk, "qa": questions}


def test_it_prints_recall_and_weights_and_leaves_the_table_alone(tmp_path: Path) -> None:
    data = tmp_path / "talks.json"
    talks = [conversation("a", ["kite", "lamp", "rope"]), conversation("b", ["drum", "vase", "coat"])]
    data.write_text(json.dumps(talks))
    before = WEIGHTS.read_bytes()
    done = process(str(data), "--ablate", script=RANK)
    lines = {line.split("  ")[0]: line.split()[-1] for line in done.stdout.splitlines()}
    assert lines["all of them"] == "100.0"
    assert {"without speakers", "without day", "near", "named", "day"} <= set(lines)
    assert process(str(data), "--ablate", script=RANK).stdout == done.stdout
    assert WEIGHTS.read_bytes() == before


def test_there_are_weights_with_and_without_meaning_and_an_embedder_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ideas = IdeasEmbedder()

    def script(body: dict[str, Any]) -> Answer:
        data = [{"index": i, "embedding": ideas.vector(text)} for i, text in enumerate(body["input"])]
        return Answer(body={"object": "list", "model": body["model"], "data": data})

    data = tmp_path / "talks.json"
    data.write_text(json.dumps([conversation("a", ["kite", "lamp"]), conversation("b", ["drum", "vase"])]))
    printed = {}
    with openai_server(script=script) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        for meaning in ("rerank", "none", "openai:ideas"):
            done = process(str(data), "--meaning", meaning, script=RANK)
            printed[meaning] = {line.split("  ")[0]: line.split()[-1] for line in done.stdout.splitlines()}
            assert {"as they are", "all of them", "near"} <= set(printed[meaning])
    assert [meaning for meaning, lines in printed.items() if "similar" in lines] == ["rerank", "openai:ideas"]
    asked = {text for request in server.requests for text in request["input"]}
    assert {"What did you do with the kite?", "What did Ben do with the drum?"} <= asked
    for wrong in (("--meaning", "word2vec"), ("--meaning", "openai:ideas", "--write")):
        done = process(str(data), *wrong, script=RANK)
        assert done.returncode in (1, 2)
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("meaning", "table"), [("none", "WEIGHTS"), ("rerank", "WEIGHTS_WITH_MEANING")])
def test_written_weights_take_their_table_and_leave_the_rest(tmp_path: Path, meaning: str, table: str) -> None:
    for folder in ("graphmem", "extraction", "scripts"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("training", "__pycache__"))
    data = tmp_path / "talks.json"
    data.write_text(json.dumps([conversation("a", ["kite", "lamp"]), conversation("b", ["drum", "vase"])]))
    source = tmp_path / "graphmem/rank/weights_messages.py"
    before = runpy.run_path(str(source))
    done = process(str(data), "--meaning", meaning, "--write", script=(str(tmp_path / "scripts/train_ranking.py"),))
    after = runpy.run_path(str(source))
    (changed,) = (name for name in ("WEIGHTS", "WEIGHTS_WITH_MEANING") if after[name] != before[name])
    assert changed == table
    assert list(after[table]) == list(before[table])
    printed = {line.split()[0]: float(line.split()[-1]) for line in done.stdout.splitlines()[3:]}
    assert after[table] == printed
    assert (after["FACT"], after["GROUPS"]) == (before["FACT"], before["GROUPS"])


def test_what_is_no_such_data_is_refused_in_one_line(tmp_path: Path) -> None:
    data = tmp_path / "talks.json"
    for text, complaint in (
        ("{", "is not in LoCoMo's format"),
        ('[{"sample_id": "a"}]', "is not in LoCoMo's format"),
        (json.dumps([conversation("a", ["kite"])]), "fewer than two conversations"),
    ):
        data.write_text(text)
        done = process(str(data), script=RANK)
        assert done.returncode == 1
        assert complaint in done.stderr
        assert done.stderr.count("\n") == 1
