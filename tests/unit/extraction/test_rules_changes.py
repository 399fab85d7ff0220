"""What replaces, ends or takes back what was known."""

from __future__ import annotations

import pytest
from rules_reading import extract, fact, line, read

from extraction import EntityMention, ExtractionContext, LocalExtractor, Turn


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("I got a new job at Bosch", "WORKS_AT"),
        ("I joined Siemens as a welder", "WORKS_AS"),
        ("I got promoted to team lead", "WORKS_AS"),
        ("I now work as a pilot", "WORKS_AS"),
        ("I moved to Porto", "LIVES_IN"),
    ],
)
def test_a_new_value_replaces_the_others(text: str, predicate: str) -> None:
    assert fact(text, predicate).replaces


def test_a_plain_statement_replaces_nothing() -> None:
    assert not fact("I work at Bosch", "WORKS_AT").replaces


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("I left Google for Meta", {"user WORKS_AT Google ended", "user WORKS_AT Meta"}),
        ("I switched from Windows to Linux", {"user USES Windows ended", "user USES Linux"}),
        ("We moved from Calgary to Nelson", {"user LIVES_IN Calgary ended", "user LIVES_IN Nelson"}),
    ],
)
def test_the_old_value_is_named(text: str, facts: set[str]) -> None:
    assert read(text) == facts


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("I quit my job", {"WORKS_AT": "job", "WORKS_AS": "occupation"}),
        ("got laid off last week", {"WORKS_AT": "job", "WORKS_AS": "occupation"}),
        ("They let me go in March", {"WORKS_AT": "job", "WORKS_AS": "occupation"}),
        ("I retired in December!", {"WORKS_AT": "job", "WORKS_AS": "occupation"}),
        ("we broke up", {"PARTNER_OF": "partner"}),
        ("We got divorced", {"MARRIED_TO": "spouse"}),
        ("The boss let me go home early", {}),
        ("I want to retire at sixty", {}),
    ],
)
def test_an_end_without_a_name_ends_all(text: str, ends: dict[str, str]) -> None:
    extraction = extract(text)
    assert {fact.predicate: fact.object.name for fact in extraction.facts} == ends
    assert all(fact.status == "ended" and fact.ends_all and fact.object.unnamed for fact in extraction.facts)
    assert extraction.entities == ()


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            "I'm a radiographer, not a radiologist.",
            {"user WORKS_AS radiographer", "user WORKS_AS radiologist retracted"},
        ),
        ("I'm 46, not 64", {"user HAS_AGE 46", "user HAS_AGE 64 retracted"}),
        ("I live in Tokyo. Sorry, I meant Osaka, not Tokyo.", {"user LIVES_IN Tokyo retracted", "user LIVES_IN Osaka"}),
        ("I live in Lisbon, scratch that, I live in Faro", {"user LIVES_IN Lisbon retracted", "user LIVES_IN Faro"}),
    ],
)
def test_a_correction_within_a_message(text: str, facts: set[str]) -> None:
    assert read(text) == facts


def test_a_correction_of_an_earlier_message() -> None:
    context = ExtractionContext(history=(Turn("user", "I live in Tokyo"), Turn("assistant", "Noted.")))
    assert read("I meant Osaka, not Tokyo", context=context) == {"user LIVES_IN Osaka", "user LIVES_IN Tokyo retracted"}


def test_who_quits_a_group_is_no_longer_a_member() -> None:
    context = ExtractionContext(known=(EntityMention("Northern Lights", "Group"),))
    text = "I quit Northern Lights in September"
    assert read(text, context=context) == {"user MEMBER_OF Northern Lights ended"}
    assert read(text) == {"user WORKS_AT Northern Lights ended"}


def test_a_correction_of_nothing_known_gives_nothing() -> None:
    assert read("I meant Osaka, not Tokyo") == set()


@pytest.mark.parametrize(
    ("question", "answer", "facts"),
    [
        ("Where are you based?", "Porto, since May.", {"user LIVES_IN Porto"}),
        ("What's your name?", "Ottilie", {"user HAS_NAME Ottilie"}),
        ("How old are you?", "I am 41", {"user HAS_AGE 41"}),
        ("What do you do for a living?", "nurse", {"user WORKS_AS nurse"}),
        ("Which languages do you speak?", "Igbo and English", {"user SPEAKS Igbo", "user SPEAKS English"}),
        (
            "Do you have any allergies?",
            "Peanuts and shellfish.",
            {"user ALLERGIC_TO Peanuts", "user ALLERGIC_TO shellfish"},
        ),
        ("Do you have any allergies?", "No, none.", set()),
        ("Where are you based?", "Why do you ask?", set()),
        ("I live in Rome.", "Porto", set()),
    ],
)
def test_an_answer_is_read_with_its_question(question: str, answer: str, facts: set[str]) -> None:
    assert read(Turn("assistant", question), answer) == facts


@pytest.mark.parametrize(
    ("said", "answer", "facts"),
    [
        ("Of course, Greg, here is a plan.", "It's Craig, not Greg. And a list of dinners.", {"user HAS_NAME Craig"}),
        ("Of course, Greg, here is a plan.", "No, it's Craig, not Greg.", {"user HAS_NAME Craig"}),
        ("Of course, here is a plan.", "It's Craig, not Greg.", set()),
        ("Osaka is lovely.", "it's fine, not Osaka", set()),
    ],
)
def test_a_name_that_was_wrong_is_put_right(said: str, answer: str, facts: set[str]) -> None:
    assert read(Turn("assistant", said), answer) == facts


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("My sister Ana had a baby girl, Salma.", "Ana HAS_CHILD Salma"),
        ("My sister Ana had a daughter called Salma.", "Ana HAS_CHILD Salma"),
        ("My sister Ana had a son called Tom, who died.", "Ana HAS_CHILD Tom ended"),
    ],
)
def test_who_was_born_is_there(text: str, born: str) -> None:
    found = LocalExtractor().read([Turn("user", text)]).facts
    assert born in {line(one) for one in found}
