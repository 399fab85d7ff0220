"""``graphmem demo``."""

from __future__ import annotations

import shutil
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphmem.cli.cypher import shown
from graphmem.cli.opening import opened, place_of, run
from graphmem.cli.output import console, on_one_line, print_json, print_table
from graphmem.cli.settings import Settings, common_options, settings_of

if TYPE_CHECKING:
    from graphmem.memory import MemLayer
    from graphmem.records import Fact
    from graphmem.transcripts import Exchange

QUESTION = "What should I cook when my sister comes for dinner?"
QUERY = """\
MATCH (u:User)-[:HAS_SIBLING]->(s:Person)-[:LIVES_IN]->(p:Place)
WHERE (u)-[:LIVES_IN]->(p)
RETURN s.name AS sister, p.name AS city"""
CONTEXT_TOKENS = 130
_WIDEST = 100
_SIGNS = {"current": ("+", "green"), "ended": ("-", "yellow"), "retracted": ("x", "red"), "negated": ("+", "magenta")}
SIGN_COLOURS = {status: colour for status, (_, colour) in _SIGNS.items()}


@click.command("demo", epilog="Example:  graphmem demo --url demo.db && graphmem facts --url demo.db")
@common_options(
    user="Who speaks in the transcript; default: maya.", url="A store to keep it in; default: nothing is kept."
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """See it work, offline: a bundled transcript is stored message by message, then asked.

    Nothing is left behind, unless --url names a store to keep it in.
    """
    settings = settings_of(ctx)
    with _store_for(settings) as chosen:
        told = run(_demo(chosen, quiet=settings.json))
    if settings.json:
        print_json(told)
    elif settings.url is None:
        click.echo()
        _print("Nothing was kept. To look around in it: graphmem demo --url demo.db", "dim")
    else:
        click.echo()
        _print(f"Kept in {place_of(chosen.config())}. Next: graphmem facts --url {settings.url}", "dim")


def changes_of(facts: Sequence[Fact], before: dict[str, tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Yield what changed as (sign, text, status): ``+`` for what came, ``-`` and ``x`` for what ended or was taken back.

    Args:
        facts: the facts that a message added or changed.
        before: status and text of the facts so far, by id; brought up to date.
    """
    for fact in sorted(facts, key=lambda fact: fact.status == "current"):
        now = (str(fact.status), fact.text)
        was = before.get(fact.id)
        before[fact.id] = now
        if was is None or was[0] != now[0]:
            yield _SIGNS[now[0]][0], fact.text + _ending(fact), now[0]
        elif was[1] != now[1]:
            yield "~", f"{fact.text} (was: {was[1]})", now[0]


def _ending(fact: Fact) -> str:
    if fact.status == "ended":
        return f" (ended {fact.valid_to})" if fact.valid_to else " (ended)"
    if fact.status == "retracted":
        return " (taken back)"
    return f" (since {fact.valid_from})" if fact.valid_from and fact.status == "current" else ""


@contextmanager
def _store_for(settings: Settings) -> Iterator[Settings]:
    if settings.url is not None:
        yield settings
        return
    with tempfile.TemporaryDirectory(prefix="graphmem-demo-", ignore_cleanup_errors=True) as folder:
        yield Settings(url=str(Path(folder) / "demo.db"), user=settings.user)


async def _demo(settings: Settings, *, quiet: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"messages": [], "question": QUESTION, "query": QUERY}
    async with opened(settings, must_exist=False, extractor="local", ttl=None) as memory:
        exchanges = _exchanges(settings.user)
        user_id = exchanges[0].user_id
        before = {f.id: (str(f.status), f.text) for f in await memory.facts(user_id=user_id)}
        for exchange in exchanges:
            entry = await _store(memory, exchange, before)
            told["messages"].append(entry)
            if not quiet:
                _print_message(entry)
        context = await memory.get_context(
            session_id="demo-next", user_id=user_id, query=QUESTION, max_tokens=CONTEXT_TOKENS
        )
        told["context"] = str(context)
        told["rows"] = await memory.cypher(QUERY, user_id=user_id)
        if not quiet:
            _print_answers(told)
    return told


async def _store(memory: MemLayer, exchange: Exchange, before: dict[str, tuple[str, str]]) -> dict[str, Any]:
    result = await memory.store(
        session_id=exchange.session_id, user_id=exchange.user_id, interaction=exchange.interaction()
    )
    said = exchange.messages[0]
    changes = [
        {"sign": sign, "text": text, "status": status} for sign, text, status in changes_of(result.facts, before)
    ]
    return {"at": said.at, "session": exchange.session_id, "text": said.text, "changes": changes}


def _exchanges(user_id: str | None) -> list[Exchange]:
    from graphmem.transcripts import Transcript

    with as_file(files("graphmem") / "data" / "demo.jsonl") as path:
        return list(Transcript(path, user_id=user_id).exchanges())


def _print_message(entry: dict[str, Any]) -> None:
    _print(on_one_line(entry["text"]), "bold", first=f"{entry['at']:%Y-%m-%d}  ", then=12)
    for change in entry["changes"]:
        colour = "cyan" if change["sign"] == "~" else _SIGNS[change["status"]][1]
        _print(on_one_line(change["text"]), colour, first=f"          {change['sign']} ", then=12)


def _print_answers(told: dict[str, Any]) -> None:
    click.echo()
    _print("What an agent is told when Maya asks:", "bold")
    _print(QUESTION, "bold", first="  ")
    for line in told["context"].splitlines():
        _print(on_one_line(line), "", first="    ", then=6)
    click.echo()
    _print("What the graph answers:", "bold")
    for line in QUERY.splitlines():
        _print(line, "bold", first="  ")
    columns = tuple(dict.fromkeys(column for row in told["rows"] for column in row))
    print_table(columns, [[shown(row[column]) for column in columns] for row in told["rows"]])


def _print(text: str, style: str, *, first: str = "", then: int = 0) -> None:
    """Print a text folded between words, in colour on a terminal; its later lines are indented by ``then``."""
    from rich.text import Text

    width = min(shutil.get_terminal_size().columns, _WIDEST)
    lines = textwrap.wrap(text, width, initial_indent=first, subsequent_indent=" " * then, break_long_words=False)
    console().print(Text("\n".join(lines), style=style), soft_wrap=True)
