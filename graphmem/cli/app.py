"""The group of commands; each is loaded when it is called."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
from typing import NoReturn

import click

from graphmem.cli.leaving import USAGE, Ending
from graphmem.cli.settings import common_options, settings_of

COMMANDS = {
    "demo": "See it work: a bundled transcript, its facts, a context and a query.",
    "ingest": "Store transcripts; again stores nothing twice.",
    "extract": "Show the facts of a transcript, without any store.",
    "context": "Show what an agent would be told for a question.",
    "facts": "List what is known about a user.",
    "search": "Find messages and facts.",
    "cypher": "Query the graph in Cypher.",
    "stats": "Count what is stored.",
    "forget": "Delete a user, a session, a message or a fact.",
    "export": "Write the memory as JSON Lines, GraphML or Cypher.",
    "import": "Read an export back.",
    "pending": "List what waits to be read; try it again, or give it up.",
    "expire": "Remove messages whose time to live has passed.",
    "check": "Check that everything is in order, and repair what is not.",
    "move": "Move a user, or everything, to another store.",
    "doctor": "Check that what is configured works, and say what to do.",
    "show": "Write the graph as one HTML page.",
    "chat": "Chat, and see what is remembered.",
}
"""The commands in the order of the help, with their short help, so that the help needs none of their modules."""

FIRST_STEPS = """\
graphmem is long-term memory for LLM agents. Nothing is stored here yet. To begin:

  graphmem demo           see it work, offline; nothing is kept
  graphmem chat           talk, and see what is remembered
  graphmem ingest FILE    store conversations: ChatGPT's export, JSON Lines, plain text
  graphmem doctor         check that everything is set up

graphmem --help lists all commands, graphmem COMMAND --help explains one."""


class CommandGroup(Ending, click.Group):
    """A group that imports a command's module (``graphmem.cli.<name>``) when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if importlib.util.find_spec(_module(name)) is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(_module(cmd_name)).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, known = args[0], self.list_commands(ctx)
        if name not in known and not name.startswith("-") and not ctx.resilient_parsing:
            nearest = difflib.get_close_matches(name.casefold(), known, n=1)
            ctx.fail(f"no such command {name!r}" + "".join(f" (did you mean {command}?)" for command in nearest))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


def _module(name: str) -> str:
    return f"graphmem.cli.{name}_" if name == "import" else f"graphmem.cli.{name}"


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        import graphmem

        click.echo(f"graphmem {graphmem.__version__}")
        ctx.exit()


@click.group(
    cls=CommandGroup,
    invoke_without_command=True,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example:  graphmem ingest chat.jsonl && graphmem facts --status current",
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_show_version, help="Show the version."
)
@common_options(user="The user; each command says what it does without.")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Long-term memory for LLM agents: conversations in, a knowledge graph underneath, a short context out.

    The store is graphmem.db in the working directory unless --url or GRAPHMEM_URL names another. GRAPHMEM_USER and
    GRAPHMEM_PASSWORD are for a Neo4j server; further GRAPHMEM_... variables set the rest of the configuration.
    """
    if ctx.invoked_subcommand is None:
        click.echo(FIRST_STEPS if _is_new_here(ctx) else ctx.get_help(), err=True)
        ctx.exit(USAGE)


def _is_new_here(ctx: click.Context) -> bool:
    """Whether there is no store yet where the commands would look."""
    from graphmem.cli.opening import is_missing
    from graphmem.errors import ConfigError

    try:
        return is_missing(settings_of(ctx).config())
    except ConfigError:
        return False


def main() -> NoReturn:
    """Run the ``graphmem`` command."""
    cli.main(prog_name="graphmem")
