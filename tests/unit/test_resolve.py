"""Who is who: what a person would take to be one, and what not."""

from __future__ import annotations

from dataclasses import replace

from talk import Talk, person, place

from extraction.catalogue import Catalogue
from extraction.records import USER, EntityMention
from graphmem.whereabouts import exclusive

SISTER = EntityMention("sister", "Person", unnamed=True)


def test_a_name_told_later_takes_over_what_was_said_of_the_relation_word():
    talk = Talk().say(USER, "HAS_SIBLING", SISTER).say(SISTER, "LIVES_IN", place("Porto"))
    assert talk.texts() == {"has a sister", "sister lives in Porto"}
    talk.say(USER, "HAS_SIBLING", person("Ana", "sister"))
    assert talk.texts() == {"has a sister, Ana", "Ana (sister) lives in Porto"}
    people = [e for e in talk.ledger().entities if e.label == "Person"]
    assert [(e.name, e.aliases) for e in people] == [("Ana", ("sister",))]


def test_a_name_told_as_a_fact_does_the_same():
    talk = Talk().say(SISTER, "LIVES_IN", place("Porto")).say(SISTER, "HAS_NAME", EntityMention("Ana", "Name"))
    assert "Ana (sister) lives in Porto" in talk.texts()


def test_a_synonym_of_the_relation_word_means_the_same_person():
    mom = EntityMention("mom", "Person", unnamed=True)
    mother = EntityMention("mother", "Person", unnamed=True)
    talk = Talk().say(mom, "LIVES_IN", place("Busan")).say(mother, "SPEAKS", EntityMention("Korean", "Language"))
    assert talk.texts() == {"mom lives in Busan", "mom speaks Korean"}


def test_the_relation_word_alone_is_nobodys_once_two_bear_it():
    talk = Talk().say(USER, "HAS_SIBLING", person("Ana", "sister")).say(USER, "HAS_SIBLING", person("Eva", "sister"))
    talk.say(SISTER, "LIVES_IN", place("Oslo"))
    assert "sister lives in Oslo" in talk.texts()


def test_what_was_said_of_the_only_sister_stays_hers_when_a_second_appears():
    talk = Talk().say(USER, "HAS_SIBLING", person("Ana", "sister")).say(SISTER, "LIVES_IN", place("Oslo"))
    talk.say(USER, "HAS_SIBLING", person("Eva", "sister"))
    assert "Ana (sister) lives in Oslo" in talk.texts()


def test_the_newest_wife_is_meant():
    wife = EntityMention("wife", "Person", unnamed=True)
    talk = Talk().say(USER, "MARRIED_TO", person("Ana", "wife")).say(USER, "MARRIED_TO", person("Eva", "wife"))
    talk.say(wife, "LIVES_IN", place("Oslo"))
    assert "Eva lives in Oslo" in talk.texts(), "without a word that may be outdated tomorrow"


def test_a_word_that_identifies_nobody_does_so_only_within_the_session():
    friend = EntityMention("friend", "Person", unnamed=True)
    talk = Talk().say(USER, "HAS_FRIEND", person("Tom", "friend")).say(friend, "LIVES_IN", place("Oslo"), session="s2")
    assert "friend lives in Oslo" in talk.texts()
    talk.say(friend, "LIVES_IN", place("Porto"), session="s1")
    assert "Tom (friend) lives in Porto" in talk.texts()


def test_two_namesakes_are_told_apart_by_what_they_cannot_both_be():
    anna, other = person("Anna", "sister"), person("Anna", "colleague")
    talk = Talk().say(USER, "HAS_SIBLING", anna).say(anna, "LIVES_IN", place("Gdynia"))
    talk.say(USER, "HAS_COLLEAGUE", other, session="s2").say(other, "LIVES_IN", place("Vienna"), session="s2")
    talk.say(anna, "LIVES_IN", place("Sopot"), session="s3")
    assert {"Anna (sister) lives in Sopot", "Anna (colleague) lives in Vienna"} <= talk.texts()
    assert talk.texts("ended") == {"Anna (sister) lived in Gdynia"}


def test_a_friend_who_is_a_colleague_is_one_person():
    talk = Talk().say(USER, "HAS_FRIEND", person("Bo", "friend")).say(USER, "HAS_COLLEAGUE", person("Bo", "colleague"))
    assert len([e for e in talk.ledger().entities if e.label == "Person"]) == 1


def test_a_thing_of_which_only_the_name_is_known_is_the_place_of_that_name():
    talk = Talk().say(USER, "LIKES", EntityMention("porto", "Thing")).say(USER, "LIVES_IN", place("Porto"))
    assert [(e.name, e.label) for e in talk.ledger().entities if e.label != "User"] == [("Porto", "Place")]


def test_another_name_leads_to_the_same_entity():
    husky = EntityMention("Kebnekaise", "Animal")
    talk = Talk().say(USER, "HAS_PET", husky).say(husky, "HAS_NAME", EntityMention("Kebbe", "Name"))
    talk.say(EntityMention("Kebbe", "Animal"), "HAS_AGE", EntityMention("3", "Age"))
    assert "Kebnekaise is 3 years old" in talk.texts()


def test_the_users_name_is_the_one_told_last():
    talk = (
        Talk()
        .say(USER, "HAS_NAME", EntityMention("Wanjiku", "Name"))
        .say(USER, "HAS_NAME", EntityMention("Shiko", "Name"))
    )
    user = next(e for e in talk.ledger().entities if e.label == "User")
    assert (user.name, user.aliases) == ("Shiko", ("Wanjiku",))


def test_a_relation_told_from_the_other_side_is_the_same_fact():
    talk = Talk().say(person("Ana"), "HAS_PARENT", USER).say(USER, "HAS_CHILD", person("Ana"))
    assert len(talk.ledger().facts) == 1
    talk.say(person("Bo"), "MARRIED_TO", person("Ana")).say(person("Ana"), "MARRIED_TO", person("Bo"))
    assert len(talk.ledger().facts) == 2


def test_a_first_name_means_the_one_with_a_longer_name():
    talk = Talk().say(person("Ana Silva"), "LIVES_IN", place("Oslo")).say(person("Ana"), "LIVES_IN", place("Porto"))
    assert talk.texts() == {"Ana Silva lives in Porto"}
    talk.say(person("Ana Costa"), "LIVES_IN", place("Lima"))
    assert talk.texts() == {"Ana Silva lives in Oslo", "Ana lives in Porto", "Ana Costa lives in Lima"}


def test_a_first_name_is_not_that_of_somebody_it_cannot_be():
    talk = (
        Talk()
        .say(USER, "HAS_SIBLING", person("Ana", "sister"))
        .say(USER, "HAS_COLLEAGUE", person("Ana Costa", "colleague"))
    )
    assert talk.texts() == {"has a sister, Ana", "has a colleague, Ana Costa"}


def test_an_employer_may_be_left_by_its_short_name():
    talk = Talk().say(USER, "WORKS_AT", EntityMention("King Faisal Hospital", "Organization"))
    talk.say(USER, "WORKS_AT", EntityMention("King Faisal", "Organization"), "ended")
    assert talk.texts("ended") == {"worked at King Faisal Hospital"}
    assert talk.texts() == set()


def test_a_part_of_another_kind_of_name_means_something_else():
    talk = (
        Talk()
        .say(USER, "VISITED", place("New York"))
        .say(USER, "VISITED", place("York"))
        .say(USER, "VISITED", place("New"))
    )
    assert len(talk.texts()) == 3


def test_two_of_a_kind_are_two():
    coco, pip = EntityMention("Coco", "Animal", ("hamster",)), EntityMention("Pip", "Animal", ("hamster",))
    talk = Talk().say(USER, "HAS_PET", coco).say(USER, "HAS_PET", pip)
    assert talk.texts() == {"has a hamster, Coco", "has a hamster, Pip"}


def test_the_only_hamster_is_meant_in_another_session_too():
    hamster = EntityMention("hamster", "Animal", unnamed=True)
    talk = Talk().say(USER, "HAS_PET", EntityMention("Coco", "Animal", ("hamster",)))
    talk.say(hamster, "HAS_AGE", EntityMention("2", "Age"), session="s2")
    assert "Coco (hamster) is 2 years old" in talk.texts()


def test_a_landlord_is_no_name():
    talk = Talk().say(USER, "HAS_FRIEND", person("Greg", "landlord")).say(USER, "HAS_FRIEND", person("Tom", "landlord"))
    assert len([e for e in talk.ledger().entities if e.label == "Person"]) == 2


def test_somebody_nameless_is_called_what_they_are():
    puppy = EntityMention("puppy", "Animal", ("dog",), unnamed=True)
    talk = (
        Talk()
        .say(USER, "HAS_PET", puppy, evidence="I got a puppy")
        .say(USER, "OWNS", EntityMention("car", "Thing"), "negated", evidence="I have no car")
    )
    dad = EntityMention("dad", "Person", ("father",), unnamed=True)
    talk.say(USER, "HAS_PARENT", dad)
    assert talk.texts() == {"has a puppy", "has a dad"}


def test_one_misread_name_makes_no_two_people_one():
    caroline, melanie = person("Caroline"), person("Melanie")
    talk = Talk().say(caroline, "LIVES_IN", place("Porto")).say(melanie, "LIVES_IN", place("Oslo"))
    talk.say(melanie, "HAS_NAME", EntityMention("Caroline", "Name"))
    assert {"Caroline lives in Porto", "Melanie lives in Oslo"} <= talk.texts()


def test_a_short_form_that_is_told_leads_to_the_same_person():
    talk = (
        Talk()
        .say(person("Malka"), "HAS_NAME", EntityMention("Mal", "Name"))
        .say(person("Mal"), "LIVES_IN", place("Oslo"))
    )
    assert "Malka lives in Oslo" in talk.texts()


def tool(name: str) -> EntityMention:
    return EntityMention(name, "Tool")


def test_other_names_of_a_thing_are_that_thing_and_the_usual_one_is_its_name():
    talk = Talk().say(USER, "USES", tool("JS")).say(USER, "USES", tool("JavaScript")).say(USER, "USES", tool("Java"))
    assert talk.texts() == {"uses JavaScript", "uses Java"}


def test_one_leaves_what_one_came_to_by_another_name():
    talk = Talk().say(USER, "USES", tool("Postgres")).say(USER, "USES", tool("PostgreSQL"), "ended")
    assert (talk.texts(), talk.texts("ended")) == (set(), {"used PostgreSQL"})


def test_a_misspelled_name_means_the_one_that_is_known():
    talk = Talk().say(USER, "USES", tool("Pyhton")).say(USER, "USES", tool("Python"), session="s2")
    assert talk.texts() == {"uses Python"}
    assert [e.aliases for e in talk.ledger().entities if e.label == "Tool"] == [("Pyhton",)]


def test_forgetting_the_right_name_leaves_the_misspelled_one():
    talk = Talk().say(USER, "USES", tool("Pyhton")).say(USER, "USES", tool("Python"), session="s2")
    talk.said.pop()
    assert talk.texts() == {"uses Pyhton"}


def test_of_two_unknown_spellings_the_first_stands():
    talk = Talk().say(person("Wanjikuma"), "LIVES_IN", place("Porto")).say(person("Wanjkiuma"), "OWNS", tool("car"))
    assert talk.texts() == {"Wanjikuma lives in Porto", "Wanjikuma owns car"}


def test_a_name_that_is_as_near_to_two_is_neither():
    talk = Talk().say(USER, "LIKES", tool("Pyhton")).say(USER, "LIKES", tool("Python"))
    talk.say(USER, "LIKES", tool("Pyhtton"))
    assert len(talk.texts()) == 3


def test_who_is_named_in_one_message_with_another_is_another():
    talk = Talk().say(person("Samantha"), "LIVES_IN", place("Porto")).say(person("Samatha"), "LIVES_IN", place("Oslo"))
    assert talk.texts() == {"Samantha lives in Oslo"}
    talk.say(person("Samantha"), "HAS_SIBLING", person("Samatha"))
    assert {"Samantha lives in Porto", "Samatha lives in Oslo"} <= talk.texts()


def test_nobody_is_taken_for_somebody_they_cannot_be():
    talk = Talk().say(person("Samantha", "sister"), "LIVES_IN", place("Porto"))
    talk.say(person("Samatha", "colleague"), "LIVES_IN", place("Oslo"), session="s2")
    assert talk.texts() == {"Samantha (sister) lives in Porto", "Samatha (colleague) lives in Oslo"}


def test_anna_from_work_is_not_cousin_anna():
    cousin, anna = person("Anna", "cousin"), person("Anna")
    talk = Talk().say(cousin, "LIVES_IN", place("Gdynia"), evidence="My cousin Anna lives in Gdynia")
    talk.say(anna, "LIVES_IN", place("Vienna"), session="s2", evidence="Anna from work lives in Vienna")
    talk.say(anna, "OWNS", tool("boat"), session="s2", evidence="Anna has a boat")
    assert talk.texts() == {
        "Anna (cousin) lives in Gdynia",
        "Anna (colleague) lives in Vienna",
        "Anna (colleague) owns a boat",
    }


def test_a_cousin_from_work_is_one_person():
    cousin, anna = person("Anna", "cousin"), person("Anna")
    talk = Talk().say(USER, "HAS_RELATIVE", cousin, evidence="Anna from work is my cousin")
    talk.say(anna, "LIVES_IN", place("Vienna"), evidence="Anna from work is my cousin, she lives in Vienna")
    talk.said[1] = replace(talk.said[1], message_id=talk.said[0].message_id)
    assert talk.texts() == {"has a cousin, Anna", "Anna (cousin) lives in Vienna"}


def test_a_city_and_the_city_with_its_state_are_one_while_there_is_only_one():
    talk = Talk().say(USER, "VISITED", place("Portland")).say(USER, "VISITED", place("Portland, Oregon"))
    assert talk.texts() == {"visited Portland, Oregon"}
    talk.say(USER, "VISITED", place("Portland, Maine"))
    assert len(talk.texts()) == 3


def test_a_thing_known_by_another_name_only_is_the_place():
    talk = Talk().say(USER, "LIKES", EntityMention("NYC", "Thing")).say(USER, "LIVES_IN", place("New York City"))
    assert [(e.name, e.label) for e in talk.ledger().entities if e.label != "User"] == [("New York City", "Place")]


def test_a_country_and_a_city_in_it_are_no_move():
    talk = Talk().say(USER, "LIVES_IN", place("the UK")).say(USER, "LIVES_IN", place("London"))
    assert talk.texts() == {"lives in the UK", "lives in London"}
    talk.say(USER, "LIVES_IN", place("Manchester"))
    assert (talk.texts(), talk.texts("ended")) == ({"lives in the UK", "lives in Manchester"}, {"lived in London"})
    talk.say(USER, "LIVES_IN", place("Lyon"))
    assert talk.texts() == {"lives in Lyon"}


def test_a_city_that_nobody_here_knows_is_a_move_unless_the_message_says_where_it_lies():
    talk = Talk().say(USER, "LIVES_IN", place("Sweden")).say(USER, "LIVES_IN", place("Kivik"))
    assert talk.texts() == {"lives in Kivik"}
    talk = Talk().say(USER, "LIVES_IN", place("Kivik"), evidence="I live in Kivik, Sweden")
    talk.say(USER, "LIVES_IN", place("Sweden"), evidence="I live in Kivik, Sweden")
    assert talk.texts() == {"lives in Sweden"}, "two messages"
    talk.said[1] = replace(talk.said[1], message_id=talk.said[0].message_id)
    assert talk.texts() == {"lives in Kivik", "lives in Sweden"}


def test_who_leaves_a_country_leaves_its_cities():
    talk = Talk().say(USER, "LIVES_IN", place("London")).say(USER, "LIVES_IN", place("UK"), "ended")
    assert talk.texts() == set()
    talk = Talk().say(USER, "LIVES_IN", place("London")).say(USER, "LIVES_IN", place("UK"), "negated")
    assert talk.texts() == set()


def test_an_earlier_stay_in_a_country_says_nothing_of_the_present_home():
    talk = Talk().say(USER, "LIVES_IN", place("London")).say(USER, "LIVES_IN", place("UK"), "ended", valid_to="2005")
    assert talk.texts() == {"lives in London"}


def test_a_home_in_a_home_is_one_value_and_two_homes_are_two():
    talk = Talk().say(USER, "LIVES_IN", place("UK")).say(USER, "LIVES_IN", place("London"))
    lives_in = Catalogue()["LIVES_IN"]
    assert [f.object.name for f in exclusive(lives_in, talk.ledger().facts)] == ["London"]
    other = Talk().say(USER, "LIVES_IN", place("Lyon")).ledger().facts
    assert len(exclusive(lives_in, [*talk.ledger().facts, *other])) == 2


def test_joanna_from_work_is_not_anna_from_work():
    joanna = "Joanna from work told me that Anna lives in Vienna"
    talk = Talk().say(person("Anna", "cousin"), "LIVES_IN", place("Vienna"))
    talk.say(person("Anna"), "LIVES_IN", place("Vienna"), session="s2", evidence=joanna)
    assert talk.texts() == {"Anna (cousin) lives in Vienna"}
