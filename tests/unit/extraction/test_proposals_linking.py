"""Whom a proposal of a model is about, as the words around it tell."""

from __future__ import annotations

import asyncio

import pytest
from rules_reading import line

from extraction import LocalExtractor, Turn
from extraction.local.proposals import Proposal
from extraction.records import FactStatus


class Proposing:
    """Proposes what a test says: object, predicate, subject and state, by their words."""

    def __init__(self, *wanted: tuple[str, str, str | None] | tuple[str, str, str | None, FactStatus]) -> None:
        self._wanted = wanted

    predicates = ()

    def propose(self, text: str, before: str | None = None) -> list[Proposal]:
        """Return the proposals, each at the last place where its words stand."""
        made = []
        for object_, predicate, subject, *status in self._wanted:
            start = text.rindex(object_)
            at = None if subject is None else (text.index(subject), text.index(subject) + len(subject))
            made.append(Proposal(start, start + len(object_), predicate, at, *status, confidence=0.8))
        return made


def read(
    text: str, *wanted: tuple[str, str, str | None] | tuple[str, str, str | None, FactStatus], minimum: float = 0.0
) -> set[str]:
    """Return the facts of a text as lines, with these proposals."""
    extractor = LocalExtractor(proposer=Proposing(*wanted), minimum=minimum)
    return {line(fact) for fact in asyncio.run(extractor.extract([Turn("user", text)])).facts}


@pytest.mark.parametrize(
    ("text", "proposal", "expected"),
    [
        ("my roomie hums all night, from laos originally", ("laos", "COMES_FROM", "roomie"), "roomie COMES_FROM laos"),
        ("my son theo breaks out from eggs", ("eggs", "ALLERGIC_TO", "theo"), "theo ALLERGIC_TO eggs"),
        ("the shop sits right on the quay in Whitby", ("Whitby", "LOCATED_IN", "shop"), "shop LOCATED_IN Whitby"),
        (
            "My aunt Lea swims. My niece Lena got her diagnosis, diabetes.",
            ("diabetes", "HAS_CONDITION", "Lea"),
            "Lena HAS_CONDITION diabetes",
        ),
        (
            "my sisters boyfriend keeps bees as a beekeeper",
            ("beekeeper", "WORKS_AS", "boyfriend"),
            "sister's boyfriend WORKS_AS beekeeper",
        ),
    ],
)
def test_finds_the_subject(text: str, proposal: tuple[str, str, str | None], expected: str) -> None:
    assert expected in read(text, proposal)


def test_a_relative_gets_the_name_that_a_proposal_tells() -> None:
    """The rules see no name in a lower-case word that they do not know; then every fact of that person has it."""
    facts = read("my bestie dami is a flight nurse", ("dami", "HAS_FRIEND", None), ("flight nurse", "WORKS_AS", "dami"))
    assert facts == {"user HAS_FRIEND dami", "dami WORKS_AS flight nurse"}


def test_a_name_that_a_proposal_gives_to_a_child_is_not_the_users() -> None:
    assert read("We have a new baby! Name is Zara.", ("Zara", "HAS_CHILD", None)) == {"user HAS_CHILD Zara"}


def test_a_denied_plan_is_one_that_ended() -> None:
    proposal = ("going to Bali", "PLANS_TO", None, FactStatus.NEGATED)
    assert read("Nah, no going to Bali in the end.", proposal) == {"user PLANS_TO go to Bali ended"}


def test_nobody_is_made_of_words_that_name_nobody() -> None:
    assert read("so that would be hard in Rome", ("Rome", "LIVES_IN", "would")) == set()


def test_a_relative_clause_is_about_the_one_before_it() -> None:
    text = "I have two nieces: my niece Lotte and my niece Pip, who's twelve."
    assert "Pip HAS_AGE twelve" in read(text, ("twelve", "HAS_AGE", "Lotte"))


@pytest.mark.parametrize("text", ["I'm Ola, a herder's son.", "It was at the notary's office."])
def test_an_occupation_that_only_owns_something_is_nobodys(text: str) -> None:
    occupation = "herder" if "herder" in text else "notary"
    assert not any("WORKS_AS" in fact for fact in read(text, (occupation, "WORKS_AS", None)))


def test_a_fact_told_twice_is_dated_where_it_was_told_first() -> None:
    """The second time it is surer and further on in its sentence than the first sentence is long."""
    text = "The cello, for me. Well, since that long and rainy summer at my aunt's I have been in love with my cello in June."
    first = text.index("cello")

    class Twice:
        predicates = ()

        def propose(self, text: str, before: str | None = None) -> list[Proposal]:
            places = (first, text.rindex("cello"))
            return [Proposal(i, i + 5, "PLAYS", confidence=0.6 + 0.3 * (i > first)) for i in places]

    extractor = LocalExtractor(proposer=Twice(), minimum=0.0)
    facts = asyncio.run(extractor.extract([Turn("user", text)])).facts
    assert [line(fact) for fact in facts] == ["user PLAYS cello"]
    assert facts[0].evidence.startswith("The cello")


def test_somebody_whom_a_proposal_names_can_be_meant_by_a_pronoun() -> None:
    """Ashwyn is on no list of names, and "she" is never said of the brother."""
    text = "My little one is Ashwyn. She's nine and lives with my brother."
    assert "Ashwyn HAS_AGE nine" in read(text, ("Ashwyn", "HAS_CHILD", None), ("nine", "HAS_AGE", "brother"))


def test_an_occupation_beside_a_name_is_that_persons() -> None:
    text = "I'm Ola. We have four tenors, my uncle Olaf, a fisherman, and my cousin Tove, a priest."
    facts = read(text, ("fisherman", "WORKS_AS", "Tove"), ("priest", "WORKS_AS", None))
    assert {"Olaf WORKS_AS fisherman", "Tove WORKS_AS priest"} <= facts
    assert not facts & {"Tove WORKS_AS fisherman", "user WORKS_AS priest"}


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        ("His fiancée Anahit works at Arpa Air.", ("Anahit", "PARTNER_OF", None)),
        ("Their boss, Mia, lives in Rome.", ("Mia", "HAS_COLLEAGUE", None)),
        ("Ailsa over the road has a donkey called Hector.", ("Hector", "HAS_PET", None)),
        ("Emma is at Bosch. I miss her.", ("Bosch", "WORKS_AT", None)),
    ],
)
def test_what_is_said_of_somebody_else_is_not_the_users(text: str, proposal: tuple[str, str, str | None]) -> None:
    assert not any(fact.startswith("user ") for fact in read(text, proposal))


@pytest.mark.parametrize(
    ("text", "proposal", "expected"),
    [
        ("I got engaged! Her name is Zeynep.", ("Zeynep", "PARTNER_OF", None), "user PARTNER_OF Zeynep"),
        ("He and his wife like my friend Ana.", ("Ana", "HAS_FRIEND", None), "user HAS_FRIEND Ana"),
        ("Ailsa has a horse and I have a dog, Rex.", ("Rex", "HAS_PET", None), "user HAS_PET Rex"),
    ],
)
def test_what_is_said_of_the_user_beside_somebody_else_is_the_users(
    text: str, proposal: tuple[str, str, str | None], expected: str
) -> None:
    assert expected in read(text, proposal)
