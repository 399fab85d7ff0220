"""``graphmem move``."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphmem.cli.opening import chosen_user, opened, place_of, run
from graphmem.cli.output import note, print_json, print_table
from graphmem.cli.progress import progress
from graphmem.cli.settings import Settings, common_options, settings_of

if TYPE_CHECKING:
    from graphmem.cli.moving import MovedUser
    from graphmem.config import MemLayerConfig
    from graphmem.memory import MemLayer


@click.command("move", epilog="Example:  graphmem move --from memory.db --to bolt://localhost:7687")
@click.option("--from", "from_", metavar="URL", help="The store to move from; default: that of --url.")
@click.option("--to", metavar="URL", required=True, help="The store to move to.")
@click.option("--delete-source", is_flag=True, help="Forget each user at the source once all of it is at the target.")
@click.option("--leave-pending", is_flag=True, help="Move messages that could not be read yet without their facts.")
@common_options(user="Move that user only; default: everybody.", url="The store to move from, as --from.")
@click.pass_context
def command(ctx: click.Context, from_: str | None, to: str, delete_source: bool, leave_pending: bool) -> None:
    """Bring a user, or everybody, from one store to another, and compare messages and facts there with those here.

    The source stays as it is unless --delete-source is given. Again moves nothing twice, so an interrupted run is finished by
    repeating it. What waits to be read is read first. GRAPHMEM_FROM_PASSWORD and GRAPHMEM_TO_PASSWORD (and ..._USER,
    ..._DATABASE) tell two servers apart.
    """
    given = settings_of(ctx)
    source, target = Settings(from_ or given.url, given.user), Settings(to)
    _must_differ(source.config(**_login("FROM")), target.config(**_login("TO")))
    moved = run(_move(source, target, delete=delete_source, leave_pending=leave_pending))
    if given.json:
        print_json({"users": moved})
        return
    print_table(
        ("user", "messages", "facts", "outcome", "digest"),
        [(m.user_id, m.counts.get("message", 0), m.counts.get("fact", 0), m.outcome, m.digest[:12]) for m in moved],
    )
    note("compared: all of it is at the target" + ("; the source has forgotten it" if delete_source else ""))


async def _move(source: Settings, target: Settings, *, delete: bool, leave_pending: bool) -> list[MovedUser]:
    from graphmem.cli.moving import move_user

    if not leave_pending:
        await _read_the_rest(source)
    moved = []
    async with _opened(source, "FROM", must_exist=True) as here:
        users = await _users(here, source)
        async with _opened(target, "TO", must_exist=False) as there:
            with progress("moving", "users") as bar:
                bar.expect(len(users))
                for user_id in users:
                    moved.append(await move_user(here, there, user_id, delete=delete))
                    bar.advance(1)
    return moved


async def _users(memory: MemLayer, settings: Settings) -> list[str]:
    from graphmem.arguments import MOST

    if settings.user is not None:
        return [await chosen_user(memory, settings)]
    users = await memory.users(limit=MOST)
    if not users:
        raise click.ClickException("nothing is stored there, so there is nothing to move")
    return users


async def _read_the_rest(settings: Settings) -> None:
    """Read the facts that are still to come: a store that is moved takes no pending work along."""
    from graphmem.errors import ExtractionPending

    async with _opened(settings, "FROM", must_exist=True) as memory:
        if not (await memory.stats(user_id=settings.user)).pending:
            return
    async with opened(settings, must_exist=True, **_login("FROM")) as memory:
        try:
            await memory.flush()
        except ExtractionPending as error:
            raise click.ClickException(
                f"{error}; graphmem pending lists what waits, --leave-pending moves it without its facts"
            ) from error


@asynccontextmanager
async def _opened(settings: Settings, side: str, *, must_exist: bool) -> AsyncIterator[MemLayer]:
    """Open one side; nothing is extracted there."""
    overrides = {"extractor": "none", "summarizer": "none", **_login(side)}
    async with opened(settings, must_exist=must_exist, **overrides) as memory:
        yield memory


def _login(side: str) -> dict[str, Any]:
    """Return what the environment says of one side alone."""
    login: dict[str, Any] = {}
    if password := os.environ.get(f"GRAPHMEM_{side}_PASSWORD"):
        login["auth"] = (os.environ.get(f"GRAPHMEM_{side}_USER", "neo4j"), password)
    if database := os.environ.get(f"GRAPHMEM_{side}_DATABASE"):
        login["database"] = database
    return login


def _must_differ(source: MemLayerConfig, target: MemLayerConfig) -> None:
    places = [
        (c.provider, str(Path(place_of(c)).resolve()) if c.provider == "sqlite" else place_of(c), c.database)
        for c in (source, target)
    ]
    if place_of(target) == ":memory:":
        raise click.UsageError("':memory:' keeps nothing when the command ends; give --to a file or a server")
    if places[0] == places[1]:
        raise click.UsageError("--from and --to are the same store; name another one")
