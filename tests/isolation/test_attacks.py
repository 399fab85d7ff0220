"""One user attacks another's memory, with every verb, on each store: no word of it comes back, and nothing of it changes."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from isolation_scene import Scene

from graphmem.errors import CypherNotAllowed, GraphMemError, SessionOwnerError

CYPHER = [
    # everything there is, by every road
    "MATCH (n) RETURN n",
    "MATCH (n) RETURN n.name AS a, n.text AS b, n.evidence AS c, n.user_id AS d, n.id AS e",
    "MATCH (n)-[r]->(m) RETURN n, r, m, type(r) AS t, labels(n) AS l, properties(m) AS p, keys(n) AS k",
    "MATCH p = (n)-[*1..4]-(m) RETURN p LIMIT 200",
    "MATCH p = shortestPath((a:User)-[*..6]-(b:Place)) RETURN nodes(p) AS n, relationships(p) AS r",
    "MATCH p = allShortestPaths((a:User)-[*..4]-(b)) RETURN length(p) AS l, p",
    "MATCH (a), (b) RETURN a.name AS a, b.name AS b",
    "OPTIONAL MATCH (n:Message) RETURN collect(n.text) AS texts",
    "MATCH (n) RETURN n {.*} AS all, n {.name, .text, deep: [(n)--(m) | m {.*}]} AS projected",
    "MATCH (n) RETURN [(n)-->(m) | m.name] AS names, [(n)<--(m) WHERE m.text IS NOT NULL | m.text] AS texts",
    "MATCH (n) WHERE EXISTS { (n)--(m) WHERE m.name STARTS WITH '' } RETURN n",
    "MATCH (n) RETURN COUNT { (n)--() } AS c, COLLECT { MATCH (x) RETURN x.name } AS names",
    "MATCH (u:User) CALL (u) { MATCH (x) RETURN x UNION MATCH (y)--(x) RETURN x } RETURN u, x",
    "CALL { MATCH (n) RETURN n UNION ALL MATCH (n:Fact) RETURN n } RETURN n",
    "MATCH (n) RETURN n.name AS x UNION MATCH (n) RETURN n.text AS x UNION ALL MATCH (n) RETURN n.user_id AS x",
    "MATCH (n) WITH collect(n) AS all UNWIND all AS n RETURN n, size(all) AS many",
    "MATCH (n) RETURN reduce(s = '', x IN collect(n.text) | s + coalesce(x, '')) AS s",
    "MATCH (f:Fact)-[:STATED_IN]->(m:Message)<-[:HAS_MESSAGE]-(s:Session) RETURN f, m, s",
    # by what is known of the other: ids, in texts and as parameters, with wildcards and operators
    "MATCH (n {user_id: $victim}) RETURN n",
    "MATCH (n) WHERE n.user_id = $victim OR n.user_id <> $mallory RETURN n",
    "MATCH (n) WHERE n.user_id STARTS WITH 'victim' OR n.user_id =~ '.*' RETURN n",
    "MATCH (n) WHERE n.user_id CONTAINS 'victim' XOR n.user_id IN [$victim, $mallory] RETURN n",
    "MATCH (u:User) WHERE u.id = $victim RETURN u",
    "MATCH (n) WHERE elementId(n) <> '' AND id(n) >= 0 RETURN n",
    "MATCH (s:Session {id: $session})-[:HAS_MESSAGE]->(m) RETURN m.text AS text",
    "MATCH (f:Fact) WHERE f.id IN $facts RETURN f",
    "MATCH (n) WHERE n.id = $job RETURN n",
    "MATCH (n:Job) RETURN n",
    "MATCH (n:EntityKey) RETURN n",
    "MATCH (n:PastSession) RETURN n",
    "MATCH (n:`User` {`user_id`: $victim})-[:`LIVES_IN`]->(p:`Place`) RETURN p.`name` AS `name`",
    "MATCH (n) WHERE n['user_id'] = $victim RETURN n['name'] AS name, n[$key] AS value",
    "MATCH (n) WHERE n.user_id = 'v' + substring($victim, 1) RETURN n",
    "WITH {user_id: $victim} AS m MATCH (n) WHERE n.user_id = m.user_id RETURN n",
    "MATCH (n) WHERE n.user_id = '\\u0076ictim' OR n.name = \"\\u0051uetzal\" RETURN n",
    "MATCH (n) /* AND n.user_id = $mallory */ RETURN n // WHERE n.user_id = $mallory",
]
REFUSED = [
    # procedures, files, other databases, the server
    "CALL db.labels() YIELD label RETURN label",
    "CALL db.index.fulltext.queryNodes('graphmem_message_search', '*') YIELD node RETURN node",
    "CALL/**/db.propertyKeys()",
    "CALL dbms.listQueries()",
    "CALL apoc.cypher.run('MATCH (n) RETURN n', {}) YIELD value RETURN value",
    "MATCH (n) CALL apoc.path.expand(n, '', '', 0, 9) YIELD path RETURN path",
    "RETURN apoc.cypher.runFirstColumnMany('MATCH (n) RETURN n', {}) AS x",
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
    "LOAD CSV WITH HEADERS FROM $victim AS line RETURN line",
    "USE neo4j MATCH (n) RETURN n",
    "USE graph.byName('neo4j') MATCH (n) RETURN n",
    "CALL { USE neo4j MATCH (n) RETURN n } RETURN n",
    "SHOW USERS",
    "SHOW TRANSACTIONS YIELD * RETURN *",
    "SHOW INDEXES",
    "EXPLAIN MATCH (n) RETURN n",
    "PROFILE MATCH (n) RETURN n",
    "CYPHER runtime=slotted MATCH (n) RETURN n",
    "CYPHER 25 MATCH (n) RETURN n",
    "TERMINATE TRANSACTIONS 'neo4j-transaction-1'",
    # a second statement, and writing in disguise
    "MATCH (n) RETURN n; MATCH (n) DETACH DELETE n",
    "MATCH (n) RETURN n;;MATCH (m) SET m.x = 1",
    "MATCH (n {user_id: $victim}) DETACH DELETE n",
    "MATCH (n) SET n.user_id = $mallory",
    "MATCH (n) S\\u0045T n.user_id = $mallory",
    "\\u004dATCH (n) DELETE n",
    "MATCH (n) RETURN '\\u0027 DELETE n //'",
    "MATCH (n) RETURN n /* \\u002a/ DELETE n */",
    "MATCH (n) RETURN n // \\u000aDELETE n",
    "MATCH (n) RETURN 1 AS `\\u0060 DELETE n`",
    "MATCH (`n\\u0060) DELETE (n`) RETURN 1",
    "MERGE (u:User {user_id: $victim}) RETURN u",
    "MATCH (n) FOREACH (x IN [n] | SET x.y = 1)",
    "MATCH (n) CALL { WITH n DELETE n } RETURN 1 AS x",
    "MATCH (n) CALL (n) { SET n.x = 1 } IN TRANSACTIONS OF 1 ROWS RETURN n",
    "MATCH (n) RETURN EXISTS { CREATE (m) } AS x",
    "MATCH (n) RETURN COLLECT { MATCH (m) REMOVE m.name RETURN m.name } AS x",
    "CREATE FULLTEXT INDEX x FOR (n:Message) ON EACH [n.text]",
    "DROP CONSTRAINT graphmem_user IF EXISTS",
    "GRANT ROLE admin TO neo4j",
]
SEARCHES = [
    *(
        "*",
        "?",
        "%",
        "_",
        "**",
        "a*",
        "Q*",
        "Quetz*",
        "?uetzalburg",
        '"',
        '""',
        '"*"',
        "'",
        "*:*",
        "[* TO *]",
        "{* TO *}",
    ),
    *(
        "text:*",
        "owner:*",
        "user_id:*",
        "terms:*",
        "{text owner} : x",
        "text : x*",
        "-x",
        "NOT x",
        "- text : x",
        "x OR y",
    ),
    *(
        "x NOT y",
        "x AND y",
        "NEAR(x y, 99)",
        "^x",
        "x + y",
        "x ^ 9",
        "x~",
        "x~2",
        "/.*/",
        "/[a-z]+/",
        "+*",
        "!x",
        "x && y",
    ),
    *(
        "x) OR (owner:*",
        'x" OR "',
        "') OR 1=1 --",
        "\\*",
        '\\"',
        "x\x00y",
        "rank MATCH 'bm25()'",
        "SELECT * FROM messages",
    ),
    *("live", "Noted", "sister", "I", "the", "", " ", "\u202e", "ｌｉｖｅ", "live " * 500),
]
WORDS_OF_BOTH = ["live in", "Noted:", "where do I live", "my sister or brother", "What do you know about me?"]


def answer_to(scene: Scene, ask: Callable[[], object], caplog: pytest.LogCaptureFixture) -> object:
    """Ask; the answer, or the error, and what was logged hold no secret."""
    caplog.set_level(logging.INFO, logger="graphmem")
    caplog.clear()
    try:
        answer = ask()
    except GraphMemError as error:
        answer = error
    causes = (str(answer), answer.__cause__, answer.__context__) if isinstance(answer, GraphMemError) else ()
    assert scene.secrets_in((answer, causes)) == [], answer
    assert scene.secrets_in(caplog.text) == []
    return answer


def parameters(scene: Scene) -> dict[str, object]:
    return {
        "victim": scene.victim,
        "mallory": scene.mallory,
        "session": scene.session,
        "facts": [fact.id for fact in scene.facts],
        "job": scene.job,
        "key": "text",
    }


def test_the_secrets_are_there_to_be_found(scene: Scene) -> None:
    """Else nothing here would prove anything."""
    memory, who = scene.memory, scene.victim
    everything = (
        memory.messages(user_id=who),
        memory.facts(who),
        memory.pending(who),
        memory.get_context(scene.session, who, "Where do I live?"),
    )
    assert set(scene.secrets_in(everything)) == set(scene.secrets_in(list(memory.export(who)) + memory.pending(who)))
    assert len(scene.secrets_in((everything, memory.cypher("MATCH (n) RETURN n", who)))) == 8


@pytest.mark.parametrize("query", CYPHER)
def test_cypher_sees_the_asker_alone(scene: Scene, query: str, caplog: pytest.LogCaptureFixture) -> None:
    """Each query brings what it brings of one's own graph."""
    answer_to(scene, lambda: scene.memory.cypher(query, scene.mallory, parameters(scene)), caplog)


def test_cypher_shows_everything_of_ones_own(scene: Scene) -> None:
    """The control: what brings nothing of others brings all of one's own."""
    rows = scene.memory.cypher(CYPHER[0], scene.mallory)
    assert all(word in repr(rows) for word in ("Leeds", "Tom", "I live in Leeds with my brother Tom.", scene.mallory))
    assert scene.memory.cypher("MATCH (n {user_id: $victim}) RETURN n", scene.mallory, parameters(scene)) == []


@pytest.mark.parametrize("query", REFUSED)
@pytest.mark.parametrize("scope", ["user", "all"])
def test_cypher_that_does_more_than_read_the_graph_is_refused(
    scene: Scene, query: str, scope: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Before it reaches any engine, the operator's too."""
    who = scene.mallory if scope == "user" else None
    refused = answer_to(scene, lambda: scene.memory.cypher(query, who, parameters(scene), scope=scope), caplog)
    assert isinstance(refused, CypherNotAllowed), refused


@pytest.mark.parametrize("query", [*SEARCHES, *WORDS_OF_BOTH])
def test_no_search_finds_anothers_words(scene: Scene, query: str, caplog: pytest.LogCaptureFixture) -> None:
    """Search operators are words, and words find one's own."""
    memory, who = scene.memory, scene.mallory
    for kind in ("message", "fact", "any"):
        hits = answer_to(scene, lambda kind=kind: memory.search(query, who, limit=1000, kind=kind), caplog)
        assert all(hit.message.user_id == who for hit in hits if hit.message)
    answer_to(scene, lambda: (c := memory.get_context(scene.own_session, who, query), str(c)), caplog)
    answer_to(scene, lambda: memory.get_context(f"new-{who}", who, query), caplog)
    answer_to(scene, lambda: (memory.facts(who, about=query), memory.facts(who, subject=query)), caplog)


@pytest.mark.parametrize(
    "words", [*WORDS_OF_BOTH[:1], *("Quetzalburg", "Xochipilli", "Ixchelina", "passphrase", "Zyrconium")]
)
def test_who_guesses_a_word_learns_nothing_from_it(scene: Scene, words: str) -> None:
    """A search for another's very word brings what any word brings."""
    memory, who = scene.memory, scene.mallory
    if words in WORDS_OF_BOTH:
        assert memory.search(words, who)
    else:
        assert memory.search(words, who, kind="any") == memory.search("Nonexistia", who, kind="any") == []
        assert memory.facts(who, about=words) == []
        told, other = (str(memory.get_context(scene.own_session, who, word)) for word in (words, "Nonexistia"))
        assert told == other


def test_every_verb_refuses_anothers_session(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """A session has one user; what is told of it is that, and not whose it is."""
    memory, who, session = scene.memory, scene.mallory, scene.session
    attempts: list[Callable[[], object]] = [
        lambda: memory.store(session, {"input": "I live in Rome."}, user_id=who),
        lambda: memory.store(session, [{"role": "user", "content": "Hello", "id": "m0"}], user_id=who),
        lambda: memory.get_context(session, who),
        lambda: memory.messages(session, who),
        lambda: memory.forget(user_id=who, session_id=session),
        lambda: memory.forget(user_id=who, session_id=session, message_id="m0"),
        lambda: memory.load([_message(session, who, "m0"), _message(session, who, "new")]),
        lambda: memory.turn(session, who, "Hello").__enter__(),
    ]
    for attempt in attempts:
        error = answer_to(scene, attempt, caplog)
        assert isinstance(error, SessionOwnerError), attempt
        assert scene.victim not in str(error)


def test_ids_of_anothers_things_are_good_for_nothing(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """Facts and jobs are named together with their user; message ids belong to a session."""
    memory, who = scene.memory, scene.mallory
    for fact in scene.facts:
        assert answer_to(scene, lambda fact=fact: memory.forget(user_id=who, fact_id=fact.id), caplog).facts == 0
        for end in (fact.subject, fact.object):
            assert answer_to(scene, lambda end=end: memory.facts(who, about=end.id), caplog) == []
    memory.skip(scene.job, who)
    assert memory.forget(session_id=scene.own_session, message_id="m3", user_id=who).messages == 0
    assert memory.pending(who) == []
    told = answer_to(scene, lambda: (list(memory.export(who)), memory.stats(who), memory.graph(who).nodes), caplog)
    assert scene.victim not in repr(told)
    assert [found for found in memory.check(who) if found.kind == "mixed-users"] == []


def test_an_export_that_leans_on_anothers_messages_ties_nothing_to_them(scene: Scene) -> None:
    """A fact of one's own may name a message as its source that is not one's own; it is then a fact without its message."""
    memory, who = scene.memory, scene.mallory
    (record,) = [r for r in memory.export(who) if r["type"] == "fact" and r["predicate"] == "LIVES_IN"]
    said = {**record["statements"][0], "id": "forged", "session_id": scene.session, "message_id": "m0"}
    memory.load([{**record, "statements": [said]}])
    (fact,) = memory.facts(who, predicate="LIVES_IN")
    rows = memory.cypher("MATCH (f:Fact)-[:STATED_IN]->(m) RETURN m.text AS text", who)
    assert scene.secrets_in(rows) == []
    assert {f.kind for f in memory.check(who)} == {"no-message"}
    assert [f for f in memory.check() if f.kind == "mixed-users"] == []
    assert memory.forget(user_id=who, fact_id=fact.id).facts == 1
    memory.load([record])


def _message(session_id: str, user_id: str, id: str) -> dict[str, object]:
    return {
        "type": "message",
        "session_id": session_id,
        "user_id": user_id,
        "id": id,
        "role": "user",
        "name": None,
        "text": "Hello",
        "at": "2024-03-01T10:00:00Z",
    }
