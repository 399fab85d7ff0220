"""Which queries only read. What is not known to read is refused; a query is judged by its tokens, never by searching its text.

A clause can begin only where an expression or a pattern is complete, outside of parentheses, brackets and maps. So the guard
follows, per query and subquery, whether an operand is expected or complete. A word after a complete operand must be an
operator, a modifier or a clause that reads; anything else is refused by name. Thus ``n.set``, ``:Create``, ``{delete: 1}``
and a variable called ``merge`` pass, and ``RETURN 1 CREATE (n)`` does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from graphmem.cypher import functions
from graphmem.cypher.bounds import check_bounds
from graphmem.cypher.places import complaint
from graphmem.cypher.tokens import Kind, Token, tokenize
from graphmem.errors import CypherError, CypherNotAllowed

_READING = frozenset("MATCH WHERE RETURN WITH UNWIND SKIP OFFSET LIMIT FINISH".split())
_WRITING = frozenset("CREATE INSERT MERGE SET DELETE DETACH NODETACH REMOVE FOREACH".split())
_FORBIDDEN = _WRITING | frozenset(
    "LOAD CALL USE DROP SHOW ALTER GRANT DENY REVOKE TERMINATE START STOP RENAME ENABLE DEALLOCATE REALLOCATE EXPLAIN "
    "PROFILE CYPHER USING".split()
)
_PREFIXES = frozenset("NOT DISTINCT CASE WHEN".split())
_BETWEEN = frozenset("AND OR XOR IN CONTAINS WHEN THEN ELSE".split())
_AFTER = frozenset("ASC ASCENDING DESC DESCENDING END".split())
_KEYWORDS_BEFORE_PARENTHESES = (
    _PREFIXES | _BETWEEN | _READING | frozenset("IS AS BY ON AND OPTIONAL CALL UNION ALL ORDER STARTS ENDS".split())
) - {"ALL"}
_SUBQUERIES = frozenset("EXISTS COUNT COLLECT".split())
_IS_WORDS = frozenset(
    "NOT NULL TYPED NORMALIZED NFC NFD NFKC NFKD BOOLEAN STRING INTEGER FLOAT DATE LOCAL ZONED TIME DATETIME DURATION POINT "
    "NODE RELATIONSHIP MAP LIST PATH ANY PROPERTY VALUE NOTHING".split()
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_ENDS_AN_OPERAND = ("=", "<>", "<", ">", "<=", ">=", "=~", "/", "^", "%", ",", ".", ")", "]", "}", ";", ":")


class _State(Enum):
    CLAUSE = auto()
    OPERAND = auto()
    COMPLETE = auto()
    AFTER_CALL = auto()


@dataclass(slots=True)
class _Frame:
    """An open bracket, or the query itself. ``query`` when clauses may stand in it; ``calls`` when a subquery must follow it."""

    opened_by: Token
    query: bool
    state: _State = _State.CLAUSE
    calls: bool = False
    pattern_first: bool = False
    clause: str = ""


def check_read_only(query: str) -> None:
    """Refuse a query that does anything but read the graph.

    Args:
        query: Cypher text, one statement.

    Raises:
        CypherNotAllowed: it writes, calls a procedure or a function that is not Cypher's own, loads a file, changes the
            database or the session, or uses a clause that is not known to read. The message names the clause, its line and
            column, and shows them.
        CypherError: it is not text, is empty, too long or too deep, has an unclosed string, comment or bracket, or makes values
            that grow without bound.
    """
    guarded_tokens(query)


def guarded_tokens(query: str) -> list[Token]:
    """Return the tokens of a query that only reads; raises as `check_read_only`."""
    if not isinstance(query, str):
        raise CypherError(f"a query is a text, not {type(query).__name__}")
    tokens = tokenize(query)
    _Guard(query, tokens).check()
    check_bounds(query, tokens)
    return tokens


class _Guard:
    def __init__(self, query: str, tokens: list[Token]) -> None:
        self.query = query
        self.tokens = tokens
        self.at = 0
        self.frames = [_Frame(tokens[0], query=True)]

    def check(self) -> None:
        if len(self.tokens) == 1:
            raise CypherError("the query is empty; write one such as MATCH (n) RETURN n.name")
        while (token := self._token).kind is not Kind.END:
            if token.is_symbol(";"):
                self._end_of_statement()
            elif token.is_symbol("(", "[", "{"):
                self._open()
            elif token.is_symbol(")", "]", "}"):
                self._close()
            elif self._frame.query:
                self._step_in_query()
            else:
                self._step_in_brackets()
        if len(self.frames) > 1:
            raise self._error(self._frame.opened_by, f"this {self._frame.opened_by.text} is never closed")
        if self._frame.clause not in ("RETURN", "FINISH"):
            raise self._error(self.tokens[-1], f"a query ends with RETURN, not with {self._frame.clause or 'nothing'}")

    @property
    def _token(self) -> Token:
        return self.tokens[self.at]

    @property
    def _frame(self) -> _Frame:
        return self.frames[-1]

    def _ahead(self, count: int = 1) -> Token:
        return self.tokens[min(self.at + count, len(self.tokens) - 1)]

    def _before(self, count: int = 1) -> Token | None:
        return self.tokens[self.at - count] if self.at >= count else None

    def _error(self, token: Token, what: str) -> CypherError:
        return CypherError(complaint(self.query, token.start, what))

    def _refusal(self, token: Token, what: str) -> CypherNotAllowed:
        return CypherNotAllowed(complaint(self.query, token.start, what))

    def _end_of_statement(self) -> None:
        following = self._ahead()
        if following.kind is not Kind.END:
            raise self._refusal(following, "a second statement is not allowed; give one query a call")
        self.at += 1

    def _open(self) -> None:
        token, frame = self._token, self._frame
        if frame.query and frame.state is _State.CLAUSE and not (token.text == "(" and frame.pattern_first):
            raise self._refusal(token, f"{token.text} where a clause is expected is not allowed; begin with MATCH")
        if frame.query and frame.state is _State.AFTER_CALL:
            raise self._error(token, f"unexpected {token.text} after a subquery")
        if token.text == "{":
            self._check_map()
        self.frames.append(_Frame(token, query=False))
        self.at += 1

    def _check_map(self) -> None:
        first, second = self._ahead(1), self._ahead(2)
        if first.kind is Kind.WORD and not second.is_symbol(":", ",", "}"):
            if first.upper in _READING | _FORBIDDEN | {"OPTIONAL"}:
                raise self._refusal(first, f"a subquery with {first.upper} is not allowed here")
            raise self._error(first, f"unexpected {first.text!r} in a map; write {{{first.text}: value}}")

    def _close(self) -> None:
        token, frame = self._token, self._frame
        if len(self.frames) == 1 or _CLOSING[frame.opened_by.text] != token.text:
            raise self._error(token, f"this {token.text} closes nothing")
        self.frames.pop()
        self.at += 1
        if frame.calls:
            if not frame.query:
                self._open_subquery(call=True)
                return
            self._frame.state = _State.AFTER_CALL
        elif self._frame.query:
            self._frame.state = _State.COMPLETE

    def _open_subquery(self, *, call: bool) -> None:
        if not self._token.is_symbol("{"):
            raise self._refusal(self._token, "CALL of anything but a subquery in braces is not allowed")
        self.frames.append(_Frame(self._token, query=True, calls=call, pattern_first=not call))
        self.at += 1

    def _step_in_query(self) -> None:
        frame, token = self._frame, self._token
        if frame.state in (_State.CLAUSE, _State.AFTER_CALL):
            self._clause(token)
        elif frame.state is _State.OPERAND:
            self._operand(token)
        else:
            self._complete(token)

    def _clause(self, token: Token) -> None:
        frame = self._frame
        if frame.pattern_first and frame.state is _State.CLAUSE and token.is_name and self._ahead().is_symbol("="):
            self.at += 2
            frame.state = _State.OPERAND
            return
        if frame.state is _State.AFTER_CALL and token.upper == "IN":
            raise self._refusal(token, "CALL { } IN TRANSACTIONS is not allowed")
        word = token.upper
        frame.pattern_first = False
        if word not in ("ORDER", "SKIP", "OFFSET", "LIMIT"):
            frame.clause = word
        if word == "OPTIONAL":
            self._optional(token)
        elif word == "ORDER":
            self._expect_word(1, "BY", "ORDER")
            self.at += 2
            frame.state = _State.OPERAND
        elif word == "UNION":
            self.at += 2 if self._ahead().upper in ("ALL", "DISTINCT") else 1
            frame.state = _State.CLAUSE
        elif word == "CALL":
            self._call(token)
        elif word == "FINISH":
            self.at += 1
            frame.state = _State.COMPLETE
        elif word in _READING:
            self.at += 1
            frame.state = _State.OPERAND
        else:
            raise self._not_a_reading_clause(token)

    def _optional(self, token: Token) -> None:
        following = self._ahead()
        if following.upper == "CALL":
            self.at += 1
            self._call(following)
        elif following.upper == "MATCH":
            self.at += 2
            self._frame.state = _State.OPERAND
        else:
            raise self._error(following, "OPTIONAL is followed by MATCH")

    def _expect_word(self, ahead: int, word: str, after: str) -> None:
        if self._ahead(ahead).upper != word:
            raise self._error(self._ahead(ahead), f"{after} is followed by {word}")

    def _call(self, token: Token) -> None:
        following = self._ahead()
        if following.is_symbol("{"):
            self.at += 1
            self._open_subquery(call=True)
        elif following.is_symbol("("):
            self.frames.append(_Frame(following, query=False, calls=True))
            self.at += 2
        else:
            raise self._refusal(token, "CALL of a procedure is not allowed: cypher() only reads the graph")

    def _not_a_reading_clause(self, token: Token) -> CypherError:
        word, following = token.upper, self._ahead().upper
        if not word:
            return self._error(token, f"unexpected {self.query[token.start : token.end]!r} where a clause is expected")
        name = (
            f"{word} {following}"
            if (word, following) in _TWO_WORDS or (word in _ADMINISTRATION and following)
            else word
        )
        if word in _FORBIDDEN:
            return self._refusal(
                token,
                f"{name} is not allowed: cypher() only reads the graph",
            )
        return self._refusal(token, f"{word} is not a clause or an operator that cypher() knows, so it is not allowed")

    def _operand(self, token: Token) -> None:
        frame = self._frame
        if token.kind is Kind.WORD:
            if self._is_hidden_clause(token):
                raise self._not_a_reading_clause(token)
            if token.upper in _PREFIXES:
                self.at += 1
                return
            self._word(token)
            return
        self.at += 1
        if token.kind is not Kind.SYMBOL or token.text == "*":
            frame.state = _State.COMPLETE
            if token.kind is Kind.NAME:
                self._check_call(token)

    def _is_hidden_clause(self, token: Token) -> bool:
        """Whether a forbidden word stands after one that some parser might take for a variable: ``WITH not CREATE (n)``."""
        before = self._before()
        return (
            token.upper in _FORBIDDEN
            and before is not None
            and before.upper in _PREFIXES
            and not (self._ahead().is_symbol(*_ENDS_AN_OPERAND) or self._ahead().kind is Kind.END)
        )

    def _word(self, token: Token) -> None:
        """Take a word that is a variable, a function or the head of a subquery."""
        self.at += 1
        if self._frame.query:
            self._frame.state = _State.COMPLETE
        if token.upper in _SUBQUERIES and self._token.is_symbol("{") and not self._is_map():
            self._open_subquery(call=False)
            return
        self._check_call(token)

    def _is_map(self) -> bool:
        """Whether the brace that comes now opens properties or a projection: ``(:Count {x: 1})``, ``count {.name}``."""
        first = self._ahead()
        return first.is_symbol(".", "}") or (first.is_name and self._ahead(2).is_symbol(":"))

    def _check_call(self, token: Token) -> None:
        """Check the function that ``token``, just taken, ends the name of, when a call it is."""
        if not self._token.is_symbol("("):
            return
        first = self.at - 1
        while first >= 2 and self.tokens[first - 1].is_symbol(".") and self.tokens[first - 2].is_name:
            first -= 2
        parts = [self.tokens[i].text for i in range(first, self.at, 2)]
        name = ".".join(parts)
        if len(parts) == 1 and token.upper in _KEYWORDS_BEFORE_PARENTHESES:
            return
        if not functions.is_known(name):
            nearest = functions.nearest(name)
            hint = f"; did you mean {nearest}()?" if nearest else ""
            raise self._refusal(self.tokens[first], f"{name}() is not one of Cypher's own functions{hint}")

    def _complete(self, token: Token) -> None:
        frame = self._frame
        if token.kind is Kind.SYMBOL:
            self.at += 1
            if token.text in (".", ":", "::"):
                self._take_name()
            else:
                frame.state = _State.OPERAND
            return
        if token.kind is not Kind.WORD:
            self.at += 1
            return
        word = token.upper
        if word == "AS":
            if not self._ahead().is_name:
                raise self._error(self._ahead(), "AS is followed by a name")
            self.at += 2
        elif word in ("STARTS", "ENDS"):
            self._expect_word(1, "WITH", word)
            self.at += 2
            frame.state = _State.OPERAND
        elif word in _BETWEEN:
            self.at += 1
            frame.state = _State.OPERAND
        elif word in _AFTER:
            self.at += 1
        elif word == "IS":
            self._is()
        else:
            self._clause(token)

    def _is(self) -> None:
        self.at += 1
        while self._token.upper in _IS_WORDS or self._token.is_symbol("::", "<", ">", "|"):
            self.at += 1

    def _take_name(self) -> None:
        """After a dot or a colon: a property, a label or the rest of a function's name, never a keyword."""
        token = self._token
        if token.is_name:
            self.at += 1
            if self.tokens[self.at - 2].is_symbol("."):
                self._check_call(token)
        else:
            self._frame.state = _State.OPERAND

    def _step_in_brackets(self) -> None:
        token, before = self._token, self._before()
        if token.kind is Kind.WORD and not (before is not None and before.is_symbol(".", ":", "::")):
            self._word(token)
            return
        self.at += 1
        if token.is_name and before is not None and not before.is_symbol(":", "::"):
            self._check_call(token)


_TWO_WORDS = frozenset({("LOAD", "CSV"), ("DETACH", "DELETE"), ("NODETACH", "DELETE")})
_ADMINISTRATION = frozenset("CREATE DROP SHOW ALTER TERMINATE START STOP RENAME ENABLE".split())
