"""Cypher as Neo4j reads it, in the words that kglite understands; and the way back for column names and places.

Each change keeps the meaning. What cannot be said in kglite's words stays as it is and is refused by kglite.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from graphmem.cypher.functions import AGGREGATES
from graphmem.cypher.rows import MARK
from graphmem.cypher.tokens import Kind, Token

_RENAMED = {
    "char_length": "size",
    "character_length": "size",
    "lower": "toLower",
    "upper": "toUpper",
    "percentilecont": "percentile_cont",
    "percentiledisc": "percentile_disc",
}
_ANSWERED_BY_KGLITE = frozenset("type title label node_type connection_type".split())
"""Properties that kglite makes up where a node or relationship has none of that name."""
_SHORTEST = frozenset(("shortestpath", "allshortestpaths"))
_NOT_TO_DROP = frozenset("DISTINCT SKIP OFFSET LIMIT UNION".split())


@dataclass(frozen=True, slots=True)
class Edit:
    """``text`` instead of the characters from ``start`` to ``end``."""

    start: int
    end: int
    text: str


class Rewritten:
    """A query after some edits, which must not overlap."""

    def __init__(self, original: str, edits: Sequence[Edit]) -> None:
        self.original = original
        self.edits = sorted(edits, key=lambda e: (e.start, e.end))
        self._spans: list[tuple[int, int, Edit]] = []
        parts: list[str] = []
        at = length = 0
        for edit in self.edits:
            parts += (original[at : edit.start], edit.text)
            start = length + edit.start - at
            length = start + len(edit.text)
            self._spans.append((start, length, edit))
            at = edit.end
        self.text = "".join((*parts, original[at:]))

    def original_offset(self, offset: int) -> int:
        """Return where in the original the character at ``offset`` of the text comes from."""
        shift = 0
        for start, end, edit in self._spans:
            if offset < start:
                break
            if offset < end:
                return edit.start
            shift = edit.end - end
        return offset + shift

    def original_column(self, column: str) -> str:
        """Return the name that a column has in the original query; kglite names one by its text where it has no alias."""
        at = self.text.find(column)
        while at >= 0:
            end = at + len(column)
            touching = [(s, e) for s, e, _ in self._spans if s < end and e > at]
            if touching and all(at <= s and e <= end for s, e in touching):
                return self.original[self.original_offset(at) : self._original_end(end)]
            at = self.text.find(column, at + 1)
        return column

    def _original_end(self, end: int) -> int:
        closing = [edit.end for _, span_end, edit in self._spans if span_end == end]
        return closing[-1] if closing else self.original_offset(end)


def rewrite(query: str, tokens: Sequence[Token], parameters: Mapping[str, Any], *, hide_labels: bool) -> Rewritten:
    """Return ``query`` in kglite's words.

    Args:
        query: without comments.
        tokens: its tokens.
        parameters: their values, in whose maps property names may occur.
        hide_labels: the graph has labels of kglite's own (`graphmem.cypher.rows.internal_label`), to be left out of ``labels()``.
    """
    return Rewritten(query, list(_Rewriter(tokens, parameters, hide_labels).edits()))


class _Rewriter:
    def __init__(self, tokens: Sequence[Token], parameters: Mapping[str, Any], hide_labels: bool) -> None:
        self.tokens = tokens
        self.hide_labels = hide_labels
        self.closing = _matching(tokens)
        keys = {t.text for t, following in pairwise(tokens) if following.is_symbol(":")}
        self.made_up = _ANSWERED_BY_KGLITE - keys - set(_keys(parameters))

    def edits(self) -> Iterator[Edit]:
        for at, token in enumerate(self.tokens):
            if token.is_symbol(";"):
                yield Edit(token.start, token.end, " ")
            elif token.is_symbol(","):
                yield from self._shortest_path(at)
            elif token.is_symbol(":"):
                yield from self._property_value(at)
            elif token.is_name and self._is(at - 1, ".") and not self._is(at - 2, "{", ","):
                yield from self._made_up_property(token)
            elif token.kind is Kind.WORD:
                yield from self._word(at, token)

    def _is(self, at: int, *symbols: str) -> bool:
        return 0 <= at < len(self.tokens) and self.tokens[at].is_symbol(*symbols)

    def _word(self, at: int, token: Token) -> Iterator[Edit]:
        if self._is(at + 1, "(") and not self._is(at - 1, ".", ":"):
            yield from self._call(at, token)
        elif token.upper in ("EXISTS", "COUNT") and self._is(at + 1, "{"):
            yield from self._subquery_result(at + 1)

    def _call(self, at: int, token: Token) -> Iterator[Edit]:
        name = token.text.casefold()
        end = self.tokens[self.closing[at + 1]].end
        if name in _RENAMED:
            yield Edit(token.start, token.end, _RENAMED[name])
        elif name == "isempty":
            yield Edit(token.start, token.end, "(0 = size")
            yield Edit(end, end, ")")
        elif name == "labels" and self.hide_labels:
            yield Edit(token.start, token.start, "coalesce([label_ IN ")
            yield Edit(end, end, f" WHERE NOT label_ CONTAINS '{MARK}'])")

    def _subquery_result(self, opening: int) -> Iterator[Edit]:
        """What ``EXISTS { MATCH ... RETURN x }`` returns has no say in whether there is a row, nor in how many there are."""
        closing = self.closing[opening]
        at = opening + 1
        while at < closing:
            if at in self.closing:
                at = self.closing[at]
            elif self.tokens[at].upper == "RETURN":
                rest = self.tokens[at:closing]
                if not any(t.upper in _NOT_TO_DROP or t.text.casefold() in AGGREGATES for t in rest):
                    yield Edit(rest[0].start, rest[-1].end, "")
                return
            at += 1

    def _shortest_path(self, comma: int) -> Iterator[Edit]:
        """``MATCH (a), (b), p = shortestPath(...)``: kglite wants the path in a MATCH of its own."""
        at = comma + 1
        if self.tokens[at].is_name and self._is(at + 1, "="):
            at += 2
        if self.tokens[at].text.casefold() in _SHORTEST and self._is(at + 1, "(") and self._in_plain_match(comma):
            yield Edit(self.tokens[comma].start, self.tokens[comma].end, " MATCH ")

    def _in_plain_match(self, at: int) -> bool:
        opened = {close: start for start, close in self.closing.items()}
        while at > 0:
            at = opened.get(at - 1, at - 1)
            if self.tokens[at].is_symbol("(", "[", "{") and at not in opened.values():
                return False
            if self.tokens[at].upper == "MATCH":
                return at == 0 or self.tokens[at - 1].upper != "OPTIONAL"
        return False

    def _property_value(self, colon: int) -> Iterator[Edit]:
        """``{id: r.fact_id}``: kglite does not look into a relationship there, but it does into a function's argument."""
        tokens = self.tokens[colon + 1 : colon + 4]
        if (
            self._is(colon - 2, "{", ",")
            and len(tokens) == 3
            and tokens[0].is_name
            and tokens[1].is_symbol(".")
            and tokens[2].is_name
            and self._is(colon + 4, ",", "}")
        ):
            yield Edit(tokens[0].start, tokens[0].start, "coalesce(")
            yield Edit(tokens[2].end, tokens[2].end, ")")

    def _made_up_property(self, token: Token) -> Iterator[Edit]:
        if token.text in self.made_up:
            yield Edit(token.start, token.end, f"`{token.text}{MARK}`")


def _matching(tokens: Sequence[Token]) -> dict[int, int]:
    """The index of the closing bracket by that of the opening one."""
    found: dict[int, int] = {}
    open_: list[int] = []
    for at, token in enumerate(tokens):
        if token.is_symbol("(", "[", "{"):
            open_.append(at)
        elif token.is_symbol(")", "]", "}") and open_:
            found[open_.pop()] = at
    return found


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from _keys(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _keys(item)
