"""Pieces that several queries share, so that what one writes another reads."""

from __future__ import annotations

MESSAGE = "[m.id, m.session_id, m.seq, m.role, m.name, m.text, m.at, m.metadata]"
ENTITY = "[e.id, e.name, [label IN labels(e) WHERE NOT label IN ['Entity', 'Forgetting']][0], e.aliases]"
FACT = """[f.id, f.predicate, f.text, f.polarity, f.status, f.valid_from, f.valid_to, f.recorded_at, f.retired_at, f.confidence,
  f.evidence, f.source, f.subject_id, f.object_id]"""

LOCK_USER = """\
MERGE (u:User {key: $owner})
  ON CREATE SET u:Entity, u.id = $user.id, u.user_id = $user.user_id, u.owner = $owner, u.name = $user.name, u.aliases = [],
    u.message_count = 0
WITH u, u.lock IS NULL AS created
SET u.lock = true
"""
"""Writers of one user queue up at the user's node; ``lock`` is only there to be written."""

ENDS = f"""
  CALL (facts, named) {{
    UNWIND named AS e
    RETURN e
    UNION
    UNWIND facts AS f
    MATCH (f)-[:SUBJECT|OBJECT]->(e:Entity)
    RETURN e
  }}
  RETURN collect({ENTITY}) AS entities
"""
