"""``graphmem show``."""

from __future__ import annotations

from pathlib import Path

import click

from graphmem.cli.atomic import replacing
from graphmem.cli.opening import chosen_user, opened_to_ask, run
from graphmem.cli.output import note, print_json
from graphmem.cli.settings import Settings, common_options, settings_of


@click.command("show", epilog="Example:  graphmem show maya.html --user maya --open")
@click.argument("file", default="graph.html", metavar="[FILE]")
@click.option("--open", "open_", is_flag=True, help="Open it in the browser.")
@click.option("--no-messages", is_flag=True, help="Leave out the words that the facts were read from.")
@common_options()
@click.pass_context
def command(ctx: click.Context, file: str, open_: bool, no_messages: bool) -> None:
    """Write the graph of a user as one HTML page, to FILE (default: graph.html; - for stdout).

    The page loads nothing and sends nothing. Click what you want to know more about; the slider goes back to what was known
    then. It holds the messages that the facts come from: whoever gets the file can read them.
    """
    settings = settings_of(ctx)
    if file == "-" and (open_ or settings.json):
        raise click.UsageError("a page on stdout goes without --open and --json; name a FILE")
    page, report = run(_page(settings, with_messages=not no_messages))
    if file == "-":
        click.echo(page, nl=False)
        return
    path = Path(file)
    with replacing(path) as out:
        out.write(page)
    if settings.json:
        print_json({"file": file, **report})
    else:
        note(f"{file}: {report['facts']} facts about {report['entities']} entities")
    if report["pending"]:
        note(f"{report['pending']} messages wait to be read and are not in it; graphmem pending lists them")
    if open_ and click.launch(path.resolve().as_uri()) != 0:
        raise click.ClickException(f"no browser could be started; open {path} yourself")


async def _page(settings: Settings, *, with_messages: bool) -> tuple[str, dict[str, int]]:
    async with opened_to_ask(settings) as memory:
        user_id = await chosen_user(memory, settings)
        graph = await memory.graph(user_id=user_id)
        pending = (await memory.stats(user_id=user_id)).pending
    report = {"entities": len(graph.nodes), "facts": len(graph.edges), "pending": pending}
    return graph.to_html(with_messages=with_messages), report
