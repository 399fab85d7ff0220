"""Annotated messages: what a user wrote, and the facts that it states."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extraction import FactStatus

_TIMES = ("current", "ended", "planned")
_DENIED = frozenset({FactStatus.NEGATED, FactStatus.RETRACTED})


class InvalidMessage(ValueError):
    """A line is no annotated message; ``str()`` names the file, the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """One annotated fact.

    Args:
        subject: "user", or whoever it is about, as the message names them.
        predicate: one of the catalogue's.
        object: a phrase of the message.
        statuses: what an extractor may say of it.
        optional: it is right when given and not missed when absent.
    """

    subject: str
    predicate: str
    object: str
    statuses: frozenset[FactStatus]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One annotated message.

    Args:
        id: its name in reports.
        style: the kind of message, for figures by style.
        text: what the user wrote.
        facts: all that it states.
        before: the assistant's message just before it, when it answers one.
    """

    id: str
    style: str
    text: str
    facts: tuple[Annotated, ...]
    before: str | None = None


def read_messages(paths: Iterable[Path]) -> list[Message]:
    """Read annotated messages in the order of the files.

    Args:
        paths: JSON Lines; on each line an object with ``message`` and ``facts``, and perhaps ``id``, ``style`` and ``before``.

    Raises:
        InvalidMessage: a line is not such an object.
        OSError: a file cannot be read.
    """
    return [message for path in paths for message in _of_file(path)]


def _of_file(path: Path) -> list[Message]:
    messages = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise InvalidMessage(f"{path}: not UTF-8 text") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                messages.append(_message(json.loads(line), f"{path.stem}:{number}"))
            except KeyError as error:
                raise InvalidMessage(f"{path}:{number}: {error} is missing") from error
            except json.JSONDecodeError as error:
                raise InvalidMessage(f"{path}:{number}: not JSON ({error.msg})") from error
            except (TypeError, ValueError) as error:
                raise InvalidMessage(f"{path}:{number}: {error}") from error
    return messages


def _message(row: Any, place: str) -> Message:
    if not isinstance(row, dict) or not isinstance(row["facts"], list):
        raise TypeError("not an object with a list of facts")
    before = row.get("before")
    return Message(
        str(row.get("id") or place),
        str(row.get("style") or "none"),
        _text(row, "message"),
        tuple(_fact(fact) for fact in row["facts"]),
        _text(row, "before") if before is not None else None,
    )


def _fact(row: Any) -> Annotated:
    if not isinstance(row, dict):
        raise TypeError("a fact is not an object")
    optional = row.get("optional", False)
    polarity, time = row.get("polarity", "+"), row.get("time", "current")
    if polarity not in ("+", "-"):
        raise ValueError(f"polarity is {polarity!r}, not '+' or '-'")
    if time not in _TIMES:
        raise ValueError(f"time is {time!r}, not one of {', '.join(_TIMES)}")
    if not isinstance(optional, bool):
        raise TypeError(f"optional is {optional!r}, not true or false")
    return Annotated(_text(row, "s"), _text(row, "p"), _text(row, "o"), _statuses(polarity, time, optional), optional)


def _statuses(polarity: str, time: str, optional: bool) -> frozenset[FactStatus]:
    """A plan that need not be found may be found with any status: whether it is over is seldom said."""
    if time == "planned" and optional:
        return frozenset(FactStatus)
    if polarity == "-":
        return _DENIED
    return frozenset({FactStatus.ENDED if time == "ended" else FactStatus.CURRENT})


def _text(row: dict[str, Any], key: str) -> str:
    value = row[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} is {value!r}, not a text")
    return value
