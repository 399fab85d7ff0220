#!/usr/bin/env python3
"""Measure how good an extractor is on annotated messages."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from graphmem.cli.leaving import ScriptCommand  # noqa: E402 - the folder of the scripts is no package that is installed
from graphmem.cli.output import note, print_json  # noqa: E402
from scripts.evaluation.messages import InvalidMessage, read_messages  # noqa: E402
from scripts.evaluation.report import as_values, print_report  # noqa: E402
from scripts.evaluation.running import Endpoint, UnknownExtractor, make_extractor, read_all  # noqa: E402

THRESHOLDS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9)


@click.command(
    cls=ScriptCommand,
    epilog="Example:  scripts/evaluate_extraction.py tests/data/held_out.jsonl --extractor rules --errors 20",
)
@click.argument(
    "data", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="DATA..."
)
@click.option(
    "--extractor",
    default="local",
    show_default=True,
    metavar="NAME",
    help="rules, local, llm or hybrid; or package.module:name of your own.",
)
@click.option("--model", help="The language model of llm and hybrid.")
@click.option("--base-url", help="Its OpenAI-compatible endpoint.  [default: OPENAI_BASE_URL, else OpenAI's]")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True)
@click.option(
    "--threshold",
    "thresholds",
    default=",".join(f"{t:g}" for t in THRESHOLDS),
    show_default=True,
    metavar="LIST",
    help="Show the figures without the facts less sure than each of these.",
)
@click.option("--errors", type=click.IntRange(min=0), default=10, show_default=True, help="Show so many of each kind.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on stdout.")
def command(
    data: tuple[Path, ...],
    extractor: str,
    model: str | None,
    base_url: str | None,
    timeout: float,
    thresholds: str,
    errors: int,
    as_json: bool,
) -> None:
    """Print precision, recall and F1 of an extractor on annotated messages, by style and by predicate, how far its
    confidence can be relied on, what a threshold does, and its worst errors.

    DATA are JSON Lines: {"id", "style", "before", "message", "facts": [{"s", "p", "o", "polarity", "time", "optional"}]};
    see docs/extraction.md. Each message is read by itself, with "before" as the assistant's message that it answers.
    Messages that a language model fails on count as read without facts, and are counted; when all fail, so does this.
    """
    try:
        minima = [_chance(item) for item in thresholds.split(",") if item.strip()]
        messages = read_messages(data)
        reader = make_extractor(extractor, Endpoint(model, base_url, timeout=timeout) if model else None)
    except (InvalidMessage, UnknownExtractor) as error:
        raise click.ClickException(str(error)) from error
    if not messages:
        raise click.ClickException(f"no messages in {', '.join(map(str, data))}")
    run = asyncio.run(read_all(reader, messages))
    if run.failures:
        first = next(iter(run.failures.values()))
        if len(run.failures) == len(messages):
            raise click.ClickException(f"no message could be read: {first}")
        note(f"{len(run.failures)} messages could not be read; the first: {first}")
    if as_json:
        print_json(as_values(run, minima, errors))
    else:
        print_report(run, minima, errors)


def _chance(item: str) -> float:
    try:
        value = float(item)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise click.BadParameter(f"{item.strip()!r} is no number from 0 to 1", param_hint="'--threshold'")
    return value


if __name__ == "__main__":
    command()
