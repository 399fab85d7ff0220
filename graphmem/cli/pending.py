"""``graphmem pending``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphmem.cli.opening import named_user, opened, opened_to_ask, run
from graphmem.cli.output import note, print_json, print_table
from graphmem.cli.settings import Settings, common_options, settings_of

if TYPE_CHECKING:
    from graphmem.records import PendingJob

_MOST = 1_000_000


@click.command("pending", epilog="Example:  graphmem pending --retry")
@click.option("--retry", is_flag=True, help="Read them again now, those that are set aside too.")
@click.option("--skip", multiple=True, metavar="JOB", help="Give that one up: its messages stay, without facts.")
@common_options(user="List what waits of that user only; default: of everybody. --retry reads everybody's.")
@click.pass_context
def command(ctx: click.Context, retry: bool, skip: tuple[str, ...]) -> None:
    """List the messages whose facts are still to come, and why they wait.

    What failed several times is set aside (parked), blocks nothing, and waits for --retry or --skip.
    """
    settings = settings_of(ctx)
    if retry and skip:
        raise click.UsageError("give --retry or --skip, not both; skip first what is not to be read again")
    if retry:
        read = run(_retry(settings))
        if settings.json:
            print_json({"messages": read})
        else:
            click.echo(f"read: {read} messages; nothing is pending any more")
        return
    jobs = run(_skip(settings, skip) if skip else _list(settings))
    if settings.json:
        print_json(jobs)
    elif skip:
        click.echo(f"skipped: {len(skip)}; {len(jobs)} are pending")
    elif jobs:
        columns = ("job", "user", "session", "messages", "state", "attempts", "cause")
        print_table(columns, [_row(job) for job in jobs])
    else:
        note("nothing is pending")


def _row(job: PendingJob) -> tuple[object, ...]:
    return (job.id, job.user_id, job.session_id, len(job.message_ids), _state(job), job.attempts, job.error)


def _state(job: PendingJob) -> str:
    from graphmem.clock import utc_now

    now = utc_now()
    if job.parked:
        return "parked"
    if job.leased_until is not None and job.leased_until > now:
        return "being read"
    if job.retry_at is not None and job.retry_at > now:
        return f"again at {job.retry_at:%H:%M:%S} UTC"
    return "waiting"


async def _list(settings: Settings) -> list[PendingJob]:
    async with opened_to_ask(settings) as memory:
        return await memory.pending(user_id=await named_user(memory, settings), limit=_MOST)


async def _skip(settings: Settings, skip: tuple[str, ...]) -> list[PendingJob]:
    async with opened_to_ask(settings) as memory:
        owners = {
            job.id: job.user_id for job in await memory.pending(user_id=await named_user(memory, settings), limit=_MOST)
        }
        for job_id in skip:
            if job_id not in owners:
                raise click.ClickException(f"no job {job_id!r} is pending; graphmem pending lists those that are")
        for job_id in skip:
            await memory.skip(job_id, user_id=owners[job_id])
        return await memory.pending(user_id=await named_user(memory, settings), limit=_MOST)


async def _retry(settings: Settings) -> int:
    async with opened(settings, must_exist=True) as memory:
        # what the opening takes over by itself counts too
        before = (await memory.stats()).pending
        await memory.flush()
        return before
