"""``graphmem export``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TextIO

import click

from graphmem.cli.atomic import replacing
from graphmem.cli.opening import chosen_user, opened, run
from graphmem.cli.output import note, print_json
from graphmem.cli.settings import Settings, common_options, settings_of

_ENDINGS = {".graphml": "graphml", ".cypher": "cypher", ".cql": "cypher"}


@click.command(
    "export", epilog="Example:  graphmem export memory.jsonl && graphmem export --format cypher | cypher-shell"
)
@click.argument("file", default="-", metavar="[FILE]")
@click.option(
    "--format",
    "format_",
    type=click.Choice(("jsonl", "graphml", "cypher")),
    help="jsonl is complete and can be imported; graphml and cypher hold the graph. Default: by the file's ending.",
)
@common_options(user="Write the memory of that user; default: of everybody.")
@click.pass_context
def command(ctx: click.Context, file: str, format_: str | None) -> None:
    """Write the memory of --user, or of everybody, to FILE (default: stdout).

    A file is replaced when all is written, never by half of it.
    """
    settings = settings_of(ctx)
    chosen = format_ or _ENDINGS.get(Path(file).suffix.casefold(), "jsonl")
    counts = run(_export(settings, file, chosen))
    if file != "-" and settings.json:
        print_json({"file": file, "format": chosen, **counts})
    else:
        note(f"{'stdout' if file == '-' else file}: " + ", ".join(f"{n} {kind} records" for kind, n in counts.items()))


async def _export(settings: Settings, file: str, format_: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    async with opened(settings, must_exist=True) as memory:
        user_id = None if settings.user is None else await chosen_user(memory, settings)
        target = nullcontext(sys.stdout) if file == "-" else replacing(Path(file))
        with target as out:
            await _write(_counted(memory.export(user_id), counts), out, format_)
    return dict(counts)


async def _write(records: AsyncIterator[dict[str, Any]], out: TextIO, format_: str) -> None:
    if format_ == "cypher":
        from graphmem.cli.exporting import cypher_text

        async for statement in cypher_text.statements(records):
            out.write(statement + "\n")
    elif format_ == "graphml":
        from graphmem.cli.exporting import graphml

        out.write(graphml.document([record async for record in records]))
    else:
        from graphmem.cli.exporting import jsonl

        async for record in records:
            out.write(jsonl.line(record) + "\n")


async def _counted(records: AsyncIterator[dict[str, Any]], counts: Counter[str]) -> AsyncIterator[dict[str, Any]]:
    async for record in records:
        counts[record["type"]] += 1
        yield record
