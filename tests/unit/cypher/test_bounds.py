"""Queries that would exhaust memory or stack are refused before they run, and useful ones are not."""

from __future__ import annotations

import pytest

from graphmem.cypher import check_read_only
from graphmem.errors import CypherError, CypherNotAllowed

ENDLESS = [
    "RETURN size(reduce(s = 'a', x IN range(1, 40) | s + s)) AS x",
    "RETURN reduce(s = 'a', x IN range(1, 40) | s || s) AS x",
    "RETURN reduce(s = [1], x IN range(1, 40) | [0] + s + s) AS x",
    "RETURN reduce(s = 'a', x IN range(1, 40) | replace(s, 'a', s)) AS x",
    "RETURN reduce(l = [], x IN range(1, 100000) | [l]) AS x",
    "RETURN reduce(l = [], x IN range(1, 100000) | [1] + [l]) AS x",
    "RETURN reduce(l = {}, x IN range(1, 100000) | {a: l}) AS x",
    "RETURN reduce(l = {}, x IN range(1, 100000) | {a: {b: l.a}}) AS x",
    "RETURN reduce(l = {}, x IN range(1, 100000) | {a: [l.a]}) AS x",
    "RETURN reduce(l = [], x IN range(1, 100000) | [y IN [1] | l]) AS x",
    "RETURN reduce(a = 'x', i IN range(1, 99) | reduce(b = a, j IN range(1, 9) | b + a)) AS x",
    "RETURN reduce(`s` = 'a', x IN range(1, 40) | s + `s`) AS x",
    "WITH 'a' AS s " + "WITH s + s AS s " * 40 + "RETURN size(s) AS x",
    "WITH 'a' AS s, 'b' AS t " + "WITH s + t AS s, t + s AS t " * 40 + "RETURN size(s) AS x",
    "WITH 'aaaa' AS s " + "WITH replace(s, 'a', s) AS s " * 20 + "RETURN size(s) AS x",
    "RETURN size(replace(replace(replace('aa', 'a', $l), 'a', $l), 'a', $l)) AS x",
    "RETURN 1 AS x " + "UNION ALL RETURN 1 AS x " * 60,
    "RETURN " + "[" * 60 + "1" + "]" * 60 + " AS x",
    "CALL { " * 60 + "RETURN 1 AS x " + "} RETURN x " * 60,
    "MATCH (u) RETURN u" + ".a" * 5000 + " AS x",
]

USEFUL = [
    "RETURN reduce(n = 0, x IN [1, 2] | n + x) AS x",
    "RETURN reduce(s = '', x IN $l | CASE WHEN s = '' THEN x ELSE s + ', ' + x END) AS x",
    "RETURN reduce(m = 0, x IN $l | CASE WHEN x > m THEN x ELSE m END) AS x",
    "RETURN reduce(l = [], x IN $l | l + [x]) AS x",
    "RETURN reduce(l = [], x IN $l | l + [x + 1] + x) AS x",
    "RETURN reduce(l = [], x IN $l | CASE WHEN x IN l THEN l ELSE l + x END) AS x",
    "RETURN reduce(a = {n: 0, s: 0}, x IN $l | {n: a.n + 1, s: a.s + x}) AS x",
    "RETURN reduce(l = $l, x IN [1, 2] | l[1..]) AS x",
    "MATCH (a)-[r]->(b) WITH a.name + ' ' + type(r) + ' ' + b.name AS t WITH collect(t) AS l RETURN size(l) AS n",
    "MATCH (n) RETURN replace(replace(replace(n.text, 'a', 'b'), '  ', ' '), n.name, 'NAME') AS x, replace(n.text, n.name, $l) AS y",
    "RETURN replace() AS x",
    "MATCH (n) WHERE n.name STARTS WITH 'a' " + "WITH n " * 100 + "RETURN n",
]


@pytest.mark.parametrize("query", ENDLESS)
def test_what_grows_without_bound_is_refused(query: str) -> None:
    with pytest.raises(CypherError) as error:
        check_read_only(query)
    assert not isinstance(error.value, CypherNotAllowed)


@pytest.mark.parametrize("query", USEFUL)
def test_what_stays_small_is_not(query: str) -> None:
    check_read_only(query)
