"""What stands in a clause of its own: "where I live", "who lives in Bonn"; and what is denied twice at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules_reading import extract, line, read

from extraction import LocalExtractor, Turn


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("My train from Ghent, where I live, was late.", {"user LIVES_IN Ghent"}),
        ("Any good bakeries in Girona, where I live?", {"user LIVES_IN Girona"}),
        ("Plan a route to New York, where my brother is based.", {"brother LIVES_IN New York"}),
        ("We met in Kyoto where I lived for two years.", {"user LIVES_IN Kyoto ended"}),
        ("The plane goes from Oslo, where I've lived since 2015.", {"user LIVES_IN Oslo"}),
        ("In Graz, where I no longer live, it rained.", {"user LIVES_IN Graz ended"}),
        ("It is about Turin, where I moved from in May.", {"user LIVES_IN Turin ended"}),
        ("She showed me Bergen, where I was born.", {"user BORN_IN Bergen"}),
        ("He knows Porto, where I grew up.", {"user COMES_FROM Porto"}),
        ("If it were like Rome, where I would live, fine.", set()),
        ("I want a town where I live well.", set()),
        ("Is that in Leeds, where nobody lives?", set()),
    ],
)
def test_a_clause_with_where_tells_of_the_place_before_it(text: str, facts: set[str]) -> None:
    told = {f for f in read(text) if f.split()[1] in ("LIVES_IN", "BORN_IN", "COMES_FROM")}
    assert told == facts


def test_where_one_moved_is_the_new_home() -> None:
    (home,) = [f for f in extract("Greetings from Split, where we moved in March.").facts if f.predicate == "LIVES_IN"]
    assert (line(home), home.replaces) == ("user LIVES_IN Split", True)


def test_what_follows_a_clause_with_who_is_told_of_the_one_before_it() -> None:
    facts = read("My sister, who lives in Bonn with her two kids, is a judge.")
    assert "sister WORKS_AS judge" in facts


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("I've got neither a car nor a TV.", {"user OWNS car negated", "user OWNS TV negated"}),
        ("I own neither a house nor a flat.", {"user OWNS house negated", "user OWNS flat negated"}),
        ("I speak neither Dutch nor German.", {"user SPEAKS Dutch negated", "user SPEAKS German negated"}),
        ("I'm neither a nurse nor a doctor.", {"user WORKS_AS nurse negated", "user WORKS_AS doctor negated"}),
        ("I don't dance, nor do I own a TV.", {"user OWNS TV negated"}),
    ],
)
def test_neither_and_nor_deny_both(text: str, facts: set[str]) -> None:
    read_by_model = {line(f) for f in LocalExtractor().read([Turn("user", text)]).facts}
    assert read_by_model >= facts
    assert not any(f.removesuffix(" negated") in read_by_model for f in facts)


@pytest.mark.parametrize(
    "text", ["My parents named me Solveig.", "I was christened Solveig.", "Mum christened me Solveig."]
)
def test_the_name_that_one_was_given(text: str) -> None:
    facts = {line(f) for f in LocalExtractor().read([Turn("user", text)]).facts}
    assert "user HAS_NAME Solveig" in facts
    assert "user HAS_PARENT Solveig" not in facts


@pytest.mark.parametrize("text", ["My mum named me after her aunt.", "My dad named me executor of his will."])
def test_named_me_is_not_always_a_name(text: str) -> None:
    assert not any("HAS_NAME" in f for f in read(text))


@pytest.mark.parametrize(
    "text", ["I met my husband in Nepal.", "We married in Vegas.", "I proposed to my wife in Nepal."]
)
def test_where_people_met_is_nobodys_home_and_nobody(text: str) -> None:
    facts = {line(f) for f in LocalExtractor().read([Turn("user", text)]).facts}
    assert not any("LIVES_IN" in f or f.endswith((" Vegas", " MARRIED_TO Nepal")) for f in facts)


@given(
    st.lists(
        st.sampled_from("where I we live Leeds , moved from in my sister born . neither nor a car".split()), max_size=14
    )
)
def test_any_order_of_these_words_is_read(words: list[str]) -> None:
    for fact in extract(" ".join(words)).facts:
        assert fact.object.name


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("I commute from Reading to London.", "user LIVES_IN London"),
        ("I'm on maternity leave from the BBC.", "user WORKS_AT BBC ended"),
        ("I left teaching to write novels.", "user WORKS_AT write novels"),
        ("I left teaching to write novels.", "user WORKS_AT teaching ended"),
        ("Ade has left Nopi to open his own restaurant.", "Ade WORKS_AT open his own restaurant"),
    ],
)
def test_what_only_looks_like_a_home_or_an_employer(text: str, wrong: str) -> None:
    assert wrong not in {line(f) for f in LocalExtractor().read([Turn("user", text)]).facts}
