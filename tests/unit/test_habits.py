"""Ways to live that are over, by the words of a message."""

from __future__ import annotations

import pytest

from graphmem.endings.habits import ends, over_in


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("I quit smoking in May.", "smoker"),
        ("I've finally stopped smoking!", "smoker"),
        ("I don’t smoke anymore.", "heavy smoker"),
        ("I no longer smoke.", "smoker"),
        ("I gave up alcohol.", "drinker"),
        ("I eat meat again.", "vegan"),
        ("Doctor's orders: I'm eating fish again.", "vegetarian"),
        ("I started eating chicken last month.", "strict vegetarian"),
        ("I went back to eating cheese.", "vegan"),
        ("I just went back to eating burgers.", "Pescatarian"),
    ],
)
def test_what_a_message_says_is_over(text: str, told: str) -> None:
    assert any(ends(habit, told) for habit in over_in(text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("I wish I quit smoking.", "smoker"),
        ("Should I say I quit smoking?", "smoker"),
        ("If I quit smoking, will I gain weight?", "smoker"),
        ("I nearly stopped smoking once.", "smoker"),
        ("My brother quit smoking.", "smoker"),
        ("I don't smoke.", "non-smoker"),
        ("I stopped smoking the salmon.", "fisherman"),
        ("I don't eat meat now that I know better.", "vegetarian"),
        ("My sister eats meat again.", "vegan"),
        ("I eat cheese again.", "vegetarian"),
        ("I eat fish again.", "pescatarian"),
        ("I quit smoking.", "vegan"),
    ],
)
def test_what_it_does_not(text: str, told: str) -> None:
    assert not any(ends(habit, told) for habit in over_in(text))
