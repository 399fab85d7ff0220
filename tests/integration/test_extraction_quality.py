"""How good the offline extractors are on messages that nobody wrote rules or trained a model on: no step back.

The bounds are counts of tests/data/held_out.jsonl, a little below what `scripts/evaluate_extraction.py` shows; whoever makes an
extractor better raises them. The messages are for measuring only: no rule is to be written for one of them.
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
HELD_OUT = ROOT / "tests" / "data" / "held_out.jsonl"
TRAINING = sorted((ROOT / "extraction" / "local" / "training").glob("*.jsonl"))


@dataclass(frozen=True)
class Bound:
    """At least so many annotated facts are found, and at most so many wrong ones given."""

    found: int
    wrong: int


BOUNDS: dict[type[RuleExtractor], dict[str, Bound]] = {
    RuleExtractor: {
        "short": Bound(found=50, wrong=2),
        "task": Bound(found=18, wrong=2),
        "messy": Bound(found=15, wrong=2),
        "long": Bound(found=111, wrong=12),
        "update": Bound(found=20, wrong=6),
        "adversarial": Bound(found=4, wrong=4),
        "all": Bound(found=226, wrong=18),
    },
    LocalExtractor: {
        "short": Bound(found=64, wrong=3),
        "task": Bound(found=42, wrong=9),
        "messy": Bound(found=31, wrong=15),
        "long": Bound(found=178, wrong=19),
        "update": Bound(found=36, wrong=6),
        "adversarial": Bound(found=4, wrong=4),
        "all": Bound(found=361, wrong=50),
    },
}
CALIBRATION_ERROR = 0.1


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    """The messages held out."""
    return read_messages([HELD_OUT])


def test_the_messages_are_of_every_kind_and_annotated_with_the_catalogue(messages: list[Message]) -> None:
    predicates = {fact.predicate for message in messages for fact in message.facts}
    assert predicates == {relation.predicate for relation in Catalogue()}
    assert {message.style for message in messages} == BOUNDS[RuleExtractor].keys() - {"all"}
    assert len(messages) == len({message.id for message in messages})


def test_none_of_the_messages_was_trained_on(messages: list[Message]) -> None:
    assert TRAINING
    trained = {_plain(message) for message in read_messages(TRAINING)}
    assert [message.id for message in messages if _plain(message) in trained] == []


def _plain(message: Message) -> str:
    return "".join(character for character in message.text.casefold() if character.isalnum())


@pytest.mark.parametrize("kind", BOUNDS, ids=lambda kind: kind.__name__)
def test_no_step_back(messages: list[Message], kind: type[RuleExtractor]) -> None:
    extractor: Extractor = kind()
    run = asyncio.run(read_all(extractor, messages))
    scores = by_style(run.judged)
    assert run.failures == {}
    reached = {style: Bound(score.found, score.given - score.right) for style, score in scores.items()}
    worse = {
        style: f"{reached[style]}, bound {bound}"
        for style, bound in BOUNDS[kind].items()
        if reached[style].found < bound.found or reached[style].wrong > bound.wrong
    }
    assert worse == {}
    assert calibration_error(reliability(run.judged)) < CALIBRATION_ERROR
