"""Cypher that looks at how a user is kept, and that puts right what hangs on no fact."""

from __future__ import annotations

from graphmem.stores.neo4j.schema import FACT_SEARCH, MESSAGE_SEARCH

USERS = """
MATCH (u:User) WHERE NOT u:Forgetting AND ($owner IS NULL OR u.key = $owner)
RETURN u.key AS owner, u.user_id AS user_id ORDER BY owner
"""

LOCK = "MATCH (u:User {key: $owner}) WHERE NOT u:Forgetting SET u.lock = true"

LINKS = """
MATCH (f:Fact) WHERE f.owner = $owner AND f.predicate >= ''
MATCH (f)-[r:SUBJECT|OBJECT|STATED_IN|SUPERSEDES]->(n)
RETURN f.id AS fact, type(r) AS type, CASE WHEN n:Message THEN n.key ELSE n.id END AS node
"""
PRESENT = """
MATCH (s:Entity {owner: $owner})-[r]->(o:Entity)
RETURN r.fact_id AS fact, s.id AS subject, type(r) AS type, o.id AS object
"""
MENTIONS = """
MATCH (e:Entity {owner: $owner})<-[:MENTIONS]-(m:Message)
RETURN m.key AS message, e.id AS entity
"""
NAMES = """
MATCH (e:Entity {owner: $owner})
OPTIONAL MATCH (e)<-[:NAMES]-(k:EntityKey)
RETURN e.id AS entity, collect(k.key) AS keys
"""
PROPERTIES = """
MATCH (f:Fact) WHERE f.owner = $owner AND f.predicate >= ''
RETURN f.id AS fact, properties(f) AS properties
"""
MESSAGES = """
MATCH (m:Message) WHERE m.owner = $owner AND m.at >= ''
OPTIONAL MATCH (s:Session {key: m.session_key}) WHERE s.owner = $owner
RETURN m.key AS key, m.id AS id, m.session_id AS session_id, m.session_key AS session_key, m.seq AS seq, m.text AS text,
  m.terms AS terms, COUNT { (s)-[:HAS_MESSAGE]->(m) } AS held, s.last_seq AS last_seq
"""
SESSIONS = """
MATCH (s:Session {owner: $owner}) WHERE NOT EXISTS { MATCH (m:Message) WHERE m.session_key = s.key AND m.seq >= 0 RETURN m }
RETURN s.key AS key, s.id AS id
"""
JOBS = """
MATCH (j:Job {owner: $owner}) WHERE NOT EXISTS { UNWIND j.message_keys AS key MATCH (m:Message {key: key}) RETURN m }
RETURN j.key AS key, j.id AS id
"""
VECTORS = """
MATCH (e:Embedding) WHERE e.owner = $owner AND e.kind >= '' AND e.at >= ''
  AND NOT EXISTS { MATCH (m:Message {key: e.key}) WHERE m.owner = $owner RETURN m }
  AND NOT EXISTS { MATCH (f:Fact {id: e.key}) WHERE f.owner = $owner RETURN f }
RETURN e.key AS key
"""
DELETE_VECTORS = "UNWIND $keys AS key MATCH (e:Embedding {key: key}) DELETE e"
USER = "MATCH (u:User {key: $owner}) RETURN u.message_count AS counted"
INDEXED = {
    "message": f"CALL db.index.fulltext.queryNodes('{MESSAGE_SEARCH}', $owner) YIELD node RETURN node.key AS id",
    "fact": f"CALL db.index.fulltext.queryNodes('{FACT_SEARCH}', $owner) YIELD node RETURN node.id AS id",
}

MIXED = """
MATCH (a)-[r]->(b)
WHERE a.owner IS NOT NULL AND b.owner IS NOT NULL AND a.owner <> b.owner
RETURN elementId(r) AS id, type(r) AS type
"""
LEFT_OVER = """
MATCH (n) WHERE (n:Message OR n:Fact OR n:Entity OR n:EntityKey OR n:Session OR n:PastSession OR n:Job OR n:Embedding) AND NOT n:User
  AND NOT EXISTS { MATCH (u:User {key: n.owner}) RETURN u }
RETURN elementId(n) AS id, [label IN labels(n) WHERE label <> 'Entity'][0] AS label
"""
NAMES_OF_NOBODY = """
MATCH (k:EntityKey) WHERE NOT (k)-[:NAMES]->() RETURN elementId(k) AS id
"""
DELETE_RELATIONSHIPS = "UNWIND $ids AS id MATCH ()-[r]->() WHERE elementId(r) = id DELETE r"
DELETE_NODES = "UNWIND $ids AS id MATCH (n) WHERE elementId(n) = id DETACH DELETE n"

UNTIE = """
MATCH (e:Entity {owner: $owner})
OPTIONAL MATCH (e)-[present]->(:Entity)
DELETE present
WITH DISTINCT e
OPTIONAL MATCH (e)<-[mention:MENTIONS]-()
DELETE mention
WITH DISTINCT e
OPTIONAL MATCH (e)<-[:NAMES]-(k:EntityKey)
DETACH DELETE k
"""
UNTIE_FACTS = """
MATCH (f:Fact) WHERE f.owner = $owner AND f.predicate >= ''
MATCH (f)-[r:SUBJECT|OBJECT|STATED_IN|SUPERSEDES]->()
DELETE r
"""
"""Before the ledger is written anew: everything that follows from it goes."""

DELETE_JOBS = "UNWIND $keys AS key MATCH (j:Job {key: key}) DELETE j"
EMPTY_SESSIONS = """
UNWIND $keys AS key
MATCH (s:Session {key: key})
OPTIONAL MATCH (past:PastSession {key: key})
DETACH DELETE past
WITH DISTINCT s
REMOVE s:Session
SET s = {key: s.key, id: s.id, user_id: s.user_id, owner: s.owner}, s:PastSession
"""
PLACE_MESSAGES = """
UNWIND $messages AS new
MATCH (u:User {key: $owner})
MATCH (m:Message {key: new.key})
MERGE (s:Session {key: new.session_key})
  ON CREATE SET s.id = new.session_id, s.user_id = u.user_id, s.owner = u.key, s.last_seq = 0
SET s.last_seq = CASE WHEN s.last_seq < m.seq THEN m.seq ELSE s.last_seq END, m.terms = new.terms
WITH s, m
CALL (s, m) {
  OPTIONAL MATCH (s)-[r:HAS_MESSAGE]->(m)
  WITH s, m, collect(r) AS held
  FOREACH (r IN held[1..] | DELETE r)
  FOREACH (_ IN CASE WHEN size(held) = 0 THEN [1] ELSE [] END | CREATE (s)-[:HAS_MESSAGE]->(m))
}
"""
SET_COUNT = "MATCH (u:User {key: $owner}) SET u.message_count = $count"

PENDING = """
MATCH (j:Job) WHERE ($owner IS NULL OR j.owner = $owner)
  AND EXISTS { MATCH (u:User {key: j.owner}) WHERE NOT u:Forgetting RETURN u }
WITH j ORDER BY j.created, j.session_key, j.first LIMIT $limit
CALL (j) {
  UNWIND j.message_keys AS key
  MATCH (m:Message {key: key})
  WITH m ORDER BY m.seq
  RETURN collect(m.id) AS message_ids
}
RETURN j.id AS id, j.user_id AS user_id, j.session_id AS session_id, message_ids, j.attempts AS attempts, j.error AS error,
  j.parked AS parked, j.retry_at AS retry_at, j.lease_until AS leased_until
"""
