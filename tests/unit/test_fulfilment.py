"""Which messages tell that a plan has been carried out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.records import EntityMention
from graphmem.endings.fulfilment import deeds, ends, is_done
from graphmem.records import Message

DONE = [
    ("sell my kayak", "the kayak's gone btw, I sold it to a bloke from Petone"),
    ("sell my kayak", "Sold my kayak yesterday."),
    ("walk the Milford Track", "Milford Track done!! walked it in March like I said"),
    ("walk the Camino", "I walked the Camino! My feet hurt."),
    ("visit Lisbon", "We visited Lisbon last week, so good."),
    ("visit Lisbon", "we finally went to Lisbon"),
    ("go to Japan", "just back from Japan, wow"),
    ("buy a van", "So we finally bought the van and named it Olga"),
    ("buy a van", "I did not like the first, but I've bought a van now"),
    ("run a marathon", "I ran the marathon in 4:10."),
    ("run a marathon", "I did the marathon!"),
    ("move to Ghent", "We moved to Ghent last month."),
    ("move to Delft for the master", "I moved to Delft"),
    ("adopt a greyhound", "We adopted a greyhound, her name is Fern."),
    ("quit my job at Bosch", "I quit my job"),
    ("get married", "we got married on Saturday"),
    ("learn Dutch", "Finished my Dutch course"),
    ("swap my bike", "swapped my bike with Jo"),
    ("retire", "I retired in June"),
    ("buy a van", "I bought a blue camper van called Olga"),
    ("paint the fence", "The fence is painted"),
    ("apply for a PhD in Oslo", "I applied for the PhD"),
    ("read Ulysses", "Ulysses: finished!"),
]
OPEN = [
    ("buy a van", "I didn't buy the van"),
    ("buy a van", "Should I have bought the van?"),
    ("buy a van", "I would have bought a van"),
    ("buy a van", "My brother bought a van"),
    ("buy a van", "She bought a van"),
    ("buy a van", "I sold my van"),
    ("buy a van", ""),
    ("sell my kayak", "I bought it, the kayak, in May"),
    ("visit Lisbon", "I visited Lisbon in 2010 and want to go again"),
    ("visit Lisbon", "We visited Lisbon ten years ago"),
    ("visit Lisbon", "We visited Lisbon last year"),
    ("visit Lisbon", "As a kid I visited Lisbon"),
    ("visit Lisbon", "I've booked flights to Lisbon"),
    ("run a marathon", "When the marathon is done I'll rest"),
    ("paint the fence", "The fence is not done yet"),
    ("learn Dutch", "I'm learning Dutch"),
    ("move to Ghent", "We moved to Bruges"),
    ("retire", "My dad retired"),
    ("retire", "I did my laundry"),
    ("", "I did it"),
    ("visit Japan", "I visited the Japan exhibition at the museum."),
    ("visit Japan", "We finished a puzzle of Japan"),
    ("run a marathon", "I ran 10k today as marathon training, done and dusted!"),
    ("move to Ghent", "We finished our trip to Ghent yesterday."),
    ("paint the fence", "I painted a picture of the fence."),
    ("get a dog", "I got bitten by a dog."),
    ("buy a house", "I helped my sister, who bought a house"),
]


@pytest.mark.parametrize(("plan", "text"), DONE)
def test_it_is_done(plan: str, text: str) -> None:
    assert is_done(plan, text, told=2025, now=2025)


@pytest.mark.parametrize(("plan", "text"), OPEN)
def test_it_is_not_done(plan: str, text: str) -> None:
    assert not is_done(plan, text, told=2025, now=2025)


def test_what_happened_in_an_earlier_year_was_another_time() -> None:
    assert is_done("visit Lisbon", "We visited Lisbon last year", told=2024, now=2025)
    assert is_done("visit Lisbon", "We visited Lisbon in 2024", told=2024, now=2026)
    assert is_done("visit Lisbon", "We visited Lisbon a year ago", told=2024, now=2025)
    assert not is_done("visit Lisbon", "We visited Lisbon a year ago", told=2025, now=2025)


def message(id: str, text: str, role: str = "user") -> Message:
    return Message(id, "s", "ana", 1, role, None, text, datetime(2025, 3, 1, tzinfo=UTC))


def test_only_the_users_words_about_the_past_are_looked_at() -> None:
    said = [("a", "I bought a van!"), ("b", "Back from Japan!"), ("c", "Hi! Who is there?")]
    told = deeds([*(message(*one) for one in said), message("d", "You bought a van.", "assistant")])
    assert [d.message_id for d in told] == ["a", "b"]


def test_a_message_does_not_carry_out_its_own_plan() -> None:
    (deed,) = deeds([message("a", "I bought a van!")])
    plan = replace(deed, object=EntityMention("buy a van", "Activity"))
    assert not ends(deed, plan)
    assert ends(deed, replace(plan, message_id="b"))


@given(st.text(max_size=80), st.text(max_size=200), st.integers(1990, 2030), st.integers(1990, 2030))
def test_any_text_is_looked_at(plan: str, text: str, told: int, now: int) -> None:
    assert is_done(plan, text, told=told, now=now) in (True, False)


@given(st.lists(st.sampled_from("I we bought a van the sold it done not in 2010 , . ? if".split()), max_size=12))
def test_nothing_is_done_without_a_word_for_it(words: list[str]) -> None:
    text = " ".join(words)
    if is_done("buy a van", text, told=2025, now=2025):
        assert "van" in words
        assert {"bought", "done"} & set(words)
