"""The guard against generated queries: writing is refused however it is spelt, reading passes whatever words are in it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmem.cypher import check_read_only
from graphmem.cypher.tokens import Kind, tokenize, without_comments
from graphmem.errors import CypherError, CypherNotAllowed

WORDS = "CREATE MERGE SET DELETE DETACH REMOVE FOREACH LOAD CALL DROP SHOW USE INSERT GRANT ALTER EXPLAIN".split()
WRITES = (
    "CREATE (x)",
    "MERGE (x:Person {id: 1})",
    "SET n.name = 'x'",
    "SET n += {a: 1}",
    "SET n:Label",
    "DELETE n",
    "DETACH DELETE n",
    "NODETACH DELETE n",
    "REMOVE n.name",
    "FOREACH (x IN [1] | CREATE (y))",
    "INSERT (x)",
    "CALL db.labels() YIELD label",
    "CALL apoc.periodic.iterate('a', 'b', {})",
    "CALL { CREATE (x) }",
    "CALL (n) { SET n.x = 1 }",
    "CALL (n) { RETURN 1 AS y } IN TRANSACTIONS",
    "LOAD CSV FROM 'file:///x' AS line",
    "LOAD CSV WITH HEADERS FROM $url AS line",
)
BEFORE = (
    "MATCH (n)",
    "MATCH (n) WHERE n.x = 1 OR n.y IN [1, 2]",
    "OPTIONAL MATCH (n)-[r:LIKES*1..2]->(m {a: 'b'})",
    "MATCH (n) WITH n",
    "MATCH (n) WITH DISTINCT n AS n ORDER BY n.x DESC SKIP 1 LIMIT 2",
    "MATCH (n) UNWIND [1, 2] AS i",
    "MATCH (n) WITH n, CASE WHEN n.x THEN 1 ELSE 2 END AS c",
    "MATCH (n) CALL (n) { RETURN 1 AS z }",
    "MATCH (n) WHERE EXISTS { (n)-->() } AND n.x IS NOT NULL",
    "MATCH (n) WHERE n.name STARTS WITH 'a' AND n:Person",
    "MATCH (n) WITH n, [x IN [1] | x][0] AS y",
    "MATCH (n) WITH n {.name} AS m, n",
)
AFTER = ("", " RETURN n", " WITH n RETURN n.name", " // the end", ";")

comment = st.one_of(
    st.text(alphabet="abc'\"`{([ -*\t", max_size=8).map(lambda t: f"/*{t.replace('*/', '')}*/".replace("/*/", "/* /")),
    st.text(alphabet="abc'\"`{([ */", max_size=8).map(lambda t: f"//{t}\n"),
    st.sampled_from([" ", "\n", "\t", "\r\n", "  "]),
)


@st.composite
def disguised(draw: st.DrawFn, text: str) -> str:
    """The same tokens with other case in keywords and other spaces and comments between them."""
    parts: list[str] = []
    at = 0
    for token in tokenize(text)[:-1]:
        if token.start > at:
            parts += [" ", draw(comment)]
        word = text[token.start : token.end]
        if token.kind is Kind.WORD and token.upper in WORDS:
            word = "".join(c.lower() if draw(st.booleans()) else c for c in word)
        parts.append(word)
        at = token.end
    return "".join(parts)


@given(st.data(), st.sampled_from(BEFORE), st.sampled_from(WRITES), st.sampled_from(AFTER))
def test_a_write_is_refused_in_any_case_and_between_any_comments(
    data: st.DataObject, before: str, write: str, after: str
) -> None:
    query = f"{before}{data.draw(comment)} {data.draw(disguised(write))}{after}"
    with pytest.raises(CypherNotAllowed):
        check_read_only(query)


@given(st.sampled_from(BEFORE), st.sampled_from(WRITES), st.data())
def test_a_write_with_unicode_escapes_for_letters_is_refused(before: str, write: str, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from([i for i, c in enumerate(write) if c.isalpha()]))
    query = f"{before} {write[:at]}\\u{ord(write[at]):04x}{write[at + 1 :]}"
    with pytest.raises(CypherNotAllowed):
        check_read_only(query)


@given(st.sampled_from("'\"`\n\r\\"), st.sampled_from(["'", '"', "`", "/*", "//"]), st.integers(1, 3))
def test_an_escape_that_could_end_a_string_name_or_comment_is_refused(ender: str, opened: str, us: int) -> None:
    closed = {"/*": "*/", "//": "\n"}.get(opened, opened)
    query = f"MATCH (n) RETURN 1 AS x, {opened}a\\{'u' * us}{ord(ender):04X} DELETE n //{closed}"
    with pytest.raises(CypherNotAllowed):
        check_read_only(query)


@given(st.text(max_size=20))
def test_a_write_after_any_string_is_still_seen(text: str) -> None:
    """Whatever a string holds, what follows it is judged."""
    quoted = "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    with pytest.raises(CypherError):
        check_read_only(f"MATCH (n) WHERE n.x = {quoted} DELETE n RETURN 1 AS x")


@given(st.text(max_size=20).filter(lambda t: "\\u" not in t))
def test_a_write_after_any_quoted_name_is_still_seen(text: str) -> None:
    with pytest.raises(CypherError):
        check_read_only(f"MATCH (`{text.replace('`', '``')}`) DELETE n RETURN 1 AS x")


@given(st.sampled_from(WORDS), st.booleans(), st.data())
def test_the_words_of_writing_are_free_as_names_and_in_texts(word: str, lower: bool, data: st.DataObject) -> None:
    word = word.lower() if lower else word
    query = data.draw(
        st.sampled_from(
            [
                f"MATCH (n) WHERE n.{word} = 1 RETURN n.{word} AS x",
                f"MATCH (n:{word})-[r:{word}|LIKES*1..2]->(m:Person&{word}) RETURN m",
                f"MATCH (n) RETURN '{word} (n)' AS x, \"{word}\" AS y",
                f"MATCH (n) /* {word} (m) */ RETURN n // {word} n",
                f"MATCH (n) RETURN {{{word}: 1, b: {{{word}: n.x}}}} AS x, n {{.{word}, {word}: 2}} AS y",
                f"MATCH (n {{{word}: 1}}) RETURN n",
                f"MATCH ({word}) RETURN {word}.name, [{word}], ({word})",
                f"MATCH ({word})-[r]->(m) WHERE {word}.x > 1 AND m.y = {word}.y RETURN m AS {word} ORDER BY {word}",
                f"MATCH (n) RETURN ${word} AS x, n.x + $`{word}` AS y",
                f"MATCH (`{word}`) RETURN `{word}`",
                f"MATCH (n) RETURN [{word} IN [1, 2] WHERE {word} > 1 | {word} + 1] AS x",
                f"MATCH (n) WITH n AS {word} RETURN {word}",
                f"UNWIND [1] AS {word} WITH {word}, 1 AS b RETURN {word}, b",
            ]
        )
    )
    check_read_only(query)


PIECES = (*"(){}[]'\"`\\/*;:.,|$-> \n", "MATCH ", "RETURN ", "CREATE ", "n", "u0041", "CALL ", "AS ", "1", "IN ")


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_is_judged_without_another_error(text: str) -> None:
    with suppress(CypherError):
        check_read_only(text)


@given(st.text(max_size=40))
def test_taking_comments_out_keeps_every_token_in_its_place(text: str) -> None:
    try:
        tokens = tokenize(text)
    except CypherError:
        return
    bare = without_comments(text, tokens)
    assert len(bare) == len(text)
    assert tokenize(bare) == tokens
