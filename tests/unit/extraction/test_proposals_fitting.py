"""What the words around a proposal's object make of it."""

from __future__ import annotations

import pytest
from test_proposals_linking import read

from extraction.records import FactStatus

CURRENT, NEGATED, ENDED = FactStatus.CURRENT, FactStatus.NEGATED, FactStatus.ENDED


@pytest.mark.parametrize(
    ("text", "proposal", "expected"),
    [
        ("so I gave up Facebook, finally", ("Facebook", "USES", None, CURRENT), "user USES Facebook ended"),
        ("by now no tennis these days", ("tennis", "PLAYS", None, NEGATED), "user PLAYS tennis ended"),
        ("I sold my boat, but I have a kayak", ("kayak", "OWNS", None, CURRENT), "user OWNS kayak"),
        ("here with my twin, Ansgar, as ever", ("Ansgar", "HAS_RELATIVE", None, CURRENT), "user HAS_SIBLING Ansgar"),
    ],
)
def test_state_and_relation_follow_the_words(
    text: str, proposal: tuple[str, str, None, FactStatus], expected: str
) -> None:
    assert expected in read(text, proposal)


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        ("I have seen all of it except Maine", ("Maine", "VISITED", None)),
        ("so we voted against buying the van", ("van", "OWNS", None)),
        ("thinking of renting a small flat", ("small flat", "OWNS", None)),
        ("we are 4 in the flat", ("4", "HAS_AGE", None)),
        ("only 8 of us in Albufeira", ("8", "HAS_AGE", None)),
        ("Twenty below in the barn", ("Twenty", "HAS_AGE", None)),
        ("im 5'2 and tiny", ("5'2", "HAS_AGE", None)),
        ("mostly taxi drivers in my class", ("taxi drivers", "WORKS_AS", None)),
        ("I am searching work as electrician", ("electrician", "WORKS_AS", None)),
        ("says my dentist Ken", ("Ken", "HAS_COLLEAGUE", None)),
        ("we drove over in Ana's Subaru", ("Ana's Subaru", "LIVES_IN", None)),
        ("sold them all to a young lad in Llanelli", ("Llanelli", "LIVES_IN", None)),
        ("thank you, is in Bonn", ("Bonn", "LIVES_IN", None)),
        ("So it means I have asthma?", ("asthma", "HAS_CONDITION", None)),
        ("Does that mean I have asthma?", ("asthma", "HAS_CONDITION", None)),
        ("Our girl was born on Friday!", ("Friday", "BORN_ON", None)),
        ("and his asthma is gone", ("asthma", "HAS_CONDITION", None)),
        ("No. I have not sold the Niva, stop asking.", ("Niva", "OWNS", None, ENDED)),
        ("The gastritis hasn't gone anywhere by the way.", ("gastritis", "HAS_CONDITION", None, ENDED)),
        ("my metformin ran out on Saturday", ("metformin", "USES", None, ENDED)),
        ("I put down the clarinet for one season", ("clarinet", "PLAYS", None, ENDED)),
        ("one year left of uni", ("uni", "STUDIES_AT", None, ENDED)),
        ("Arpa Air is based in Gyumri", ("Arpa Air", "WORKS_AT", None)),
        ("no lisbon btw", ("lisbon", "LIVES_IN", None)),
        ("Fil d'Or stays in Dakar.", ("Dakar", "LIVES_IN", None)),
        ("her allergy, i eat cashews like a squirrel", ("cashews", "ALLERGIC_TO", None)),
        ("socks again, I should open a sock shop", ("open a sock shop", "PLANS_TO", None)),
        ("We cycled the Pamir Highway in July", ("cycled the Pamir Highway", "PLANS_TO", None)),
    ],
)
def test_what_the_words_speak_against_is_left_out(
    text: str, proposal: tuple[str, str, None] | tuple[str, str, None, FactStatus]
) -> None:
    predicate = proposal[1]
    assert not any(predicate in fact for fact in read(text, proposal))


def test_a_new_name_has_to_be_surer_than_a_new_hobby() -> None:
    """A wrong value of a relation that has one at a time would end the right one."""
    text = "Otieno and chess, as ever"
    wanted = (("Otieno", "HAS_NAME", None), ("chess", "LIKES", None))
    assert "user HAS_NAME Otieno" in read(text, *wanted, minimum=0.3)
    surer = read(text, *wanted, minimum=0.7)
    assert "user LIKES chess" in surer
    assert "user HAS_NAME Otieno" not in surer


def test_a_place_and_what_it_lies_in_are_one() -> None:
    text = "My new flat is in Graz, Austria"
    assert read(text, ("Graz", "LIVES_IN", None), ("Austria", "LIVES_IN", None)) == {"user LIVES_IN Graz"}
    text = "Flats over time: Rome, Paris and Oslo"
    lived = [(city, "LIVES_IN", None, FactStatus.ENDED) for city in ("Rome", "Paris", "Oslo")]
    assert len(read(text, *lived)) == 3


def test_that_a_plan_is_off_may_be_less_sure() -> None:
    text = "The pottery course, well"
    off, on = (("pottery course", "PLANS_TO", None, status) for status in (FactStatus.ENDED, CURRENT))
    assert "user PLANS_TO pottery course ended" in read(text, off, minimum=0.8)
    assert read(text, on, minimum=0.8) == set()
