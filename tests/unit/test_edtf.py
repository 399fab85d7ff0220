"""What was true when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graphmem.edtf import first_moment, first_moment_after, held_at
from graphmem.identity import named_entity, user_entity
from graphmem.records import Fact, FactStatus


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def fact(status="current", polarity="+", valid_from=None, valid_to=None, recorded="2024-03-01", retired=None) -> Fact:
    return Fact(
        id="f",
        subject=user_entity("alice"),
        predicate="LIVES_IN",
        object=named_entity("alice", "Place", "Porto"),
        text="lives in Porto",
        status=FactStatus(status),
        polarity=polarity,
        valid_from=valid_from,
        valid_to=valid_to,
        recorded_at=day(recorded),
        confidence=0.9,
        message_ids=("m",),
        evidence="",
        retired_at=day(retired) if retired else None,
    )


@pytest.mark.parametrize(
    ("date", "first", "after"),
    [
        ("2024", "2024-01-01", "2025-01-01"),
        ("2024-02", "2024-02-01", "2024-03-01"),
        ("2024-12", "2024-12-01", "2025-01-01"),
        ("2024-12-31", "2024-12-31", "2025-01-01"),
    ],
)
def test_a_date_spans_what_was_said(date, first, after):
    assert (first_moment(date), first_moment_after(date)) == (day(first), day(after))


@pytest.mark.parametrize("date", ["9999", "9999-12", "9999-12-31"])
def test_the_last_year_ends_with_its_last_moment(date):
    assert first_moment_after(date) == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "then", "held"),
    [
        (fact(), "2024-03-01", True),
        (fact(), "2024-02-28", False),
        (fact(valid_from="2019"), "2019-06-01", True),
        (fact(valid_from="2019"), "2018-12-31", False),
        (fact("ended", valid_to="2023-10", recorded="2022-09-18", retired="2023-11-05"), "2023-10-15", False),
        (fact("ended", valid_to="2023-10", recorded="2022-09-18", retired="2023-11-05"), "2023-09-30", True),
        (fact("ended", recorded="2022-09-18", retired="2023-11-05"), "2023-11-04", True),
        (fact("ended", recorded="2022-09-18", retired="2023-11-05"), "2023-11-06", False),
        (fact("ended", valid_to="2019", recorded="2024-01-01", retired="2024-01-01"), "2018-05-05", True),
        (fact("ended", valid_from="2019", valid_to="2019", retired="2024-01-01"), "2019-05-05", True),
        (fact("ended", retired="2024-03-01"), "2023-01-01", False),
        (fact("negated", polarity="-"), "2024-05-01", False),
        (fact("retracted", polarity="-"), "2024-05-01", False),
    ],
)
def test_what_held_at_a_moment(told, then, held):
    assert held_at(told, day(then)) is held


def test_what_is_timeless_held_before_it_was_said():
    assert held_at(fact(), day("2020-01-01"), timeless=True)
    assert not held_at(fact("retracted", polarity="-"), day("2020-01-01"), timeless=True)
