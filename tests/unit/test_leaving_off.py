"""What is left off or changed for another thing, as messages tell it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from extraction.records import EntityMention
from graphmem.endings.leaving_off import is_left_off, over_in
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
        ("Since October I use darktable instead of Lightroom, it is free", ("User", "lightroom")),
        ("I play padel instead of tennis now.", ("User", "tennis")),
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
        "I'm done with football for today",
        "I quit football early",
        "I should use darktable instead of Lightroom",
        "She uses darktable and I like it instead of Lightroom",
    ],
)
def test_what_goes_on_is_left(text: str) -> None:
    assert told(text) == set()


def test_replies_tell_of_nothing() -> None:
    assert told("I stopped football", role="assistant") == set()


def test_what_is_dropped_or_stopped_by_chance_is_still_used() -> None:
    predicates = {
        e.predicate for e in over_in([Message("m", "s", "u", 1, "user", None, "I dropped my phone", AT, None)])
    }
    assert "USES" not in predicates
    stopped = Message("m", "s", "u", 1, "user", None, "I stopped using Facebook", AT, None)
    assert "USES" in {e.predicate for e in over_in([stopped])}


@pytest.mark.parametrize(
    ("left", "known", "ends"), [("using facebook", "Facebook", True), ("the chess club", "chess", False)]
)
def test_what_was_told_has_all_the_words_of_what_is_left_off(left: str, known: str, ends: bool) -> None:
    (ending, *_) = over_in([Message("m2", "s", "u", 2, "user", None, f"I quit {left}", AT, None)])
    told_before = replace(ending, message_id="m1", object=EntityMention(known, "Thing"))
    assert is_left_off(ending, told_before) is ends
