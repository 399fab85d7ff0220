"""Two people become a couple or part: what is told with both of them as the subject, or of one who leaves the other."""

from __future__ import annotations

import pytest
from rules_reading import extract, fact, line, read


@pytest.mark.parametrize(
    ("text", "predicate", "placeholder"),
    [
        ("My husband and I split up.", "MARRIED_TO", "spouse"),
        ("My boyfriend broke up with me.", "PARTNER_OF", "partner"),
        ("I broke up with my fiancé.", "PARTNER_OF", "partner"),
        ("My wife and I have separated.", "MARRIED_TO", "spouse"),
        ("My girlfriend left me.", "PARTNER_OF", "partner"),
        ("I left my husband last spring.", "MARRIED_TO", "spouse"),
        ("He just broke up with me.", "PARTNER_OF", "partner"),
    ],
)
def test_an_end_with_somebody_unnamed_ends_all_of_the_users_and_leaves_nothing_current(
    text: str, predicate: str, placeholder: str
) -> None:
    extraction = extract(text)
    (found,) = extraction.facts
    assert line(found) == f"user {predicate} {placeholder} ended"
    assert found.ends_all
    assert extraction.entities == ()


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Ruben and I broke up.", {"user PARTNER_OF Ruben ended"}),
        ("Ruben and I divorced in 2019.", {"user MARRIED_TO Ruben ended"}),
        ("My wife Inga and I split up.", {"user MARRIED_TO Inga ended"}),
        ("I dumped my boyfriend Otis.", {"user PARTNER_OF Otis ended"}),
        ("I got divorced from Inga last year.", {"user MARRIED_TO Inga ended"}),
    ],
)
def test_an_end_with_somebody_named_ends_that(text: str, facts: set[str]) -> None:
    assert read(text) == facts


def test_what_the_two_were_is_remembered() -> None:
    assert read("My husband Otis cooks well.", "Otis and I broke up.") >= {"user MARRIED_TO Otis ended"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Inga and I got married on Monday.", "2024-11-18"),
        ("Inga and I tied the knot in June.", "2024-06"),
        ("Me and Inga just got married!", None),
    ],
)
def test_a_wedding(text: str, expected: str | None) -> None:
    found = fact(text, "MARRIED_TO")
    assert (line(found), found.valid_from) == ("user MARRIED_TO Inga", expected)


def test_an_engagement() -> None:
    assert read("My girlfriend Inga and I got engaged.") == {"user PARTNER_OF Inga"}


@pytest.mark.parametrize(
    "text",
    [
        "My sister and I split up at the station.",
        "My sister and I split the bill.",
        "We broke up the fight.",
        "My team and I split up.",
        "Ruben and I never married.",
        "My girlfriend almost broke up with me.",
        "My wife left me a note.",
        "I left my husband at the airport.",
        "If my wife and I split up, who keeps the flat?",
        "My brother and I are married to sisters.",
    ],
)
def test_what_begins_and_ends_nothing(text: str) -> None:
    told = [line(f) for f in extract(text).facts if f.status != "current"]
    assert told == []
    assert not any(f.ends_all for f in extract(text).facts)
