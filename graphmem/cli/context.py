"""``graphmem context``."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import click

from graphmem.cli.opening import chosen_user, opened_to_ask, run
from graphmem.cli.output import harmless, note, print_json
from graphmem.cli.settings import Settings, common_options, settings_of

if TYPE_CHECKING:
    from graphmem.records import Context


@click.command("context", epilog='Example:  graphmem context "Where should we eat tonight?" --max-tokens 300')
@click.argument("text")
@click.option("--session", metavar="ID", help="The session that is going on; default: a new one.")
@click.option("--max-tokens", type=click.IntRange(min=1), help="The budget; default: that of the configuration.")
@common_options()
@click.pass_context
def command(ctx: click.Context, text: str, session: str | None, max_tokens: int | None) -> None:
    """Show what an agent would be told before it answers TEXT."""
    settings = settings_of(ctx)
    context = run(_context(settings, text, session, max_tokens))
    if settings.json:
        print_json(context)
    elif told := str(context):
        click.echo(harmless(told))
    else:
        note("nothing is known that helps")


async def _context(settings: Settings, text: str, session: str | None, max_tokens: int | None) -> Context:
    async with opened_to_ask(settings) as memory:
        user_id = await chosen_user(memory, settings)
        # A session of its own name has no newest messages: what comes is what is remembered of the others.
        session_id = session or f"new-{uuid4()}"
        return await memory.get_context(session_id=session_id, user_id=user_id, query=text, max_tokens=max_tokens)
