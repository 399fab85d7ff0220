"""Whose fact it is: relatives, pets, names, pronouns, speakers of a transcript."""

from __future__ import annotations

import pytest
from rules_reading import AT, extract, line, read

from extraction import EntityMention, ExtractionContext, Turn

PEOPLE = [
    ("My sister Ana works at Siemens.", {"user HAS_SIBLING Ana", "Ana WORKS_AT Siemens"}),
    ("My sister's name is Ana.", {"user HAS_SIBLING Ana"}),
    ("Ana is my sister.", {"user HAS_SIBLING Ana"}),
    ("Aurelio, our eldest, plays the flute.", {"user HAS_CHILD Aurelio", "Aurelio PLAYS flute"}),
    (
        "My sister's boyfriend works at Shell.",
        {"sister's boyfriend WORKS_AT Shell"},
    ),
    ("I have two brothers, Tom and Sam.", {"user HAS_SIBLING Tom", "user HAS_SIBLING Sam"}),
    ("I have three kids", {"user HAS_CHILD three kids"}),
    ("I have no siblings", {"user HAS_SIBLING siblings negated"}),
    ("My dog is called Rex.", {"user HAS_PET Rex", "Rex IS_A dog"}),
    ("I have a ferret and a cat named Miso.", {"user HAS_PET ferret", "user HAS_PET Miso", "Miso IS_A cat"}),
    ("my gf mireille plays roller derby", {"user PARTNER_OF mireille", "mireille PLAYS roller derby"}),
    (
        "My brother Paul, a baker, lives in Nantes.",
        {"user HAS_SIBLING Paul", "Paul WORKS_AS baker", "Paul LIVES_IN Nantes"},
    ),
    ("My daughter Mia (7) is allergic to eggs", {"user HAS_CHILD Mia", "Mia HAS_AGE 7", "Mia ALLERGIC_TO eggs"}),
    (
        "My aunt Ruta in Kaunas is a vet.",
        {"user HAS_RELATIVE Ruta", "Ruta LIVES_IN Kaunas", "Ruta WORKS_AS vet"},
    ),
    ("I'm Zsuzsanna's daughter.", {"Zsuzsanna HAS_CHILD user"}),
]


@pytest.mark.parametrize(("text", "facts"), PEOPLE)
def test_whose_fact_it_is(text: str, facts: set[str]) -> None:
    assert read(text) == facts


def test_a_name_carries_the_relation_word_in_every_mention() -> None:
    facts = extract("My sister Ana works at Siemens. She lives in Oslo.").facts
    mentions = {m for f in facts for m in (f.subject, f.object) if m.name == "Ana"}
    assert mentions == {EntityMention("Ana", "Person", ("sister",))}
    assert [line(f) for f in facts] == ["user HAS_SIBLING Ana", "Ana WORKS_AT Siemens", "Ana LIVES_IN Oslo"]


def test_a_name_given_later_goes_to_the_earlier_facts_too() -> None:
    facts = {line(f) for f in extract("I have a dog. His name is Rex.", "Rex is 3 years old").facts}
    assert facts == {"user HAS_PET Rex", "Rex IS_A dog", "Rex HAS_AGE 3"}


def test_synonyms_of_a_parent_meet() -> None:
    (link,) = extract("My mum lives in Graz.").facts[:1]
    assert link.object == EntityMention("mum", "Person", ("mother",), unnamed=True)


def test_a_pronoun_with_two_candidates_gives_nothing() -> None:
    facts = read("My sister Ana met my colleague Eva. Afterwards she works at Shell.")
    assert not any("Eva WORKS_AT" in f for f in facts)


def test_a_pronoun_reaches_back_to_the_history() -> None:
    context = ExtractionContext(history=(Turn("user", "my sister Ana came by"), Turn("assistant", "Nice!")))
    assert read("She works at Shell", context=context) == {"Ana WORKS_AT Shell"}


def test_history_is_never_evidence() -> None:
    context = ExtractionContext(history=(Turn("user", "I live in Rome"),))
    assert read("ok thanks", context=context) == set()


def test_a_pronoun_without_anybody_gives_nothing() -> None:
    assert read("She works at Shell") == set()


def test_known_names_are_recognised_in_lower_case() -> None:
    context = ExtractionContext(known=(EntityMention("Rex", "Animal", ("dog",)),))
    assert read("rex is a beagle", context=context) == {"Rex IS_A beagle"}


def test_named_speakers_are_persons_unless_the_name_is_the_users() -> None:
    context = ExtractionContext(user_names=frozenset({"alice"}))
    turns = [Turn("user", "I live in Rome", name="Bob", at=AT), Turn("user", "I work at Fiat", name="Alice", at=AT)]
    assert read(*turns, context=context) == {"Bob LIVES_IN Rome", "user WORKS_AT Fiat"}


def test_the_assistants_words_are_no_facts() -> None:
    assert read(Turn("assistant", "I live in Rome and you work at Fiat."), "ok") == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My aunt Vera has a new boss. Vera's new boss is Kim, she's 34.", "Kim HAS_AGE 34"),
        ("Our lodger is a student, Oyuna, who lives in Graz.", "Oyuna LIVES_IN Graz"),
        ("my sisters boyfriend lives in Graz", "sister's boyfriend LIVES_IN Graz"),
    ],
)
def test_the_one_named_right_before_is_meant(text: str, expected: str) -> None:
    assert expected in read(text)
