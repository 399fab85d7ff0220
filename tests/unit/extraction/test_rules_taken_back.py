"""Jokes, denials and corrections of names; what "there" and "the puppy" refer back to."""

from __future__ import annotations

import asyncio

import pytest
from rules_reading import extract, line, read

from extraction import ExtractionContext, LocalExtractor, Turn
from extraction.local.proposals import Proposal


@pytest.mark.parametrize(
    "text",
    ["That's not true, I don't live in Lyon.", "Just kidding, I don't live in Lyon.", "I lied. I don't live in Lyon."],
)
def test_a_denial_of_what_was_just_told_takes_it_back(text: str) -> None:
    context = ExtractionContext(history=(Turn("user", "I live in Lyon."), Turn("assistant", "How nice!")))
    assert read(text, context=context) == {"user LIVES_IN Lyon retracted"}


def test_a_plain_denial_is_only_denied() -> None:
    context = ExtractionContext(history=(Turn("user", "I live in Lyon."),))
    assert read("I don't live in Lyon.", context=context) == {"user LIVES_IN Lyon negated"}


@pytest.mark.parametrize("opening", ["Just kidding,", "jk,", "I was joking,", "Scratch that,"])
def test_the_truth_after_a_joke_takes_the_joke_back(opening: str) -> None:
    context = ExtractionContext(history=(Turn("user", "I live in Lyon."),))
    facts = extract(f"{opening} I live in Nice.", context=context).facts
    assert {line(f) for f in facts} == {"user LIVES_IN Nice", "user LIVES_IN Lyon retracted"}


def test_a_joke_about_something_else_takes_nothing_back() -> None:
    context = ExtractionContext(history=(Turn("user", "I live in Lyon."),))
    assert read("Just kidding, I work at Bosch.", context=context) == {"user WORKS_AT Bosch"}


def test_a_corrected_name_moves_the_relation() -> None:
    extraction = extract("My brother is called Jon.", "Actually my brother's name is John, not Jon.")
    assert {line(f) for f in extraction.facts} >= {"user HAS_SIBLING John", "user HAS_SIBLING Jon retracted"}
    aliases = {entity.name: entity.aliases for entity in extraction.entities}
    assert aliases["John"] == ("brother",)
    assert aliases["Jon"] == ()


@pytest.mark.parametrize("text", ["His name is John, not Jon.", "He's called John, not Jon.", "I meant John, not Jon."])
def test_a_name_corrected_later_takes_the_relation_word_along(text: str) -> None:
    extraction = extract("My brother is called Jon.", text)
    assert {line(f) for f in extraction.facts} >= {"user HAS_SIBLING John", "user HAS_SIBLING Jon retracted"}
    assert {entity.name: entity.aliases for entity in extraction.entities} == {"John": ("brother",), "Jon": ()}


def test_a_name_beside_not_is_only_a_name_with_a_capital() -> None:
    assert read("My brother's name is John, not sure about the spelling.") == {"user HAS_SIBLING John"}


@pytest.mark.parametrize(
    "text",
    [
        "We bought a flat in Graz and moved there last month.",
        "I found a room in Graz. I moved there in October.",
    ],
)
def test_there_is_the_place_named_last(text: str) -> None:
    (home,) = [f for f in extract(text).facts if f.predicate == "LIVES_IN"]
    assert (line(home), home.replaces, home.valid_from) == ("user LIVES_IN Graz", True, "2024-10")


@pytest.mark.parametrize("text", ["I love Graz and might have moved there.", "My flat is nice. I moved there in May."])
def test_nobody_moves_to_no_place(text: str) -> None:
    assert not any(line(f).startswith("user LIVES_IN") for f in extract(text).facts)


def test_the_pet_told_of_before_gets_its_name_in_the_next_message() -> None:
    extraction = extract("We just adopted a kitten!", "The kitten's name is Pixel.")
    assert {line(f) for f in extraction.facts} == {"user HAS_PET Pixel", "Pixel IS_A kitten"}
    assert [e.aliases for e in extraction.entities if e.name == "Pixel"] == [("cat", "kitten")]


def test_the_dog_is_nobodys_unless_there_is_one() -> None:
    assert read("The dog's name is Rex.") == set()


class _Insisting:
    """Proposes that the user works now at the one company of the text, as a model may get it wrong."""

    predicates = ()

    def propose(self, text: str, before: str | None = None) -> list[Proposal]:
        start = text.index("Otto")
        return [Proposal(start, start + 4, "WORKS_AT"), Proposal(start, start + 4, "MEMBER_OF")]


def test_a_proposal_does_not_outlive_what_its_sentence_ends() -> None:
    facts = extract("I quit my job at Otto.", rules=LocalExtractor(proposer=_Insisting())).facts
    assert {line(f) for f in facts} == {"user WORKS_AT Otto ended"}


@pytest.mark.parametrize("text", ["It's Moss, not Mist.", "Sorry, Moss, not Mist."])
def test_what_was_told_of_somebody_goes_with_the_right_name(text: str) -> None:
    context = ExtractionContext(history=(Turn("user", "We have a dog called Mist. She's five."),))
    assert read(text, context=context) == {
        *("user HAS_PET Moss", "Moss IS_A dog", "Moss HAS_AGE five"),
        *("user HAS_PET Mist retracted", "Mist IS_A dog retracted", "Mist HAS_AGE five retracted"),
    }


def test_a_correction_keeps_the_time_that_was_told() -> None:
    context = ExtractionContext(history=(Turn("user", "I moved to Salford in May 2020."),))
    facts = extract("Sorry, Stockport, not Salford.", context=context).facts
    assert {(line(f), f.valid_from) for f in facts} >= {("user LIVES_IN Stockport", "2020-05")}


def test_a_word_of_a_plan_is_set_right() -> None:
    context = ExtractionContext(history=(Turn("user", "I'm going to move to Tartu for the exchange."),))
    assert read("ouf no, I meant Turku, not Tartu.", context=context) == {
        "user PLANS_TO move to Turku for the exchange",
        "user PLANS_TO move to Tartu for the exchange retracted",
    }


def test_a_name_that_only_the_model_read_is_set_right() -> None:
    """What came before is read by rules alone, unless a message corrects it."""
    said = "in August I took her in, a Newfoundland pony, and her name is Dulcie."
    context = ExtractionContext(history=(Turn("user", said),))
    facts = asyncio.run(
        LocalExtractor().extract([Turn("user", "it's Dulse, not Dulcie, like the weed")], context)
    ).facts
    assert {line(f) for f in facts} >= {"user HAS_PET Dulse", "user HAS_PET Dulcie retracted"}


def test_the_right_word_may_come_before_i_meant() -> None:
    context = ExtractionContext(history=(Turn("user", "I study at Kyushu Sangyo."),))
    assert read("ah sorry, Kyushu University i meant, not Kyushu Sangyo.", context=context) == {
        *("user STUDIES_AT Kyushu University", "user STUDIES_AT Kyushu Sangyo retracted"),
    }


def test_a_plan_with_other_words_stays() -> None:
    context = ExtractionContext(history=(Turn("user", "I'm going to move to Tartuville for the exchange."),))
    assert read("I meant Turku, not Tartu.", context=context) == set()
