"""All SQL about vectors. ``{marks}`` as in `graphmem.stores.sqlite.queries`."""

from __future__ import annotations

_FITS = "v.model = :model AND (:length = 0 OR length(v.vector) = :length)"
_BARE_MESSAGE = f"NOT EXISTS (SELECT 1 FROM message_vectors v WHERE v.message = m.pk AND {_FITS})"  # noqa: S608
_BARE_FACT = f"NOT EXISTS (SELECT 1 FROM fact_vectors v WHERE v.fact = f.pk AND {_FITS})"  # noqa: S608

MESSAGES_WITHOUT_VECTOR = f"""
  SELECT s.id, m.id, m.text, m.at
  FROM messages m CROSS JOIN sessions s ON s.pk = m.session
  WHERE m.user = :user AND m.at >= :since AND m.at <= :until
    AND {_BARE_MESSAGE}
  ORDER BY m.at DESC LIMIT :limit
"""  # noqa: S608
FACTS_WITHOUT_VECTOR = f"""
  SELECT f.id, f.text, f.recorded_at FROM facts f
  WHERE f.user = :user AND {_BARE_FACT}
  ORDER BY f.recorded_at DESC LIMIT :limit
"""  # noqa: S608
USERS_WITHOUT_VECTOR = f"""
  SELECT u.id FROM users u
  WHERE EXISTS (
    SELECT 1 FROM messages m WHERE m.user = u.pk AND m.at >= :since
      AND {_BARE_MESSAGE}
  ) OR EXISTS (
    SELECT 1 FROM facts f WHERE f.user = u.pk
      AND {_BARE_FACT}
  )
  ORDER BY u.pk
"""  # noqa: S608

KEEP_MESSAGE_VECTOR = """
  INSERT OR REPLACE INTO message_vectors (message, user, model, vector)
  SELECT m.pk, m.user, :model, :vector FROM sessions s JOIN messages m ON m.session = s.pk
  WHERE s.id = :session_id AND m.id = :id AND m.user = :user AND m.text = :text
"""
KEEP_FACT_VECTOR = """
  INSERT OR REPLACE INTO fact_vectors (fact, user, model, vector)
  SELECT f.pk, f.user, :model, :vector FROM facts f WHERE f.user = :user AND f.id = :id AND f.text = :text
"""
KEEP_SHORT_VECTOR = """
  UPDATE messages SET short_vector = :vector
  WHERE session = (SELECT pk FROM sessions WHERE id = :session_id) AND id = :id AND user = :user AND text = :text
"""

MESSAGE_VECTORS_SINCE = """
  SELECT v.id, v.message, v.vector FROM message_vectors v CROSS JOIN messages m ON m.pk = v.message
  WHERE v.user = :user AND v.model = :model AND length(v.vector) = :length AND m.at >= :since
  ORDER BY v.id DESC LIMIT :limit
"""
STATE_OF_MESSAGE_VECTORS = (
    "SELECT count(*), coalesce(max(id), 0) FROM message_vectors WHERE user = :user AND model = :model"
)
STATE_OF_FACT_VECTORS = "SELECT count(*), coalesce(max(id), 0) FROM fact_vectors WHERE user = :user AND model = :model"
MESSAGE_VECTORS_AFTER = """
  SELECT v.id, v.message, CASE WHEN length(v.vector) = :length THEN v.vector END FROM message_vectors v
  WHERE v.user = :user AND v.model = :model AND v.id > :after ORDER BY v.id DESC LIMIT :limit
"""
FACT_VECTORS_AFTER = """
  SELECT v.id, v.fact, CASE WHEN length(v.vector) = :length THEN v.vector END FROM fact_vectors v
  WHERE v.user = :user AND v.model = :model AND v.id > :after ORDER BY v.id DESC LIMIT :limit
"""
VECTOR_OF_LAST_QUESTION = """
  SELECT v.vector FROM message_vectors v
  WHERE v.model = :model AND length(v.vector) = :length AND v.message = (
    SELECT m.pk FROM sessions s JOIN messages m ON m.session = s.pk
    WHERE s.id = :session_id AND m.role = 'user' AND m.at >= :since ORDER BY m.seq DESC LIMIT 1
  )
"""
PKS_OF_PLACES = "SELECT pk, seq FROM messages WHERE session = ? AND seq IN ({marks})"
