"""A transcript that comes through stdin."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from graphmem.transcripts.source import Source

STDIN = "-"


@contextmanager
def stdin_among(files: Sequence[str]) -> Iterator[list[str | Source]]:
    """Give the files with what came through stdin in place of ``-``.

    It is kept in a file while the block runs, because a transcript is read twice: once to check it. That file is called
    "stdin", and so are a session and a user that its content does not name.

    Raises:
        click.UsageError: ``-`` is there twice.
        InvalidTranscript: stdin was empty, or no text.
    """
    times = list(files).count(STDIN)
    if not times:
        yield list(files)
        return
    if times > 1:
        raise click.UsageError("stdin can be read once; give '-' once")
    with tempfile.TemporaryDirectory(prefix="graphmem-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "stdin"
        with path.open("wb") as kept:
            shutil.copyfileobj(sys.stdin.buffer, kept)
        came = Source(path, "stdin")
        yield [came if file == STDIN else file for file in files]
