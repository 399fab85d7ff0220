"""What is left off or changed for another thing, as messages tell it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graphmem.endings.leaving_off import over_in
from graphmem.records import Message

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)


def told(text: str, role: str = "user") -> set[tuple[str, str]]:
    message = Message("m", "s", "u", 1, role, None, text, AT, None)
    return {(ending.subject.name, ending.object.name) for ending in over_in([message])}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Shogi I also stopped, I never found a good club.", ("User", "shogi")),
        ("I stopped football, ankle twice in one year.", ("User", "football")),
        ("Archie quit footy, it's all about fencing now.", ("Archie", "footy")),
        ("Archie is done with fencing, he surfs", ("Archie", "fencing")),
        ("i changed Photoshop for Procreate, all on the iPad", ("User", "photoshop")),
        ("I switched from architecture to graphic design in july", ("User", "architecture")),
        ("I had to give up pickleball in the summer", ("User", "pickleball")),
    ],
)
def test_it_is_heard(text: str, expected: tuple[str, str]) -> None:
    assert told(text) == {expected}


@pytest.mark.parametrize(
    "text",
    [
        "I haven't quit football",
        "Should I quit football?",
        "I want to quit football",
        "If I stopped football I would be bored",
        "They stopped football",
        "I stopped because of the rain",
    ],
)
def test_what_goes_on_is_left(text: str) -> None:
    assert told(text) == set()


def test_replies_tell_of_nothing() -> None:
    assert told("I stopped football", role="assistant") == set()
