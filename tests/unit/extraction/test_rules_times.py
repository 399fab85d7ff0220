"""When a fact began and ended, with the precision that was said."""

from __future__ import annotations

import pytest
from rules_reading import AT, extract, fact

from extraction import Turn
from extraction.local import times


@pytest.mark.parametrize(
    ("text", "predicate", "valid_from", "valid_to"),
    [
        ("I moved to Porto in May", "LIVES_IN", "2024-05", None),
        ("I've worked at Bosch since last November", "WORKS_AT", "2023-11", None),
        ("Since March I've been living in Skipton", "LIVES_IN", "2024-03", None),
        ("I have lived in Berlin for six years", "LIVES_IN", "2018", None),
        ("I joined Bosch two years ago as a welder", "WORKS_AT", "2022", None),
        ("I've used Emacs for 8 months", "USES", "2024-03", None),
        ("I started at Fiat in 2019", "WORKS_AT", "2019", None),
        ("I moved to Porto on 3 March 2021", "LIVES_IN", "2021-03-03", None),
        ("I moved to Porto yesterday", "LIVES_IN", "2024-11-19", None),
        ("I worked at Nokia until March 2019", "WORKS_AT", None, "2019-03"),
        ("I sold my car last year", "OWNS", None, "2023"),
        ("I live in Porto", "LIVES_IN", None, None),
        ("I'm 34 since May", "HAS_AGE", None, None),
        ("I moved to Porto at the beginning of May", "LIVES_IN", "2024-05", None),
        ("I moved to Porto in the spring of 2021", "LIVES_IN", "2021", None),
        ("I've been living in Ghent since the summer", "LIVES_IN", "2024", None),
        ("I started learning Thai in March", "STUDIES", "2024-03", None),
        ("I study Thai in March", "STUDIES", None, None),
        ("We adopted a cat called Momo two weeks ago", "HAS_PET", "2024-11", None),
        ("I got home in May to my dog Rex", "HAS_PET", None, None),
        ("I married my wife Ana in 2010", "MARRIED_TO", "2010", None),
    ],
)
def test_times_of_facts(text: str, predicate: str, valid_from: str | None, valid_to: str | None) -> None:
    found = fact(text, predicate)
    assert (found.valid_from, found.valid_to) == (valid_from, valid_to)


def test_a_change_dates_both_sides() -> None:
    old, new = extract("I left Google for Meta in May").facts
    assert (old.valid_to, new.valid_from) == ("2024-05", "2024-05")


def test_without_the_time_of_the_message_only_absolute_dates_are_read() -> None:
    told = [
        extract(Turn("user", text)).facts[0].valid_from
        for text in ("I moved to Porto in May", "I moved to Porto in May 2021")
    ]
    assert told == [None, "2021-05"]


def test_a_past_age_is_no_present_fact() -> None:
    assert extract("When I was 8 I lived in Rome.").facts == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("last friday", "2024-11-15"),
        ("next month", "2024-12"),
        ("last summer", "2024"),
        ("in december", "2023-12"),
        ("on november 5", "2024-11-05"),
        ("since 31 february 2020", "2020-02"),
        ("a couple of weeks ago", "2024-11"),
        ("in 99999", None),
        ("for 99999999 years", None),
    ],
)
def test_expressions(text: str, value: str | None) -> None:
    words = text.split()
    found = times.find(words, 0, len(words), AT)
    assert [t.value for t in found] == ([] if value is None else [value])


def test_the_time_of_one_clause_is_not_that_of_the_next() -> None:
    found = fact("My dog died in 2019 and I married Odile in 2021.", "MARRIED_TO")
    assert found.valid_from == "2021"
