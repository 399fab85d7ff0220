"""What a chat shows: the answer, and beside it what was recalled and what was learned; below it where there is little room."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from graphmem.cli.chatting.answering import MemoryResponder, Responder
from graphmem.cli.demo import SIGN_COLOURS
from graphmem.cli.output import console, on_one_line

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from graphmem.cli.chatting.answering import Change
    from graphmem.cli.chatting.conversation import Spoken
    from graphmem.records import Message

WIDE = 100
"""From how many columns on the memory stands beside the answer."""
_LABEL = 10
_LABEL_STYLE = "dim cyan"
_LONGEST = 160

Entry = tuple[str, str]
"""Words and their style."""


def show_turn(spoken: Spoken) -> None:
    """Print what came of a turn."""
    out = console()
    answer, memory = _answer(spoken), _memory(spoken)
    if sys.stdout.isatty() and shutil.get_terminal_size().columns >= WIDE:
        out.print(_side_by_side(answer, memory))
    else:
        out.print(answer, soft_wrap=not sys.stdout.isatty())
        for label, entries in memory:
            out.print(_lines(label, entries), soft_wrap=True)


def show_learned(changes: Sequence[Change]) -> None:
    """Print what was learned in the background."""
    if changes:
        console().print(_lines("learned", [_change(change) for change in changes]), soft_wrap=True)


def show_history(messages: Sequence[Message]) -> None:
    """Print the last messages of a session that goes on."""
    from rich.text import Text

    for message in messages:
        who = "you" if message.role == "user" else message.role
        console().print(Text(f"{who}: {on_one_line(message.text)}", style="dim"), soft_wrap=True)


def thinking(responder: Responder) -> AbstractContextManager[object]:
    """Show on a terminal that an answer is being waited for."""
    if isinstance(responder, MemoryResponder) or not sys.stdout.isatty():
        return nullcontext()
    return console().status(f"{on_one_line(responder.name)} is asked ...")


def _answer(spoken: Spoken) -> Text:
    from rich.text import Text

    if spoken.answer is not None:
        lines = [on_one_line(line) for line in spoken.answer.splitlines()]
        return Text("\n".join(lines), style="bold" if sys.stdout.isatty() else "")
    return Text(f"no answer: {on_one_line(spoken.trouble or '')} (what you said is kept)", style="red")


def _memory(spoken: Spoken) -> list[tuple[str, list[Entry]]]:
    nothing = [("nothing", "dim")]
    recalled = [(on_one_line(fact.text), "") for fact in spoken.recalled]
    recalled += [(f"{m.at:%Y-%m-%d} {_shortened(m.text)}", "dim") for m in spoken.related]
    learned = [_change(change) for change in spoken.learned]
    if spoken.pending:
        learned.append(("(the language model is still reading)", "dim"))
    return [("recalled", recalled or nothing), ("learned", learned or nothing)]


def _lines(label: str, entries: Sequence[Entry]) -> Text:
    from rich.text import Text

    text = Text()
    for number, (words, style) in enumerate(entries):
        text.append(f"{'' if number else label:<{_LABEL}}", style=_LABEL_STYLE)
        text.append(words + ("\n" if number < len(entries) - 1 else ""), style=style)
    return text


def _change(change: Change) -> Entry:
    sign, text, status = change
    return f"{sign} {on_one_line(text)}", SIGN_COLOURS.get(status, "")


def _shortened(text: str) -> str:
    return textwrap.shorten(on_one_line(text), _LONGEST, placeholder=" ...")


def _side_by_side(answer: Text, memory: Sequence[tuple[str, Sequence[Entry]]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    beside = Table.grid(padding=(0, 2))
    beside.add_column(style=_LABEL_STYLE, no_wrap=True)
    beside.add_column(overflow="fold")
    for label, entries in memory:
        for number, (words, style) in enumerate(entries):
            beside.add_row("" if number else label, Text(words, style=style))
    grid = Table.grid(padding=(0, 3), expand=True)
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    grid.add_row(answer, beside)
    return grid
