"""Every error that graphmem raises, as one tree.

::

    GraphMemError
    ├── ConfigError              a setting is invalid; names the field, its value and what is allowed
    ├── StoreError               the store refused or failed
    │   └── StoreUnavailable     the store cannot be reached or opened now
    ├── SessionOwnerError        the session belongs to another user
    ├── InvalidInteraction       what was given to ``store`` is not an interaction
    │   └── LimitExceeded        it is too large or too much; names the setting of the limit
    ├── InvalidTranscript        a transcript cannot be read; names the file and the line
    ├── IdempotencyConflict      the same message id came with different text
    ├── CypherError              the query is wrong; says where
    │   ├── CypherNotAllowed     the query would write, call procedures or load files
    │   └── CypherTimeout        the query took longer than allowed
    ├── ExtractionPending        something stored could not be extracted yet; says why
    └── LLMError                 the language model's endpoint failed where nothing can be kept for later

An error of a driver or of the file system reaches the caller as one of these, with the original as ``__cause__``.
"""

from __future__ import annotations


class GraphMemError(Exception):
    """The root: ``except GraphMemError`` catches all that graphmem raises on purpose."""


class ConfigError(GraphMemError):
    """A setting is invalid.

    Args:
        field: the setting's name.
        value: what was given; never a secret.
        allowed: what would be accepted, in words.
    """

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(f"{field}={value!r} is not valid: {allowed}")
        self.field = field
        self.value = value
        self.allowed = allowed


class StoreError(GraphMemError):
    """The store refused or failed an operation."""


class StoreUnavailable(StoreError):
    """The store cannot be reached or opened now; trying again later may help."""


class SessionOwnerError(GraphMemError):
    """A session was used with a user it does not belong to. The owner is not named: that is another user's."""

    def __init__(self, session_id: str) -> None:
        super().__init__(
            f"session {session_id!r} belongs to another user; a session has one user for ever, so use another session_id"
        )
        self.session_id = session_id


class InvalidInteraction(GraphMemError):
    """What was given to ``store`` is not an interaction."""


class LimitExceeded(InvalidInteraction):
    """What was given to ``store`` is larger than a limit of `graphmem.Limits` allows, which the message names."""


class InvalidTranscript(GraphMemError):
    """A transcript cannot be read; the message names the file and, where there is one, the line."""


class IdempotencyConflict(GraphMemError):
    """A message id that is already in the session came again with a different text."""

    def __init__(self, session_id: str, message_id: str) -> None:
        super().__init__(
            f"message {message_id!r} is already in session {session_id!r} with a different text; give the new message another id"
        )
        self.session_id = session_id
        self.message_id = message_id


class CypherError(GraphMemError):
    """A Cypher query is wrong; the message says where in the query."""


class CypherNotAllowed(CypherError):
    """A Cypher query would write, call procedures or load files; the message names the clause."""


class CypherTimeout(CypherError):
    """A Cypher query took longer than it was allowed."""


class ExtractionPending(GraphMemError):
    """Messages are stored but could not be turned into facts yet; the message carries the cause."""


class LLMError(GraphMemError):
    """The language model's endpoint failed where somebody waits for its answer, as in reading a transcript without a store.

    What is stored never fails so: it stays pending, and `ExtractionPending` says why. The message names the endpoint and what to
    do; an extractor that is called directly raises `extraction.EndpointError`.
    """
