"""The transcripts in a folder."""

from __future__ import annotations

from pathlib import Path

ENDINGS = (".jsonl", ".ndjson", ".json", ".txt", ".md", ".log")
"""Endings of names that transcripts have."""


def transcripts_in(folder: Path) -> list[Path]:
    """Return the files in a folder and the folders in it that end like a transcript, sorted; hidden ones are left out."""
    return sorted(path for path in folder.rglob("*") if _is_transcript(path.relative_to(folder), path))


def _is_transcript(inside: Path, path: Path) -> bool:
    hidden = any(part.startswith(".") for part in inside.parts)
    return not hidden and path.suffix.casefold() in ENDINGS and path.is_file()
