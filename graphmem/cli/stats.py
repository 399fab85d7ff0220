"""``graphmem stats``."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import click

from graphmem.cli.opening import chosen_user, opened_to_ask, run
from graphmem.cli.output import print_json, print_table
from graphmem.cli.settings import Settings, common_options, settings_of

if TYPE_CHECKING:
    from graphmem.records import Stats


@click.command("stats", epilog="Example:  graphmem stats --user alice")
@common_options(user="Count what is stored of that user; default: of everybody.")
@click.pass_context
def command(ctx: click.Context) -> None:
    """Count what is stored, over all users or of the one of --user."""
    settings = settings_of(ctx)
    stats = run(_stats(settings))
    if settings.json:
        print_json(stats)
    else:
        print_table(("what", "count"), [(f.name.replace("_", " "), getattr(stats, f.name)) for f in fields(stats)])


async def _stats(settings: Settings) -> Stats:
    async with opened_to_ask(settings) as memory:
        user_id = None if settings.user is None else await chosen_user(memory, settings)
        return await memory.stats(user_id=user_id)
