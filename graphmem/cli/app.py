"""The group of commands: each is loaded when it is called, and every error ends in one line and an exit code."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import logging
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from graphmem.cli.settings import common_options

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
    "show": "Write the graph as one HTML page.",
    "chat": "Chat, and see what is remembered.",
}
"""The commands in the order of the help, with their short help, so that the help needs none of their modules."""

FAILURE, USAGE, INTERRUPTED = 1, 2, 130


class CommandGroup(click.Group):
    """A group that imports a command's module (``graphmem.cli.<name>``) when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if importlib.util.find_spec(_module(name)) is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(_module(cmd_name)).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> NoReturn:
        """Run the command and leave with its exit code; see `click.Command.main`."""
        _make_printable()
        _keep_logs_quiet()
        options["standalone_mode"] = False
        try:
            code = super().main(args, *rest, **options)
            sys.stdout.flush()
        except BrokenPipeError:
            _silence_stdout()
            code = 0
        except BaseException as error:
            code = report(error)
        sys.exit(code if isinstance(code, int) else 0)


def report(error: BaseException) -> int:
    """Print an error in one line on stderr and return the exit code; with GRAPHMEM_DEBUG=1 with its trace."""
    from graphmem.errors import ConfigError, GraphMemError

    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else FAILURE
    if _debugging():
        traceback.print_exception(error)
    if isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt):
        return _say("interrupted", INTERRUPTED)
    if isinstance(error, click.Abort):
        return _say("aborted: there was no answer", FAILURE)
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "graphmem"
        return _say(f"{error.format_message().rstrip('.')}; see {path} --help", USAGE)
    if isinstance(error, click.ClickException):
        return _say(error.format_message(), error.exit_code)
    if isinstance(error, ConfigError):
        return _say(str(error), USAGE)
    if isinstance(error, GraphMemError) or _is_extraction_error(error):
        return _say(str(error), FAILURE)
    if isinstance(error, OSError):
        return _say(f"{error.filename}: {error.strerror}" if error.filename else str(error), FAILURE)
    return _say(f"internal error: {type(error).__name__}: {error}; set GRAPHMEM_DEBUG=1 to see where", FAILURE)


def _is_extraction_error(error: BaseException) -> bool:
    from extraction.base import ExtractionError

    return isinstance(error, ExtractionError)


def _say(message: str, code: int) -> int:
    with contextlib.suppress(OSError):
        click.echo(f"graphmem: {' '.join(message.split())}", err=True)
    return code


def _module(name: str) -> str:
    return f"graphmem.cli.{name}_" if name == "import" else f"graphmem.cli.{name}"


def _make_printable() -> None:
    """Let no character that a terminal's encoding lacks end a command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _debugging() -> bool:
    return os.environ.get("GRAPHMEM_DEBUG", "") not in ("", "0")


def _keep_logs_quiet() -> None:
    """What a log has to say to a program is no output of a command; without a handler Python would print warnings."""
    if _debugging():
        logging.basicConfig(level=logging.INFO)
    else:
        logging.getLogger().addHandler(logging.NullHandler())


def _silence_stdout() -> None:
    """Whoever read the output has gone: the interpreter's own flush at the end must not complain."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(
    cls=CommandGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example:  graphmem ingest chat.jsonl && graphmem facts --status current",
)
@click.version_option(package_name="graphmem")
@common_options
def cli() -> None:
    """Long-term memory for LLM agents: conversations in, a knowledge graph underneath, a short context out.

    The store is graphmem.db in the working directory unless --url or GRAPHMEM_URL names another. GRAPHMEM_USER and
    GRAPHMEM_PASSWORD are for a Neo4j server; further GRAPHMEM_... variables set the rest of the configuration.
    """


def main() -> NoReturn:
    """Run the ``graphmem`` command."""
    cli.main(prog_name="graphmem")
