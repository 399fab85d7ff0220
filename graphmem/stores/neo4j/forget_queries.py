"""Cypher that deletes: messages with what hangs on them, and whole users in portions of bounded size."""

from __future__ import annotations

SESSION_OWNER = """
OPTIONAL MATCH (s:Session {key: $session_key})
OPTIONAL MATCH (past:PastSession {key: $session_key})
RETURN s.user_id AS owner, past.user_id AS past LIMIT 1
"""

LOCK_KNOWN_USER = """
MATCH (u:User {key: $owner})
SET u.lock = true
RETURN u:Forgetting AS forgetting
"""

_CHOSEN = "WITH m LIMIT $portion RETURN m.key AS key, m.session_id AS session_id, m.id AS id"
MESSAGES_OF_SESSION = (
    f"MATCH (m:Message) WHERE m.session_key = $session_key AND m.seq >= 0 AND m.owner = $owner {_CHOSEN}"
)
ONE_MESSAGE = f"MATCH (m:Message {{key: $message_key}}) WHERE m.owner = $owner {_CHOSEN}"
EXPIRED_MESSAGES = f"MATCH (m:Message) WHERE m.owner = $owner AND m.at < $before {_CHOSEN}"
EXPIRED_MESSAGES_WHEN_READ = f"""
MATCH (m:Message) WHERE m.owner = $owner AND m.at < $before AND NOT EXISTS {{
  MATCH (j:Job {{session_key: m.session_key}}) WHERE j.first > 0 AND m.key IN j.message_keys
}} {_CHOSEN}
"""

USERS_WITH_EXPIRED_MESSAGES = """
MATCH (u:User)
WHERE NOT u:Forgetting AND EXISTS { MATCH (m:Message) WHERE m.owner = u.key AND m.at < $before }
RETURN u.user_id AS user_id
"""
USERS_WITH_EXPIRED_WORDS = """
MATCH (u:User)
WHERE NOT u:Forgetting AND (
  EXISTS { MATCH (m:Message) WHERE m.owner = u.key AND m.at < $before }
  OR EXISTS { MATCH (f:Fact) WHERE f.owner = u.key AND f.predicate >= '' AND f.recorded_at < $before }
)
RETURN u.user_id AS user_id
"""

DELETE_MESSAGES = """
MATCH (u:User {key: $owner})
CALL (u) {
  UNWIND $keys AS key
  MATCH (m:Message {key: key})
  OPTIONAL MATCH (e:Embedding {key: key})
  WITH m, e, m.session_key AS session_key, m.seq AS seq
  DETACH DELETE m, e
  RETURN count(*) AS messages, collect(DISTINCT session_key) AS session_keys, collect([session_key, seq]) AS places
}
SET u.message_count = u.message_count - messages
WITH u, messages, session_keys, places
CALL (places) {
  UNWIND places AS place
  WITH place[0] AS session_key, collect(place[1]) AS seqs
  MATCH (s:Session {key: session_key})
  WITH s, seqs, [i IN range(0, size(coalesce(s.summary, [])) - 1)
    WHERE none(seq IN seqs WHERE s.summary_first[i] <= seq AND seq <= s.summary_last[i])] AS kept
  SET s.summary = [i IN kept | s.summary[i]], s.summary_since = [i IN kept | s.summary_since[i]],
    s.summary_first = [i IN kept | s.summary_first[i]], s.summary_last = [i IN kept | s.summary_last[i]],
    s.summarized = CASE WHEN any(seq IN seqs WHERE seq <= s.summarized) THEN 0 ELSE s.summarized END,
    s.revision = randomUUID()
}
CALL (u, session_keys) {
  UNWIND session_keys AS session_key
  MATCH (j:Job {session_key: session_key}) WHERE j.first > 0 AND any(key IN j.message_keys WHERE key IN $keys)
  SET j.gone_keys = coalesce(j.gone_keys, []) + [key IN j.message_keys WHERE key IN $keys],
    j.message_keys = [key IN j.message_keys WHERE NOT key IN $keys], j.error = null, j.failed_at = null
  WITH j
  WHERE NOT EXISTS {
    UNWIND j.message_keys AS key
    MATCH (m:Message {key: key})
    RETURN m
  }
  DELETE j
}
CALL (session_keys) {
  UNWIND session_keys AS session_key
  MATCH (s:Session {key: session_key}) WHERE NOT (s)-[:HAS_MESSAGE]->()
  OPTIONAL MATCH (past:PastSession {key: session_key})
  DETACH DELETE past
  WITH DISTINCT s
  REMOVE s:Session
  SET s = {key: s.key, id: s.id, user_id: s.user_id, owner: s.owner}, s:PastSession
  RETURN count(s) AS sessions
}
CALL (session_keys) {
  UNWIND session_keys AS session_key
  MATCH (s:Session {key: session_key})
  CALL (s) {
    MATCH (m:Message) WHERE m.session_key = s.key AND m.seq >= 0 AND m.role = 'user'
    RETURN m ORDER BY m.session_key DESC, m.seq DESC LIMIT 1
  }
  RETURN collect([s.key, m.at, m.text]) AS last_asked
}
CALL (session_keys) {
  UNWIND session_keys AS session_key
  MATCH (s:Session {key: session_key})
  REMOVE s.query_at, s.query_keys, s.query_names, s.query_terms
}
RETURN messages, sessions, last_asked
"""
"""An emptied session is kept under another label, for facts may rest on its words still; `DELETE_PAST_SESSIONS` takes the others.

A job keeps the keys of what went from it, so that a worker who has read it already brings nothing of that back; they are apart
from the others, so that a message that is said again under the same key is not the job's. The cause of its failure may quote
what is forgotten, and goes with it.
"""

SET_LAST_ASKED = """
UNWIND $asked AS asked
MATCH (s:Session {key: asked.session_key})
SET s.query_at = asked.at, s.query_terms = asked.terms, s.query_keys = asked.keys, s.query_names = asked.names
"""

DELETE_PAST_SESSIONS = """
MATCH (s:PastSession {owner: $owner})
WHERE NOT s.key IN $needed
DELETE s
"""

DELETE_EMPTY_USER = """
MATCH (u:User {key: $owner})
WHERE NOT EXISTS { MATCH (s:Session {owner: $owner}) RETURN s }
  AND NOT EXISTS { MATCH (f:Fact) WHERE f.owner = $owner AND f.predicate >= '' RETURN f }
CALL (u) {
  MATCH (s:PastSession {owner: u.key})
  DETACH DELETE s
}
CALL (u) {
  MATCH (k:EntityKey) WHERE k.owner = u.key AND k.key >= ''
  DETACH DELETE k
}
CALL (u) {
  MATCH (e:Entity {owner: u.key})
  WITH e, 1 AS one
  DETACH DELETE e
  RETURN sum(one) AS entities
}
RETURN entities
"""

SIZE_OF_USER = """
MATCH (u:User {key: $owner})
SET u.lock = true
WITH u
CALL (u) {
  MATCH (m:Message) WHERE m.owner = u.key AND m.at >= ''
  RETURN count(m) AS messages
}
CALL (u) {
  MATCH (f:Fact) WHERE f.owner = u.key AND f.predicate >= ''
  RETURN count(f) AS facts
}
CALL (u) {
  MATCH (e:Entity {owner: u.key})
  RETURN count(e) AS entities
}
CALL (u) {
  MATCH (s:Session {owner: u.key})
  RETURN count(s) AS sessions
}
RETURN messages, facts, entities, sessions, u:Forgetting AS forgetting
"""

MARK_FORGETTING = "MATCH (u:User {key: $owner}) SET u:Forgetting"
FORGETTING = "MATCH (u:Forgetting) RETURN u.key AS owner"

DELETE_PORTIONS = (
    "MATCH (n:Embedding) WHERE n.owner = $owner AND n.kind >= '' AND n.at >= '' "
    "WITH n LIMIT $portion DELETE n RETURN count(*) AS deleted",
    "MATCH (n:Message) WHERE n.owner = $owner AND n.at >= '' WITH n LIMIT $portion DETACH DELETE n RETURN count(*) AS deleted",
    "MATCH (n:Fact) WHERE n.owner = $owner AND n.predicate >= '' WITH n LIMIT $portion DETACH DELETE n RETURN count(*) AS deleted",
    "MATCH (n:EntityKey) WHERE n.owner = $owner AND n.key >= '' WITH n LIMIT $portion DETACH DELETE n RETURN count(*) AS deleted",
    "MATCH (n:Entity {owner: $owner}) WHERE n.key IS NULL WITH n LIMIT $portion DETACH DELETE n RETURN count(*) AS deleted",
    "MATCH (n:Session {owner: $owner}) WITH n LIMIT $portion DETACH DELETE n RETURN count(*) AS deleted",
    "MATCH (n:PastSession {owner: $owner}) WITH n LIMIT $portion DETACH DELETE n RETURN count(*) AS deleted",
    "MATCH (n:Job {owner: $owner}) WITH n LIMIT $portion DETACH DELETE n RETURN count(*) AS deleted",
    "MATCH (n:User {key: $owner}) WITH n LIMIT $portion DETACH DELETE n RETURN count(*) AS deleted",
)
"""The user's own node, the only entity with a key, goes last: it is the mark by which an interrupted deletion goes on."""
