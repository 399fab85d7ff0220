"""How statements end, deny and take back one another: as a person who was told them in turn would understand."""

from __future__ import annotations

import pytest
from talk import Talk, person, place

from extraction.records import USER, EntityMention
from graphmem.records import FactStatus

SIEMENS, ACME = EntityMention("Siemens", "Organization"), EntityMention("Acme", "Organization")
CAR, TEA = EntityMention("car", "Thing"), EntityMention("tea", "Thing")


def status_of(talk: Talk) -> dict[str, str]:
    return {f.text: f.status.value for f in talk.ledger().facts}


def test_a_new_home_ends_the_old_one_and_says_what_it_superseded():
    talk = (
        Talk()
        .say(USER, "LIVES_IN", place("Riyadh"), valid_from="2019")
        .say(USER, "LIVES_IN", place("Leeds"), valid_from="2023-10")
    )
    assert status_of(talk) == {"lives in Leeds": "current", "lived in Riyadh": "ended"}
    leeds, riyadh = talk.ledger().facts
    assert leeds.supersedes == (riyadh.id,)
    assert (riyadh.valid_from, riyadh.valid_to, riyadh.retired_at) == ("2019", "2023-10", leeds.recorded_at)


def test_a_second_job_is_added_and_a_new_one_replaces():
    talk = Talk().say(USER, "WORKS_AT", SIEMENS).say(USER, "WORKS_AT", ACME)
    assert talk.texts() == {"works at Siemens", "works at Acme"}
    talk.say(USER, "WORKS_AT", EntityMention("Bosch", "Organization"), replaces=True)
    assert talk.texts() == {"works at Bosch"}


@pytest.mark.parametrize(
    ("evidence", "valid_from", "texts"),
    [
        ("off the buses as well now, I work for Acme since May", "2027-05", {"works at Acme"}),
        ("I work for Acme since 2019", "2019", {"works at Siemens", "works at Acme"}),
        ("I work for Acme since May too", "2027-05", {"works at Siemens", "works at Acme"}),
        ("I work for Acme on weekends since May", "2027-05", {"works at Siemens", "works at Acme"}),
        ("since May I work for Acme, evenings only", "2027-05", {"works at Siemens", "works at Acme"}),
        ("I work for Acme", None, {"works at Siemens", "works at Acme"}),
    ],
)
def test_a_job_that_began_after_another_was_told_takes_its_place(evidence, valid_from, texts):
    talk = Talk().say(USER, "WORKS_AT", SIEMENS)
    talk.say(USER, "WORKS_AT", ACME, valid_from=valid_from, evidence=evidence)
    assert talk.texts() == texts


def test_no_longer_ends():
    talk = Talk().say(USER, "LIKES", TEA).say(USER, "LIKES", TEA, "ended", valid_to="2024")
    assert status_of(talk) == {"liked tea": "ended"}
    assert talk.ledger().facts[0].valid_to == "2024"


def test_used_to_is_recorded_as_ended_and_supersedes_nothing():
    talk = Talk().say(USER, "LIVES_IN", place("Porto")).say(USER, "LIVES_IN", place("Oslo"), "ended")
    assert status_of(talk) == {"lives in Porto": "current", "lived in Oslo": "ended"}


def test_opposites_end_each_other():
    talk = Talk().say(USER, "LIKES", TEA).say(USER, "DISLIKES", TEA)
    assert status_of(talk) == {"liked tea": "ended", "dislikes tea": "current"}


def test_to_marry_ends_the_partnership_with_the_same_person():
    talk = Talk().say(USER, "PARTNER_OF", person("Bo")).say(USER, "MARRIED_TO", person("Bo"))
    assert status_of(talk) == {"is married to Bo": "current", "was the partner of Bo": "ended"}


def test_a_marriage_is_single_from_both_sides():
    talk = Talk().say(USER, "MARRIED_TO", person("Bo")).say(person("Bo"), "MARRIED_TO", person("Cy"))
    assert len(talk.texts()) == 1


def test_a_denial_ends_what_held_and_stands_itself():
    talk = Talk().say(USER, "OWNS", CAR).say(USER, "OWNS", CAR, "negated")
    assert status_of(talk) == {"owned car": "ended", "does not own car": "negated"}
    talk.say(USER, "OWNS", CAR)
    assert {"owns car": "current", "earlier: does not own car": "ended"}.items() <= status_of(talk).items()


def test_a_correction_takes_back_and_what_it_had_ended_holds_again():
    talk = (
        Talk()
        .say(USER, "LIVES_IN", place("Porto"))
        .say(USER, "LIVES_IN", place("Tokyo"))
        .say(USER, "LIVES_IN", place("Tokyo"), "retracted")
    )
    assert status_of(talk) == {"lives in Porto": "current", "does not live in Tokyo": "retracted"}


def test_to_move_back_is_a_new_fact():
    talk = Talk()
    for city in ("Porto", "Oslo", "Porto"):
        talk.say(USER, "LIVES_IN", place(city))
    facts = [f for f in talk.ledger().facts if f.object.name == "Porto"]
    assert [f.status for f in facts] == [FactStatus.CURRENT, FactStatus.ENDED]
    assert len({f.id for f in facts}) == 2


def test_the_same_again_is_one_more_supporting_message_and_surer():
    talk = Talk().say(USER, "LIKES", TEA, confidence=0.8).say(USER, "LIKES", TEA, confidence=0.8)
    (fact,) = talk.ledger().facts
    assert fact.message_ids == ("m0", "m1")
    assert fact.confidence == pytest.approx(0.96)


def test_words_without_a_predicate_are_kept_apart_by_their_verb():
    shelter = EntityMention("shelter", "Thing")
    talk = (
        Talk().say(USER, "RELATED_TO", shelter, verb="volunteers at").say(USER, "RELATED_TO", shelter, verb="founded")
    )
    assert talk.texts() == {"volunteers at shelter", "founded shelter"}


def test_nobody_is_related_to_himself():
    talk = Talk().say(person("Ana"), "MARRIED_TO", person("ana"))
    assert [f.status for f in talk.ledger().facts] == [FactStatus.RETRACTED]


def test_what_was_sold_is_no_longer_used():
    mac = EntityMention("MacBook", "Tool")
    talk = Talk().say(USER, "USES", mac).say(USER, "OWNS", mac, "ended")
    assert status_of(talk) == {"used MacBook": "ended", "owned MacBook": "ended"}
    assert "uses MacBook" in Talk().say(USER, "USES", mac).say(USER, "OWNS", CAR, "ended").texts()
    assert "uses MacBook" in Talk().say(USER, "OWNS", mac, "ended").say(USER, "USES", mac).texts()


@pytest.mark.parametrize(
    ("plan", "ended", "status"),
    [
        ("fly to Osaka", "Osaka trip", "ended"),
        ("fly to Osaka", "go to Osaka", "ended"),
        ("fly to Osaka", "trip", "current"),
        ("fly to Osaka", "Tokyo trip", "current"),
        ("run a marathon in Osaka", "run a marathon in Tokyo", "current"),
    ],
)
def test_a_plan_ends_with_what_names_it_in_fewer_words(plan: str, ended: str, status: str):
    talk = Talk().say(USER, "PLANS_TO", EntityMention(plan, "Activity"))
    talk.say(USER, "PLANS_TO", EntityMention(ended, "Activity"), "ended")
    [fact] = [f for f in talk.ledger().facts if f.object.name == plan]
    assert fact.status.value == status
