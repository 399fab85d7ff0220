"""Cypher for messages, jobs and recall. The texts are constant, so that the server plans each once; all else is a parameter.

The newest of many come from the end of a composite index, which the planner does only when every property of the index has
a predicate (hence ``m.seq >= 0``) and the order names all of them (hence ``ORDER BY m.session_key DESC, m.seq DESC``).
"""

from __future__ import annotations

from graphmem.stores.neo4j.fragments import ENDS, ENTITY, FACT, MESSAGE
from graphmem.stores.neo4j.schema import FACT_SEARCH, MESSAGE_SEARCH

APPEND = f"""
OPTIONAL MATCH (before:Session {{key: $session.key}})
WITH coalesce(before.owner, $owner) AS owner
WHERE $given IS NULL OR owner = $given
MERGE (u:User {{key: owner}})
  ON CREATE SET u:Entity, u.id = $user.id, u.user_id = $user.user_id, u.owner = owner, u.name = $user.name, u.aliases = [],
    u.message_count = 0
SET u.lock = true
MERGE (s:Session {{key: $session.key}})
  ON CREATE SET s.id = $session.id, s.user_id = u.user_id, s.owner = owner, s.last_seq = 0, s.revision = randomUUID()
WITH u, s
CALL (s) {{
  UNWIND $messages AS new
  OPTIONAL MATCH (m:Message {{key: new.key}})
  RETURN collect(CASE WHEN m IS NULL THEN new END) AS fresh, collect(CASE WHEN m IS NOT NULL THEN {MESSAGE} END) AS old
}}
OPTIONAL MATCH (held:Job {{key: $job.key}})
WITH u, s, fresh, old, s.last_seq AS base, held {{.first, .message_keys, .attempts, .error}} AS held
FOREACH (_ IN CASE WHEN size(fresh) > 0 THEN [1] ELSE [] END |
  SET s.last_seq = base + size(fresh), u.message_count = u.message_count + size(fresh)
)
FOREACH (i IN range(0, size(fresh) - 1) |
  CREATE (s)-[:HAS_MESSAGE]->(:Message {{
    id: fresh[i].id, user_id: u.user_id, session_id: s.id, seq: base + 1 + i, role: fresh[i].role, name: fresh[i].name,
    text: fresh[i].text, at: fresh[i].at, metadata: fresh[i].metadata,
    key: fresh[i].key, owner: u.key, session_key: s.key, terms: [u.key] + fresh[i].terms,
    short_vector: fresh[i].short_vector
  }})
)
FOREACH (asked IN [new IN fresh WHERE new.asks IS NOT NULL][-1..] |
  SET s.query_at = asked.at, s.query_terms = asked.asks, s.query_keys = coalesce(asked.keys, asked.asks_for),
    s.query_names = CASE WHEN asked.keys IS NULL THEN null ELSE asked.asks_for END
)
FOREACH (job IN CASE WHEN size(fresh) > 0 AND $job IS NOT NULL THEN [$job] ELSE [] END |
  SET s.job_at = CASE WHEN s.job_at > job.now + ' ' + timestamp() THEN s.job_at ELSE job.now + ' ' + timestamp() END
  MERGE (j:Job {{key: job.key}})
    ON CREATE SET j.id = job.id, j.user_id = u.user_id, j.session_id = s.id, j.owner = u.key, j.session_key = s.key,
      j.created = s.job_at, j.first = base + 1, j.history = job.history, j.attempts = 0, j.parked = false,
      j.worker = job.worker, j.lease_until = job.lease_until, j.message_keys = []
  SET j.message_keys = j.message_keys + [new IN fresh | new.key]
)
WITH u, s, fresh, old, base, held, CASE
    WHEN $job IS NULL THEN []
    WHEN held IS NULL THEN fresh
    ELSE [new IN $messages WHERE new.key IN held.message_keys OR new IN fresh]
  END AS said
CALL (u, said) {{
  UNWIND said AS new
  UNWIND new.names AS name
  WITH DISTINCT u, name
  MATCH (:EntityKey {{owner: u.key, key: name}})-[:NAMES]->(e:Entity)
  WITH DISTINCT e
  RETURN collect({ENTITY}) AS known
}}
CALL (s, base, held, said) {{
  MATCH (m:Message)
  WHERE size(said) > 0 AND m.session_key = s.key AND m.seq >= 0 AND m.seq < coalesce(held.first, base + 1)
  WITH m ORDER BY m.session_key DESC, m.seq DESC LIMIT $history
  RETURN collect({MESSAGE}) AS history
}}
RETURN u.user_id AS user_id, u.name AS user_name, u:Forgetting AS forgetting, s.owner <> u.key AS taken, base, old,
  [new IN fresh | new.id] AS fresh, [new IN said | new.id] AS said, known, history, held.attempts AS attempts, held.error AS error,
  s.summarized AS summarized
"""

_FREE = """($parked OR NOT j.parked) AND (j.lease_until IS NULL OR j.lease_until <= $now)
  AND ($all_due OR j.retry_at IS NULL OR j.retry_at <= $now)
  AND NOT EXISTS {
    MATCH (b:Job) WHERE b.session_key = j.session_key AND b.first < j.first AND b.lease_until > $now AND b.worker <> $worker
  }"""
_LOCK_OWNERS = """
WITH j ORDER BY j.created, j.session_key, j.first LIMIT $limit
WITH DISTINCT j.owner AS owner ORDER BY owner
MATCH (u:User {key: owner}) WHERE NOT u:Forgetting
SET u.lock = true
RETURN collect(owner) AS owners
"""
LOCK_OWNERS_OF_JOBS = f"MATCH (j:Job) WHERE {_FREE}{_LOCK_OWNERS}"
LOCK_OWNER_OF_JOBS = f"MATCH (j:Job {{owner: $owner}}) WHERE {_FREE}{_LOCK_OWNERS}"
"""First half of a claim: lock the users whose jobs are to be had, in one order for all, so that the second half sees what is so."""

RENEW_LEASES = """
UNWIND $renew AS key
MATCH (j:Job {key: key}) WHERE j.worker = $worker
MATCH (u:User {key: j.owner})
SET u.lock = true
WITH key
MATCH (j:Job {key: key}) WHERE j.worker = $worker
SET j.lease_until = $until
"""

CLAIM = f"""
UNWIND $owners AS owner
MATCH (j:Job {{owner: owner}}) WHERE {_FREE}
WITH j ORDER BY j.created, j.session_key, j.first LIMIT $limit
SET j.worker = $worker, j.lease_until = $until, j.parked = false
WITH j
MATCH (u:User {{key: j.owner}})
CALL (j) {{
  UNWIND j.message_keys AS key
  MATCH (m:Message {{key: key}})
  WITH m ORDER BY m.seq
  RETURN collect({MESSAGE}) AS messages
}}
RETURN j.id AS id, j.user_id AS user_id, j.session_id AS session_id, u.name AS user_name, messages,
  j.owner AS owner, j.history AS history, j.attempts AS attempts, j.error AS error,
  j.created AS created, j.session_key AS session_key, j.first AS first
"""

SURROUNDINGS = f"""
UNWIND $jobs AS job
CALL (job) {{
  UNWIND job.names AS name
  MATCH (:EntityKey {{owner: job.owner, key: name}})-[:NAMES]->(e:Entity)
  WITH DISTINCT e
  RETURN collect({ENTITY}) AS known
}}
CALL (job) {{
  MATCH (m:Message)
  WHERE m.session_key = job.session_key AND m.seq >= 0 AND m.seq < job.first
  WITH m ORDER BY m.session_key DESC, m.seq DESC LIMIT $history
  RETURN collect({MESSAGE}) AS history
}}
RETURN job.id AS id, known, history
"""

RELEASE = """
MATCH (seen:Job {key: $key})
WITH seen.owner AS owner
MATCH (u:User {key: owner})
SET u.lock = true
WITH u
MATCH (j:Job {key: $key})
SET j.worker = null, j.lease_until = null, j.retry_at = $retry_at, j.parked = $parked,
  j.attempts = j.attempts + CASE WHEN $error IS NULL OR NOT $attempted THEN 0 ELSE 1 END, j.error = coalesce($error, j.error),
  j.failed_at = CASE WHEN $error IS NULL THEN j.failed_at ELSE timestamp() END
"""

WHOLE_TERM = 255
"""The full-text index cuts a term that is longer in pieces: a hit on one has to be looked at."""

_TERM_OF_USER = """'+' + u.key + ' +"' + term + '"'"""
"""A search for one term among one user's nodes. Terms hold no quotation marks (`graphmem.text.terms`). To search for one term at a
time and add up the terms' weights (`graphmem.text.idf`) is several times faster than to search for all at once and look into each
hit."""

RECALL = f"""
OPTIONAL MATCH (s:Session {{key: $session_key}})
WITH s, coalesce($given, s.owner, $owner) AS owner
OPTIONAL MATCH (u:User {{key: owner}}) WHERE NOT u:Forgetting
WITH s, u, CASE WHEN s.owner = u.key THEN s END AS own
WITH s, u, own, $names IS NULL AND own.query_at >= $not_before AS asked
WITH s, u, own, asked,
  CASE WHEN u IS NULL THEN [] ELSE coalesce($names, CASE WHEN asked THEN coalesce(own.query_names, own.query_keys) END, []) END AS names,
  CASE WHEN u IS NULL THEN [] ELSE coalesce($terms, CASE WHEN asked THEN own.query_terms END, []) END AS terms
CALL (own) {{
  MATCH (m:Message)
  WHERE m.session_key = own.key AND m.seq >= 0 AND m.at >= $not_before
  WITH m ORDER BY m.session_key DESC, m.seq DESC LIMIT $newest
  RETURN collect({MESSAGE}) AS newest
}}
CALL (u, names) {{
  UNWIND names AS name
  MATCH (:EntityKey {{owner: u.key, key: name}})-[:NAMES]->(e:Entity)
  RETURN collect(DISTINCT e) AS linked
}}
CALL (u) {{
  UNWIND CASE WHEN u IS NULL THEN [] ELSE $predicates END AS wanted
  CALL (u, wanted) {{
    UNWIND wanted AS predicate
    CALL (u, predicate) {{
      MATCH (f:Fact)
      WHERE f.own = u.key AND f.predicate = predicate AND f.rank >= ''
      RETURN f ORDER BY f.own DESC, f.predicate DESC, f.rank DESC LIMIT $own_facts
    }}
    WITH f ORDER BY f.rank DESC LIMIT $own_facts
    RETURN collect(f) AS some
  }}
  WITH collect(some) AS each
  RETURN reduce(all = [], some IN each | all + some) AS told
}}
CALL (u) {{
  UNWIND CASE WHEN u IS NULL THEN [] ELSE $through END AS predicate
  CALL (u, predicate) {{
    MATCH (f:Fact)
    WHERE f.own = u.key AND f.predicate = predicate AND f.rank >= ''
    RETURN f ORDER BY f.own DESC, f.predicate DESC, f.rank DESC LIMIT $ties
  }}
  WITH u, f ORDER BY f.rank DESC LIMIT $ties
  MATCH (f)-[:SUBJECT|OBJECT]->(e:Entity)
  WHERE e <> u
  RETURN collect(DISTINCT e) AS tied
}}
CALL (linked, tied) {{
  UNWIND linked + tied AS e
  MATCH (e)<-[:SUBJECT|OBJECT]-(f:Fact)
  WITH DISTINCT f ORDER BY f.rank DESC LIMIT $facts
  RETURN collect(f) AS near
}}
CALL (u, terms) {{
  UNWIND terms AS term
  CALL (u, term) {{
    CALL db.index.fulltext.queryNodes('{MESSAGE_SEARCH}', {_TERM_OF_USER}) YIELD node AS m
    WITH m, term
    WHERE size(term) <= {WHOLE_TERM} OR term IN m.terms
    RETURN collect(m) AS hits
  }}
  WITH u, hits, size(hits) AS frequency
  WITH hits, frequency, CASE WHEN u.message_count > frequency THEN u.message_count - frequency ELSE 0 END AS others
  WITH hits, frequency, log(1.0 + (others + 0.5) / (frequency + 0.5)) AS weight
  RETURN collect(hits) AS hits_of_terms, collect(weight) AS weights, collect(frequency) AS frequencies,
    coalesce(max(CASE WHEN frequency >= $candidates AND $not_before = '' THEN weight END), 0.0) AS reached
}}
CALL (hits_of_terms, weights, reached) {{
  UNWIND range(0, size(weights) - 1) AS i
  UNWIND hits_of_terms[i] AS m
  WITH m, weights[i] AS weight
  WHERE $not_before = '' OR m.at >= $not_before
  WITH m, sum(weight) AS score
  WHERE score >= reached
  WITH m, score ORDER BY score DESC
  WITH collect(m) AS hits, collect(score) AS scores
  WITH hits, scores, coalesce(scores[$candidates - 1], 0.0) AS least
  UNWIND range(0, size(hits) - 1) AS i
  WITH hits[i] AS m, scores[i] AS score, least
  WHERE score >= least
  WITH m, score ORDER BY score DESC, m.at DESC, m.session_id DESC, m.seq DESC LIMIT $candidates
  RETURN collect(m) AS best
}}
CALL (best) {{
  UNWIND best[..$neighbours] AS found
  UNWIND range(found.seq - $reach, found.seq + $reach) AS seq
  MATCH (m:Message {{session_key: found.session_key, seq: seq}})
  WHERE m.at >= $not_before
  RETURN collect(m) AS around_best
}}
CALL (best, around_best) {{
  UNWIND best + around_best AS m
  WITH DISTINCT m
  RETURN collect({MESSAGE}) AS matches, collect(coalesce(m.short_vector, '')) AS short_vectors
}}
CALL (u, terms) {{
  UNWIND terms AS term
  CALL db.index.fulltext.queryNodes('{FACT_SEARCH}', {_TERM_OF_USER}) YIELD node AS f
  WITH f, term
  WHERE size(term) <= {WHOLE_TERM} OR term IN f.terms
  WITH f, count(*) AS shared ORDER BY shared DESC, f.rank DESC LIMIT $facts
  RETURN collect(f) AS said
}}
CALL (u, linked, tied, near) {{
  UNWIND CASE WHEN size(near) < $facts THEN linked + tied ELSE [] END AS e
  MATCH (e)<-[:SUBJECT|OBJECT]-(:Fact)-[:SUBJECT|OBJECT]->(n:Entity)
  WHERE n <> u AND NOT n IN linked AND NOT n IN tied
  WITH DISTINCT n
  MATCH (n)<-[:SUBJECT|OBJECT]-(f:Fact)
  WITH DISTINCT f ORDER BY f.rank DESC LIMIT $facts
  RETURN collect(f) AS around
}}
CALL (u, near, around) {{
  UNWIND CASE WHEN size(near) < $facts AND size(around) < $facts THEN [u.key] ELSE [] END AS owner
  CALL (owner) {{
    MATCH (f:Fact)
    WHERE f.own = owner AND f.rank >= ''
    RETURN f ORDER BY f.own DESC, f.rank DESC LIMIT $facts
  }}
  RETURN collect(f) AS of_user
}}
WITH s, u, own, asked, newest, linked, matches, short_vectors, frequencies,
  told + near[..$linked_facts] + said[..$worded_facts] + near + around + of_user + said AS found
CALL (found) {{
  UNWIND range(0, size(found) - 1) AS i
  WITH found[i] AS f, min(i) AS place
  ORDER BY place LIMIT $facts
  RETURN collect(f) AS facts
}}
WITH s, u, own, asked, newest, linked, matches, short_vectors, frequencies, facts,
  linked + CASE WHEN u IS NULL THEN [] ELSE [u] END AS named
CALL (facts, named) {{{ENDS}}}
RETURN u.user_id AS user_id, s.user_id AS session_user, u.message_count AS message_count,
  [own.summary, own.summary_first, own.summary_last, own.summary_since] AS summary,
  CASE WHEN asked THEN own.query_keys END AS query_keys, CASE WHEN asked THEN own.query_terms END AS query_terms,
  $names IS NULL AND own.query_at < $not_before AS stale, newest, matches, short_vectors, frequencies, entities, u.id AS user,
  [e IN linked | e.id] AS linked, [f IN facts | {FACT}] AS facts
"""

LAST_ASKED = """
MATCH (m:Message)
WHERE m.session_key = $session_key AND m.seq >= 0 AND m.role = 'user' AND m.at >= $not_before
RETURN m.text AS text, m.at AS at ORDER BY m.session_key DESC, m.seq DESC LIMIT 1
"""

SESSION_MESSAGES = f"""
MATCH (s:Session {{key: $session_key}})
MATCH (u:User {{key: s.owner}}) WHERE NOT u:Forgetting
RETURN s.user_id AS user_id, null AS message
UNION ALL
MATCH (m:Message)
WHERE m.session_key = $session_key AND m.seq >= 0 AND m.at >= $not_before
WITH m ORDER BY m.session_key DESC, m.seq DESC LIMIT $limit
RETURN null AS user_id, {MESSAGE} AS message
"""

USER_MESSAGES = f"""
MATCH (u:User {{key: $owner}}) WHERE NOT u:Forgetting
RETURN u.user_id AS user_id, null AS message
UNION ALL
MATCH (m:Message)
WHERE m.owner = $owner AND m.at >= $not_before
WITH m ORDER BY m.owner DESC, m.at DESC, m.session_id DESC, m.seq DESC LIMIT $limit
RETURN null AS user_id, {MESSAGE} AS message
"""

SESSION_PART = f"""
MATCH (s:Session {{key: $session_key}})
MATCH (u:User {{key: s.owner}}) WHERE NOT u:Forgetting
CALL (s) {{
  MATCH (m:Message)
  WHERE m.session_key = s.key AND m.seq > coalesce(s.summarized, 0) AND m.seq <= s.last_seq - $keep
  WITH m ORDER BY m.session_key, m.seq LIMIT $limit
  RETURN collect({MESSAGE}) AS messages, collect(CASE WHEN EXISTS {{ (m)<-[:STATED_IN]-(:Fact) }} THEN m.id END) AS telling
}}
RETURN u.user_id AS user_id, messages, telling, coalesce(s.summarized, 0) AS summarized, coalesce(s.revision, '') AS revision,
  [s.summary, s.summary_first, s.summary_last, s.summary_since] AS summary
"""

KEEP_SUMMARY = """
MATCH (seen:Session {key: $session_key})
WITH seen.owner AS owner
MATCH (u:User {key: owner}) WHERE NOT u:Forgetting
SET u.lock = true
WITH u
MATCH (s:Session {key: $session_key}) WHERE coalesce(s.revision, '') = $revision
SET s.summary = $texts, s.summary_first = $first, s.summary_last = $last, s.summary_since = $since,
  s.summarized = $summarized, s.revision = randomUUID()
RETURN s.key AS key
"""


def _describe(head: str, user: str, session: str, message: str, entity: str, fact: str, job: str) -> str:
    """Return the query that counts the nodes which the given patterns match."""
    return f"""
{head}
CALL () {{
  MATCH {session}
  RETURN count(s) AS sessions
}}
CALL () {{
  MATCH {session}
  WITH s.id AS id ORDER BY id LIMIT $limit
  RETURN collect(id) AS session_ids
}}
CALL () {{
  MATCH {message}
  RETURN count(m) AS messages
}}
CALL () {{
  MATCH {entity}
  RETURN count(e) AS entities
}}
CALL () {{
  MATCH {fact}
  RETURN count(f) AS facts, count(CASE WHEN f.status = 'current' THEN 1 END) AS current_facts
}}
CALL () {{
  MATCH {job}
  UNWIND j.message_keys AS key
  MATCH (m:Message {{key: key}})
  RETURN count(m) AS pending
}}
CALL () {{
  MATCH {user}
  RETURN coalesce(sum(u.llm_requests), 0) AS llm_requests, coalesce(sum(u.prompt_tokens), 0) AS prompt_tokens,
    coalesce(sum(u.completion_tokens), 0) AS completion_tokens
}}
RETURN users, user_ids, sessions, session_ids, messages, entities, facts, current_facts, pending, llm_requests,
  prompt_tokens, completion_tokens
"""


DESCRIBE_USER = _describe(
    "MATCH (u:User {key: $owner}) WHERE NOT u:Forgetting\nWITH 1 AS users, [u.user_id] AS user_ids",
    "(u:User {key: $owner}) WHERE NOT u:Forgetting",
    "(s:Session {owner: $owner})",
    "(m:Message) WHERE m.owner = $owner AND m.at >= ''",
    "(e:Entity {owner: $owner})",
    "(f:Fact) WHERE f.owner = $owner AND f.predicate >= ''",
    "(j:Job {owner: $owner})",
)
DESCRIBE_ALL = _describe(
    """\
CALL () {
  MATCH (u:User) WHERE NOT u:Forgetting
  RETURN count(u) AS users
}
CALL () {
  MATCH (u:User) WHERE NOT u:Forgetting
  WITH u.user_id AS id ORDER BY id LIMIT $limit
  RETURN collect(id) AS user_ids
}""",
    "(u:User) WHERE NOT u:Forgetting",
    "(s:Session)",
    "(m:Message)",
    "(e:Entity)",
    "(f:Fact)",
    "(j:Job)",
)


def _backlog(jobs: str) -> str:
    """Return the query that tells what waits in the jobs that a pattern matches."""
    return f"""
CALL () {{
  MATCH {jobs}
  RETURN count(CASE WHEN j.parked THEN 1 END) AS parked, reduce(all = [], keys IN collect(j.message_keys) | all + keys) AS keys
}}
CALL (keys) {{
  UNWIND keys AS key
  MATCH (m:Message {{key: key}})
  RETURN count(m) AS messages
}}
CALL () {{
  MATCH {jobs} WHERE j.error IS NOT NULL
  WITH j ORDER BY j.failed_at DESC LIMIT 1
  RETURN collect(j.error)[0] AS last_error
}}
RETURN messages, parked, last_error
"""


BACKLOG_OF_USER = _backlog("(j:Job {owner: $owner})")
BACKLOG = _backlog("(j:Job)")
