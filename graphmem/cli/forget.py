"""``graphmem forget``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from graphmem.cli.opening import chosen_user, opened_to_ask, run
from graphmem.cli.output import note, on_one_line, print_json
from graphmem.cli.settings import Settings, common_options, settings_of

if TYPE_CHECKING:
    from graphmem.memory import MemLayer
    from graphmem.records import Forgotten


@click.command("forget", epilog="Example:  graphmem forget --user alice --session s1")
@click.option("--session", metavar="ID", help="Forget that session.")
@click.option("--message", metavar="ID", help="Forget that message of --session.")
@click.option("--fact", metavar="ID", help="Forget that fact (its id is in: graphmem facts --json).")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options(user="The user, who must be named to delete all of them; default: the only one of the store.")
@click.pass_context
def command(ctx: click.Context, session: str | None, message: str | None, fact: str | None, yes: bool) -> None:
    """Delete a user, a session, a message or a fact for ever, with everything that came only from it.

    All of a user goes when only --user is given.
    """
    settings = settings_of(ctx)
    if message is not None and session is None:
        raise click.UsageError("a message is named together with its session; add --session")
    if fact is not None and session is not None:
        raise click.UsageError("a fact belongs to no one session; give --fact or --session, not both")
    if fact is None and session is None and settings.user is None:
        raise click.UsageError("say what to forget: --session, --message, --fact, or --user alone for all of a user")
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask on; add --yes to delete without being asked")
    gone = run(_forget(settings, session, message, fact, yes))
    if gone is None:
        note("nothing was deleted")
        ctx.exit(1)
    if settings.json:
        print_json(gone)
    else:
        click.echo(
            f"deleted: {gone.messages} messages, {gone.facts} facts, {gone.entities} entities, {gone.sessions} sessions"
        )


async def _forget(
    settings: Settings, session: str | None, message: str | None, fact: str | None, yes: bool
) -> Forgotten | None:
    async with opened_to_ask(settings) as memory:
        user_id = await chosen_user(memory, settings)
        if fact is not None:
            what = await _fact(memory, user_id, fact)
        elif session is not None:
            what = await _messages(memory, user_id, session, message)
        else:
            counts = await memory.stats(user_id=user_id)
            what = (
                f"all of user {user_id!r}: {counts.sessions} sessions, {counts.messages} messages, {counts.facts} facts"
            )
        if not yes and not click.confirm(f"This deletes {on_one_line(what)}. Go on?", err=True):
            return None
        if fact is not None:
            return await memory.forget(user_id=user_id, fact_id=fact)
        return await memory.forget(user_id=user_id, session_id=session, message_id=message)


async def _fact(memory: MemLayer, user_id: str, fact_id: str) -> str:
    for fact in await memory.facts(user_id=user_id):
        if fact.id == fact_id:
            return f"the fact {fact.text!r} of user {user_id!r}"
    raise click.ClickException(f"user {user_id!r} has no fact {fact_id!r}; graphmem facts --json shows the ids")


async def _messages(memory: MemLayer, user_id: str, session_id: str, message_id: str | None) -> str:
    messages = await memory.messages(session_id=session_id, user_id=user_id)
    if not messages:
        raise click.ClickException(
            f"user {user_id!r} has no session {session_id!r}; graphmem search shows where things were said"
        )
    named = {m.id for m in messages} if message_id is None else {message_id}
    chosen = [m for m in messages if m.id in named]
    if not chosen:
        raise click.ClickException(f"session {session_id!r} has no message {message_id!r}")
    alone = sum(
        all(s.session_id == session_id and s.message_id in named for s in fact.statements)
        for fact in await memory.facts(user_id=user_id)
        if fact.statements
    )
    what = (
        f"session {session_id!r} with {len(chosen)} messages"
        if message_id is None
        else f"the message {chosen[0].text!r}"
    )
    return f"{what} and {alone} facts that only they support"
