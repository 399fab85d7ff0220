"""Lines with labels: "Job: nurse"."""

from __future__ import annotations

import pytest
from rules_reading import read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Job: nurse\nCity: Porto\nAllergies: nuts, shrimp",
            {"user WORKS_AS nurse", "user LIVES_IN Porto", "user ALLERGIC_TO nuts", "user ALLERGIC_TO shrimp"},
        ),
        (
            "About me\n- Wife: Marta, midwife\n- Kids: Noa (11, surfs) and Leila (7)\n- Dog: Poki",
            {"user MARRIED_TO Marta", "user HAS_CHILD Noa", "user HAS_CHILD Leila", "user HAS_PET Poki"},
        ),
        ("My profile. Languages: Polish and German.", {"user SPEAKS Polish", "user SPEAKS German"}),
    ],
)
def test_reads_labelled_lines(text: str, expected: set[str]) -> None:
    assert expected <= read(text)


@pytest.mark.parametrize(
    "text",
    [
        "Subject: hello\nCity: Rome",
        "Name: John Example\nOccupation: tester\nCity: Rome",
        "Translate this:\n\nJob: nurse\nCity: Porto",
        "Allergies: none\nJob: n/a",
        "Job: what should I write there?",
    ],
)
def test_a_single_label_or_made_up_data_says_nothing(text: str) -> None:
    assert read(text) == set()
