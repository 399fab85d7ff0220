"""``graphmem extract``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphmem.cli.logs import log_notes
from graphmem.cli.opening import run
from graphmem.cli.output import STATUS_COLOURS, note, print_table, to_json
from graphmem.cli.progress import progress
from graphmem.cli.settings import Settings, common_options, settings_of
from graphmem.cli.stdin import stdin_among
from graphmem.config import EXTRACTORS
from graphmem.transcripts import FORMATS, Transcript

if TYPE_CHECKING:
    from graphmem.transcripts import Summary
    from graphmem.transcripts.reading import FoundFact


@click.command("extract", epilog="Example:  graphmem extract chat.txt --json > facts.jsonl")
@click.argument("file", metavar="FILE")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="auto", show_default=True)
@click.option("--skip-bad", is_flag=True, help="Skip lines that cannot be read.")
@click.option(
    "--extractor",
    type=click.Choice([name for name in EXTRACTORS if name != "none"]),
    help="What reads the facts.  [default: auto]",
)
@common_options(
    user="Who speaks; default: the file says, else its name.", url="Of no use here: no store is read or written."
)
@click.pass_context
def command(ctx: click.Context, file: str, format_: str, skip_bad: bool, extractor: str | None) -> None:
    """Show the facts of a transcript ("-" reads stdin) as its messages state them, without any store.

    With --json each fact is one line of JSON.
    """
    settings = settings_of(ctx)
    with stdin_among([file]) as (source,):
        transcript = Transcript(source, format=format_, user_id=settings.user, skip_bad=skip_bad)
        summary = transcript.check()
        for problem in summary.problems:
            note(f"skipped {problem}")
        run(_show(settings, transcript, extractor, summary))


async def _show(settings: Settings, transcript: Transcript, extractor: str | None, summary: Summary) -> None:
    from graphmem.cli.reading import Reading, reader_of

    found = []
    with log_notes(), progress("reading", "messages") as bar:
        bar.expect(summary.messages)
        async with reader_of(settings, extractor) as reader:
            reading = Reading(reader, advance=bar.advance)
            async for fact in reading.facts_of(transcript):
                if settings.json:
                    click.echo(to_json(fact.as_dict()))
                else:
                    found.append(fact)
    if not settings.json:
        _print(found)
    reading.tell_of_failures()


def _print(found: list[FoundFact]) -> None:
    if not found:
        note("no facts")
        return
    print_table(
        ("fact", "predicate", "status", "from", "sure", "said"),
        [
            (f.text, f.fact.predicate, f.fact.status, f.fact.valid_from, f"{f.fact.confidence:.2f}", f.fact.evidence)
            for f in found
        ],
        colours=[STATUS_COLOURS[f.fact.status] for f in found],
    )
