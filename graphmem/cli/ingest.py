"""``graphmem ingest``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from graphmem.cli.opening import opened, run
from graphmem.cli.output import print_json
from graphmem.cli.settings import Settings, common_options, settings_of
from graphmem.cli.stdin import stdin_among
from graphmem.config import EXTRACTORS
from graphmem.transcripts import FORMATS
from graphmem.transcripts.load import LoadOptions
from graphmem.transcripts.source import Source

if TYPE_CHECKING:
    from graphmem.cli.loading import Outcome


@click.command("ingest", epilog="Example:  graphmem ingest conversations.json notes/*.txt --user alice")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="auto", show_default=True)
@click.option("--skip-bad", is_flag=True, help="Skip lines that cannot be read; else nothing of such a file is stored.")
@click.option("--extractor", type=click.Choice(EXTRACTORS), help="What reads the facts.  [default: auto]")
@common_options(user="Whose conversations they are; default: the file says, else its name.")
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], format_: str, skip_bad: bool, extractor: str | None) -> None:
    """Store transcripts ("-" reads stdin). Again stores nothing twice, so an interrupted run is finished by repeating it.

    Without --user a conversation belongs to the user that its file names (in plain text: the first person who speaks),
    else to a user called like the file. Files are stored one after the other; one that fails stops no other.
    """
    settings = settings_of(ctx)
    options = LoadOptions(format=format_, user_id=settings.user, skip_bad=skip_bad)
    overrides = {} if extractor is None else {"extractor": extractor}
    with stdin_among(files) as sources:
        outcome = run(_ingest(settings, sources, options, overrides))
    if settings.json:
        print_json(outcome.as_dict())
    else:
        outcome.print()
    if outcome.failed:
        ctx.exit(1)


async def _ingest(
    settings: Settings, files: Sequence[str | Source], options: LoadOptions, overrides: dict[str, str]
) -> Outcome:
    from graphmem.cli.loading import must_be_readable, store_files

    must_be_readable(files, options)
    async with opened(settings, must_exist=False, **overrides) as memory:
        return await store_files(memory, files, options)
