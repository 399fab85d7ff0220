"""``graphmem doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphmem.cli.opening import run
from graphmem.cli.output import console, note, on_one_line, print_json
from graphmem.cli.settings import common_options, settings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmem.cli.health import Checkup

_MARKS = {"ok": ("ok", "green"), "warning": ("warning", "yellow"), "failed": ("FAILED", "red"), "absent": ("-", "dim")}
_NAME, _MARK = 18, 8


@click.command("doctor", epilog="Example:  graphmem doctor --url bolt://localhost:7687")
@common_options(user="Not used: the checks are about no user.")
@click.pass_context
def command(ctx: click.Context) -> None:
    """Check that everything that is configured works, and say what to do where it does not.

    The store is opened, and a language model, if one is configured, reads one sentence. Passwords and keys are never shown.
    Ends with 1 when something that is configured does not work.
    """
    from graphmem.cli.health import check_all

    settings = settings_of(ctx)
    checkups = run(check_all(settings))
    failed = [c.name for c in checkups if c.state == "failed"]
    if settings.json:
        print_json({"ok": not failed, "checks": checkups})
    else:
        _print(checkups)
        note(f"{', '.join(failed)}: does not work" if failed else "everything that is configured works")
    if failed:
        ctx.exit(1)


def _print(checkups: Sequence[Checkup]) -> None:
    from rich.text import Text

    out = console()
    for checkup in checkups:
        mark, style = _MARKS[checkup.state]
        line = Text(f"{mark:<{_MARK}}", style=style)
        line.append(f"{checkup.name:<{_NAME}}", style="bold")
        line.append(on_one_line(checkup.found), style="")
        out.print(line, soft_wrap=True)
        if checkup.advice:
            out.print(Text(f"{'':<{_MARK + _NAME}}-> {on_one_line(checkup.advice)}", style="dim"), soft_wrap=True)
