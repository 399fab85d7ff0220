"""How a command ends: an exit code, and for every error one line on stderr that says what to do."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

import click

FAILURE, USAGE, INTERRUPTED, TERMINATED = 1, 2, 130, 143


class Interrupted(Exception):
    """The person pressed Ctrl-C. Not a KeyboardInterrupt: click would print a line of its own for that."""


class Terminated(BaseException):
    """The process was told to end. Not an Exception: nothing on the way is to take it for a failure that it can deal with."""


class ReaderGone(Exception):
    """Whoever read the output has gone away. Not a BrokenPipeError: click would count that as a failure."""


class Ending:
    """Mixed into a click command: it ends as `leave_with` says."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command's function; see `click.Command.invoke`."""
        try:
            result = super().invoke(ctx)  # type: ignore[misc]  # of the click command beside it
            sys.stdout.flush()
        except KeyboardInterrupt as error:
            raise Interrupted from error
        except BrokenPipeError as error:
            raise ReaderGone from error
        return result

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> NoReturn:
        """Run the command and leave with its exit code; see `click.Command.main`."""
        run = super().main  # type: ignore[misc]  # the same
        leave_with(lambda: run(args, *rest, **{**options, "standalone_mode": False}))


class ScriptCommand(Ending, click.Command):
    """A script that is one command."""


def leave_with(work: Callable[[], object]) -> NoReturn:
    """Run a command and leave with its exit code: 0, 1 for a failure, 2 for wrong usage, 130 when interrupted, 143 when
    terminated. Either way everything is closed first, and what was being read is handed back.

    Args:
        work: the command; what it returns is the exit code when it is a number.
    """
    _make_printable()
    _keep_logs_quiet()
    try:
        with _told_to_end():
            code = work()
        sys.stdout.flush()
    except (ReaderGone, BrokenPipeError):
        _silence_stdout()
        code = 0
    except BaseException as error:
        code = report(error)
    sys.exit(code if isinstance(code, int) else 0)


def report(error: BaseException) -> int:
    """Print an error in one line on stderr and return the exit code; with GRAPHMEM_DEBUG=1 with its trace."""
    from extraction.base import ExtractionError
    from graphmem.errors import ConfigError, GraphMemError

    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else FAILURE * bool(error.code)
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if debugging():
        traceback.print_exception(error)
    if isinstance(error, Interrupted | KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt):
        return _say("interrupted", INTERRUPTED)
    if isinstance(error, Terminated):
        return _say("terminated", TERMINATED)
    if isinstance(error, click.Abort):
        return _say("aborted: there was no answer", FAILURE)
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "graphmem"
        return _say(f"{error.format_message().rstrip('.')}; see {path} --help", USAGE)
    if isinstance(error, click.ClickException):
        return _say(error.format_message(), error.exit_code)
    if isinstance(error, ConfigError):
        from graphmem.cli.wording import in_own_words

        return _say(in_own_words(error), USAGE)
    if isinstance(error, GraphMemError | ExtractionError):
        return _say(str(error), FAILURE)
    if isinstance(error, OSError):
        return _say(f"{error.filename}: {error.strerror}" if error.filename else str(error), FAILURE)
    return _say(f"internal error: {type(error).__name__}: {error}; set GRAPHMEM_DEBUG=1 to see where", FAILURE)


@contextlib.contextmanager
def _told_to_end() -> Iterator[None]:
    """Let SIGTERM end a command with `Terminated`, once: what it then closes has limits of its own."""

    def end(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Terminated

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # signals come to the main thread only
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _say(message: str, code: int) -> int:
    from graphmem.cli.output import on_one_line

    with contextlib.suppress(OSError):
        click.echo(f"graphmem: {on_one_line(message)}", err=True)
    return code


def debugging() -> bool:
    """Whether traces and logs are wanted in full."""
    return os.environ.get("GRAPHMEM_DEBUG", "") not in ("", "0")


def _keep_logs_quiet() -> None:
    """What a log has to say to a program is no output of a command; without a handler Python would print warnings."""
    if debugging():
        logging.basicConfig(level=logging.INFO)
    else:
        logging.getLogger().addHandler(logging.NullHandler())


def _make_printable() -> None:
    """Let no character that a terminal's encoding lacks end a command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _silence_stdout() -> None:
    """Whoever read the output has gone: the interpreter's own flush at the end must not complain."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
