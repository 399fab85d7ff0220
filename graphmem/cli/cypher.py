"""``graphmem cypher``."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from graphmem.cli.opening import chosen_user, opened_to_ask, run
from graphmem.cli.output import note, print_json, print_table, to_json
from graphmem.cli.settings import Settings, common_options, settings_of


@click.command(
    "cypher", epilog='Example:  graphmem cypher "MATCH (u:User)-[:LIVES_IN]->(p:Place) RETURN p.name AS city"'
)
@click.argument("query")
@click.option("--param", "params", metavar="NAME=VALUE", multiple=True, help="A parameter; VALUE is JSON, else a text.")
@click.option("--all", "everybody", is_flag=True, help="Query the graph of every user, as the operator.")
@click.option("--limit", type=click.IntRange(min=1), help="At most that many rows.  [default: 1000]")
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="How long.  [default: 5]"
)
@common_options(user="The user, if not --all; default: the only one of the store.")
@click.pass_context
def command(
    ctx: click.Context, query: str, params: tuple[str, ...], everybody: bool, limit: int | None, timeout: float | None
) -> None:
    """Run a reading QUERY on a user's graph ("-" reads it from stdin)."""
    settings = settings_of(ctx)
    if query == "-":
        query = sys.stdin.read()
    options: dict[str, Any] = {"parameters": _parameters(params), "limit": limit, "timeout": timeout}
    rows = run(_rows(settings, query, everybody, options))
    if settings.json:
        print_json(rows)
    elif rows:
        columns = tuple(dict.fromkeys(column for row in rows for column in row))
        print_table(columns, [[shown(row.get(column)) for column in columns] for row in rows])
    else:
        note("no rows")


def shown(value: object) -> object:
    """Return a value as a table's cell: texts as they are, the rest as JSON."""
    return value if value is None or isinstance(value, str) else to_json(value)


async def _rows(settings: Settings, query: str, everybody: bool, options: dict[str, Any]) -> list[dict[str, Any]]:
    async with opened_to_ask(settings) as memory:
        if everybody:
            return await memory.cypher(query, scope="all", **options)
        return await memory.cypher(query, user_id=await chosen_user(memory, settings), **options)


def _parameters(given: tuple[str, ...]) -> dict[str, object]:
    parameters: dict[str, object] = {}
    for entry in given:
        name, equals, value = entry.partition("=")
        if not equals or not name.isidentifier():
            raise click.BadParameter(f"{entry!r} is not NAME=VALUE, as in --param city=Porto", param_hint="--param")
        try:
            parameters[name] = json.loads(value)
        except (ValueError, RecursionError):
            parameters[name] = value
    return parameters
