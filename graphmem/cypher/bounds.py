"""Queries that would exhaust the memory or the stack of the process before any clock could stop them: refused by their tokens.

The engine counts rows and list items, not the length of a text nor the depth of a value. Those grow without bound only
by a value that is put together from itself, again and again: in ``reduce``, or from one ``WITH`` to the next.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import pairwise

from graphmem.cypher.places import complaint
from graphmem.cypher.tokens import Kind, Token
from graphmem.errors import CypherError

MOST_TOKENS = 5_000
MOST_UNIONS = 50
DEEPEST = 40
MOST_GROWTH = 10_000

_UNKNOWN_LENGTH = 100

_SEPARATING = frozenset("CASE WHEN THEN ELSE END AND OR XOR".split())
_JOINING = ("+", "||")
_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")


def check_bounds(query: str, tokens: Sequence[Token]) -> None:
    """Refuse a query that is too long, too deep, or makes values that grow by themselves.

    Raises:
        CypherError: says what and where.
    """
    if len(tokens) > MOST_TOKENS:
        raise CypherError(f"the query has more than {MOST_TOKENS} words and signs; give long lists as parameters")
    unions = [token for token in tokens if token.upper == "UNION"]
    if len(unions) > MOST_UNIONS:
        raise CypherError(complaint(query, unions[MOST_UNIONS].start, f"more than {MOST_UNIONS} UNION in a query"))
    depth = 0
    for token in tokens:
        depth += token.is_symbol(*_OPENING) - token.is_symbol(*_CLOSING)
        if depth > DEEPEST:
            raise CypherError(complaint(query, token.start, f"brackets are nested more than {DEEPEST} deep"))
    for at, token in enumerate(tokens):
        if token.text.casefold() == "reduce" and tokens[at + 1].is_symbol("("):
            _check_reduce(query, tokens, at + 1)
    _check_clauses(query, tokens)


def _check_reduce(query: str, tokens: Sequence[Token], opening: int) -> None:
    """The accumulator may be joined to once a step; put into a list or a map of its own it would nest without end."""
    inside = list(_inside(tokens, opening))
    bars = [i for i, (token, depth) in enumerate(inside) if depth == 1 and token.is_symbol("|")]
    if not bars or not inside[0][0].is_name:
        return
    name, body = inside[0][0].text, [token for token, _ in inside[bars[0] + 1 :]]
    uses = [i for i, token in enumerate(body) if token.is_name and token.text == name and not _is_property(body, i)]
    nested = any(t.text.casefold() in ("reduce", "replace") for t in body)
    if len(uses) > 1 and (nested or any(count > 1 for count in _uses_by_part(body, name))):
        raise _refusal(
            query, body[uses[1]], f"{name} is joined to itself in this reduce() and would grow without bound"
        )
    for i in uses:
        literals = [k for k, opened in _open_at(body, i) if _is_literal(body, k)]
        if (
            any(body[k].is_symbol("[") for k in literals)
            or len(literals) > 1
            or (literals and not _has_property(body, i))
        ):
            raise _refusal(
                query, body[i], f"{name} is put into a list or map in this reduce() and would nest without end"
            )


def _check_clauses(query: str, tokens: Sequence[Token]) -> None:
    """Each WITH may multiply a length by the names that it joins; together not by more than `MOST_GROWTH`."""
    growth = _growth_by_replacing(tokens)
    starts = [
        i for i, token in enumerate(tokens) if token.upper == "WITH" and not _is_after(tokens, i, "STARTS", "ENDS")
    ]
    for start, end in pairwise([*starts, len(tokens)]):
        growth *= max((sum(uses.values()) for uses in _joined_names(tokens[start + 1 : end])), default=1) or 1
        if growth > MOST_GROWTH:
            raise _refusal(
                query, tokens[start], "each WITH lengthens what the one before made, so it grows without bound"
            )
    if growth > MOST_GROWTH:
        raise CypherError("replace() within replace() makes texts that grow without bound; replace by shorter texts")


def _growth_by_replacing(tokens: Sequence[Token]) -> int:
    """By how much all calls of ``replace`` together may make a text longer."""
    growth = 1
    for at, token in enumerate(tokens):
        if token.text.casefold() == "replace" and tokens[at + 1].is_symbol("("):
            last = next(iter(deque((t for t, _ in _inside(tokens, at + 1)), maxlen=1)), token)
            growth *= max(1, len(last.text)) if last.kind is Kind.STRING else _UNKNOWN_LENGTH
    return growth


def _joined_names(tokens: Sequence[Token]) -> Iterator[Counter[str]]:
    """The names in each part of an expression in which something is joined."""
    for part in _parts(tokens):
        if any(t.is_symbol(*_JOINING) for t in part) or any(t.text.casefold() == "replace" for t in part):
            yield Counter(t.text for i, t in enumerate(part) if _is_value(part, i))


def _uses_by_part(tokens: Sequence[Token], name: str) -> Iterator[int]:
    for uses in _joined_names(tokens):
        yield uses[name]


def _parts(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    start = 0
    for i, token in enumerate(tokens):
        if token.is_symbol(",", "|", "=", "<>", "<", ">", "<=", ">=") or token.upper in _SEPARATING:
            yield tokens[start:i]
            start = i + 1
    yield tokens[start:]


def _inside(tokens: Sequence[Token], opening: int) -> Iterator[tuple[Token, int]]:
    depth = 1
    for token in tokens[opening + 1 :]:
        depth += token.is_symbol(*_OPENING) - token.is_symbol(*_CLOSING)
        if depth == 0 or token.kind is Kind.END:
            return
        yield token, depth


def _open_at(tokens: Sequence[Token], at: int) -> list[tuple[int, str]]:
    open_: list[tuple[int, str]] = []
    for i, token in enumerate(tokens[:at]):
        if token.is_symbol(*_OPENING):
            open_.append((i, token.text))
        elif token.is_symbol(*_CLOSING) and open_:
            open_.pop()
    return open_


def _is_literal(tokens: Sequence[Token], opening: int) -> bool:
    """Whether a list or map begins here, and not an index, a slice or a call."""
    if not tokens[opening].is_symbol("[", "{"):
        return False
    before = tokens[opening - 1] if opening else None
    return before is None or not (
        (before.is_name and before.upper not in _SEPARATING | {"IN"}) or before.is_symbol(")", "]", "}")
    )


def _is_value(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    if token.kind is Kind.PARAMETER:
        return True
    called = at + 1 < len(tokens) and tokens[at + 1].is_symbol("(")
    return token.is_name and not called and not _is_property(tokens, at) and not _is_after(tokens, at, "AS")


def _is_property(tokens: Sequence[Token], at: int) -> bool:
    return at > 0 and tokens[at - 1].is_symbol(".")


def _has_property(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].is_symbol(".")


def _is_after(tokens: Sequence[Token], at: int, *words: str) -> bool:
    return at > 0 and tokens[at - 1].upper in words


def _refusal(query: str, token: Token, what: str) -> CypherError:
    return CypherError(complaint(query, token.start, what))
