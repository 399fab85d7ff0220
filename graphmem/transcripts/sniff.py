"""Which format a file has, told by its beginning and its name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from graphmem.transcripts.fields import is_interaction, is_message
from graphmem.transcripts.source import NotJson, parse_json

_LINES = (".jsonl", ".ndjson", ".jsonlines")
_STAMP_FIRST = re.compile(r"\[\s*\d{4}-\d")


def sniff(path: Path, head: str) -> str:
    """Return ``"jsonl"``, ``"text"`` or ``"document"`` (one JSON value, which must be parsed to know more).

    Args:
        path: the file's path; its ending decides where the beginning leaves it open.
        head: the beginning of its text.
    """
    suffix = path.suffix.casefold()
    if suffix in _LINES:
        return "jsonl"
    start = head.lstrip("\ufeff \t\r\n")
    if suffix == ".json":
        return "jsonl" if _is_many_lines(start) or _is_one_turn(start) else "document"
    if not start.startswith(("{", "[")) or _STAMP_FIRST.match(start):
        return "text"
    if _is_one_turn(start):
        return "jsonl"
    return "document" if not _is_many_lines(start) and _opens_document(start) else "jsonl"


def _is_many_lines(start: str) -> bool:
    """Whether the first line is a JSON object of its own and another follows."""
    first, _, rest = start.partition("\n")
    if not first.startswith("{") or not rest.strip():
        return False
    try:
        parse_json(first)
    except NotJson:
        return False
    return True


def _is_one_turn(start: str) -> bool:
    """Whether the only line is an interaction or a message: JSON Lines that have just begun."""
    line = start.rstrip()
    if not line.startswith("{") or "\n" in line:
        return False
    try:
        entry = parse_json(line)
    except NotJson:
        return False
    return isinstance(entry, Mapping) and (is_interaction(entry) or is_message(entry))


def _opens_document(start: str) -> bool:
    """Whether one JSON value spans the lines, as far as the beginning shows: its first line alone is incomplete or all there is."""
    first, _, rest = start.partition("\n")
    if not rest.strip():
        return True
    try:
        json.loads(first)
    except json.JSONDecodeError as error:
        return error.pos >= len(first.rstrip())
    except (RecursionError, ValueError):
        return True
    return False
