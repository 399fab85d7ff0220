"""``graphmem check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphmem.cli.opening import named_user, opened_to_ask, run
from graphmem.cli.output import note, print_json, print_table
from graphmem.cli.settings import Settings, common_options, settings_of

if TYPE_CHECKING:
    from graphmem.records import Finding


@click.command("check", epilog="Example:  graphmem check --repair")
@click.option("--repair", is_flag=True, help="Put right what can be put right without losing anything.")
@common_options(user="Check that user's memory only; default: everybody's, and what is left of nobody.")
@click.pass_context
def command(ctx: click.Context, repair: bool) -> None:
    """Check that the store is in order: each fact has its message, one value is current, the search index is in step.

    Ends with 1 when something is wrong that was not put right. Facts without their messages are told too; they are as they
    should be where messages have a time to live (GRAPHMEM_TTL).
    """
    from graphmem.checking import is_problem

    settings = settings_of(ctx)
    found, left = run(_check(settings, repair))
    if settings.json:
        print_json({"findings": found, "left": left} if repair else {"findings": found})
    elif found:
        print_table(("kind", "user", "what"), [(f.kind, f.user_id, f.text) for f in found])
        _conclude(found, left, repair)
    else:
        click.echo("everything is in order")
    if any(map(is_problem, left)):
        ctx.exit(1)


def _conclude(found: list[Finding], left: list[Finding], repair: bool) -> None:
    from graphmem.checking import is_problem

    if repair:
        note(f"put right: {len([f for f in found if f not in left])} of {len(found)}")
    elif any(f.repairable for f in found):
        note("graphmem check --repair puts right what can be put right")
    if any(f.kind == "damaged" for f in left):
        note(
            "a damaged database cannot be repaired here: restore a backup, or save what is left with sqlite3's .recover"
        )
    elif not any(map(is_problem, left)):
        note("nothing of what is left is a fault by itself")


async def _check(settings: Settings, repair: bool) -> tuple[list[Finding], list[Finding]]:
    async with opened_to_ask(settings) as memory:
        user_id = await named_user(memory, settings)
        found = await memory.check(user_id=user_id, repair=repair)
        return found, await memory.check(user_id=user_id) if repair and found else found
