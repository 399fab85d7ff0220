"""Weddings told without a name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graphmem.endings.weddings import held
from graphmem.records import Message

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)


def message(text: str, role: str = "user") -> Message:
    return Message("m", "s", "u", 1, role, None, text, AT, None)


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("We got married last June!", "2025-06"),
        ("Big news: we've just tied the knot", None),
        ("I finally got married in 2024.", "2024"),
        ("we eloped. In a garage", None),
        ("We're officially husband and wife now", None),
        ("Sorry, busy weeks. WE GOT HITCHED on Saturday", "2026-03-07"),
    ],
)
def test_it_is_heard_with_its_time(text: str, since: str | None) -> None:
    assert [wedding.valid_from for wedding in held([message(text)])] == [since]


@pytest.mark.parametrize(
    "text",
    [
        "Did we get married in June?",
        "We almost got married in June",
        "If we got married, would my visa change?",
        "My parents got married in 1980",
        "Ana and I got married",
        "They tied the knot",
        "We want to get married",
        "I never got married",
    ],
)
def test_what_is_none_or_names_somebody_is_left(text: str) -> None:
    assert not list(held([message(text)]))


def test_replies_tell_of_nobodys() -> None:
    assert not list(held([message("We got married!", role="assistant")]))
