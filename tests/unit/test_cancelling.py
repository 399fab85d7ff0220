"""Plans that are off, as a message tells it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graphmem.endings.cancelling import NO_SUCH, called_off, is_off
from graphmem.records import Message


@pytest.mark.parametrize(
    ("plan", "text"),
    [
        ("open a second stall in Batu", "thank you. The second stall in Batu I cancelled, the rent there is crazy."),
        ("plant cacao in the low part", "The cacao I did not plant in the end, too dear."),
        ("apply for a PhD at Curtin", "Long silence, sorry. I did not apply to Curtin in the end."),
        ("move to Melbourne", "I have a deposit on a flat in Melbourne. I'm not going in the end."),
        ("work in New Zealand", "New Zealand is off as well, too far"),
        ("relocate to Canada", "So Canada is off, after the second refusal."),
        ("visit Japan", "The Japan trip is cancelled."),
        ("visit Japan", "Our trip to Japan fell through"),
        ("open a small restaurant with Anas", "so the restaurant is dead"),
        ("learn Italian", "I’ve given up on Italian"),
        ("adopt a dog", "we aren't adopting a dog after all"),
        ("sell the vespa", "and i kept the vespa, bus strike"),
        ("sell the vespa", "The vespa stays, I'm not selling it."),
        ("sell my Niva", "And the Niva stays with me, I changed my mind!"),
        ("build a smokehouse behind the garage", "so I gave up the smokehouse, the bricks will be a bench"),
        ("move back to Huye", "Huye is finish, so i'm not moving back there."),
    ],
)
def test_it_is_heard(plan: str, text: str) -> None:
    assert is_off(plan, text)


@pytest.mark.parametrize(
    ("plan", "text"),
    [
        ("buy a car", "I cancelled my car insurance"),
        ("visit Japan", "My visit to the Japan exhibition was cancelled"),
        ("move to Lyon", "If Lyon is off, what then?"),
        ("move to Lyon", "Is Lyon off?"),
        ("move to Lyon", "we dropped Ana off in Lyon"),
        ("move to Lyon", "Lyon might be off the table"),
        ("run a marathon", "The marathon is not for me, my doctor says in the end"),
        ("learn Italian", "I gave up on Spanish"),
        ("", "I'm not going in the end"),
        ("visit Ana in Lyon", "I dropped Ana off at the station"),
        ("get married in May", "My sister is not getting married"),
        ("sell the vespa", "I'm not selling the vespa yet"),
        ("sell the vespa", "He kept the vespa, he's not selling it"),
        ("sell the vespa", "I kept the car"),
        ("polish the vespa", "I kept the vespa"),
        ("move back to Huye", "I'm not moving back until the rent falls, Huye is dear"),
    ],
)
def test_what_is_not_off_is_left(plan: str, text: str) -> None:
    assert not is_off(plan, text)


def none_of(text: str) -> set[tuple[str, str]]:
    message = Message("m", "s", "u", 1, "user", None, text, datetime(2026, 3, 10, 12, tzinfo=UTC), None)
    return {(e.subject.name, e.object.name) for e in called_off([message]) if e.object.label == NO_SUCH}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no lisbon btw. cancelled in april", {("User", "lisbon")}),
        ("Long winter. No Japan this year.", {("User", "Japan")}),
        ("Also Karm changed his mind, no Melbourne, he's staying", {("Karm", "Melbourne")}),
        ("I have no time for Lisbon", set()),
        ("So no Lisbon?", set()),
        ("maybe no Lisbon, we will see", set()),
    ],
)
def test_what_there_will_not_be_is_whose_it_was(text: str, expected: set[tuple[str, str]]) -> None:
    assert none_of(text) == expected
