"""The thirty questions of docs/cookbook.md have the answers that it shows, on both stores."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from graphmem import MemLayer, MemLayerConfig
from graphmem.transcripts import Transcript

PAGE = (Path(__file__).parents[2] / "docs" / "cookbook.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^(\d+)\. (.+?)\n\n```cypher\n(.*?)```\n```json\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)


def test_there_are_thirty_numbered_in_their_order() -> None:
    assert [int(number) for number, *_ in QUESTIONS] == list(range(1, 31))
    assert PAGE.count("```cypher") == 30


async def test_every_question_has_its_answer(store_config: MemLayerConfig, unique: str) -> None:
    """On the memory of ``graphmem demo``, under names that no other test has; the answers are compared without these."""
    user = f"maya{unique}"
    async with MemLayer(replace(store_config, extractor="local", summarizer="none")) as memory:
        for exchange in Transcript(str(files("graphmem") / "data" / "demo.jsonl"), user_id=user).exchanges():
            await memory.store(f"{exchange.session_id}{unique}", exchange.interaction(), user_id=user)
        for number, question, query, answer in QUESTIONS:
            rows = await memory.cypher(query, user_id=user)
            told = json.dumps(rows, default=_text, ensure_ascii=False).replace(unique, "")
            assert json.loads(told) == json.loads(answer), f"{number}. {question}"


def _text(value: Any) -> str:
    assert isinstance(value, date)
    return value.isoformat()
