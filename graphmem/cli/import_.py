"""``graphmem import``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphmem.cli.exporting.jsonl import records_of
from graphmem.cli.opening import opened, run
from graphmem.cli.output import print_json
from graphmem.cli.settings import Settings, common_options, settings_of

if TYPE_CHECKING:
    from graphmem.records import Forgotten


@click.command("import", epilog="Example:  graphmem import memory.jsonl --url copy.db")
@click.argument("file", metavar="FILE")
@common_options(user="Not to be given: an export says itself whose memory it is.")
@click.pass_context
def command(ctx: click.Context, file: str) -> None:
    """Read a JSON Lines export back ("-" reads stdin). What is there already stays; again adds nothing."""
    settings = settings_of(ctx)
    if settings.user is not None:
        raise click.UsageError("an export says itself whose memory it is; leave --user away")
    added = run(_import(settings, file))
    if settings.json:
        print_json(added)
    else:
        click.echo(
            f"added: {added.sessions} sessions, {added.messages} messages, {added.facts} facts, {added.entities} entities"
        )


async def _import(settings: Settings, file: str) -> Forgotten:
    for _ in records_of(file) if file != "-" else ():
        pass  # the whole file is looked through before any of it is stored
    async with opened(settings, must_exist=False, extractor="none") as memory:
        return await memory.load(records_of(file))
