"""Limits: each is a setting, what cannot be one is refused by its name, and what passes one is told by its name."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.records import USER, EntityMention, ExtractedFact
from graphmem import Limits, MemLayerConfig
from graphmem.bounding import within
from graphmem.errors import ConfigError

NAMES = [field.name for field in dataclasses.fields(Limits)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [-1, True, "many", float("nan")])
def test_a_limit_that_cannot_be_is_refused_by_its_name(name, value):
    with pytest.raises(ConfigError) as caught:
        Limits(**{name: value})
    assert caught.value.field == f"limits.{name}"


@pytest.mark.parametrize("name", NAMES)
def test_every_limit_has_a_variable(name):
    config = MemLayerConfig.from_env({f"GRAPHMEM_LIMIT_{name.upper()}": "7"})
    assert getattr(config.limits, name) == 7
    assert replace(config.limits, **{name: getattr(Limits(), name)}) == Limits()
    with pytest.raises(ConfigError, match=f"GRAPHMEM_LIMIT_{name.upper()}='lots' is not valid: a number"):
        MemLayerConfig.from_env({f"GRAPHMEM_LIMIT_{name.upper()}": "lots"})


def test_the_page_has_every_limit_with_its_default():
    page = (Path(__file__).resolve().parents[2] / "docs" / "production.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\d,.]+|None) \|", page.partition("## Limits")[2], re.MULTILINE)
    told = {name: None if value == "None" else float(value.replace(",", "")) for name, value in rows}
    assert told == {name: getattr(Limits(), name) for name in NAMES}


def test_limits_that_are_none_are_refused():
    with pytest.raises(ConfigError, match="limits=3 is not valid"):
        MemLayerConfig(limits=3)  # type: ignore[arg-type]


def likes(name: str, turn: int = 0, confidence: float = 0.9, aliases: tuple[str, ...] = ()) -> ExtractedFact:
    return ExtractedFact(
        USER, "LIKES", EntityMention(name, "Thing", aliases), turn=turn, confidence=confidence, evidence="x" * 50
    )


def test_of_too_many_facts_of_a_message_the_surest_are_kept_in_their_order():
    facts = [likes("a", confidence=0.5), likes("b"), likes("c", confidence=0.7), likes("d"), likes("e", turn=1)]
    bounded = within(facts, Limits(message_facts=2))
    assert [f.object.name for f in bounded.facts] == ["b", "d", "e"]
    assert (bounded.surplus, bounded.unwieldy) == (2, 0)


def test_long_names_are_left_out_long_aliases_dropped_and_evidence_cut():
    limits = Limits(name_chars=5, evidence_chars=10)
    facts = [likes("pepper"), likes("tea", aliases=("a very long name", "chai"))]
    bounded = within([*facts, replace(likes("a"), verb="walks around with")], limits)
    (kept,) = bounded.facts
    assert (kept.object.name, kept.object.aliases, kept.evidence) == ("tea", ("chai",), "x" * 10)
    assert (bounded.surplus, bounded.unwieldy) == (0, 2)


@given(st.lists(st.tuples(st.text(min_size=1, max_size=8), st.integers(0, 2), st.floats(0, 1)), max_size=30))
def test_what_is_within_the_limits_stays_as_it_is(said):
    facts = [likes(name, turn, confidence) for name, turn, confidence in said]
    assert within(facts, Limits()).facts == tuple(facts)
    few = within(facts, Limits(message_facts=3, name_chars=4))
    assert set(few.facts) <= set(facts)
    assert all(sum(f.turn == turn for f in few.facts) <= 3 for turn in range(3))
    assert few.surplus + few.unwieldy + len(few.facts) == len(facts)
