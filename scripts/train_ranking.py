#!/usr/bin/env python3
"""Learn what speaks for a message from conversations with questions whose answering turns are known."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from graphmem.cli.leaving import ScriptCommand  # noqa: E402 - the folder of the scripts is no package that is installed
from graphmem.errors import ConfigError  # noqa: E402
from graphmem.rank.weights_messages import GROUPS, WEIGHTS  # noqa: E402
from scripts.ranking.examples import CATEGORIES, Example, InvalidConversations, read_examples  # noqa: E402
from scripts.ranking.learning import cross_validated, fit, fit_on_top  # noqa: E402

SOURCE = ROOT / "graphmem" / "rank" / "weights_messages.py"


@click.command(cls=ScriptCommand, epilog="Example:  scripts/train_ranking.py conversations.json --ablate")
@click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="DATA")
@click.option("--decay", type=click.FloatRange(min=0), default=0.003, show_default=True, help="Pull of weights to 0.")
@click.option("--ablate", is_flag=True, help="Also measure without each group of features.")
@click.option(
    "--embedder",
    metavar="NAME",
    help="Learn the weight of nearness by meaning: openai:MODEL, sentence-transformers:MODEL.",
)
@click.option("--write", is_flag=True, help=f"Write the weights into {SOURCE.relative_to(ROOT)}.")
def main(data: Path, decay: float, ablate: bool, embedder: str | None, write: bool) -> None:
    """Fit the weights of the ranking on DATA (JSON in LoCoMo's format) and print them.

    Each conversation is scored with weights that were fitted on the others: the share of the turns that answer a question
    among the first ten. The same data gives the same weights; nothing is random. With --embedder only the weight of nearness by
    meaning is written, on top of the others.
    """
    names = list(WEIGHTS)
    with tempfile.TemporaryDirectory() as folder:
        try:
            examples = read_examples(data, Path(folder) / "conversations.db", [*names, "similar"], embedder)
        except (InvalidConversations, ConfigError) as error:
            raise click.ClickException(str(error)) from error
    if len({e.conversation for e in examples}) < 2:
        raise click.ClickException(
            f"{data} has fewer than two conversations with questions; one is kept apart to measure"
        )
    click.echo(f"{'features':<24}" + "".join(f"{kind:>13}" for kind in ("all", *CATEGORIES.values())))
    _measure("all of them", examples, names, names, decay)
    meaning = len(names)
    if embedder:
        _measure("with nearness by meaning", examples, names, names, decay, meaning)
    if ablate:
        for group, members in GROUPS.items():
            _measure(f"without {group}", examples, names, [n for n in names if n not in members], decay)
    weights = dict(zip(names, fit(examples, range(len(names)), decay).tolist(), strict=True))
    for name, weight in weights.items():
        click.echo(f"{name:<24}{weight:>13.3f}")
    source = SOURCE.read_text(encoding="utf-8")
    if embedder:
        weight = fit_on_top(examples, range(len(names)), np.array(list(weights.values())), meaning)
        click.echo(f"{'similar':<24}{weight:>13.3f}")
        source = re.sub(r"(?m)^SIMILAR = .*$", f"SIMILAR = {weight:.2f}", source)
    if write:
        # what was brought for its meaning says nothing of a ranking without it
        SOURCE.write_text(source if embedder else _with_weights(source, weights), encoding="utf-8")


def _measure(
    label: str, examples: Sequence[Example], names: list[str], used: list[str], decay: float, extra: int | None = None
) -> None:
    recalls = cross_validated(examples, [names.index(name) for name in used], decay, extra)
    shares = []
    for kind in (None, *CATEGORIES.values()):
        of_kind = [r for r, e in zip(recalls, examples, strict=True) if kind in (None, e.category)]
        shares.append(f"{100 * sum(of_kind) / len(of_kind):>13.1f}" if of_kind else f"{'':>13}")
    click.echo(f"{label:<24}" + "".join(shares))


def _with_weights(source: str, weights: dict[str, float]) -> str:
    """The table's source with new weights in it; a weight stands after its name, everything else stays."""
    for name, weight in weights.items():
        before, key, after = source.partition(f'    "{name}": ')
        source = before + key + f"{weight:.3f}" + after[after.index(",") :]
    return source


if __name__ == "__main__":
    main()
