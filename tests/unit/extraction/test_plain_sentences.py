"""The plainest sentences about work, homes, families and languages: both offline extractors read them alike."""

from __future__ import annotations

from functools import cache

import pytest
from rules_reading import extract, line

from extraction import Extraction, LocalExtractor, RuleExtractor

KINDS = (RuleExtractor, LocalExtractor)


@cache
def extractor(kind: type[RuleExtractor]) -> RuleExtractor:
    """Return the one extractor of a kind that all tests here share; loading the model takes a while."""
    return kind()


def told(kind: type[RuleExtractor], *texts: str) -> Extraction:
    """Return what one of the extractors reads."""
    return extract(*texts, rules=extractor(kind))


def lines(kind: type[RuleExtractor], *texts: str) -> set[str]:
    """Return the facts that one of the extractors reads as lines."""
    return {line(fact) for fact in told(kind, *texts).facts}


def about(kind: type[RuleExtractor], text: str, *predicates: str) -> set[str]:
    """Return the facts of some predicates."""
    return {line(fact) for fact in told(kind, text).facts if fact.predicate in predicates}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("I quit my job at Bosch.", "Bosch"),
        ("Last week I left my job at Miele.", "Miele"),
        ("I lost my old job at Opel.", "Opel"),
        ("I finally quit my boring job at Aldi.", "Aldi"),
    ],
)
def test_a_job_left_is_over_and_nothing_else(kind: type[RuleExtractor], text: str, company: str) -> None:
    assert about(kind, text, "WORKS_AT", "MEMBER_OF") == {f"user WORKS_AT {company} ended"}


@pytest.mark.parametrize("kind", KINDS)
def test_joining_a_company_is_a_new_job(kind: type[RuleExtractor]) -> None:
    (found,) = told(kind, "I joined Philips in April.").facts
    assert line(found) == "user WORKS_AT Philips"
    assert found.replaces
    assert found.valid_from == "2024-04"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("text", "company"),
    [("I joined a startup called Kipling.", "Kipling"), ("We joined a small law firm last year.", "small law firm")],
)
def test_so_is_joining_what_can_only_employ(kind: type[RuleExtractor], text: str, company: str) -> None:
    assert about(kind, text, "WORKS_AT", "MEMBER_OF") == {f"user WORKS_AT {company}"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("I joined a rowing club last year.", "rowing club"),
        ("I joined the Labour Party in 2018.", "Labour Party"),
        ("I joined the Oakdale choir in May.", "Oakdale choir"),
    ],
)
def test_joining_a_club_is_a_membership_without_its_time(kind: type[RuleExtractor], text: str, group: str) -> None:
    (found,) = told(kind, text).facts
    assert line(found) == f"user MEMBER_OF {group}"
    assert found.valid_from is not None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("word", ["favourite", "favorite"])
def test_a_favourite_is_liked_and_not_belonged_to(kind: type[RuleExtractor], word: str) -> None:
    assert lines(kind, f"My {word} orchestra is Concerto Köln.") <= {"user LIKES Concerto Köln"}
    assert lines(kind, f"My {word} club is Celtic.") == {"user LIKES Celtic"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text", ["Is my brother called Piet?", "Is my aunt named Rosa?", "Was my cousin's name Ines?", "Is my son Max?"]
)
def test_a_question_for_a_name_gives_none(kind: type[RuleExtractor], text: str) -> None:
    assert lines(kind, text) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_about_somebody_named_still_introduces_them(kind: type[RuleExtractor]) -> None:
    assert lines(kind, "Where could my brother Piet stay?") == {"user HAS_SIBLING Piet"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text",
    [
        "I'm in Prague this week.",
        "I'm in Prague until Sunday.",
        "I'm in Prague on business.",
        "We're in Prague for the weekend.",
        "I'm visiting Prague today.",
    ],
)
def test_a_stay_is_no_home(kind: type[RuleExtractor], text: str) -> None:
    assert lines(kind, text) <= {"user VISITED Prague"}
    assert lines(kind, "I live in Brno.", text) <= {"user LIVES_IN Brno", "user VISITED Prague"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_home_with_a_time_stays_one(kind: type[RuleExtractor]) -> None:
    assert lines(kind, "I live in Prague right now.") == {"user LIVES_IN Prague"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_relative_of_another_is_not_the_users(kind: type[RuleExtractor]) -> None:
    extraction = told(kind, "My husband's name is Jan. His brother is called Piet. Piet lives in Gent.")
    assert {line(fact) for fact in extraction.facts} == {
        "user MARRIED_TO Jan",
        "Jan HAS_SIBLING Piet",
        "Piet LIVES_IN Gent",
    }
    aliases = {entity.name: entity.aliases for entity in extraction.entities}
    assert "husband" in aliases["Jan"]
    assert aliases["Piet"] == ("husband's brother",)


@pytest.mark.parametrize("kind", KINDS)
def test_one_of_several_friends_is_no_link_of_a_chain(kind: type[RuleExtractor]) -> None:
    extraction = told(kind, "My friend Kaja has a dog called Loki.")
    assert {entity.name: entity.aliases for entity in extraction.entities}["Loki"] == ("Kaja's dog",)
    assert "Loki IS_A dog" in {line(fact) for fact in extraction.facts}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("text", "ended"),
    [
        ("My grandmother died last spring.", "user HAS_RELATIVE grandmother ended"),
        ("My uncle Otmar passed away.", "user HAS_RELATIVE Otmar ended"),
        ("Minka (our cat) died.", "user HAS_PET Minka ended"),
        ("My grandfather is dead.", "user HAS_RELATIVE grandfather ended"),
        ("Our rabbit has died.", "user HAS_PET rabbit ended"),
    ],
)
def test_who_has_died_is_no_current_relation(kind: type[RuleExtractor], text: str, ended: str) -> None:
    facts = told(kind, text).facts
    assert ended in {line(fact) for fact in facts}
    assert [line(fact) for fact in facts if fact.status == "current" and fact.predicate != "IS_A"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_told_of_somebody_ends_with_their_death(kind: type[RuleExtractor]) -> None:
    facts = told(kind, "My uncle Otmar lives in Graz.", "My uncle Otmar died in May.", "Otmar was kind.").facts
    assert [line(f) for f in facts if f.predicate == "LIVES_IN"] == ["Otmar LIVES_IN Graz", "Otmar LIVES_IN Graz ended"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_pet_named_before_the_bracket_is_no_person(kind: type[RuleExtractor]) -> None:
    assert [(e.name, e.label) for e in told(kind, "Minka (our cat) died.").entities if e.label != "Kind"] == [
        ("Minka", "Animal")
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("words", ["from 2003 to 2009", "from 2003 until 2009", "between 2003 and 2009"])
def test_a_span_of_years_has_both_ends(kind: type[RuleExtractor], words: str) -> None:
    (found,) = told(kind, f"I worked at Nokia {words}.").facts
    assert (line(found), found.valid_from, found.valid_to) == ("user WORKS_AT Nokia ended", "2003", "2009")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text",
    [
        "My parents grow apples.",
        "My grandfather taught geography.",
        "I have a probation officer.",
        "I have a good accountant.",
    ],
)
def test_what_several_do_or_whom_one_has_is_no_occupation(kind: type[RuleExtractor], text: str) -> None:
    assert about(kind, text, "WORKS_AS", "STUDIES") == set()


def test_an_occupation_may_be_told_by_a_verb() -> None:
    assert "user WORKS_AS teach economics" in lines(
        LocalExtractor, "I teach economics, and my pupils just don't get it."
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["My mother doesn't work at Lidl now.", "My mother doesn't work at Lidl any more."])
def test_what_is_not_so_now_was_so_before(kind: type[RuleExtractor], text: str) -> None:
    assert "mother WORKS_AT Lidl ended" in lines(kind, text)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["Me: Marisol, a translator.", "I, Marisol, eat everything."])
def test_a_name_stands_beside_the_pronoun(kind: type[RuleExtractor], text: str) -> None:
    assert "user HAS_NAME Marisol" in lines(kind, text)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("My grandad sleeps a lot. He's Eliseo, he is 92.", "user HAS_RELATIVE Eliseo"),
        ("My wife works nights. She's Finnish, by the way.", "user MARRIED_TO wife"),
    ],
)
def test_he_is_somebody_gives_a_name(kind: type[RuleExtractor], text: str, relation: str) -> None:
    assert about(kind, text, "HAS_RELATIVE", "MARRIED_TO") == {relation}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text",
    [
        "There's an engineer at work.",
        "There once was a baker from Crewe.",
        "Write a story. The hero is called Raka, he lives in Bandung and he hates Mondays.",
        "Yeah right, I'm totally fluent in Klingon, just translate the menu.",
    ],
)
def test_there_is_somebody_and_irony_tell_nothing_of_the_user(kind: type[RuleExtractor], text: str) -> None:
    assert lines(kind, text) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_who_gives_a_name_is_meant_by_it(kind: type[RuleExtractor]) -> None:
    text = "I'm Emre and I work nights. Emre is originally from Izmir, as they say."
    assert about(kind, text, "COMES_FROM") == {"user COMES_FROM Izmir"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_daughter_may_have_the_same_name(kind: type[RuleExtractor]) -> None:
    text = "My name is Ana. My daughter Ana is a nurse."
    assert about(kind, text, "HAS_CHILD", "WORKS_AS") == {"user HAS_CHILD Ana", "Ana WORKS_AS nurse"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_wife_is_no_wife_now(kind: type[RuleExtractor]) -> None:
    assert about(kind, "My first wife, Adjoa, lives in Bremen.", "MARRIED_TO") == {"user MARRIED_TO Adjoa ended"}


@pytest.mark.parametrize("kind", KINDS)
def test_capitals_mean_nothing_in_a_sentence_without_small_letters(kind: type[RuleExtractor]) -> None:
    assert lines(kind, "BOYS MY SON SCORED A GOAL") == {"user HAS_CHILD son"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("word", ["sis", "bro", "mom"])
def test_an_in_law_is_no_blood_relative(kind: type[RuleExtractor], word: str) -> None:
    assert lines(kind, f"My {word} in law Luz is a cook.") == {"user HAS_RELATIVE Luz", "Luz WORKS_AS cook"}


@pytest.mark.parametrize("kind", KINDS)
def test_no_language_is_a_language_not_spoken(kind: type[RuleExtractor]) -> None:
    assert lines(kind, "I speak no Danish.") == {"user SPEAKS Danish negated"}
    assert "Goran SPEAKS Finnish negated" in lines(kind, "My friend Goran speaks no Finnish.")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["My sons are 4 and 9.", "Our kids are 2, 6 and 8 years old."])
def test_several_ages_are_nobodys(kind: type[RuleExtractor], text: str) -> None:
    assert about(kind, text, "HAS_AGE") == set()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["He speaks no Danish.", "She works at Nokia.", "I hope he still lives in Turku."])
def test_what_is_said_of_somebody_unknown_is_not_said_of_the_user(kind: type[RuleExtractor], text: str) -> None:
    assert lines(kind, text) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_lunch_with_a_person_is_no_membership(kind: type[RuleExtractor]) -> None:
    assert lines(kind, "I joined Hannah for lunch.") == set()


def test_the_kind_of_several_animals_is_one_animal() -> None:
    text = "We adopted two kittens. The kittens are called Tic and Tac."
    assert about(LocalExtractor, text, "IS_A") <= {"Tic IS_A kitten", "Tac IS_A kitten"}


def test_an_age_is_a_number() -> None:
    assert about(LocalExtractor, "My daughter is 17yo.", "HAS_AGE") == {"daughter HAS_AGE 17"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kia ora, Hana here. How are you?", {"user HAS_NAME Hana"}),
        ("Sefina here, though it rains.", {"user HAS_NAME Sefina"}),
        ("oi, here is Jussara :)", {"user HAS_NAME Jussara"}),
        ("Winter here, it is cold.", set()),
        ("It rains in Hana here.", set()),
        ("Is Hana here?", set()),
        ("no vegan btw", set()),
        ("Interpreter, no!!", set()),
        ("got a goat saturday. dont ask. name's Bruce.", {"user HAS_PET Bruce", "Bruce IS_A goat"}),
        ("My brother is a vet, name's Tom.", {"user HAS_SIBLING Tom", "Tom WORKS_AS vet"}),
        ("hi, name's Bruce. got a goat saturday", {"user HAS_NAME Bruce", "user HAS_PET goat"}),
        ("I got a dog. My name is Bruce.", {"user HAS_NAME Bruce", "user HAS_PET dog"}),
        ("I was in Rome in June.", {"user VISITED Rome"}),
        ("I was in Rome for ten years.", {"user LIVES_IN Rome ended"}),
        ("I live in Sfax, so I will be an athlete.", {"user LIVES_IN Sfax"}),
        ("You be the guest and I'll be the waiter and I live in Sfax.", set()),
        ("So I can say it: I speak Japanese now", {"user SPEAKS Japanese"}),
        ("Say this: I speak Japanese now", set()),
        (
            "My brother Vasile works at Lindmejeri. Lindmejeri is based in Viborg.",
            {"user HAS_SIBLING Vasile", "Vasile WORKS_AT Lindmejeri", "Lindmejeri LOCATED_IN Viborg"},
        ),
        ("I study at York. I live in York.", {"user STUDIES_AT York", "user LIVES_IN York"}),
    ],
)
def test_what_a_few_words_tell_and_do_not(text: str, expected: set[str]) -> None:
    assert {line(fact) for fact in extract(text).facts} == expected
