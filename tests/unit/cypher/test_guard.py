"""The guard: what reads passes, what does anything else is refused by name and place."""

from __future__ import annotations

import pytest

from graphmem.cypher import check_read_only
from graphmem.errors import CypherError, CypherNotAllowed

READING = [
    "MATCH (n) RETURN n",
    "match (n) return n;",
    "MATCH (merge:Person)-[set:LIKES]->(:Create|Delete) WHERE merge.set = 'CREATE' RETURN merge.name AS create",
    'MATCH (n) WHERE n.`delete` = "MERGE (n)" RETURN {delete: 1, remove: n.set} AS x',
    "MATCH (n) /* CREATE (x) */ RETURN n // DELETE n",
    "MATCH (n:Person) WHERE EXISTS { (n)-[:LIKES]->(x) WHERE x.name STARTS WITH 'a' } RETURN n",
    "MATCH (n) WHERE NOT exists { MATCH (n)--(m) RETURN m } RETURN count { (n)-->() } AS c",
    "MATCH (n) RETURN COLLECT { MATCH (n)-->(m) RETURN m.name ORDER BY m.name } AS names",
    "MATCH (u) CALL (u) { MATCH (u)-->(x) RETURN count(x) AS n UNION ALL MATCH (u) RETURN 1 AS n } RETURN n SKIP 1 LIMIT 3",
    "CALL { MATCH (n) RETURN count(n) AS c } RETURN c",
    "MATCH (u) OPTIONAL CALL (u) { MATCH (u)-->(x) RETURN x } RETURN x",
    "MATCH p = (a)-[*1..3]-(b) WHERE all(x IN nodes(p) WHERE x.name IS NOT NULL) RETURN [x IN nodes(p) | x.name] AS names",
    "MATCH (n) RETURN n {.name, .set, create: 1, .*} AS m",
    "MATCH (n) WITH DISTINCT n.name AS set WITH set AS s RETURN CASE WHEN s = 'a' THEN 1 ELSE 2 END AS merge",
    "MATCH (merge) RETURN DISTINCT merge.name ORDER BY merge.name DESC",
    "UNWIND $rows AS row RETURN row.create + $delete",
    "MATCH (n) WHERE n.name =~ '(?i)a.*' XOR n:Person:Entity AND n.x IS :: STRING NOT NULL RETURN -1 + 2, [1, 2][0..1], COUNT(*)",
    "MATCH (a), (b), p = shortestPath((a)-[*..4]-(b)) RETURN p",
    "RETURN duration.between(date('2024-01-01'), date('2024-02-01')).months AS m, datetime() AS d",
    "MATCH (f:Fact) RETURN collect(DISTINCT f.text)[0..3] AS c, reduce(s = 0, x IN [1, 2] | s + x) AS t",
    "MATCH (n) WHERE (n)-[:LIKES]->(:Person) RETURN [(n)-[:LIKES]->(m) WHERE m.x > 1 | exists { (m)-->() }] AS l",
    "MATCH (:Count {name: 'x'}) RETURN 1 AS x",
    "RETURN 'it\\'s CREATE' AS s, \"\\u00e9\" AS e, '// DELETE' AS c, `x y` AS d",
    "RETURN 1.5e3 AS a, .5 AS b, 0x1F AS c, 1_000 AS d",
    "MATCH (n) RETURN n.name AS name UNION MATCH (n) RETURN n.text AS name",
    "MATCH (n) FINISH",
]

REFUSED = [
    ("CREATE (n)", "CREATE", 1),
    ("MATCH (n) SET n.x = 1", "SET", 11),
    ("MATCH (n) SET n:Label", "SET", 11),
    ("MATCH (n) DELETE n", "DELETE", 11),
    ("MATCH (n) DETACH DELETE n", "DETACH DELETE", 11),
    ("MATCH (n) NODETACH DELETE n", "NODETACH DELETE", 11),
    ("MATCH (n) /* x */ ReMoVe n.x", "REMOVE", 19),
    ("MERGE (n:X) RETURN n", "MERGE", 1),
    ("INSERT (:X)", "INSERT", 1),
    ("MATCH (n) FOREACH (x IN [1] | CREATE (m))", "FOREACH", 11),
    ("LOAD CSV FROM 'file:///etc/passwd' AS r RETURN r", "LOAD CSV", 1),
    ("LOAD/**/CSV FROM 'x' AS r RETURN r", "LOAD CSV", 1),
    ("RETURN 1 AS x UNION LOAD CSV FROM 'x' AS x RETURN x", "LOAD CSV", 21),
    ("CALL db.labels() YIELD label RETURN label", "CALL of a procedure", 1),
    ("CALL db.labels", "CALL of a procedure", 1),
    ("MATCH (n) CALL { WITH n SET n.x = 1 } RETURN n", "SET", 25),
    ("MATCH (n) CALL (n) { RETURN 1 AS x } IN TRANSACTIONS RETURN x", "IN TRANSACTIONS", 38),
    ("MATCH (n) CALL (n) { RETURN 1 AS x } IN 3 CONCURRENT TRANSACTIONS RETURN x", "IN TRANSACTIONS", 38),
    ("MATCH (n) RETURN EXISTS { CREATE (m) }", "CREATE", 27),
    ("MATCH (n) RETURN [x IN [1] | COUNT { MERGE (m) RETURN m }]", "MERGE", 38),
    ("RETURN {CREATE (n)}", "CREATE", 9),
    ("EXPLAIN MATCH (n) RETURN n", "EXPLAIN", 1),
    ("PROFILE MATCH (n) RETURN n", "PROFILE", 1),
    ("CYPHER 5 MATCH (n) RETURN n", "CYPHER", 1),
    ("USE neo4j MATCH (n) RETURN n", "USE", 1),
    ("SHOW DATABASES", "SHOW DATABASES", 1),
    ("CREATE INDEX FOR (n:X) ON (n.y)", "CREATE INDEX", 1),
    ("DROP CONSTRAINT x", "DROP CONSTRAINT", 1),
    ("GRANT ROLE a TO b", "GRANT", 1),
    ("DENY READ {*} ON GRAPH * TO x", "DENY", 1),
    ("REVOKE ROLE a FROM b", "REVOKE", 1),
    ("ALTER USER neo4j SET PASSWORD 'x'", "ALTER USER", 1),
    ("TERMINATE TRANSACTION 'x'", "TERMINATE TRANSACTION", 1),
    ("START DATABASE x", "START DATABASE", 1),
    ("MATCH (n) USING INDEX n:X(y) RETURN n", "USING", 11),
    ("MATCH (n) FILTER n.x RETURN n", "FILTER", 11),
    ("MATCH (n) RETURN n FORMAT CSV", "FORMAT", 20),
    ("FOR VALID_TIME ALL MATCH (n) RETURN n", "FOR", 1),
    ("RETURN 1 AS x INTERSECT RETURN 1 AS x", "INTERSECT", 15),
    ("RETURN 1; CREATE (n)", "a second statement", 11),
    ("WITH 1 AS as WITH as CREATE (n) RETURN n", "CREATE", 22),
    ("MATCH (not) WITH not CREATE (n)-[:X]->(m) RETURN m", "CREATE", 22),
    ("MATCH (distinct) RETURN distinct DELETE distinct", "DELETE", 34),
    ("MATCH (return) RETURN return SET return.x = 1", "SET", 30),
    ("RETURN 1CREATE (n)", "CREATE", 9),
    ("RETURN apoc.load.json('http://x') AS x", "apoc.load.json()", 8),
    ("RETURN `apoc`.`load`.json('x') AS x", "apoc.load.json()", 8),
    ("MATCH (n) WHERE apoc . load . json (n) RETURN n", "apoc.load.json()", 17),
    ("MATCH (n) RETURN [x IN [1] | gds.util.asNode(x)] AS x", "gds.util.asNode()", 30),
    ("RETURN dbms.x()", "dbms.x()", 8),
    ("RETURN `text_score`(1)", "text_score()", 8),
    ("\\u0043REATE (n)", "unicode escape", 1),
    ("RETURN '\\u0027 CREATE (n) //'", "unicode escape", 9),
    ("RETURN '\\\\u0027 CREATE (n) //'", "unicode escape", 10),
    ("MATCH (n) RETURN n // \\u000a DELETE n", "unicode escape", 23),
    ("MATCH (n) RETURN n /* \\u0041 */", "unicode escape", 23),
    ("RETURN 1 AS `\\u0041`", "unicode escapes", 13),
]

WRONG = [
    ("", "empty"),
    ("  // nothing\n", "empty"),
    ("MATCH (n) RETURN 'a", "column 18"),
    ("MATCH (n) RETURN `a", "column 18"),
    ("MATCH (n) /* RETURN n", "column 11"),
    ("MATCH (n RETURN n", "column 7"),
    ("MATCH n) RETURN n", "column 8"),
    ("MATCH (n]) RETURN n", "column 9"),
    ("MATCH (n) RETURN n\u00a0", "column 19"),
    ("MATCH (n)", "ends with RETURN"),
    ("MATCH (n) RETURN n MATCH (m)", "ends with RETURN"),
    ("OPTIONAL (n) RETURN n", "column 10"),
    ("MATCH (n) RETURN n ORDER n.x", "ORDER is followed by BY"),
]


@pytest.mark.parametrize("query", READING)
def test_reading_passes(query: str) -> None:
    check_read_only(query)


@pytest.mark.parametrize(("query", "named", "column"), REFUSED)
def test_anything_else_is_refused_by_name_and_place(query: str, named: str, column: int) -> None:
    with pytest.raises(CypherNotAllowed) as refusal:
        check_read_only(query)
    message = str(refusal.value)
    first, shown, caret = message.split("\n")
    assert named in first
    assert first.endswith(f"at line 1, column {column}")
    assert shown == f"  {query}"
    assert caret == " " * (column + 1) + "^"


@pytest.mark.parametrize(("query", "said"), WRONG)
def test_text_that_is_no_query_says_where(query: str, said: str) -> None:
    with pytest.raises(CypherError) as error:
        check_read_only(query)
    assert not isinstance(error.value, CypherNotAllowed)
    assert said in str(error.value)


def test_the_place_counts_lines() -> None:
    with pytest.raises(CypherNotAllowed, match="at line 3, column 3") as refusal:
        check_read_only("MATCH (n)\nRETURN n AS `a\n`  SET n.x = 1\nRETURN n".replace("`a\n`", "a\n"))
    assert "\n    SET n.x = 1\n    ^" in str(refusal.value)


def test_a_long_line_is_shown_around_the_place() -> None:
    query = "MATCH (n) WHERE n.name IN [" + ", ".join(["'x'"] * 200) + "] DELETE n"
    with pytest.raises(CypherNotAllowed) as refusal:
        check_read_only(query)
    _, shown, caret = str(refusal.value).split("\n")
    assert len(shown) < 110
    assert shown[caret.index("^") :].startswith("DELETE n")


def test_a_misspelt_function_gets_a_hint() -> None:
    with pytest.raises(CypherNotAllowed, match=r"did you mean toLower\(\)"):
        check_read_only("RETURN tolowr('A')")


def test_a_query_is_a_text() -> None:
    with pytest.raises(CypherError, match="not NoneType"):
        check_read_only(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("query", ["RETURN \x1b[31m", "RETURN '\ud800", "MATCH (n`\u202e", "RETURN 1 AS x, \x00"])
def test_a_message_steers_no_terminal_and_fits_into_any_log(query):
    with pytest.raises(CypherError) as refused:
        check_read_only(query)
    assert all(line.isprintable() for line in str(refused.value).split("\n"))
