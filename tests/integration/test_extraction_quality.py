"""How good the offline extractors are on messages that nobody wrote rules or trained a model on: no step back.

The bounds are counts of tests/data/held_out*.jsonl, a little below what `scripts/evaluate_extraction.py` shows;
whoever makes an extractor better raises them. The messages are for measuring only: no rule is to be written for one of them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from extraction import Catalogue, Extractor, LocalExtractor, RuleExtractor
from scripts.evaluation.messages import Message, read_messages
from scripts.evaluation.running import read_all
from scripts.evaluation.scoring import by_style, calibration_error, reliability

ROOT = Path(__file__).resolve().parents[2]
FIRST, SECOND, THIRD = (
    ROOT / "tests" / "data" / name for name in ("held_out.jsonl", "held_out_2.jsonl", "held_out_3.jsonl")
)
TRAINING = sorted((ROOT / "extraction" / "local" / "training").glob("*.jsonl"))


@dataclass(frozen=True)
class Bound:
    """At least so many annotated facts are found, and at most so many wrong ones given."""

    found: int
    wrong: int


BOUNDS: dict[tuple[type[RuleExtractor], Path], dict[str, Bound]] = {
    (RuleExtractor, FIRST): {
        "short": Bound(found=51, wrong=1),
        "task": Bound(found=19, wrong=1),
        "messy": Bound(found=16, wrong=1),
        "long": Bound(found=123, wrong=9),
        "update": Bound(found=23, wrong=3),
        "adversarial": Bound(found=4, wrong=4),
        "all": Bound(found=241, wrong=14),
    },
    (RuleExtractor, SECOND): {
        "short": Bound(found=41, wrong=4),
        "task": Bound(found=55, wrong=5),
        "messy": Bound(found=30, wrong=2),
        "long": Bound(found=137, wrong=10),
        "update": Bound(found=23, wrong=4),
        "adversarial": Bound(found=1, wrong=2),
        "all": Bound(found=292, wrong=22),
    },
    (RuleExtractor, THIRD): {
        "short": Bound(found=34, wrong=1),
        "task": Bound(found=37, wrong=3),
        "messy": Bound(found=19, wrong=3),
        "long": Bound(found=174, wrong=14),
        "update": Bound(found=25, wrong=3),
        "adversarial": Bound(found=0, wrong=5),
        "all": Bound(found=294, wrong=24),
    },
    (LocalExtractor, FIRST): {
        "short": Bound(found=64, wrong=2),
        "task": Bound(found=42, wrong=6),
        "messy": Bound(found=40, wrong=9),
        "long": Bound(found=199, wrong=22),
        "update": Bound(found=41, wrong=4),
        "adversarial": Bound(found=4, wrong=4),
        "all": Bound(found=395, wrong=42),
    },
    (LocalExtractor, SECOND): {
        "short": Bound(found=55, wrong=4),
        "task": Bound(found=101, wrong=8),
        "messy": Bound(found=58, wrong=8),
        "long": Bound(found=204, wrong=21),
        "update": Bound(found=47, wrong=5),
        "adversarial": Bound(found=1, wrong=4),
        "all": Bound(found=471, wrong=45),
    },
    (LocalExtractor, THIRD): {
        "short": Bound(found=46, wrong=1),
        "task": Bound(found=62, wrong=11),
        "messy": Bound(found=38, wrong=6),
        "long": Bound(found=268, wrong=28),
        "update": Bound(found=42, wrong=4),
        "adversarial": Bound(found=0, wrong=4),
        "all": Bound(found=461, wrong=49),
    },
}
CALIBRATION_ERROR = 0.1


@pytest.fixture(scope="module", params=[FIRST, SECOND, THIRD], ids=lambda path: path.stem)
def messages(request: pytest.FixtureRequest) -> list[Message]:
    """The messages held out, of one file after the other."""
    return read_messages([request.param])


def test_the_messages_are_of_every_kind_and_annotated_with_the_catalogue(messages: list[Message]) -> None:
    predicates = {fact.predicate for message in messages for fact in message.facts}
    assert predicates == {relation.predicate for relation in Catalogue()}
    assert {message.style for message in messages} == BOUNDS[RuleExtractor, FIRST].keys() - {"all"}
    assert len(messages) == len({message.id for message in messages})


def test_none_of_the_messages_was_trained_on(messages: list[Message]) -> None:
    assert TRAINING
    trained = {_plain(message) for message in read_messages(TRAINING)}
    assert [message.id for message in messages if _plain(message) in trained] == []


def _plain(message: Message) -> str:
    return "".join(character for character in message.text.casefold() if character.isalnum())


@pytest.mark.parametrize(("kind", "path"), BOUNDS, ids=lambda value: getattr(value, "__name__", None) or value.stem)
def test_no_step_back(kind: type[RuleExtractor], path: Path) -> None:
    extractor: Extractor = kind()
    run = asyncio.run(read_all(extractor, read_messages([path])))
    scores = by_style(run.judged)
    assert run.failures == {}
    reached = {style: Bound(score.found, score.given - score.right) for style, score in scores.items()}
    worse = {
        style: f"{reached[style]}, bound {bound}"
        for style, bound in BOUNDS[kind, path].items()
        if reached[style].found < bound.found or reached[style].wrong > bound.wrong
    }
    assert worse == {}
    assert calibration_error(reliability(run.judged)) < CALIBRATION_ERROR
