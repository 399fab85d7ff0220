#!/usr/bin/env python3
"""Learn what speaks for a message from conversations with questions whose answering turns are known."""

from __future__ import annotations

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
from graphmem.rank.weights_messages import GROUPS, WEIGHTS, WEIGHTS_WITH_MEANING  # noqa: E402
from scripts.ranking.examples import (  # noqa: E402
    CATEGORIES,
    RERANKED,
    WORDS_ONLY,
    Example,
    InvalidConversations,
    read_examples,
)
from scripts.ranking.learning import cross_validated, fit, recall_at_top  # noqa: E402

SOURCE = ROOT / "graphmem" / "rank" / "weights_messages.py"
TABLES = {WORDS_ONLY: ("WEIGHTS", WEIGHTS), RERANKED: ("WEIGHTS_WITH_MEANING", WEIGHTS_WITH_MEANING)}
"""Which table each kind of comparing gives, and what is in it now."""


@click.command(cls=ScriptCommand, epilog="Example:  scripts/train_ranking.py conversations.json --ablate")
@click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="DATA")
@click.option("--decay", type=click.FloatRange(min=0), default=0.003, show_default=True, help="Pull of weights to 0.")
@click.option("--ablate", is_flag=True, help="Also measure without each group of features.")
@click.option(
    "--meaning",
    default=RERANKED,
    show_default=True,
    metavar="HOW",
    help="What is compared by meaning: rerank (what words find), none, or all messages by an embedder: local, openai:MODEL, "
    "sentence-transformers:MODEL.",
)
@click.option("--write", is_flag=True, help=f"Write the weights into {SOURCE.relative_to(ROOT)}.")
def main(data: Path, decay: float, ablate: bool, meaning: str, write: bool) -> None:
    """Fit the weights of the ranking on DATA (JSON in LoCoMo's format) and print them.

    Each conversation is scored with weights that were fitted on the others: the share of the turns that answer a question
    among the first ten. The same data gives the same weights; nothing is random. There is a table of weights for messages that are
    compared by meaning, learned with --meaning rerank, and one for those that are not; what an embedder gives is only measured.
    """
    table, written = TABLES.get(meaning, TABLES[RERANKED])
    if write and meaning not in TABLES:
        raise click.UsageError(f"--write goes with --meaning {' or '.join(TABLES)}")
    names = list(written)
    with tempfile.TemporaryDirectory() as folder:
        try:
            examples = read_examples(data, Path(folder) / "conversations.db", names, meaning)
        except (InvalidConversations, ConfigError) as error:
            raise click.ClickException(str(error)) from error
    if len({e.conversation for e in examples}) < 2:
        raise click.ClickException(
            f"{data} has fewer than two conversations with questions; one is kept apart to measure"
        )
    click.echo(f"{'features':<24}" + "".join(f"{kind:>13}" for kind in ("all", *CATEGORIES.values())))
    _show("as they are", examples, [recall_at_top(e, e.figures @ np.array(list(written.values()))) for e in examples])
    _show("all of them", examples, cross_validated(examples, range(len(names)), decay))
    if ablate:
        for group, members in GROUPS.items():
            used = [place for place, name in enumerate(names) if name not in members]
            _show(f"without {group}", examples, cross_validated(examples, used, decay))
    weights = dict(zip(names, fit(examples, range(len(names)), decay).tolist(), strict=True))
    for name, weight in weights.items():
        click.echo(f"{name:<24}{weight:>13.3f}")
    if write:
        SOURCE.write_text(_with_weights(SOURCE.read_text(encoding="utf-8"), table, weights), encoding="utf-8")


def _show(label: str, examples: Sequence[Example], recalls: Sequence[float]) -> None:
    shares = []
    for kind in (None, *CATEGORIES.values()):
        of_kind = [r for r, e in zip(recalls, examples, strict=True) if kind in (None, e.category)]
        shares.append(f"{100 * sum(of_kind) / len(of_kind):>13.1f}" if of_kind else f"{'':>13}")
    click.echo(f"{label:<24}" + "".join(shares))


def _with_weights(source: str, table: str, weights: dict[str, float]) -> str:
    """The source with new weights in one of its tables; everything else stays."""
    head, start, after = source.partition(f"\n{table}: Mapping[str, float] = {{\n")
    rows = "".join(f'    "{name}": {weight:.3f},\n' for name, weight in weights.items())
    return head + start + rows + after[after.index("}\n") :]


if __name__ == "__main__":
    main()
