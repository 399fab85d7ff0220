"""Running a query on a projection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from graphmem.cypher.engine import Limits
from graphmem.cypher.guard import guarded_tokens
from graphmem.cypher.places import complaint, printable
from graphmem.cypher.projection import Projection
from graphmem.cypher.tokens import Kind, Token, without_comments
from graphmem.errors import CypherError

_INTEGERS = range(-(2**63), 2**63)
_DEEPEST = 32


def run(
    projection: Projection,
    query: str,
    parameters: Mapping[str, Any] | None = None,
    limit: int = 1000,
    timeout: float = 5.0,
) -> list[dict[str, Any]]:
    """Run a query that only reads on a projection. Busy until it is done: call it in a thread.

    Args:
        projection: the graph to read.
        query: one Cypher statement.
        parameters: values of its ``$names``: texts, numbers, truth values, None, dates and times, and lists and maps of these.
        limit: the first ``limit`` rows come back and the others do not, without an error; ask in the query for what should
            come first (``ORDER BY``) or be counted (``count(*)``).
        timeout: seconds that it may take.

    Returns:
        Rows in the query's order; each maps the column names as the query gives them to values. A node is a dict of its
        properties, a relationship too, a path is a list of node, relationship, node and so on.

    Raises:
        CypherNotAllowed: see `graphmem.cypher.check_read_only`.
        CypherTimeout: it took longer than ``timeout``.
        CypherError: the query is wrong, a parameter is missing or of no such type, or it needs too much work.
    """
    tokens = guarded_tokens(query)
    given = _checked(parameters or {})
    _check_all_given(query, tokens, given)
    if limit < 0 or timeout <= 0:
        raise CypherError(f"limit={limit!r}, timeout={timeout!r}: the limit must be at least 0 and the timeout above 0")
    text = without_comments(query, tokens)
    return projection.engine.run(text, given, Limits(limit, timeout))


def _check_all_given(query: str, tokens: list[Token], parameters: Mapping[str, Any]) -> None:
    for token in tokens:
        if token.kind is Kind.PARAMETER and token.text not in parameters:
            raise CypherError(
                complaint(query, token.start, f"the query needs parameters={{{token.text!r}: ...}}, which is missing")
            )


def _checked(parameters: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(parameters, Mapping):
        raise CypherError(f"parameters must be a dict, not {type(parameters).__name__}")
    for name in parameters:
        if not isinstance(name, str):
            raise CypherError(f"the parameter name {name!r} is not a text")
    return {name: _value(value, f"parameter ${printable(name)}", 0) for name, value in parameters.items()}


def _value(value: Any, where: str, depth: int) -> Any:
    if depth > _DEEPEST:
        raise CypherError(f"{where} is nested more than {_DEEPEST} levels deep")
    if value is None or isinstance(value, (str, bool, float, datetime, date, time)):
        return value
    if isinstance(value, int):
        if value not in _INTEGERS:
            raise CypherError(f"{where} is {value}, which does not fit into 64 bits")
        return value
    if isinstance(value, (list, tuple)):
        return [_value(item, f"{where}[{i}]", depth + 1) for i, item in enumerate(value)]
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise CypherError(f"{where} has a key that is not a text")
        return {key: _value(item, f"{where}.{printable(key)}", depth + 1) for key, item in value.items()}
    raise CypherError(
        f"{where} is a {type(value).__name__}; give a text, number, truth value, date, list or dict of these"
    )
