"""Cypher for vectors. Each is a node of its own, ``(:Embedding {key, owner, kind, at, model, size, vector})``, with the key of its
message or the id of its fact, so that whoever looks at messages and facts does not meet hundreds of numbers.

The search is exact and within the user: an index over the vectors of all users would find the nearest of everybody, among which
one of many users has none.
"""

from __future__ import annotations

from graphmem.stores.neo4j.fragments import ENTITY, FACT, FACT_FIELDS, MESSAGE, MESSAGE_FIELDS
from graphmem.stores.neo4j.queries import RECALL

_FITS = "e.model = $model AND ($size = 0 OR e.size = $size)"
_BARE_MESSAGE = f"NOT EXISTS {{ MATCH (e:Embedding {{key: m.key}}) WHERE {_FITS} RETURN e }}"
_BARE_FACT = f"NOT EXISTS {{ MATCH (e:Embedding {{key: f.id}}) WHERE {_FITS} RETURN e }}"

MESSAGES_WITHOUT_VECTOR = f"""
MATCH (u:User {{key: $owner}}) WHERE NOT u:Forgetting
MATCH (m:Message) WHERE m.owner = u.key AND m.at >= $since AND m.at <= $until AND {_BARE_MESSAGE}
WITH m ORDER BY m.owner DESC, m.at DESC LIMIT $limit
RETURN m.session_id AS session_id, m.id AS id, m.text AS text, m.at AS at
"""
FACTS_WITHOUT_VECTOR = f"""
MATCH (u:User {{key: $owner}}) WHERE NOT u:Forgetting
MATCH (f:Fact) WHERE f.owner = u.key AND f.predicate >= '' AND {_BARE_FACT}
WITH f ORDER BY f.recorded_at DESC LIMIT $limit
RETURN null AS session_id, f.id AS id, f.text AS text, f.recorded_at AS at
"""
USERS_WITHOUT_VECTOR = f"""
MATCH (u:User) WHERE NOT u:Forgetting AND (
  EXISTS {{ MATCH (m:Message) WHERE m.owner = u.key AND m.at >= $since AND {_BARE_MESSAGE} RETURN m }}
  OR EXISTS {{ MATCH (f:Fact) WHERE f.owner = u.key AND f.predicate >= '' AND {_BARE_FACT} RETURN f }}
)
RETURN u.user_id AS user_id
"""


def _keep(kind: str, found: str, at: str) -> str:
    return f"""
MATCH (u:User {{key: $owner}}) WHERE NOT u:Forgetting
SET u.lock = true
WITH u
UNWIND $vectors AS new
MATCH {found} WHERE n.owner = u.key AND n.text = new.text
MERGE (e:Embedding {{key: new.key}})
SET e.owner = u.key, e.kind = '{kind}', e.at = {at}, e.model = $model, e.size = $size
WITH e, new
CALL db.create.setNodeVectorProperty(e, 'vector', new.vector)
RETURN count(*) AS kept
"""


KEEP_MESSAGE_VECTORS = _keep("message", "(n:Message {key: new.key})", "n.at")
KEEP_FACT_VECTORS = _keep("fact", "(n:Fact {id: new.key})", "n.recorded_at")

KEEP_SHORT_VECTORS = """
MATCH (u:User {key: $owner}) WHERE NOT u:Forgetting
SET u.lock = true
WITH u
UNWIND $vectors AS new
MATCH (m:Message {key: new.key}) WHERE m.owner = u.key AND m.text = new.text
SET m.short_vector = new.vector
RETURN count(*) AS kept
"""

_KEYED_MESSAGE = MESSAGE_FIELDS.removesuffix("]") + ", m.key]"
"""The key comes last."""


def _nearest(kind: str, since: str, most: str) -> str:
    """The keys of the nearest, best first, and average, spread and number of what was compared. The server's cosine is of 0 to 1."""
    return f"""
    MATCH (u:Entity {{id: user}}) WHERE probe IS NOT NULL
    MATCH (e:Embedding) WHERE e.owner = u.key AND e.kind = '{kind}' AND e.at >= {since}
    WITH e, probe ORDER BY e.owner DESC, e.kind DESC, e.at DESC LIMIT $compared
    WHERE e.model = $model AND e.size = $size
    WITH e.key AS key, 2.0 * vector.similarity.cosine(e.vector, probe) - 1.0 AS cosine ORDER BY cosine DESC
    RETURN collect(key)[..{most}] AS {kind}_keys, [avg(cosine), stDevP(cosine), count(*)] AS of_{kind}s
    """


def _cosines(packed: str, key: str, name: str) -> str:
    """The cosines of packed messages or facts by key."""
    return f"""
    UNWIND {packed} AS packed
    WITH DISTINCT packed[{key}] AS key
    MATCH (e:Embedding {{key: key}}) WHERE e.model = $model AND e.size = $size AND probe IS NOT NULL
    RETURN collect([key, 2.0 * vector.similarity.cosine(e.vector, probe) - 1.0]) AS {name}
    """


SIMILAR_RECALL = f"""
CALL () {{{RECALL.replace(MESSAGE, _KEYED_MESSAGE).replace(FACT, FACT_FIELDS)}}}
CALL (user, newest, matches, facts) {{
  CALL () {{
    MATCH (m:Message)
    WHERE $asked AND m.session_key = $session_key AND m.seq >= 0 AND m.role = 'user' AND m.at >= $not_before
    WITH m ORDER BY m.session_key DESC, m.seq DESC LIMIT 1
    MATCH (e:Embedding {{key: m.key}}) WHERE e.model = $model AND e.size = $size
    RETURN collect(e.vector)[0] AS asked_vector
  }}
  WITH coalesce($vector, asked_vector) AS probe
  CALL (user, probe) {{{_nearest("message", "$not_before", "$similar_messages")}}}
  CALL (user, probe) {{{_nearest("fact", "''", "$similar_facts")}}}
  CALL (message_keys) {{
    UNWIND message_keys AS key
    MATCH (m:Message {{key: key}})
    RETURN collect(m) AS nearest
  }}
  CALL (nearest) {{
    UNWIND nearest[..$similar_neighbours] AS found
    UNWIND range(found.seq - $reach, found.seq + $reach) AS seq
    MATCH (m:Message {{session_key: found.session_key, seq: seq}})
    WHERE m.at >= $not_before
    RETURN collect(m) AS around_nearest
  }}
  CALL (nearest, around_nearest) {{
    UNWIND nearest + around_nearest AS m
    WITH DISTINCT m
    RETURN collect({_KEYED_MESSAGE}) AS similar
  }}
  CALL (fact_keys) {{
    UNWIND fact_keys AS key
    MATCH (f:Fact {{id: key}})
    RETURN collect(f) AS similar_nodes
  }}
  CALL (similar_nodes) {{
    UNWIND similar_nodes AS f
    MATCH (f)-[:SUBJECT|OBJECT]->(e:Entity)
    WITH DISTINCT e
    RETURN collect({ENTITY}) AS similar_ends
  }}
  WITH probe, of_messages, of_facts, similar, similar_ends, [f IN similar_nodes | {FACT_FIELDS}] AS similar_facts
  CALL (newest, matches, similar, probe) {{{_cosines("newest + matches + similar", "-1", "message_cosines")}}}
  CALL (facts, similar_facts, probe) {{{_cosines("facts + similar_facts", "0", "fact_cosines")}}}
  RETURN similar, similar_facts, similar_ends, of_messages, of_facts, message_cosines, fact_cosines
}}
RETURN *
"""
"""What `queries.RECALL` brings, whose messages have their keys with them, and with it what is near by meaning; still one query."""
