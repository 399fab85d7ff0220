"""Annotated messages: reading them from JSON Lines, and finding an annotated phrase in its message."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SYMMETRIC = frozenset({"MARRIED_TO", "PARTNER_OF", "HAS_SIBLING", "HAS_FRIEND", "HAS_COLLEAGUE"})
STATES = ("current", "ended", "negated")


@dataclass(frozen=True, slots=True)
class Gold:
    """One annotated fact; ``optional`` ones are right when given and not missed when absent."""

    subject: str
    predicate: str
    object: str
    state: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Message:
    """One annotated message, with the other side's message before it where it answers one."""

    text: str
    facts: tuple[Gold, ...]
    before: str | None = None
    style: str = ""
    id: str = ""


def read_messages(paths: Iterable[Path]) -> list[Message]:
    """Read annotated messages.

    Args:
        paths: JSON Lines files with ``message``, ``facts`` and perhaps ``id``, ``style`` and ``before`` on each line.

    Raises:
        ValueError: a line is not such an object; the text names the file and the line.
    """
    messages = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                messages.append(_message(json.loads(line)))
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path}:{number}: not an annotated message ({error!r})") from error
    return messages


def _message(row: dict[str, object]) -> Message:
    facts = []
    for fact in row["facts"]:
        state = "negated" if fact["polarity"] == "-" else "ended" if fact["time"] == "ended" else "current"
        facts.append(Gold(fact["s"], fact["p"], fact["o"], state, bool(fact["optional"])))
    return Message(row["message"], tuple(facts), row.get("before") or None, row.get("style", ""), row.get("id", ""))


def occurrences(text: str, phrase: str) -> list[tuple[int, int]]:
    """Return the character spans of ``phrase`` in ``text``, by the strictest reading that finds any.

    Tried in turn: the same letters, any case, another ending ("run a race" in "running a race", "dad" in "dads"),
    part of a word ("16" in "16f"), the longest run of its words ("parents" of "Ravi's parents").
    """
    exact = rf"(?<!\w){re.escape(phrase)}(?!\w)"
    head, _, rest = phrase.partition(" ")
    endings = r"\w{0,4}" if rest else r"'?s"
    stem = re.escape(head[:-1] if rest and len(head) > 3 and head.endswith("e") else head)
    inflected = rf"(?<!\w){stem}{endings}{re.escape(phrase[len(head) :])}(?!\w)"
    for pattern, flags in ((exact, 0), (exact, re.I), (inflected, re.I), (re.escape(phrase), re.I)):
        if spans := [m.span() for m in re.finditer(pattern, text, flags)]:
            return spans
    words = re.findall(r"\w+", phrase)
    for length in range(len(words) - 1, 0, -1):
        for first in range(len(words) - length, -1, -1):
            run = words[first : first + length]
            if length == 1 and len(run[0]) < 4:
                continue
            pattern = r"(?<!\w)" + r"\W+".join(map(re.escape, run))
            if spans := [m.span() for m in re.finditer(pattern, text, re.I)]:
                return spans
    return []
