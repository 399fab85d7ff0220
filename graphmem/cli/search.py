"""``graphmem search``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from graphmem.cli.opening import chosen_user, opened_to_ask, run
from graphmem.cli.output import note, print_json, print_table
from graphmem.cli.settings import Count, Settings, common_options, settings_of

if TYPE_CHECKING:
    from graphmem.records import Hit

MOST = 10_000
Kind = Literal["message", "fact", "any"]


@click.command("search", epilog='Example:  graphmem search "trip to Lisbon" --kind message --limit 5')
@click.argument("text")
@click.option("--kind", type=click.Choice(("message", "fact", "any")), default="any", show_default=True)
@click.option("--limit", type=Count(MOST), default=10, show_default=True, help=f"At most that many; up to {MOST:,}.")
@common_options()
@click.pass_context
def command(ctx: click.Context, text: str, kind: Kind, limit: int) -> None:
    """Find messages and facts that have to do with TEXT, best first."""
    settings = settings_of(ctx)
    hits = run(_search(settings, text, kind, limit))
    if settings.json:
        print_json(hits)
    elif hits:
        print_table(("score", "what", "when", "session", "text"), [_row(hit) for hit in hits])
    else:
        note("nothing found")


async def _search(settings: Settings, text: str, kind: Kind, limit: int) -> list[Hit]:
    async with opened_to_ask(settings) as memory:
        user_id = await chosen_user(memory, settings)
        return await memory.search(text, user_id=user_id, limit=limit, kind=kind)


def _row(hit: Hit) -> tuple[object, ...]:
    score = f"{hit.score:.2f}"
    if hit.message is not None:
        message = hit.message
        return (score, message.name or message.role, f"{message.at:%Y-%m-%d}", message.session_id, message.text)
    if hit.fact is not None:
        return (score, f"fact ({hit.fact.status})", f"{hit.fact.recorded_at:%Y-%m-%d}", "", hit.fact.text)
    return (score, "", "", "", "")
