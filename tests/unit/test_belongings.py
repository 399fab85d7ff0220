"""Things, conditions and pets that are over without being named as they were told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graphmem.endings.belongings import over_in
from graphmem.records import Message

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)


def told(text: str, role: str = "user") -> list[tuple[str, str]]:
    message = Message("m", "s", "u", 1, role, None, text, AT, None)
    return [(ending.predicate, ending.object.label) for ending in over_in([message])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The old Xiaomi broke so I threw it away.", [("OWNS", "Gone"), ("USES", "Gone")]),
        ("My bike was too small. I've sold it!", [("OWNS", "Gone"), ("USES", "Gone")]),
        ("My foot is completely healed but I don't run", []),
        ("My foot is completely healed", [("HAS_CONDITION", "Healed")]),
        ("I gave Pamuk to my mother in November", [("HAS_PET", "Away")]),
        ("We split up and she kept our dog, Farofa.", [("HAS_PET", "Away")]),
    ],
)
def test_it_is_heard(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "I almost sold it",
        "Should I throw it away?",
        "My foot has not healed yet",
        "He sold it",
        "I gave Anna a book",
        "He took Rex for a walk",
        "She kept Rex busy while we ate",
        "My mother's foot has healed",
    ],
)
def test_what_goes_on_is_left(text: str) -> None:
    assert told(text) == []


def test_replies_tell_of_nothing() -> None:
    assert told("I threw it away", role="assistant") == []
