#!/usr/bin/env python3
"""Load a folder of transcripts into a store; run it again to finish what was interrupted."""

from __future__ import annotations

from pathlib import Path

import click

from graphmem.cli.leaving import ScriptCommand
from graphmem.cli.loading import Outcome, store_files
from graphmem.cli.opening import opened, run
from graphmem.cli.output import note, print_json
from graphmem.cli.settings import Settings
from graphmem.config import EXTRACTORS
from graphmem.transcripts import FORMATS
from graphmem.transcripts.folder import ENDINGS, transcripts_in
from graphmem.transcripts.load import LoadOptions


@click.command(
    cls=ScriptCommand, epilog="Example:  scripts/load_transcripts.py chats/ --url bolt://localhost:7687 --jobs 8"
)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--url", metavar="URL", help="A path, or a bolt:// or neo4j:// URL.  [default: GRAPHMEM_URL or graphmem.db]"
)
@click.option("--user", metavar="ID", help="Whose conversations they are.  [default: the file says, else its name]")
@click.option("--jobs", type=click.IntRange(1, 64), default=4, show_default=True, help="So many users at a time.")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="auto", show_default=True)
@click.option("--skip-bad", is_flag=True, help="Skip lines that cannot be read; else nothing of such a file is stored.")
@click.option("--extractor", type=click.Choice(EXTRACTORS), help="What reads the facts.  [default: auto]")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    folder: Path,
    url: str | None,
    user: str | None,
    jobs: int,
    format_: str,
    skip_bad: bool,
    extractor: str | None,
    as_json: bool,
) -> None:
    """Store every transcript in FOLDER and the folders in it, in the order of their names.

    Conversations of one user are stored in order, those of different users at the same time. A file that fails stops no
    other and is named in the report; then the exit code is 1. What is stored already is recognised and not stored again.
    """
    paths = transcripts_in(folder)
    if not paths:
        raise click.ClickException(f"no transcript in {folder}: none of its files ends in {', '.join(ENDINGS)}")
    options = LoadOptions(format=format_, user_id=user, skip_bad=skip_bad, jobs=jobs)
    outcome = run(_load(Settings(url=url), [str(path) for path in paths], options, extractor))
    if as_json:
        print_json(outcome.as_dict())
    else:
        outcome.print()
        for failed in outcome.reports:
            if failed.error is not None:
                note(f"failed: {failed.error}")
    if outcome.failed:
        raise SystemExit(1)


async def _load(settings: Settings, paths: list[str], options: LoadOptions, extractor: str | None) -> Outcome:
    overrides = {} if extractor is None else {"extractor": extractor}
    async with opened(settings, must_exist=False, **overrides) as memory:
        return await store_files(memory, paths, options)


if __name__ == "__main__":
    command()
