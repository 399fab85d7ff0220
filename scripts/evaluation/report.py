"""The figures of an extractor as tables, or as values for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import click

from graphmem.cli.output import on_one_line, print_table
from scripts.evaluation.matching import Statement
from scripts.evaluation.messages import Annotated
from scripts.evaluation.running import Run
from scripts.evaluation.scoring import (
    Missed,
    Score,
    Wrong,
    by_predicate,
    by_style,
    calibration_error,
    reasons,
    reliability,
    total,
    worst_missed,
    worst_wrong,
)

_WIDTH = 140
_COLUMNS = ("P", "R", "F1", "right", "given", "found", "wanted")


def as_values(run: Run, thresholds: Sequence[float], errors: int) -> dict[str, Any]:
    """Return all figures as values that JSON has.

    Args:
        run: what the extractor read.
        thresholds: confidences below which facts are left out, one line of figures for each.
        errors: how many wrong and how many missed facts to name.
    """
    bins = reliability(run.judged)
    return {
        "messages": len(run.judged),
        "seconds": round(run.seconds, 2),
        "unread": run.failures,
        "styles": {
            style: {"messages": s.messages, **_score(s), "wrong_a_message": _rounded(s.wrong_a_message)}
            for style, s in by_style(run.judged).items()
        },
        "predicates": _scores(by_predicate(run.judged)),
        "wrong_in": reasons(run.judged),
        "reliability": [dict(zip(b._fields, map(_rounded, b), strict=True)) for b in bins],
        "calibration_error": _rounded(calibration_error(bins)),
        "thresholds": [{"threshold": t, **_score(total(run.judged, t))} for t in thresholds],
        "wrong": [_wrong(wrong) for wrong in worst_wrong(run.judged)[:errors]],
        "missed": [_missed(missed) for missed in islice(worst_missed(run.judged), errors)],
    }


def _rounded(value: float) -> float:
    return round(value, 4)


def _score(score: Score) -> dict[str, Any]:
    return {
        "given": score.given,
        "right": score.right,
        "wanted": score.wanted,
        "found": score.found,
        "precision": _rounded(score.precision),
        "recall": _rounded(score.recall),
        "f1": _rounded(score.f1),
    }


def _scores(scores: Mapping[str, Score]) -> dict[str, dict[str, Any]]:
    return {name: _score(score) for name, score in scores.items()}


def _wrong(wrong: Wrong) -> dict[str, Any]:
    said = wrong.given.statement
    return {
        "id": wrong.message.id,
        "subject": said.subject,
        "predicate": said.predicate,
        "object": said.object,
        "status": str(said.status),
        "confidence": wrong.given.confidence,
        "wrong_in": wrong.given.reason,
        "message": wrong.message.text,
    }


def _missed(missed: Missed) -> dict[str, Any]:
    fact = missed.fact
    return {
        "id": missed.message.id,
        "subject": fact.subject,
        "predicate": fact.predicate,
        "object": fact.object,
        "statuses": sorted(fact.statuses),
        "message": missed.message.text,
    }


def print_report(run: Run, thresholds: Sequence[float], errors: int) -> None:
    """Print all figures as tables on stdout; for the arguments see `as_values`."""
    _print_styles(by_style(run.judged))
    _print_scores("predicate", by_predicate(run.judged))
    _print_wrong_in(reasons(run.judged))
    bins = reliability(run.judged)
    _title("confidence", f"expected calibration error {calibration_error(bins):.3f}")
    print_table(
        ("confidence", "facts", "predicted", "observed"),
        [(f"{b.low:g} to {b.high:g}", b.facts, f"{b.predicted:.3f}", f"{b.observed:.3f}") for b in bins],
    )
    _print_scores("threshold", {f"{t:g}": total(run.judged, t) for t in thresholds})
    if errors:
        _print_errors(run, errors)
    click.echo(f"\n{len(run.judged)} messages in {run.seconds:.1f} s")


def _title(title: str, remark: str = "") -> None:
    click.echo(f"\nby {title}" + (f" ({remark})" if remark else ""))


def _print_styles(scores: Mapping[str, Score]) -> None:
    _title("style")
    print_table(
        ("style", *_COLUMNS, "messages", "wrong each"),
        [(name, *_cells(score), score.messages, f"{score.wrong_a_message:.2f}") for name, score in scores.items()],
    )


def _print_scores(title: str, scores: Mapping[str, Score]) -> None:
    _title(title)
    print_table((title, *_COLUMNS), [(name, *_cells(score)) for name, score in scores.items()])


def _cells(s: Score) -> tuple[object, ...]:
    return f"{s.precision:.3f}", f"{s.recall:.3f}", f"{s.f1:.3f}", s.right, s.given, s.found, s.wanted


def _print_wrong_in(counts: Mapping[str, int]) -> None:
    if counts:
        click.echo("\nwrong facts differ from the nearest annotated one in")
        print_table(("part", "facts"), list(counts.items()))


def _print_errors(run: Run, errors: int) -> None:
    click.echo("\nwrong, the surest first")
    for wrong in worst_wrong(run.judged)[:errors]:
        given = wrong.given
        click.echo(f"  {given.confidence:.2f} {_line(given.statement)} [{given.reason}]  {_said(wrong)}")
    click.echo("\nmissed, one of each predicate in turn")
    for missed in islice(worst_missed(run.judged), errors):
        click.echo(f"  {_line(missed.fact)}  {_said(missed)}")


def _line(fact: Statement | Annotated) -> str:
    statuses = [fact.status] if isinstance(fact, Statement) else sorted(fact.statuses)
    return on_one_line(f"{fact.subject} {fact.predicate} {fact.object} ({' or '.join(statuses)})")


def _said(error: Wrong | Missed) -> str:
    text = on_one_line(error.message.text)
    return f"{error.message.id}: {text if len(text) <= _WIDTH else text[: _WIDTH - 1] + '…'}"
