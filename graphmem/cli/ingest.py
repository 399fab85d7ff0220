"""``graphmem ingest``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from graphmem.cli.opening import opened, run
from graphmem.cli.output import note, print_json, print_table
from graphmem.cli.progress import Bar, progress
from graphmem.cli.settings import Settings, common_options, settings_of

if TYPE_CHECKING:
    from graphmem.memory import MemLayer
    from graphmem.transcripts.load import FileReport, LoadOptions

FORMAT_NAMES = ("auto", "jsonl", "messages", "chatgpt", "sharegpt", "text")
EXTRACTOR_NAMES = ("auto", "local", "rules", "llm", "hybrid", "none")


@click.command("ingest", epilog="Example:  graphmem ingest conversations.json notes/*.txt --user alice")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "format_", type=click.Choice(FORMAT_NAMES), default="auto", show_default=True)
@click.option("--skip-bad", is_flag=True, help="Skip lines that cannot be read; else nothing of such a file is stored.")
@click.option(
    "--extractor", type=click.Choice(EXTRACTOR_NAMES), help="What reads the facts; default: GRAPHMEM_EXTRACTOR or auto."
)
@common_options
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], format_: str, skip_bad: bool, extractor: str | None) -> None:
    """Store transcripts. Again stores nothing twice, so an interrupted run is finished by repeating it.

    Without --user a conversation belongs to the user that its file names (in plain text: the first person who speaks),
    else to a user called like the file. Files are read and stored one by one; one that fails stops no other.
    """
    from graphmem.transcripts.load import LoadOptions

    settings = settings_of(ctx)
    options = LoadOptions(format=format_, user_id=settings.user, skip_bad=skip_bad)
    overrides = {} if extractor is None else {"extractor": extractor}
    outcome, reports = run(_ingest(settings, files, options, overrides))
    if settings.json:
        print_json(outcome)
    else:
        print_outcome(outcome)
    if any(report.error for report in reports) or outcome["pending"]:
        ctx.exit(1)


def print_outcome(outcome: dict[str, Any]) -> None:
    """Print what a run of loading did."""
    print_table(("what", "count"), [(k.replace("_", " "), v) for k, v in outcome.items() if k != "failures"])


async def store_files(
    memory: MemLayer, files: tuple[str, ...], options: LoadOptions
) -> tuple[dict[str, Any], list[FileReport]]:
    """Store files with progress on stderr.

    Args:
        memory: where to.
        files: their paths.
        options: how to read them.

    Returns:
        Counts to report, and a report for each file.
    """
    from graphmem.transcripts.load import Progress, load

    started = time.monotonic()
    before = await memory.stats()
    with progress("storing", "messages") as bar:
        told = Progress(
            checked=lambda report: bar.expect(report.summary.messages if report.summary else 0),
            stored=lambda report, messages: bar.advance(messages),
            finished=lambda report: _tell(bar, report),
        )
        reports = await load(memory, files, options, told)
    await _extract_the_rest(memory)
    after = await memory.stats()
    stored = sum(report.stored for report in reports)
    new = after.messages - before.messages
    outcome: dict[str, Any] = {
        "files": len(reports),
        "failed": sum(report.error is not None for report in reports),
        "conversations": sum(report.summary.conversations for report in reports if report.summary),
        "new_messages": new,
        "already_there": max(0, stored - new),
        "skipped_lines": sum(len(report.problems) for report in reports),
        "new_facts": after.facts - before.facts,
        "pending": after.pending,
        "seconds": round(time.monotonic() - started, 2),
        "failures": [str(report.error) for report in reports if report.error],
    }
    return outcome, reports


async def _ingest(
    settings: Settings, files: tuple[str, ...], options: LoadOptions, overrides: dict[str, str]
) -> tuple[dict[str, Any], list[FileReport]]:
    async with opened(settings, must_exist=False, **overrides) as memory:
        return await store_files(memory, files, options)


async def _extract_the_rest(memory: MemLayer) -> None:
    """Wait for facts that are still to come; what cannot be read now stays pending and is said."""
    from graphmem.errors import ExtractionPending

    try:
        await memory.flush()
    except ExtractionPending as error:
        note(f"the messages are stored, but facts are missing: {error}")


def _tell(bar: Bar, report: FileReport) -> None:
    for problem in report.problems[:20]:
        bar.say(f"skipped {problem}")
    if len(report.problems) > 20:
        bar.say(f"skipped {len(report.problems) - 20} more lines of {report.path}")
    if report.error is not None:
        bar.say(f"failed: {report.error}")
    elif report.summary is not None:
        users = report.summary.users
        whose = f"user {users[0]}" if len(users) == 1 else f"{len(users)} users"
        bar.say(f"{report.path}: {report.stored} messages of {whose} ({report.summary.format})")
