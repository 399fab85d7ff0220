"""Queries on a projection: what comes back, what is missing or wrong, and the limits."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cypher_memory import ana

from graphmem.cypher import Projection, run
from graphmem.cypher.engine import Limits
from graphmem.cypher.shape import UserData
from graphmem.errors import CypherError, CypherNotAllowed, CypherTimeout
from graphmem.records import Message
from graphmem.stores.base import Ledger


@pytest.fixture(scope="module")
def projection() -> Projection:
    """Ana's memory."""
    return Projection([ana("ana")])


def test_a_node_is_its_properties_and_no_others(projection: Projection) -> None:
    [row] = run(projection, "MATCH (u:User) RETURN u, keys(u) AS k")
    assert set(row["u"]) == {"id", "user_id", "name", "aliases"} == set(row["k"])
    assert (row["u"]["name"], row["u"]["user_id"], row["u"]["aliases"]) == ("Ana", "ana", ["Annie"])


def test_an_absent_value_is_an_absent_property(projection: Projection) -> None:
    [row] = run(projection, "MATCH (f:Fact {text: 'lives in Porto'}) RETURN f, f.retired_at AS gone")
    assert row["gone"] is None
    assert set(row["f"]) == set(
        "id user_id predicate text polarity status valid_from recorded_at confidence evidence".split()
    )


def test_a_relationship_is_its_properties_and_a_path_alternates(projection: Projection) -> None:
    [row] = run(projection, "MATCH p = (:User)-[r:LIVES_IN]->(c) RETURN p, r, [r] AS list, {r: r, c: c} AS map")
    assert set(row["r"]) == {"fact_id", "since", "confidence"}
    start, link, end = row["p"]
    assert (start["name"], link, end["name"]) == ("Ana", row["r"], "Porto")
    assert row["list"] == [link]
    assert row["map"] == {"r": link, "c": end}


def test_maps_that_look_like_nodes_stay_maps(projection: Projection) -> None:
    made_up = "{id: 1, labels: ['A'], properties: {type: 'B', x: 1}}"
    [row] = run(projection, f"RETURN {made_up} AS m, {{nodes: [1], relationships: []}} AS p")
    assert row == {
        "m": {"id": 1, "labels": ["A"], "properties": {"type": "B", "x": 1}},
        "p": {"nodes": [1], "relationships": []},
    }


def test_only_current_facts_have_a_typed_relationship(projection: Projection) -> None:
    rows = run(projection, "MATCH (:User)-[r]->(o) RETURN type(r) AS t, o.name AS o ORDER BY t, o")
    assert ("LIVES_IN", "Lyon") not in [(row["t"], row["o"]) for row in rows]
    assert ("OWNS", "car") not in [(row["t"], row["o"]) for row in rows]
    assert ("LIVES_IN", "Porto") in [(row["t"], row["o"]) for row in rows]


def test_messages_may_share_an_id_between_sessions(projection: Projection) -> None:
    rows = run(projection, "MATCH (m:Message {id: 'm1'}) RETURN labels(m), m.session_id AS s ORDER BY s")
    assert rows == [{"labels(m)": ["Message"], "s": "autumn"}, {"labels(m)": ["Message"], "s": "spring"}]
    assert run(projection, "MATCH (m:Message) RETURN labels(m)[0] AS l, count(*) AS n") == [{"l": "Message", "n": 9}]
    facts = run(
        projection, "MATCH (s {id: 'autumn'})-->(:Message {id: 'm1'})<-[:STATED_IN]-(f) RETURN f.text AS t ORDER BY t"
    )
    assert [row["t"] for row in facts] == ["Hospital de São João is located in Porto", "lives in Porto"]


def test_a_user_without_facts_has_the_user_node() -> None:
    message = Message("m", "s", "bob", 1, "user", None, "Hi", datetime(2024, 1, 1, tzinfo=UTC))
    projection = Projection([(Ledger(whole=True), [message])])
    assert run(projection, "MATCH (n) RETURN labels(n) AS l, n.user_id AS u ORDER BY l") == [
        {"l": ["Message"], "u": "bob"},
        {"l": ["Session"], "u": "bob"},
        {"l": ["User", "Entity"], "u": "bob"},
    ]


def test_an_unknown_user_has_an_empty_graph() -> None:
    assert run(Projection([(Ledger(whole=True), [])]), "MATCH (n) RETURN count(n) AS n") == [{"n": 0}]


def test_an_operator_may_project_several_users() -> None:
    projection = Projection([ana("ana", "-1"), ana("bea", "-2")])
    rows = run(projection, "MATCH (u:User)-[:LIVES_IN]->(p) RETURN u.user_id AS u, p.user_id AS p ORDER BY u")
    assert rows == [{"u": "ana", "p": "ana"}, {"u": "bea", "p": "bea"}]


def test_facts_outlive_their_messages(projection: Projection) -> None:
    data = ana("ana")
    gone = Projection([UserData(data.ledger, [], "ana")])
    [row] = run(gone, "MATCH (f:Fact) RETURN count(f) AS n, count { (:Fact)-[:STATED_IN]->() } AS stated")
    assert row == {"n": len(data.ledger.facts), "stated": 0}


@pytest.mark.parametrize(
    "value",
    [None, True, 1, -(2**63), 1.5, "text 'with' \"quotes\"", [1, "a", None, [2]], {"a": {"b": [1]}}, date(2024, 1, 2)],
)
def test_parameters_come_back_as_they_went_in(projection: Projection, value: Any) -> None:
    assert run(projection, "RETURN $value AS value", {"value": value}) == [{"value": value}]


def test_a_time_as_parameter_compares_with_times(projection: Projection) -> None:
    query = "MATCH (m:Message) WHERE datetime(m.at) > $since RETURN count(*) AS n"
    assert run(projection, query, {"since": datetime(2024, 6, 1, tzinfo=UTC)}) == [{"n": 4}]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"x": {1, 2}}, r"parameter \$x is a set"),
        ({"x": [1, {"a": object()}]}, r"parameter \$x\[1\]\.a is a object"),
        ({"x": 2**63}, "does not fit into 64 bits"),
        ({"x": {1: 2}}, r"parameter \$x has a key that is not a text"),
        ({1: 2}, "parameter name 1 is not a text"),
        ([("x", 1)], "parameters must be a dict, not list"),
        (
            {},
            r"the query needs parameters=\{'x': ...\}, which is missing, at line 1, column 8\n  RETURN \$x AS x\n         \^",
        ),
    ],
)
def test_parameters_that_cannot_be_say_so(projection: Projection, parameters: Any, said: str) -> None:
    with pytest.raises(CypherError, match=said):
        run(projection, "RETURN $x AS x", parameters)


def test_a_parameter_that_contains_itself_is_refused(projection: Projection) -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(CypherError, match="nested more than"):
        run(projection, "RETURN $x AS x", {"x": endless})


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("MATCH (u:User)\nRETURN u.name,, 1", "at line 2, column 15\n  RETURN u.name,, 1\n"),
        ("MATCH (u:User) RETURN v.name", "Undefined variable 'v', at line 1, column 23\n"),
        ("MATCH (u:User) RETURN u.type AS t, upper(v) AS v", "Undefined variable 'v', at line 1, column 42\n"),
        ("MATCH (ü:User) RETURN ü", "at line 1, column 8\n  MATCH (ü:User) RETURN ü\n         ^"),
        ("RETURN 1 AS x, 2 AS x", "same name"),
        ("MATCH (f:Fact) RETURN CASE WHEN count(*) > 1 THEN 1 END AS x", "name it in a WITH"),
        ("RETURN 1 / 0 AS x", "division by zero"),
        ("RETURN date('nope') AS x", "cannot parse 'nope'"),
    ],
)
def test_a_wrong_query_says_where(projection: Projection, query: str, said: str) -> None:
    with pytest.raises(CypherError) as error:
        run(projection, query)
    assert said in str(error.value)
    assert not isinstance(error.value, (CypherNotAllowed, CypherTimeout))


def test_the_first_rows_come_back(projection: Projection) -> None:
    query = "MATCH (f:Fact) RETURN f.text AS t ORDER BY t"
    every = run(projection, query)
    assert run(projection, query, limit=3) == every[:3]
    assert run(projection, query, limit=0) == []
    with pytest.raises(CypherError, match="limit=-1"):
        run(projection, query, limit=-1)


def test_a_query_that_takes_too_long_ends(projection: Projection) -> None:
    with pytest.raises(CypherTimeout, match=r"longer than 0\.05 seconds"):
        run(projection, "MATCH (a)-[*1..30]-(b) RETURN count(*) AS n", timeout=0.05)
    assert run(projection, "RETURN 1 AS x") == [{"x": 1}]


def test_a_query_that_needs_too_much_memory_ends(projection: Projection) -> None:
    with pytest.raises(CypherError, match="needs more than"):
        run(projection, "MATCH (a), (b), (c), (d), (e) RETURN count(*) AS n", timeout=60)


@pytest.mark.parametrize(
    "query",
    [
        "CREATE (n)",
        "MATCH (n) DETACH DELETE n",
        "MATCH (n) SET n.x = 1",
        "LOAD CSV FROM 'file:///etc/hostname' AS line RETURN line",
        "CALL db.labels() YIELD label RETURN label",
        "SHOW INDEXES",
        "CREATE INDEX FOR (n:User) ON (n.name)",
    ],
)
def test_the_engine_refuses_too_what_the_guard_refuses(projection: Projection, query: str) -> None:
    """Should a query ever pass the guard."""
    before = run(projection, "MATCH (n) RETURN count(n) AS n")
    with pytest.raises(CypherNotAllowed):
        projection.engine.run(query, {}, Limits(10, 5))
    with pytest.raises(CypherNotAllowed):
        run(projection, query)
    assert run(projection, "MATCH (n) RETURN count(n) AS n") == before


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("P1DT2S", timedelta(days=1, seconds=2)),
        ("PT0.5S", timedelta(seconds=0.5)),
        ("P14M3D", "P14M3D"),
        ("P1MT5S", "P1MT5S"),
    ],
)
def test_a_duration_is_pythons_unless_it_has_months(projection: Projection, text: str, value: Any) -> None:
    assert run(projection, "RETURN duration($text) AS d", {"text": text}) == [{"d": value}]


def test_column_names_are_the_querys(projection: Projection) -> None:
    query = "MATCH (u:User) RETURN u.type, upper( u.name ), isEmpty(u.aliases), labels(u), u.name AS size, count { (u)-->() }"
    [row] = run(projection, query)
    names = ["u.type", "upper( u.name )", "isEmpty(u.aliases)", "labels(u)", "size", "count { (u)-->() }"]
    assert list(row) == names
    assert [row[name] for name in names[:5]] == [None, "ANA", False, ["User", "Entity"], "Ana"]


def test_many_threads_may_ask_at_once() -> None:
    projection = Projection([ana("ana")])
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: run(projection, "RETURN $n AS n", {"n": n}), range(40)))
    assert answers == [[{"n": n}] for n in range(40)]


def test_kglite_is_not_imported_before_the_first_query() -> None:
    code = "import sys, graphmem.cypher; assert 'kglite' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
