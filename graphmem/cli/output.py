"""What commands print: tables and colours on a terminal, plain aligned lines elsewhere, JSON when asked for."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

_HIDDEN = frozenset({"statements"})
STATUS_COLOURS = {"current": "green", "ended": "yellow", "retracted": "red", "negated": "magenta"}


def plain(value: object) -> Any:
    """Return a record as values that JSON has: dataclasses as objects, times as ISO 8601 texts, tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value) if f.name not in _HIDDEN}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def to_json(value: object, *, indent: int | None = None) -> str:
    """Return ``value`` as JSON that the terminal's encoding can show."""
    utf8 = (getattr(sys.stdout, "encoding", None) or "utf-8").casefold().replace("-", "").startswith("utf")
    return json.dumps(plain(value), ensure_ascii=not utf8, indent=indent)


def print_json(value: object) -> None:
    """Print ``value`` as JSON on stdout."""
    click.echo(to_json(value, indent=2))


def on_one_line(text: object) -> str:
    """Return ``text`` on one line, without characters that would steer a terminal."""
    return harmless(" ".join(str(text).split()))


def harmless(text: str) -> str:
    """Return ``text`` with control characters other than line ends and tabs made visible."""
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" else c for c in text)


def note(text: str) -> None:
    """Print a remark on stderr."""
    click.echo(harmless(text), err=True)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, colours: Sequence[str] = ()) -> None:
    """Print rows under headings.

    Args:
        columns: the headings.
        rows: their cells; None is an empty one.
        colours: a colour for each row, for a terminal.
    """
    cells = [["" if cell is None else on_one_line(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _print_rich(columns, cells, colours)
        return
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)] if columns else []
    for line in ([c.upper() for c in columns], *cells):
        padded = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        click.echo("  ".join(padded).rstrip())


def console(*, stderr: bool = False) -> Console:
    """Return a console for colours; it writes none where there is no terminal."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, emoji=False, markup=False)


def _print_rich(columns: Sequence[str], cells: Sequence[Sequence[str]], colours: Sequence[str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for index, row in enumerate(cells):
        style = colours[index] if index < len(colours) else ""
        table.add_row(*(Text(cell, style=style if place == 0 else "") for place, cell in enumerate(row)))
    console().print(table)
