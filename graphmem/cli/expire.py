"""``graphmem expire``."""

from __future__ import annotations

from typing import Any

import click

from graphmem.cli.opening import named_user, opened_to_ask, run
from graphmem.cli.output import print_json
from graphmem.cli.settings import Settings, common_options, settings_of


@click.command("expire", epilog="Example:  graphmem expire --ttl 2592000")
@click.option(
    "--ttl",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="How long messages are kept; default: GRAPHMEM_TTL.",
)
@click.option(
    "--facts/--no-facts", default=None, help="Remove what they said too; default: GRAPHMEM_TTL_FACTS, else no."
)
@common_options(user="Remove that user's messages only; default: everybody's.")
@click.pass_context
def command(ctx: click.Context, ttl: float | None, facts: bool | None) -> None:
    """Remove the messages whose time to live has passed.

    They are hidden from the moment it passed, and removed in passing by whatever stores with the same time to live; this
    removes those of users who do not come back. Messages that still wait for their facts stay until these are read.
    """
    settings = settings_of(ctx)
    given = {"ttl": ttl, "ttl_facts": facts}
    overrides = {name: value for name, value in given.items() if value is not None}
    if settings.config(**overrides).ttl is None:
        raise click.UsageError("messages are kept for ever here; add --ttl SECONDS or set GRAPHMEM_TTL")
    removed = run(_expire(settings, overrides))
    if settings.json:
        print_json({"messages": removed})
    else:
        click.echo(f"removed: {removed} messages")


async def _expire(settings: Settings, overrides: dict[str, Any]) -> int:
    async with opened_to_ask(settings, **overrides) as memory:
        return await memory.expire(user_id=await named_user(memory, settings))
