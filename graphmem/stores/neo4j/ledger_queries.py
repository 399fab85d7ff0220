"""Cypher for the ledger: reading what a decision needs, and writing what was decided."""

from __future__ import annotations

from graphmem.stores.neo4j.fragments import ENDS, ENTITY, FACT, LOCK_USER

BEGIN_CHANGE = f"""
{LOCK_USER}
WITH u, created
FOREACH (_ IN CASE WHEN $usage.requests > 0 THEN [1] ELSE [] END |
  SET u.llm_requests = coalesce(u.llm_requests, 0) + $usage.requests,
    u.prompt_tokens = coalesce(u.prompt_tokens, 0) + $usage.prompt_tokens,
    u.completion_tokens = coalesce(u.completion_tokens, 0) + $usage.completion_tokens
)
WITH u, created
OPTIONAL MATCH (job:Job {{key: $job_key}}) WHERE job.owner = $owner
WITH u, created, job, job.message_keys + coalesce(job.gone_keys, []) AS keys
CALL (keys) {{
  UNWIND keys AS key
  OPTIONAL MATCH (m:Message {{key: key}})
  RETURN collect(CASE WHEN m IS NULL THEN key END) AS gone
}}
CALL (u) {{
  UNWIND $names AS name
  MATCH (:EntityKey {{owner: u.key, key: name}})-[:NAMES]->(e:Entity)
  RETURN collect(DISTINCT e) AS linked
}}
CALL (u, linked) {{
  CALL (u, linked) {{
    UNWIND linked AS e
    MATCH (e)<-[:SUBJECT|OBJECT]-(f:Fact)
    RETURN f
    UNION
    UNWIND $predicates AS predicate
    MATCH (f:Fact {{owner: u.key, predicate: predicate}})
    WHERE f.own IS NOT NULL OR predicate IN $symmetric
    RETURN f
  }}
  RETURN collect(f) AS facts
}}
WITH u, created, job, keys, gone, facts, linked + [u] AS named
CALL (facts, named) {{{ENDS}}}
WITH u, created, job, keys, gone, entities, [f IN facts | {FACT}] AS facts
FOREACH (done IN CASE WHEN $finish THEN [job] ELSE [] END | DELETE done)
RETURN created, u:Forgetting AS forgetting, keys IS NOT NULL AS job_found, size(keys) = size(gone) AS job_empty, gone, entities, facts
"""
"""The job is finished here already: when nothing is to be written this is the only query, and an error undoes it."""

WHOLE_LEDGER = f"""
MATCH (u:User {{key: $owner}}) WHERE NOT u:Forgetting
MATCH (e:Entity {{owner: u.key}})
RETURN {ENTITY} AS entity, null AS fact
UNION ALL
MATCH (u:User {{key: $owner}}) WHERE NOT u:Forgetting
MATCH (f:Fact)
WHERE f.owner = u.key AND f.predicate >= ''
RETURN null AS entity, {FACT} AS fact
"""

WRITE_LEDGER = """
MATCH (u:User {key: $owner})
CALL (u) {
  UNWIND $touched AS id
  MATCH (f:Fact {id: id}) WHERE f.owner = $owner
  OPTIONAL MATCH (f)-[:STATED_IN]->(m:Message)
  RETURN collect(DISTINCT m) AS stale
}
CALL (u) {
  UNWIND $touched AS id
  MATCH (f:Fact {id: id}) WHERE f.owner = $owner
  MATCH (f)-[:SUBJECT]->(s:Entity)
  MATCH (f)-[:OBJECT]->(o:Entity)
  MATCH (s)-[r]->(o) WHERE r.fact_id = id
  DELETE r
}
CALL (u) {
  UNWIND $removed_facts AS id
  MATCH (f:Fact {id: id}) WHERE f.owner = $owner
  OPTIONAL MATCH (e:Embedding {key: id})
  DETACH DELETE f, e
}
CALL (u) {
  UNWIND $facts AS new
  MATCH (f:Fact {id: new.id}) WHERE f.owner = $owner AND f.text <> new.properties.text
  MATCH (e:Embedding {key: new.id})
  DELETE e
}
CALL (u) {
  UNWIND $entities AS new
  MERGE (e:Entity {id: new.id, owner: $owner})
    ON CREATE SET e.user_id = u.user_id
  SET e.name = new.name, e.aliases = new.aliases
  REMOVE e:$([label IN labels(e) WHERE NOT label IN ['Entity', new.label]])
  SET e:$(new.label)
  WITH e, new
  CALL (e, new) {
    MATCH (e)<-[:NAMES]-(k:EntityKey)
    WHERE NOT k.key IN new.names
    DETACH DELETE k
  }
  CALL (e, new) {
    UNWIND new.names AS name
    MERGE (e)<-[:NAMES]-(:EntityKey {owner: $owner, key: name})
  }
}
CALL (u) {
  UNWIND $facts AS new
  MERGE (f:Fact {id: new.id, owner: $owner})
  SET f = new.properties
}
CALL (u) {
  UNWIND $facts AS new
  MATCH (f:Fact {id: new.id})
  MATCH (s:Entity {id: new.properties.subject_id}) WHERE s.owner = $owner
  MATCH (o:Entity {id: new.properties.object_id}) WHERE o.owner = $owner
  CALL (f, s, o) {
    MATCH (f)-[r:SUBJECT|OBJECT]->(x)
    WHERE x <> CASE type(r) WHEN 'SUBJECT' THEN s ELSE o END
    DELETE r
  }
  MERGE (f)-[:SUBJECT]->(s)
  MERGE (f)-[:OBJECT]->(o)
  WITH f, s, o, new
  CALL (f, new) {
    MATCH (f)-[r:STATED_IN]->(m:Message)
    WHERE NOT m.key IN new.messages
    DELETE r
  }
  CALL (f, s, o, new) {
    UNWIND new.messages AS key
    MATCH (m:Message {key: key}) WHERE m.owner = $owner
    MERGE (f)-[:STATED_IN]->(m)
    FOREACH (e IN [x IN [s, o] WHERE NOT x:User] | MERGE (m)-[:MENTIONS]->(e))
  }
  CALL (f, new) {
    MATCH (f)-[r:SUPERSEDES]->(old:Fact)
    WHERE NOT old.id IN new.supersedes
    DELETE r
  }
  CALL (f, new) {
    UNWIND new.supersedes AS id
    MATCH (old:Fact {id: id}) WHERE old.owner = $owner
    MERGE (f)-[:SUPERSEDES]->(old)
  }
  FOREACH (now IN new.present |
    CREATE (s)-[r:$(new.properties.predicate)]->(o)
    SET r = now
  )
  RETURN count(f) AS written
}
CALL (u) {
  UNWIND $removed_entities AS id
  MATCH (e:Entity {id: id}) WHERE e.owner = $owner AND NOT e:User
  OPTIONAL MATCH (e)<-[:NAMES]-(k:EntityKey)
  DETACH DELETE k, e
}
CALL (stale) {
  UNWIND stale AS m
  MATCH (m)-[r:MENTIONS]->(e:Entity)
  WHERE NOT EXISTS { (m)<-[:STATED_IN]-(:Fact)-[:SUBJECT|OBJECT]->(e) }
  DELETE r
}
RETURN written
"""
"""Everything that follows from changed facts and entities: links, mentions, and the typed relationships of the present."""
