#!/usr/bin/env python3
"""Extract the facts of transcripts to JSON Lines or CSV, without any store."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TextIO

import click

from extraction.base import Extractor
from graphmem.cli.atomic import replacing
from graphmem.cli.leaving import ScriptCommand
from graphmem.cli.output import note
from graphmem.cli.settings import Settings
from graphmem.config import EXTRACTORS
from graphmem.errors import InvalidTranscript
from graphmem.extractors import make_extractor
from graphmem.transcripts import FORMATS, Transcript
from graphmem.transcripts.reading import FoundFact, read_facts

COLUMNS = (
    *("file", "user_id", "session_id", "message_id", "at", "subject", "subject_label", "predicate", "object"),
    *("object_label", "text", "status", "polarity", "valid_from", "valid_to", "confidence", "evidence"),
)


@click.command(cls=ScriptCommand, epilog="Example:  scripts/extract_transcript.py chats/*.txt --output facts.csv")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
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
    """Write the facts of each FILE, one a line, as its messages state them.

    A file that cannot be read is named on stderr and stops no other; then the exit code is 1.
    """
    reader, _ = make_extractor(Settings().config(**({} if extractor is None else {"extractor": extractor})))
    if reader is None:
        raise click.UsageError("the extractor is 'none', which reads nothing; give --extractor another")
    failed = 0
    with nullcontext(sys.stdout) if output == "-" else replacing(Path(output)) as out:
        write = _writer(out, as_csv=output.casefold().endswith(".csv"))
        for file in files:
            try:
                transcript = Transcript(file, format=format_, user_id=user, skip_bad=skip_bad)
                for problem in transcript.check().problems:
                    note(f"skipped {problem}")
            except InvalidTranscript as error:
                failed += 1
                note(f"failed: {error}")
                continue
            count = asyncio.run(_write_facts(transcript, reader, write))
            note(f"{file}: {count} facts")
    if failed:
        raise SystemExit(1)


async def _write_facts(transcript: Transcript, reader: Extractor, write: Callable[[str, FoundFact], None]) -> int:
    count = 0
    async for fact in read_facts(transcript, reader):
        write(transcript.path, fact)
        count += 1
    return count


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
