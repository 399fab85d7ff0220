"""What an answer of a language model is believed, and what is dropped and counted."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai_server import entity, fact

from extraction import Catalogue, EntityMention, ExtractionContext, FactStatus, Relation, Turn
from extraction.llm.answer_text import InvalidAnswer, facts_in
from extraction.llm.dates import is_edtf
from extraction.llm.grounding import Grounding
from extraction.llm.parse import parse_answer
from extraction.llm.quotation import find_quotation
from extraction.records import USER

CATALOGUE = Catalogue()


def parse(facts, *turns, context=None, catalogue=CATALOGUE):
    said = [turn if isinstance(turn, Turn) else Turn("user", turn) for turn in turns]
    return parse_answer(json.dumps({"facts": facts}), said, context or ExtractionContext(), catalogue)


def only(extraction):
    (found,) = extraction.facts
    return found


def test_a_good_fact_comes_through_as_it_was_told():
    ana = entity("Ana", "Person", "sister")
    told = fact("LIVES_IN", "Porto", "Place", "My sister Ana moved to Porto", subject=ana, valid_from="2024-05")
    extraction = parse([told], "My sister Ana moved to Porto in May")
    found = only(extraction)
    assert found.subject == EntityMention("Ana", "Person", ("sister",))
    assert (found.predicate, found.object) == ("LIVES_IN", EntityMention("Porto", "Place"))
    assert (found.evidence, found.turn, found.valid_from) == ("My sister Ana moved to Porto", 0, "2024-05")
    assert extraction.entities == (found.subject, found.object)
    assert extraction.dropped == {}


@pytest.mark.parametrize(
    ("quote", "text", "evidence"),
    [
        ("I live in Porto.", "Well,  I LIVE\nin Porto!", "I LIVE\nin Porto"),
        ("I don't own a car", "I don’t own a car", "I don’t own a car"),
        ("cafe's owner", "I am the café’s owner", "café’s owner"),
        ('the "boss" - me', "I am the “boss” — me", "the “boss” — me"),
        ("I'm a ﬁre-ﬁghter", "I'm a fire-fighter", "I'm a fire-fighter"),
        ("東京に住んでいます", "私は東京に住んでいます。", "東京に住んでいます"),
        ("I use C++", "I use C++ daily", "I use C++"),
    ],
)
def test_a_quotation_is_found_however_it_is_written_and_the_evidence_is_verbatim(quote, text, evidence):
    place = find_quotation(quote.replace("cafe's", "café's"), text)
    assert place is not None
    assert text[slice(*place)] == evidence


@pytest.mark.parametrize(
    "quote",
    ["", "   ", "...", "I live in Lisbon", "I live ... Porto", "live in Por", "ive in Porto", "Porto I live in"],
)
def test_other_words_are_no_quotation(quote):
    assert find_quotation(quote, "I live in Porto") is None


@given(text=st.text(), start=st.integers(0, 50), length=st.integers(1, 50))
def test_where_a_quotation_is_found_its_words_stand(text, start, length):
    quote = text[start : start + length]
    place = find_quotation(quote, text)
    if place is not None:
        assert find_quotation(quote, text[slice(*place)]) is not None
        assert 0 <= place[0] < place[1] <= len(text)


def test_an_invented_quotation_is_dropped_and_counted():
    extraction = parse([fact("LIVES_IN", "Porto", "Place", "I have lived in Porto for years")], "Is Porto nice?")
    assert extraction.facts == ()
    assert extraction.dropped == {"quotation not in the user's words": 1}


def test_the_assistants_words_are_never_evidence():
    told = fact("LIVES_IN", "Porto", "Place", "you live in Porto", turn=1)
    extraction = parse([told], "Hello", Turn("assistant", "So you live in Porto."))
    assert extraction.facts == ()
    assert extraction.dropped == {"quotation of another's words": 1}


def test_what_was_said_before_is_no_evidence():
    context = ExtractionContext(history=(Turn("user", "I live in Porto"),))
    extraction = parse([fact("LIVES_IN", "Porto", "Place", "I live in Porto")], "Thanks!", context=context)
    assert extraction.dropped == {"quotation not in the user's words": 1}


@pytest.mark.parametrize("turn", [0, 1, 7, -1, None, "2", True])
def test_a_wrong_number_of_a_turn_is_put_right_by_the_quotation(turn):
    found = only(
        parse(
            [fact("LIVES_IN", "Porto", "Place", "live in Porto", turn=turn)],
            "Hi",
            Turn("assistant", "Hi"),
            "I live in Porto",
        )
    )
    assert found.turn == 2


def test_an_answer_is_read_from_the_assistants_question():
    context = ExtractionContext(history=(Turn("assistant", "Do you live in Porto?"),))
    found = only(
        parse(
            [fact("LIVES_IN", "Porto", "Place", "Yes, since 2020", valid_from="2020")],
            "Yes, since 2020.",
            context=context,
        )
    )
    assert (found.object.name, found.evidence, found.valid_from) == ("Porto", "Yes, since 2020", "2020")


def test_a_name_that_nobody_said_is_dropped():
    extraction = parse([fact("LIVES_IN", "Lisbon", "Place", "I live in Porto")], "I live in Porto")
    assert extraction.facts == ()
    assert extraction.dropped == {"a name that nobody said": 1}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("run a marathon", "I am running my first marathon in May"),
        ("Brazil", "I'm Brazilian"),
        ("30", "I just turned thirty"),
        ("mother", "my mom is a vet"),
        ("São Paulo", "i live in sao paulo"),
        ("Köln", "ich wohne in Köln"),
        ("東京", "私は東京に住んでいます"),
        ("C++", "I write C++"),
    ],
)
def test_a_name_may_be_said_in_another_form(name, text):
    assert Grounding([Turn("user", text)], ExtractionContext(), 0).holds(name)


@pytest.mark.parametrize(
    ("name", "text"),
    [("Lisbon", "I live in Porto"), ("Portugal", "I live in Porto"), ("40", "I am 30"), ("", "Hi"), ("Ana", "banana")],
)
def test_other_names_are_inventions(name, text):
    assert not Grounding([Turn("user", text)], ExtractionContext(), 0).holds(name)


def test_a_name_that_only_the_assistant_says_afterwards_is_an_invention():
    told = fact("LIVES_IN", "Lisbon", "Place", "I live there", turn=1)
    before, after = Turn("assistant", "Lisbon?"), Turn("assistant", "In Lisbon!")
    assert parse([told], before, "I live there").facts
    assert parse([told], "Hi", "I live there", after).dropped == {"a name that nobody said": 1}


def test_an_alias_that_nobody_said_joins_nothing():
    ana = entity("Ana", "Person", "my sister", "Annie", "ana", "I")
    extraction = parse(
        [fact("LIKES", "tea", "Thing", "My sister Ana likes tea", subject=ana)], "My sister Ana likes tea"
    )
    assert only(extraction).subject == EntityMention("Ana", "Person", ("sister",))
    assert extraction.dropped == {"an alias that nobody said": 1}


def test_a_predicate_outside_the_catalogue_becomes_related_to_with_its_verb():
    told = fact("VOLUNTEERS_AT", "zoo", "Organization", "I volunteer at the zoo")
    extraction = parse([told, {**told, "predicate": "helps", "verb": "helps  out at"}], "I volunteer at the zoo")
    assert [(f.predicate, f.verb) for f in extraction.facts] == [("RELATED_TO", "volunteers at")]
    assert extraction.dropped["predicate outside the catalogue"] == 2
    assert only(parse([{**told, "verb": "helps  out at"}], "I volunteer at the zoo")).verb == "helps out at"


def test_without_the_fallback_such_a_fact_is_dropped():
    catalogue = Catalogue([CATALOGUE["LIKES"], CATALOGUE["DISLIKES"]])
    extraction = parse([fact("LIVES_IN", "Porto", "Place", "I live in Porto")], "I live in Porto", catalogue=catalogue)
    assert (extraction.facts, extraction.dropped) == ((), {"predicate outside the catalogue": 1})


def test_a_relation_of_ones_own_is_read():
    catalogue = CATALOGUE.extended(Relation("DRIVES", "Vehicle", ("drives {o}", "drove {o}", "does not drive {o}")))
    found = only(
        parse([fact("DRIVES", "a Volvo", "Vehicle", "I drive a Volvo")], "I drive a Volvo", catalogue=catalogue)
    )
    assert (found.predicate, found.object) == ("DRIVES", EntityMention("Volvo", "Vehicle"))


@pytest.mark.parametrize("written", ["lives in", "Lives_In", " LIVES-IN "])
def test_a_predicate_may_be_written_loosely(written):
    assert only(parse([fact(written, "Porto", "Place", "I live in Porto")], "I live in Porto")).predicate == "LIVES_IN"


@pytest.mark.parametrize(
    ("told", "label"), [("City", "Place"), ("Organization", "Place"), ("User) DETACH DELETE", "Place")]
)
def test_a_label_that_the_relation_does_not_have_is_replaced_by_its_own(told, label):
    extraction = parse([fact("LIVES_IN", "Porto", told, "I live in Porto")], "I live in Porto")
    assert only(extraction).object.label == label
    assert extraction.dropped == {"label replaced": 1}


@pytest.mark.parametrize("label", [["Place"], {}, 7, None])
def test_a_label_that_is_no_text_is_the_relations_own(label):
    told = fact("LIVES_IN", "Porto", "Place", "I live in Porto", object={"name": "Porto", "label": label})
    assert only(parse([told], "I live in Porto")).object == EntityMention("Porto", "Place")


def test_labels_where_anything_goes_are_held_to_the_catalogue():
    extraction = parse([fact("LIKES", "tea", "Beverage", "I like tea")], "I like tea")
    assert only(extraction).object.label == "Thing"


def test_the_user_cannot_be_what_the_relation_does_not_take():
    told = fact("LOCATED_IN", "Porto", "Place", "I am in Porto")
    assert parse([told], "I am in Porto").dropped == {"an end that the relation cannot have": 1}
    told = fact("LIVES_IN", "me", "User", "I live with me")
    assert parse([told], "I live with me").dropped == {"an end that the relation cannot have": 1}


@pytest.mark.parametrize("who", [entity("I", "User"), entity("user", "Person"), entity("Maya", "Person"), "I", "User"])
def test_the_speaking_user_is_the_user_whatever_it_is_called(who):
    context = ExtractionContext(user_names=frozenset({"maya"}))
    assert (
        only(parse([fact("LIKES", "tea", "Thing", "I like tea", subject=who)], "I like tea", context=context)).subject
        == USER
    )


def test_a_named_speaker_is_a_person_and_the_user_by_a_name_of_the_users():
    context = ExtractionContext(user_names=frozenset({"Maya"}))
    turns = (Turn("user", "I like tea", "Bob"), Turn("user", "I like rum", "maya"))
    facts = [
        fact("LIKES", "tea", "Thing", "I like tea", subject=entity("I", "User")),
        fact("LIKES", "rum", "Thing", "I like rum", turn=1, subject=entity("Maya", "Person")),
    ]
    assert [f.subject for f in parse(facts, *turns, context=context).facts] == [EntityMention("Bob", "Person"), USER]


@pytest.mark.parametrize(("speaker", "name"), [(None, "Maya"), ("Bob", "Bob")])
def test_a_name_can_be_told_again_by_who_bears_it(speaker, name):
    context = ExtractionContext(user_names=frozenset({"Maya"}))
    told = fact("HAS_NAME", name, "Person", f"I'm {name}", subject=entity("I", "User"))
    found = only(parse([told], Turn("user", f"I'm {name}", speaker), context=context))
    assert found.object == EntityMention(name, "Name")
    assert found.subject == (USER if speaker is None else EntityMention("Bob", "Person"))


def test_a_fact_about_the_user_by_somebody_else_keeps_the_user():
    context = ExtractionContext(user_names=frozenset({"Maya"}))
    told = fact("HAS_FRIEND", "Maya", "Person", "Maya is my friend", subject=entity("Bob", "Person"))
    found = only(parse([told], Turn("user", "Maya is my friend", "Bob"), context=context))
    assert (found.subject, found.object) == (EntityMention("Bob", "Person"), USER)


@pytest.mark.parametrize(
    ("name", "unnamed", "mention"),
    [
        ("sister", True, EntityMention("sister", "Person", (), True)),
        ("my sister", False, EntityMention("sister", "Person", (), True)),
        ("user's sister", True, EntityMention("sister", "Person", (), True)),
        ("sister’s boyfriend", True, EntityMention("sister's boyfriend", "Person", (), True)),
        ("landlord", True, EntityMention("landlord", "Person", (), True)),
        ("Ana", False, EntityMention("Ana", "Person")),
    ],
)
def test_persons_without_a_name_are_called_by_their_relation(name, unnamed, mention):
    text = "My sister's boyfriend, my landlord and Ana love my sister and tea"
    told = fact("LIKES", "tea", "Thing", "love my sister and tea", subject=entity(name, "Person", unnamed=unnamed))
    assert only(parse([told], text)).subject == mention


def test_only_persons_and_animals_can_be_without_a_name():
    told = fact("OWNS", "", "Thing", "I own a car", object=entity("a car", "Thing", unnamed=True))
    assert only(parse([told], "I own a car")).object == EntityMention("car", "Thing")


@pytest.mark.parametrize("status", list(FactStatus))
def test_every_status_can_be_told(status):
    assert only(parse([fact("OWNS", "car", "Thing", "a car", status=status.value.upper())], "a car")).status is status


def test_an_unknown_status_is_dropped():
    assert parse([fact("OWNS", "car", "Thing", "a car", status="maybe")], "a car").dropped == {"unknown status": 1}


def test_replacing_and_ending_all():
    new = fact("WORKS_AT", "Siemens", "Organization", "started at Siemens", replaces=True)
    assert only(parse([new], "I started at Siemens")).replaces is True
    quit_ = fact("WORKS_AT", "my job", "Organization", "I quit my job", status="ended", ends_all=True)
    extraction = parse([quit_], "I quit my job")
    assert only(extraction).ends_all is True
    assert only(extraction).object == EntityMention("job", "Organization", (), True)
    assert extraction.entities == ()


def test_an_end_that_names_what_ends_does_not_end_all():
    quit_ = fact("WORKS_AT", "Siemens", "Organization", "I quit Siemens", status="ended", ends_all=True)
    assert only(parse([quit_], "I quit Siemens")).ends_all is False


@pytest.mark.parametrize("date", ["last May", "2024-13", "2024-02-30", "24", "2024-05-01T10:00", "2024~", 2024, "0000"])
def test_a_date_that_is_none_is_dropped_and_the_fact_stays(date):
    extraction = parse([fact("LIVES_IN", "Porto", "Place", "I live in Porto", valid_from=date)], "I live in Porto")
    assert only(extraction).valid_from is None
    assert extraction.dropped == {"date that is none": 1}


@pytest.mark.parametrize("date", ["2024", "2024-05", "2024-02-29", "0987"])
def test_dates_of_level_0(date):
    assert is_edtf(date)


def test_dates_out_of_order_are_dropped():
    told = fact("LIVES_IN", "Porto", "Place", "I live in Porto", valid_from="2024-05", valid_to="2023")
    extraction = parse([told], "I live in Porto")
    assert (only(extraction).valid_from, only(extraction).valid_to) == (None, None)
    assert extraction.dropped == {"dates out of order": 1}


def test_the_implied_is_less_sure_than_the_stated():
    stated, implied = fact("LIKES", "tea", "Thing", "tea"), fact("LIKES", "tea", "Thing", "tea", stated=False)
    assert only(parse([implied], "tea")).confidence < only(parse([stated], "tea")).confidence < 1


def test_facts_come_once_and_in_the_order_of_the_text():
    tea, rum = fact("LIKES", "tea", "Thing", "like tea"), fact("LIKES", "rum", "Thing", "like rum", turn=1)
    extraction = parse([rum, tea, tea], "I like tea", "I like rum")
    assert [f.object.name for f in extraction.facts] == ["tea", "rum"]
    assert [e.name for e in extraction.entities] == ["tea", "rum"]


def test_a_fact_of_a_thing_with_itself_is_none():
    told = fact("LOCATED_IN", "porto", "Place", "Porto", subject=entity("Porto", "Place"))
    assert parse([told], "Porto").dropped == {"the same at both ends": 1}


def test_what_a_model_leaves_out_has_a_default():
    found = only(parse([{"quote": "like tea", "subject": "User", "predicate": "LIKES", "object": "tea"}], "I like tea"))
    assert (found.subject, found.object, found.status) == (USER, EntityMention("tea", "Thing"), FactStatus.CURRENT)


@pytest.mark.parametrize(
    "text",
    [
        '{"facts": [{"a": 1}]}',
        '[{"a": 1}]',
        '```json\n{"facts": [{"a": 1}]}\n```',
        'Here is it: [1] see\n```\n{"facts": [{"a": 1}]}\n``` Bye {}',
        '<think>{"facts": []} hm</think>\n{"facts": [{"a": 1}]}',
        'The facts are {"facts": [{"a": 1}]} - as asked.',
        '{"facts": [{"a": 1}]}\n\nI hope this helps!',
    ],
)
def test_json_is_found_where_models_put_it(text):
    assert facts_in(text) == [{"a": 1}]


@pytest.mark.parametrize(
    "text", ["", "no", "{", '{"facts": 1}', '{"facts": [1]}', "[" * 100_000, '"facts"', "```json\n```", "null"]
)
def test_everything_else_is_an_invalid_answer(text):
    with pytest.raises(InvalidAnswer):
        facts_in(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_KEYS = list(fact("LIKES", "tea", "Thing", "I like tea"))


@given(
    st.lists(
        st.fixed_dictionaries(
            {}, optional=dict.fromkeys(_KEYS, _JSON | st.just("I like tea") | st.just(entity("tea", "Thing")))
        ),
        max_size=3,
    )
)
def test_no_answer_breaks_the_reading_and_all_that_is_kept_is_grounded(facts):
    turns = [Turn("user", "I like tea"), Turn("assistant", "I like rum")]
    try:
        extraction = parse_answer(json.dumps({"facts": facts}), turns, ExtractionContext(), CATALOGUE)
    except InvalidAnswer:
        return
    for found in extraction.facts:
        assert found.evidence
        assert found.evidence in turns[found.turn].text
        assert turns[found.turn].role == "user"
        assert found.predicate in CATALOGUE
        assert {found.subject.label, found.object.label} <= CATALOGUE.labels
