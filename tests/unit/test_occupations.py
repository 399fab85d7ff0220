"""Occupations and firms that are over without being named as they were told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graphmem.endings.occupations import over_in
from graphmem.records import Message

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)


def told(text: str, role: str = "user") -> list[tuple[str, str, str]]:
    message = Message("m", "s", "u", 1, role, None, text, AT, None)
    return [(ending.predicate, ending.object.label, ending.object.name) for ending in over_in([message])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I stopped driving ojek in October", ("WORKS_AS", "Trade", "driving")),
        ("No more teaching, only baking", ("WORKS_AS", "Trade", "teaching")),
        ("I've finally quit nursing.", ("WORKS_AS", "Trade", "nursing")),
        ("The Pinheiro closed in December", ("WORKS_AT", "Firm", "Pinheiro")),
        ("the Pinheiro closed, we're all out", ("WORKS_AT", "Firm", "Pinheiro")),
        ("my company went bankrupt", ("WORKS_AT", "Firm", "company")),
        ("Well, the bakery has closed for good.", ("WORKS_AT", "Firm", "bakery")),
    ],
)
def test_it_is_heard(text: str, expected: tuple[str, str, str]) -> None:
    assert told(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "I stopped driving to work",
        "Should I quit teaching?",
        "I almost quit nursing",
        "The shop closed at six",
        "If the bakery closed down I would cry",
        "He quit driving",
        "No more teaching for today",
        "I closed the shop at six.",
        "I closed the shop.",
        "The shop closed, so I went home",
    ],
)
def test_what_is_not_over_is_left(text: str) -> None:
    assert told(text) == []


def test_replies_tell_of_nothing() -> None:
    assert told("The bakery has closed for good.", role="assistant") == []


def test_a_shop_of_ones_own_is_closed_by_name_or_for_good() -> None:
    assert told("I closed Corner House") == [("OWNS", "Shop", "Corner House"), ("WORKS_AT", "Firm", "Corner House")]
    assert told("I closed the shop in the medina in february") == [
        ("OWNS", "Shop", "shop"),
        ("WORKS_AT", "Firm", "shop"),
    ]
