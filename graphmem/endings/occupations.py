"""Occupations that are over without being named: with the employer ("I left Van Dalen and drive a bus now", of the truck driver there), by
what is not done any more ("no more teaching", of the teacher), with the firm ("the bakery closed").

The wordings are English ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from extraction.records import USER, FactStatus
from graphmem.endings.telling import doubts, ending_said, is_of_another_message, told_by_user
from graphmem.identity import derived_id
from graphmem.records import Message, Statement

ROLE, TRADE, FIRM, SHOP = "Role", "Trade", "Firm", "Shop"
"""Labels of the object of a statement that ends an occupation, a job or a business: its name is an employer's, a deed's ("teaching"), a
firm's, the closed shop's of the user's own."""

_I = r"\bi(?:'ve| have|'d| had)?(?: (?:finally|just|also|completely|now))*"
_STOPPED = re.compile(
    rf"(?:{_I} (?:stopped|quit|gave up|given up)|\bno more|\bdone with) (?P<deed>[a-z]{{3,}}ing)\b"
    r"(?! (?:to|at|with|my|on|so|from|after|when|like|around|about|back|for (?:today|now|tonight|this))\b)",
    re.IGNORECASE,
)
_NOT_ANY_MORE = re.compile(
    r"\bi (?:(?:don't|dont|do not) (?P<deed>[a-z]{3,})\b[^.!?,;]*\b(?:any ?more|any longer|now)|no longer (?P<done>[a-z]{3,}))\b",
    re.IGNORECASE,
)
_FOR_EVER = (
    r"(?: down| its doors)?(?: for good| down| in (?:19|20)\d\d| (?:in|last) (?:january|february|march|april|may|june|july|august|"
    r"september|october|november|december|spring|summer|autumn|fall|winter|month|year))"
)
"""What tells that a firm has not closed for the night."""
_NAMED = r"[A-Z][\w&'-]*(?: [A-Z][\w&'-]*){0,3}"
_CLOSED = re.compile(
    rf"\b(?:[Tt]he|[Mm]y|[Oo]ur) (?:(?P<firm>{_NAMED}|[a-z]+) (?:has |have |had |was |were )?(?:(?:just|finally|suddenly) )?"
    rf"(?:closed|shut)(?i:{_FOR_EVER})|(?P<named>{_NAMED}) (?:has |have |had )?(?:closed|shut)(?= ?[.!,;])"
    r"|(?P<bust>[A-Z][\w&'-]*|[a-z]+) (?:folded|went (?:bankrupt|bust|under|out of business)))"
)
_SHUT = re.compile(
    rf"\b(?:[Ii]|[Ww]e)(?:'ve| have| had)?(?: just| finally)? (?:closed|shut)(?: down)? (?:(?P<shop>{_NAMED})\b"
    rf"|(?:the |my |our )(?P<kind>[a-z]+)(?: in [\w ]{{2,20}}?)?(?i:{_FOR_EVER}))"
)
_UNSURE = doubts(r"when|(?-i:may)|wish|thought|dreamt")
_SHORTEST = 3
_AGENT = 3
"""Letters that an agent's name has more than its verb's stem, at most: drive, driver."""


def left_with(statements: Sequence[Statement]) -> Iterator[Statement]:
    """Yield an ending for each employer that the user has left, in retirement or where the same message tells of another occupation."""
    for left in statements:
        if left.predicate != "WORKS_AT" or left.status is not FactStatus.ENDED or left.subject != USER:
            continue
        retired = "retire" in left.evidence.casefold()
        if retired or any(_is_new_role(s) and not is_of_another_message(left, s) for s in statements):
            identity = derived_id("role", left.id)
            yield replace(left, id=identity, predicate="WORKS_AS", object=replace(left.object, label=ROLE))


def over_in(messages: Sequence[Message]) -> Iterator[Statement]:
    """Yield endings for what user messages say is not done any more, and for firms that they say have closed.

    Args:
        messages: of the interaction.
    """
    for message, sentence in told_by_user(messages, _UNSURE):
        for label, predicate, said in _told(sentence):
            yield ending_said(message, label, predicate, said)


def was_there(ending: Statement, told: Statement) -> bool:
    """Whether an occupation was told together with the employer that was left, in another message."""
    return is_of_another_message(ending, told) and _has(told.evidence, ending.object.name)


def is_agent(ending: Statement, told: Statement) -> bool:
    """Whether an occupation is called after what is not done any more: "bus driver", after "driving"."""
    stem, trade = ending.object.name.removesuffix("ing"), told.object.name.casefold().split()[-1]
    return len(stem) >= _SHORTEST and trade.startswith(stem) and len(trade) - len(stem) <= _AGENT


def is_firm(ending: Statement, told: Statement) -> bool:
    """Whether an employer is the firm that has closed, by its name or a part of it, or by its kind ("I work at a bakery, Lindgrens")."""
    firm = ending.object.name
    return _has(told.object.name, firm) or (firm.islower() and _has(told.evidence, firm))


def is_shop(ending: Statement, told: Statement) -> bool:
    """Whether a thing owned is the shop that was closed: by its kind, or by the name with which it was told."""
    shop = ending.object.name
    return _has(told.object.name, shop) or (not shop.islower() and _has(told.evidence, shop))


def _told(sentence: str) -> Iterator[tuple[str, str, str]]:
    for found in _STOPPED.finditer(sentence):
        yield TRADE, "WORKS_AS", found["deed"].casefold()
    for found in _NOT_ANY_MORE.finditer(sentence):
        yield TRADE, "WORKS_AS", (found["deed"] or found["done"]).casefold()
    for found in _CLOSED.finditer(sentence):
        yield FIRM, "WORKS_AT", found["firm"] or found["named"] or found["bust"]
    for found in _SHUT.finditer(sentence):
        shop = found["shop"] or found["kind"]
        yield SHOP, "OWNS", shop
        yield FIRM, "WORKS_AT", shop


def _is_new_role(statement: Statement) -> bool:
    return statement.predicate == "WORKS_AS" and statement.status is FactStatus.CURRENT and statement.subject == USER


def _has(text: str, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE) is not None
