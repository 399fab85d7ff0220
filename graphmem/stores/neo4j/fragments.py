"""Pieces that several queries share, so that what one writes another reads."""

from __future__ import annotations

SEPARATOR = "\x1f"
"""Stands between the fields of a row that comes as one text: the driver takes far longer to unpack ten values than one."""

MESSAGE_FIELDS = "[m.id, m.session_id, m.seq, m.role, m.name, m.at, m.metadata, m.text]"
MESSAGE = f"""CASE WHEN m.id CONTAINS '{SEPARATOR}' OR m.session_id CONTAINS '{SEPARATOR}' OR m.name CONTAINS '{SEPARATOR}'
  THEN {MESSAGE_FIELDS} ELSE m.id + '{SEPARATOR}' + m.session_id + '{SEPARATOR}' + m.seq + '{SEPARATOR}' + m.role + '{SEPARATOR}'
  + coalesce(m.name, '') + '{SEPARATOR}' + m.at + '{SEPARATOR}' + coalesce(m.metadata, '') + '{SEPARATOR}' + m.text END"""
"""A message, as one text wherever that can be told apart again."""

ENTITY = "[e.id, e.name, [label IN labels(e) WHERE NOT label IN ['Entity', 'Forgetting']][0], e.aliases]"
FACT_FIELDS = """[f.id, f.predicate, f.polarity, f.status, f.valid_from, f.valid_to, f.recorded_at, f.retired_at, f.confidence,
  f.source, f.subject_id, f.object_id, f.text, f.evidence]"""
FACT = f"""CASE WHEN f.text CONTAINS '{SEPARATOR}' THEN {FACT_FIELDS} ELSE f.id + '{SEPARATOR}' + f.predicate + '{SEPARATOR}'
  + f.polarity + '{SEPARATOR}' + f.status + '{SEPARATOR}' + coalesce(f.valid_from, '') + '{SEPARATOR}' + coalesce(f.valid_to, '')
  + '{SEPARATOR}' + f.recorded_at + '{SEPARATOR}' + coalesce(f.retired_at, '') + '{SEPARATOR}' + f.confidence + '{SEPARATOR}'
  + f.source + '{SEPARATOR}' + f.subject_id + '{SEPARATOR}' + f.object_id + '{SEPARATOR}' + f.text + '{SEPARATOR}' + f.evidence END"""
"""A fact, as one text wherever that can be told apart again."""

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
