"""Who is who: what a person would take to be one, and what not."""

from __future__ import annotations

from talk import Talk, person, place

from extraction.records import USER, EntityMention

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
    assert "Eva (wife) lives in Oslo" in talk.texts()


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
