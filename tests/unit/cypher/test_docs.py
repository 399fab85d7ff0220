"""The examples of docs/cypher.md give the answers that it shows."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cypher_memory import ana

from graphmem.cypher import Projection, run
from graphmem.errors import CypherError

PAGE = (Path(__file__).parents[3] / "docs" / "cypher.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```cypher\n(.*?)```\n```json\n(.*?)```", PAGE, re.DOTALL)
PARAMETERS = {"since": "2024-06-01"}

REFUSED = [
    "MATCH (u:User) RETURN COLLECT { MATCH (u)-->(x) RETURN x.name } AS names",
    "MATCH (e:Entity&!Thing) RETURN e.name",
    "MATCH (x:Entity WHERE x.name = 'Ana') RETURN x.name",
    "MATCH (f:Fact) RETURN count(*) > 1 AND true AS x",
    "RETURN nullIf(1, 1) AS x",
    "MATCH (é:User) RETURN é.name AS name",
]

OTHERWISE = [
    ("RETURN duration.between(date('2024-01-01'), date('2024-03-05')).days AS x", 64),
    ("RETURN toString(datetime('2024-02-29T10:00:00Z')) AS x", "2024-02-29T10:00Z"),
    ("RETURN datetime('2024-02-29T10:00:00+01:00') = datetime('2024-02-29T09:00:00Z') AS x", True),
    ("RETURN date('2024-02-29') = datetime('2024-02-29T00:00:00Z') AS x", True),
    ("RETURN round(-2.5) AS x", -3.0),
    ("WITH {a: 1} AS m RETURN m {.a} AS x", None),
    ("RETURN toUpper(1) AS x", None),
    ("WITH '[\"Oslo\"]' AS t RETURN t = 'Oslo' AS x", True),
]


@pytest.fixture(scope="module")
def projection() -> Projection:
    """The memory that the page speaks of."""
    return Projection([ana("ana")])


def test_the_page_has_its_examples() -> None:
    assert len(EXAMPLES) == 10


@pytest.mark.parametrize(("query", "answer"), EXAMPLES)
def test_an_example_gives_its_answer(projection: Projection, query: str, answer: str) -> None:
    rows = run(projection, query, PARAMETERS)
    assert json.loads(json.dumps(rows, default=_text)) == json.loads(answer)


@pytest.mark.parametrize("query", REFUSED)
def test_what_the_page_says_is_refused_is(projection: Projection, query: str) -> None:
    with pytest.raises(CypherError, match="at line 1, column"):
        run(projection, query)


@pytest.mark.parametrize(("query", "answer"), OTHERWISE)
def test_what_the_page_says_is_otherwise_is(projection: Projection, query: str, answer: Any) -> None:
    """Should the engine learn these, the page has to be shortened."""
    assert run(projection, query) == [{"x": answer}]


def _text(value: Any) -> str:
    assert isinstance(value, date)
    return value.isoformat()
