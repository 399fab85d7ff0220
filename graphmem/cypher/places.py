"""Places in a query, and messages that point at them."""

from __future__ import annotations

from dataclasses import dataclass

_WIDEST = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column of a query, both from 1; columns count characters."""

    line: int
    column: int

    @classmethod
    def at(cls, query: str, offset: int) -> Place:
        """Return the place of the character at ``offset``."""
        before = query[:offset]
        return cls(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


def complaint(query: str, at: int | Place, what: str) -> str:
    """Return a message that says what is wrong, where, and shows the line with a caret under the place.

    Args:
        query: the whole query.
        at: an offset into it, or a place.
        what: what is wrong, as the start of a sentence.
    """
    place = at if isinstance(at, Place) else Place.at(query, at)
    lines = query.split("\n")
    shown = printable(lines[place.line - 1].rstrip("\r").replace("\t", " ")) if place.line <= len(lines) else ""
    column = min(max(place.column, 1), len(shown) + 1)
    start = max(0, min(column - _WIDEST // 2, len(shown) - _WIDEST))
    part = shown[start : start + _WIDEST]
    caret = " " * (column - 1 - start) + "^"
    return f"{printable(what)}, at line {place.line}, column {place.column}\n  {part}\n  {caret}"


def printable(text: str) -> str:
    """Return ``text`` of the same length with a replacement character for each that steers a terminal or has no encoding."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)
