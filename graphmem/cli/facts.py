"""``graphmem facts``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from graphmem.cli.opening import chosen_user, opened_to_ask, run
from graphmem.cli.output import STATUS_COLOURS, note, print_json, print_table
from graphmem.cli.settings import Settings, common_options, settings_of
from graphmem.errors import InvalidInteraction

if TYPE_CHECKING:
    from graphmem.records import Fact

STATUSES = ("current", "ended", "retracted", "negated")


def _moment(ctx: click.Context, parameter: click.Parameter, value: str | None) -> datetime | None:
    from graphmem.clock import parse_at
    from graphmem.edtf import first_moment

    if value is None:
        return None
    try:
        return first_moment(value) if re.fullmatch(r"\d{4}(-\d\d)?", value) else parse_at(value)
    except (InvalidInteraction, ValueError):
        raise click.BadParameter(
            f"{value!r} is not a time; give a day as 2023-06-01, a year, or an ISO 8601 time", ctx, parameter
        ) from None


@click.command("facts", epilog="Example:  graphmem facts --user alice --predicate LIVES_IN --as-of 2023-06-01")
@click.option("--status", type=click.Choice(STATUSES), help="Only facts of that status; default: all.")
@click.option("--predicate", metavar="NAME", help="Only facts of that predicate, as LIVES_IN.")
@click.option("--about", metavar="NAME", help="Only facts about that person, place or thing.")
@click.option(
    "--as-of", metavar="TIME", callback=_moment, help="What was true then: a day as 2023-06-01 or an ISO 8601 time."
)
@common_options()
@click.pass_context
def command(
    ctx: click.Context, status: str | None, predicate: str | None, about: str | None, as_of: datetime | None
) -> None:
    """List what is known about a user, newest first."""
    settings = settings_of(ctx)
    found = run(_facts(settings, status, predicate, about, as_of))
    if settings.json:
        print_json(found)
    else:
        print_facts(found)


def print_facts(found: Sequence[Fact]) -> None:
    """Print facts as a table, or say that there are none."""
    if not found:
        note("no facts")
        return
    print_table(
        ("fact", "predicate", "status", "from", "to", "sure"),
        [(f.text, f.predicate, f.status, f.valid_from, f.valid_to, f"{f.confidence:.2f}") for f in found],
        colours=[STATUS_COLOURS[f.status] for f in found],
    )


async def _facts(
    settings: Settings, status: str | None, predicate: str | None, about: str | None, as_of: datetime | None
) -> list[Fact]:
    async with opened_to_ask(settings) as memory:
        user_id = await chosen_user(memory, settings)
        return await memory.facts(user_id=user_id, status=status, predicate=predicate, about=about, as_of=as_of)
