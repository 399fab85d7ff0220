"""JSON Lines: one record a line, complete enough to rebuild a store."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from graphmem.errors import InvalidTranscript
from graphmem.transcripts.source import NotJson, Source, parse_json

TYPES = ("user", "session", "message", "entity", "fact")


def line(record: Mapping[str, Any]) -> str:
    """Return a record as one line."""
    return json.dumps(record, ensure_ascii=False)


def records_of(file: str) -> Iterator[dict[str, Any]]:
    """Yield the records of an export, one in memory at a time.

    Args:
        file: its path, or ``-`` for stdin.

    Raises:
        InvalidTranscript: it is no export; names the file and the line.
    """

    def refuse(number: int | None, reason: str) -> None:
        raise InvalidTranscript(f"{file}: {reason}" if number is None else f"{file}:{number}: {reason}")

    lines = enumerate(sys.stdin, 1) if file == "-" else Source(file).lines(refuse)
    for number, text in lines:
        if not text.strip():
            continue
        try:
            record = parse_json(text)
        except NotJson as error:
            raise InvalidTranscript(f"{file}:{number}: {error}") from error
        if not isinstance(record, dict) or record.get("type") not in TYPES:
            raise InvalidTranscript(
                f"{file}:{number}: not a record of a graphmem export; to store a transcript use graphmem ingest"
            )
        yield record
