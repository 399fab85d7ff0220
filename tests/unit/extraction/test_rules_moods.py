"""What is asked, requested, quoted or made up ends where the writer's own statements go on."""

from __future__ import annotations

import pytest
from rules_reading import read

STATED = [
    ("My cousin Lena, who lives in Turku, is a dentist.", {"Lena LIVES_IN Turku", "Lena WORKS_AS dentist"}),
    ("Suggest a present for my aunt Olga, who lives in Minsk.", {"Olga LIVES_IN Minsk"}),
    ("My better half can't stand liver.", set()),
    ("My uncle Piet can't stand liver.", {"Piet DISLIKES liver"}),
    ("my mum is a vet, ideas for a card?", {"mum WORKS_AS vet"}),
    ("I play the harp in a flat, legal?", {"user PLAYS harp"}),
    ("Correction: I live in Gent.", {"user LIVES_IN Gent"}),
    ("Small correction for your files: I live in Gent.", {"user LIVES_IN Gent"}),
    ("My boss is a nightmare. I work at Fiat.", {"user WORKS_AT Fiat"}),
    ("Dear assistant, I live in Gent.", {"user LIVES_IN Gent"}),
    ("Draft a message to my landlord: I work at Fiat and need a letter.", {"user WORKS_AT Fiat"}),
    ("Let's play: you are a pirate. Real question: I live in Gent, is it nice?", {"user LIVES_IN Gent"}),
    ("In another life I'm a pilot. In this one I live in Gent.", {"user LIVES_IN Gent"}),
]

SILENT = [
    "Had the strangest dream, I lived in Oslo and owned a castle.",
    "RP time! I'm Zarok, I live in Mordor.",
    "According to my horoscope I love hiking.",
    "In the exercise, Ben lives in Leeds and works as a baker.",
    "My main character is a nurse from Malta.",
    "Oh great, I just love Mondays.",
    "Yeah right, and I'm a pilot.",
    "I wouldn't say I love opera.",
    "Draft a dialogue: I live in Rome and I am a baker.",
    "Dear Sir, I live in Rome.",
]


@pytest.mark.parametrize(("text", "expected"), STATED)
def test_reads_what_is_stated_beside_a_question_or_a_request(text: str, expected: set[str]) -> None:
    assert expected <= read(text)


@pytest.mark.parametrize("text", SILENT)
def test_reads_nothing_of_what_is_made_up_or_meant_otherwise(text: str) -> None:
    assert read(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "My son is in Year 4.",
        "Flat B is in Year 4.",
        "There's a lady called Ms Khan who comes on Mondays.",
        "I'm a terrible cook.",
        "I am one!",
        "I didn't get into Oxford.",
    ],
)
def test_reads_no_more_than_is_there(text: str) -> None:
    assert not {f for f in read(text) if "HAS_CHILD" not in f}
