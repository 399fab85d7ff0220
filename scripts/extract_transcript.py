#!/usr/bin/env python3
"""Extract the facts of transcripts to JSON Lines or CSV, without any store."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TextIO

import click

from graphmem.cli.atomic import replacing
from graphmem.cli.leaving import ScriptCommand
from graphmem.cli.logs import log_notes
from graphmem.cli.output import note
from graphmem.cli.reading import Reading, reader_of
from graphmem.cli.settings import Settings
from graphmem.cli.stdin import stdin_among
from graphmem.config import EXTRACTORS
from graphmem.errors import InvalidTranscript
from graphmem.transcripts import FORMATS, Transcript
from graphmem.transcripts.folder import ENDINGS, transcripts_in
from graphmem.transcripts.reading import FoundFact

COLUMNS = (
    *("file", "user_id", "session_id", "message_id", "at", "subject", "subject_label", "predicate", "object"),
    *("object_label", "text", "status", "polarity", "valid_from", "valid_to", "confidence", "evidence"),
)


@click.command(cls=ScriptCommand, epilog="Example:  scripts/extract_transcript.py chats/ --output facts.csv")
@click.argument("files", nargs=-1, required=True, metavar="FILE|FOLDER...")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="auto", show_default=True)
@click.option(
    "--output", metavar="FILE", default="-", help="CSV when it ends in .csv, else JSON Lines.  [default: stdout]"
)
@click.option("--user", metavar="ID", help="Who speaks.  [default: the file says, else its name]")
@click.option("--skip-bad", is_flag=True, help="Skip lines that cannot be read; else such a file is left out.")
@click.option(
    "--extractor", type=click.Choice([n for n in EXTRACTORS if n != "none"]), help="What reads.  [default: auto]"
)
def command(
    files: tuple[str, ...], format_: str, output: str, user: str | None, skip_bad: bool, extractor: str | None
) -> None:
    """Write the facts of each FILE, one a line, as its messages state them; of a folder, those of every transcript in it.

    "-" reads stdin. A file that cannot be read is named on stderr and stops no other; then the exit code is 1.
    """
    if asyncio.run(_extract(files, output, extractor, {"format": format_, "user_id": user, "skip_bad": skip_bad})):
        raise SystemExit(1)


async def _extract(files: Sequence[str], output: str, extractor: str | None, options: dict[str, Any]) -> int:
    """Write the facts and return how many files failed."""
    failed = 0
    async with reader_of(Settings(), extractor) as reader:
        reading = Reading(reader)
        with (
            log_notes(),
            stdin_among(_unfolded(files)) as sources,
            nullcontext(sys.stdout) if output == "-" else replacing(Path(output)) as out,
        ):
            write = _writer(out, as_csv=output.casefold().endswith(".csv"))
            for source in sources:
                try:
                    transcript = Transcript(source, **options)
                    for problem in transcript.check().problems:
                        note(f"skipped {problem}")
                except InvalidTranscript as error:
                    failed += 1
                    note(f"failed: {error}")
                    continue
                count = 0
                async for fact in reading.facts_of(transcript):
                    write(transcript.path, fact)
                    count += 1
                note(f"{transcript.path}: {count} facts")
        reading.tell_of_failures()
    return failed


def _unfolded(files: Sequence[str]) -> list[str]:
    """Return the files, and in place of each folder the transcripts in it."""
    paths: list[str] = []
    for file in files:
        inside = transcripts_in(Path(file)) if Path(file).is_dir() else [file]
        if not inside:
            raise click.ClickException(f"no transcript in {file}: none of its files ends in {', '.join(ENDINGS)}")
        paths += map(str, inside)
    return paths


def _writer(out: TextIO, *, as_csv: bool) -> Callable[[str, FoundFact], None]:
    if not as_csv:
        return lambda file, fact: print(json.dumps({"file": file, **fact.as_dict()}, ensure_ascii=False), file=out)
    table = csv.DictWriter(out, COLUMNS, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    return lambda file, fact: table.writerow(_row(file, fact))


def _row(file: str, fact: FoundFact) -> dict[str, Any]:
    row: dict[str, Any] = {"file": file, **fact.as_dict()}
    for end in ("subject", "object"):
        row[f"{end}_label"] = row[end]["label"]
        row[end] = row[end]["name"]
    return row


if __name__ == "__main__":
    command()
