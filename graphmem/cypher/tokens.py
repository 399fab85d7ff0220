"""Cypher text as tokens: strings, quoted names, words, numbers, parameters and symbols, each with its place; comments are dropped.

Where Neo4j and other engines read a text differently (unicode escapes outside of strings, invisible characters), the text
is refused instead of guessed at, so that what a token is here is what it is there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from graphmem.cypher.places import complaint
from graphmem.errors import CypherError, CypherNotAllowed


class Kind(Enum):
    """What a token is. A word is a keyword or a bare name; a name is one in backticks."""

    STRING = "string"
    NAME = "name"
    WORD = "word"
    NUMBER = "number"
    PARAMETER = "parameter"
    SYMBOL = "symbol"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A token: ``text`` without its quotes, ``start`` and ``end`` as offsets into the query.

    The text of a word keeps its case; `upper` is how keywords are compared.
    """

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        """The text of a word in upper case; empty for anything else, so that no quoted text is taken for a keyword."""
        return self.text.upper() if self.kind is Kind.WORD else ""

    def is_symbol(self, *texts: str) -> bool:
        """Whether it is one of these symbols."""
        return self.kind is Kind.SYMBOL and self.text in texts

    @property
    def is_name(self) -> bool:
        """Whether it can name a variable, a label or a property."""
        return self.kind in (Kind.WORD, Kind.NAME)


_ESCAPE = re.compile(r"\\u+([0-9A-Fa-f]{4})")
_DANGEROUS_WHEN_ESCAPED = frozenset("'\"`\\\n\r")
_NUMBER = re.compile(r"0[xX][0-9A-Fa-f]+|0[oO][0-7]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:[eE][+-]?\d+)?")
_SYMBOLS = re.compile(r"\.\.|<>|<=|>=|=~|\+=|\|\||::|[-+*/%^=<>()\[\]{},.:;|&!?@#~$]")
_SPACE = frozenset(" \t\n\r\f")


def tokenize(query: str) -> list[Token]:
    """Return the tokens of ``query``, the last of which is the end.

    Raises:
        CypherError: a string, quoted name or comment has no end, or a character can stand nowhere.
        CypherNotAllowed: a unicode escape would be code for Neo4j and text for others.
    """
    _check_escapes(query)
    return list(_Scanner(query).tokens())


def without_comments(query: str, tokens: list[Token]) -> str:
    """Return ``query`` with its comments turned into spaces, so that every place in it stays where it was."""
    kept = [c if c in "\n\r" else " " for c in query]
    for token in tokens:
        kept[token.start : token.end] = query[token.start : token.end]
    return "".join(kept)


def _check_escapes(query: str) -> None:
    for escape in _ESCAPE.finditer(query):
        if chr(int(escape[1], 16)) in _DANGEROUS_WHEN_ESCAPED:
            raise CypherNotAllowed(
                complaint(
                    query,
                    escape.start(),
                    f"the unicode escape {escape[0]} is not allowed, since it could end a string; use a parameter",
                )
            )


class _Scanner:
    def __init__(self, query: str) -> None:
        self.query = query
        self.at = 0

    def tokens(self) -> list[Token]:
        found: list[Token] = []
        while (token := self._next()).kind is not Kind.END:
            found.append(token)
        return [*found, token]

    def _next(self) -> Token:
        self._skip_spaces_and_comments()
        query, start = self.query, self.at
        if start >= len(query):
            return Token(Kind.END, "", start, start)
        first = query[start]
        if first in "'\"":
            return self._string(first)
        if first == "`":
            return self._quoted(Kind.NAME, start)
        if first == "$":
            return self._parameter()
        if first.isalpha() or first == "_":
            return self._word(Kind.WORD, start)
        if (first.isascii() and first.isdigit()) or (first == "." and query[start + 1 : start + 2].isdigit()):
            return self._number()
        if first == "\\":
            raise CypherNotAllowed(complaint(query, start, "a unicode escape is allowed in a string only"))
        symbol = _SYMBOLS.match(query, start)
        if symbol is None:
            raise self._refusal(start, f"unexpected character {first!r}")
        return self._token(Kind.SYMBOL, symbol[0], start, symbol.end())

    def _token(self, kind: Kind, text: str, start: int, end: int) -> Token:
        self.at = end
        return Token(kind, text, start, end)

    def _skip_spaces_and_comments(self) -> None:
        query = self.query
        while self.at < len(query):
            if query[self.at] in _SPACE:
                self.at += 1
            elif query.startswith("//", self.at):
                end = re.compile(r"[\n\r]|\Z").search(query, self.at)
                self._leave_comment(end.start() if end else len(query))
            elif query.startswith("/*", self.at):
                closing = query.find("*/", self.at + 2)
                if closing < 0:
                    raise self._refusal(self.at, "this comment has no end; close it with */")
                self._leave_comment(closing + 2)
            else:
                return

    def _leave_comment(self, end: int) -> None:
        escape = _ESCAPE.search(self.query, self.at, end)
        if escape:
            raise CypherNotAllowed(
                complaint(self.query, escape.start(), f"the unicode escape {escape[0]} is not allowed in a comment")
            )
        self.at = end

    def _string(self, quote: str) -> Token:
        query, start = self.query, self.at
        at = start + 1
        while at < len(query):
            if query[at] == "\\":
                at += 2
            elif query[at] == quote:
                return self._token(Kind.STRING, query[start + 1 : at], start, at + 1)
            else:
                at += 1
        raise self._refusal(start, f"this string has no end; close it with {quote}")

    def _quoted(self, kind: Kind, start: int) -> Token:
        query, at = self.query, self.at + 1
        while at < len(query):
            if query[at] != "`":
                at += 1
            elif query.startswith("``", at):
                at += 2
            else:
                text = query[self.at + 1 : at].replace("``", "`")
                if "\\u" in text:
                    raise CypherNotAllowed(complaint(query, start, "unicode escapes are not allowed in a name"))
                return self._token(kind, text, start, at + 1)
        raise self._refusal(start, "this name has no end; close it with `")

    def _parameter(self) -> Token:
        start = self.at
        following = self.query[start + 1 : start + 2]
        if following == "`":
            self.at += 1
            return self._quoted(Kind.PARAMETER, start)
        if following.isalnum() or following == "_":
            self.at += 1
            return self._word(Kind.PARAMETER, start)
        return self._token(Kind.SYMBOL, "$", start, start + 1)

    def _word(self, kind: Kind, start: int) -> Token:
        query, first = self.query, self.at
        at = first
        while at < len(query) and (query[at].isalnum() or query[at] == "_"):
            at += 1
        return self._token(kind, query[first:at], start, at)

    def _number(self) -> Token:
        query, start = self.query, self.at
        # The two dots of a range are not a decimal point: *1..3
        whole = re.compile(r"\d[\d_]*(?=\.\.)").match(query, start)
        number = whole or _NUMBER.match(query, start)
        if number is None:
            raise self._refusal(start, f"unexpected character {query[start]!r}")
        return self._token(Kind.NUMBER, number[0], start, number.end())

    def _refusal(self, at: int, what: str) -> CypherError:
        return CypherError(complaint(self.query, at, what))
