#!/usr/bin/env python3
"""Measure which names are taken for one entity, on labelled pairs of names."""

from __future__ import annotations

import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from graphmem.cli.leaving import ScriptCommand  # noqa: E402 - the folder of the scripts is no package that is installed
from graphmem.cli.output import note, print_json  # noqa: E402
from scripts.evaluation.pairs import InvalidPairs, Tally, are_one, read_pairs, tally  # noqa: E402


@click.command(cls=ScriptCommand, epilog="Example:  scripts/evaluate_entities.py tests/data/entity_pairs.tsv --errors")
@click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="DATA")
@click.option(
    "--use",
    type=click.Choice(["choosing", "measuring", "all"]),
    default="measuring",
    show_default=True,
    help="The pairs that rules were made with, those kept apart for measuring, or both.",
)
@click.option("--errors", is_flag=True, help="Show the pairs that are joined or told apart wrongly.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(data: Path, use: str, errors: bool, as_json: bool) -> None:
    """Print precision and recall of joining names, by label.

    Each pair is said in two sessions of one user, who says nothing else. Of pairs that are joined the share that should be
    is the precision; of those that should be joined the share that is, the recall.
    """
    try:
        pairs = [pair for pair in read_pairs(data) if use in (pair.use, "all")]
    except InvalidPairs as error:
        raise click.ClickException(str(error)) from error
    joined = {pair: are_one(pair) for pair in pairs}
    figures = {label: tally(joined, label) for label in (*sorted({pair.label for pair in pairs}), None)}
    if as_json:
        print_json({label or "all": figure.as_values() for label, figure in figures.items()})
    else:
        click.echo(f"{'label':<14}{'pairs':>6}{'precision':>22}{'recall':>22}")
        for label, figure in figures.items():
            click.echo(_line(label or "all", figure))
    if errors:
        for pair, one in joined.items():
            if one is not pair.same:
                note(f"{'joined' if one else 'told apart'}: {pair.label} {pair.first!r}, {pair.second!r}")


def _line(label: str, figure: Tally) -> str:
    precision = _share(figure.right, figure.joined)
    recall = _share(figure.right, figure.same)
    return f"{label:<14}{figure.pairs:>6}{precision:>22}{recall:>22}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f} ({part} of {whole})" if whole else "-"


if __name__ == "__main__":
    main()
