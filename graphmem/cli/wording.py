"""Errors of the configuration in the words of the command line: its options and variables, not the settings of Python."""

from __future__ import annotations

import re
from collections.abc import Callable

from graphmem.config import EXTRACTORS, NEO4J_SCHEMES
from graphmem.errors import ConfigError

SERVER_URL = "bolt://localhost:7687"
_VARIABLES = {
    "provider": "GRAPHMEM_PROVIDER",
    "database": "GRAPHMEM_DATABASE",
    "catalogue": "GRAPHMEM_CATALOGUE",
    "ttl": "GRAPHMEM_TTL",
    "buffer_size": "GRAPHMEM_BUFFER_SIZE",
    "llm.timeout": "GRAPHMEM_LLM_TIMEOUT",
    "llm.concurrency": "GRAPHMEM_LLM_CONCURRENCY",
    "llm.requests_per_minute": "GRAPHMEM_LLM_REQUESTS_PER_MINUTE",
    "max_tokens": "--max-tokens (or GRAPHMEM_MAX_TOKENS)",
    "limit": "--limit",
    "timeout": "--timeout",
    "predicate": "--predicate",
    "status": "--status",
    "as_of": "--as-of",
    "user_id": "--user",
    "session_id": "--session",
    "message_id": "--message",
    "fact_id": "--fact",
}
"""What the command line calls a setting whose allowed values read the same there."""


def in_own_words(error: ConfigError) -> str:
    """Return what is wrong and which option or variable puts it right, in one line."""
    say = _SAYINGS.get(error.field)
    if say is not None:
        return say(error)
    return f"{_VARIABLES.get(error.field, error.field)}={error.value!r} is not valid: {_without_none(error.allowed)}"


def _without_none(allowed: str) -> str:
    """Leave away that a setting may be None: here it is left away itself."""
    return re.sub(r", or None( for all)?$", "", allowed)


def _connection_url(error: ConfigError) -> str:
    if not error.value:
        return f"provider 'neo4j' needs the URL of a server: give --url {SERVER_URL} or set GRAPHMEM_URL"
    url = str(error.value)
    scheme, _, host = url.partition("://")
    if scheme in NEO4J_SCHEMES and host:
        return f"{url!r} is the URL of a server, but GRAPHMEM_PROVIDER says 'sqlite'; unset it, the URL decides"
    return f"{url!r} is no store: give --url (or GRAPHMEM_URL) a path, or the URL of a Neo4j server as {SERVER_URL}"


def _extractor(error: ConfigError) -> str:
    if error.value in EXTRACTORS:
        return f"extractor {error.value!r} needs a language model: set GRAPHMEM_LLM_MODEL to its name"
    return f"GRAPHMEM_EXTRACTOR={error.value!r} is not valid: one of {', '.join(EXTRACTORS)}"


def _api_key(_: ConfigError) -> str:
    return "the language model needs a key: set OPENAI_API_KEY, or OPENAI_BASE_URL of a server that needs none"


def _llm(error: ConfigError) -> str:
    return f"the language model cannot be used: {_without_none(error.allowed).replace('base_url', 'OPENAI_BASE_URL')}"


def _embedder(error: ConfigError) -> str:
    allowed = error.allowed.replace(", an async callable from texts to vectors, or None", "")
    return f"GRAPHMEM_EMBEDDER={error.value!r} is not valid: {allowed}"


def _auth(_: ConfigError) -> str:
    return "GRAPHMEM_USER and GRAPHMEM_PASSWORD are not valid: the name and the password of the server's user"


_SAYINGS: dict[str, Callable[[ConfigError], str]] = {
    "connection_url": _connection_url,
    "extractor": _extractor,
    "llm.model": lambda error: f"GRAPHMEM_LLM_MODEL={error.value!r} is not valid: the name of a model",
    "llm.api_key": _api_key,
    "llm": _llm,
    "embedder": _embedder,
    "auth": _auth,
}
