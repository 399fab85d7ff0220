"""What is no statement of the writer about the world gives no facts."""

from __future__ import annotations

import pytest
from rules_reading import read

NOTHING = [
    "Where do people in Porto live?",
    "Should I move to Trondheim?",
    "do you speak German",
    "Write a short story in which I own a castle in Slovakia.",
    "If I lived in Japan I'd eat ramen every day.",
    "Suppose I'm a nurse in Lyon.",
    "I wish I could play the cello.",
    "Imagine I'm a beekeeper from Crete.",
    "Let's say I'm an astronaut.",
    "I'd love to live in Rome.",
    "maybe I'm allergic to something",
    "Translate into Italian: My name is Greta and I live in Verona.",
    'Proofread this: "I am a nurse. I live in Verona."',
    "My boss says I am a genius who lives in Rome.",
    "I never told you I was vegan.",
    "> I live in Rome\n> I work at Fiat",
    "```\nname = 'I live in Rome'\nI work at Fiat\n```",
    "What does this mean?\n\nI live in Rome and I have two dogs.",
    "You are a pirate. You live in Nassau and you hate cats.",
    "Now play a receptionist in Oslo, I'm a guest who lost her key. I am Mrs. Berg from Bergen.",
    "Write as Nora: I live in Boston and I have two dogs.",
    "I'm hungry and tired.",
    "I'm stuck in traffic",
    "I'm on a call with Siemens.",
    "Last night's dream: I lived in Atlantis and I owned a whale.",
    "",
    "   \n\n  ",
    "👍👍👍",
]

MIXED = [
    ("I live in Porto, where should I eat?", {"user LIVES_IN Porto"}),
    ("What can I cook? I'm vegan.", {"user IS_A vegan"}),
    ("Suggest a dinner, I'm allergic to nuts.", {"user ALLERGIC_TO nuts"}),
    ("Remember that I'm vegetarian.", {"user IS_A vegetarian"}),
    ("Could you draft a card for my niece Ilinca?", {"user HAS_RELATIVE Ilinca"}),
    ('My flatmate shouted "I live in a zoo" but I live in Ghent.', {"user LIVES_IN Ghent"}),
]


@pytest.mark.parametrize("text", NOTHING)
def test_no_fact(text: str) -> None:
    assert read(text) == set()


@pytest.mark.parametrize(("text", "facts"), MIXED)
def test_only_the_stated_part_counts(text: str, facts: set[str]) -> None:
    assert read(text) == facts
