#!/usr/bin/env python3
"""Measure how fast an offline extractor is on one core."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles
from time import perf_counter

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from extraction import Turn  # noqa: E402 - the folder of the scripts is no package that is installed
from graphmem.cli.leaving import ScriptCommand  # noqa: E402
from graphmem.cli.output import print_json, print_table  # noqa: E402
from scripts.evaluation.messages import InvalidMessage, read_messages  # noqa: E402
from scripts.evaluation.running import UnknownExtractor, make_extractor  # noqa: E402

MESSAGES = ROOT / "tests" / "data" / "held_out.jsonl"
LONG = 300
"""Characters of a message that may be a part of the long text: one request among them would make a pasted text of the rest."""


@dataclass(frozen=True)
class Figures:
    """What was measured. Memory is by how much the process grew at its peak; None where the system does not tell."""

    ready_seconds: float
    messages_per_second: float
    milliseconds_median: float
    milliseconds_95th_percentile: float
    text_megabytes: float
    text_seconds: float
    text_facts: int
    text_memory_megabytes: float | None


@click.command(cls=ScriptCommand, epilog="Example:  scripts/benchmark_extraction.py --extractor rules --megabytes 1")
@click.argument("data", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[DATA]...")
@click.option(
    "--extractor",
    default="local",
    show_default=True,
    metavar="NAME",
    help="rules, local or package.module:name of your own.",
)
@click.option(
    "--messages", type=click.IntRange(min=2), default=1000, show_default=True, help="Read so many one by one."
)
@click.option(
    "--megabytes", type=click.FloatRange(0.001, 100), default=1.0, show_default=True, help="Of one long text."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on stdout.")
def command(data: tuple[Path, ...], extractor: str, messages: int, megabytes: float, as_json: bool) -> None:
    """Print how soon an extractor is ready, how many messages it reads in a second, and how long one long text takes.

    DATA are annotated messages as for evaluate_extraction.py, by default those of the tests. They are read over and over
    until there are enough; the longer ones are strung together for the long text. The process is bound to one core where
    the system can do that.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    try:
        texts = [message.text for message in read_messages(data or [MESSAGES]) if message.text.strip()]
        if not texts:
            raise click.ClickException("no messages to read")
        figures = asdict(asyncio.run(measure(extractor, texts, messages, megabytes)))
    except (InvalidMessage, UnknownExtractor) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        print_json(figures)
    else:
        rows = [
            (name.replace("_", " "), "unknown" if value is None else f"{value:,.4g}") for name, value in figures.items()
        ]
        print_table(("figure", "value"), rows)


async def measure(name: str, texts: Sequence[str], messages: int, megabytes: float) -> Figures:
    """Measure an extractor.

    Args:
        name: as for `make_extractor`.
        texts: messages.
        messages: how many of them to read, from the first again after the last.
        megabytes: length of the long text.
    """
    started = perf_counter()
    extractor = make_extractor(name)
    await extractor.extract([Turn("user", texts[0])])
    ready = perf_counter() - started

    took = []
    for text in islice(cycle(texts), messages):
        started = perf_counter()
        await extractor.extract([Turn("user", text)])
        took.append(perf_counter() - started)

    length = int(megabytes * 1e6)
    whole = "\n\n".join([text for text in texts if len(text) >= LONG] or texts) + "\n\n"
    long_text = (whole * (length // len(whole) + 1))[:length]
    memory = _peak_megabytes()
    started = perf_counter()
    extraction = await extractor.extract([Turn("user", long_text)])
    seconds = perf_counter() - started
    grown = None if memory is None else (_peak_megabytes() or memory) - memory

    ranked = quantiles([1000 * t for t in took], n=20)
    return Figures(
        ready, len(took) / sum(took), ranked[9], ranked[18], megabytes, seconds, len(extraction.facts), grown
    )


def _peak_megabytes() -> float | None:
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


if __name__ == "__main__":
    command()
