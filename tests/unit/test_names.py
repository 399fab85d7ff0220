"""Names that mean the same whatever else is known, names that are misspelled, and places that lie in others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.misspelling import is_near, is_word, near_keys, right_spelling
from extraction.names import normalize_name
from extraction.places import is_container, is_known, lies_in
from extraction.same_names import other_names, same_name, spelled_name
from extraction.shortening import short_form
from graphmem.identity import lookup_keys


@pytest.mark.parametrize(
    ("name", "key"), [("Łódź", "lodz"), ("Tromsø", "tromso"), ("Þór", "thor"), ("ÆRØ", "aero"), ("C++.", "c++")]
)
def test_letters_with_strokes_lose_them(name, key):
    assert normalize_name(name) == key


@pytest.mark.parametrize(
    ("label", "first", "second"),
    [
        ("Place", "the U.S.", "America"),
        ("Place", "Washington, D.C.", "DC"),
        ("Tool", "React.js", "ReactJS"),
        ("Organization", "Procter & Gamble", "P&G"),
        ("Occupation", "paediatrician", "pediatrician"),
        ("Activity", "the violin", "violin"),
        ("Substance", "strawberries", "strawberry"),
        ("Thing", "NYC", "new york city"),
        ("Person", "Jean-Luc", "Jean Luc"),
    ],
)
def test_two_names_of_one_thing_have_one_key(label, first, second):
    assert same_name(label, first) == same_name(label, second)


@pytest.mark.parametrize(
    ("label", "first", "second"),
    [
        ("Tool", "Java", "JavaScript"),
        ("Tool", "C", "C++"),
        ("Place", "Newcastle", "New Castle"),
        ("Person", "The Rock", "Rock"),
        ("Topic", "ML", "Machine"),
        ("Tool", "UK", "United Kingdom"),
        ("Thing", "us", "United States"),
        ("Name", "Jean-Luc", "Jean Luc"),
    ],
)
def test_names_of_two_things_have_two_keys(label, first, second):
    assert same_name(label, first) != same_name(label, second)


def test_a_question_finds_an_entity_by_any_of_its_names_but_not_by_a_function_word():
    keys = lookup_keys("Place", ("United States",))
    assert {"usa", "america", "united states"} <= set(keys)
    assert "us" not in keys
    assert "us" in lookup_keys("Place", ("US",))
    assert "k8s" in other_names("Tool", "Kubernetes")


def test_relation_words_are_found_by_their_synonyms():
    assert set(lookup_keys("Person", ("mom",))) & set(lookup_keys("Person", ("mother",)))


NAMES = st.text("abcdefghijklmnopqrstuvwxyzåé -&.,'0123456789A", min_size=1, max_size=20).filter(str.strip)
LABELS = st.sampled_from(["Person", "Place", "Organization", "Tool", "Occupation", "Substance", "Thing", "Name"])


@given(LABELS, NAMES)
def test_a_key_is_its_own_key_and_among_the_keys_of_a_look_up(label, name):
    key = same_name(label, name)
    assert key
    assert key in lookup_keys(label, (name,))
    assert same_name(label, normalize_name(name)) == key


LETTERS = "abcdefghijklmnopqrstuvwxyz"


@st.composite
def slips(draw):
    """A name and the same with one slip in a word of at least five letters, neither its first nor its last letter."""
    words = draw(st.lists(st.text(LETTERS, min_size=1, max_size=10), min_size=1, max_size=4))
    place = draw(st.integers(0, len(words) - 1))
    word = draw(st.text(LETTERS, min_size=6, max_size=12))
    at = draw(st.integers(1, len(word) - 3))
    wrong = draw(
        st.sampled_from(
            [
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + word[at + 1 :],
                word[:at] + draw(st.sampled_from(LETTERS)) + word[at:],
                word[:at] + draw(st.sampled_from(LETTERS)) + word[at + 1 :],
            ]
        )
    )
    return " ".join([*words[:place], word, *words[place:]][:4]), " ".join([*words[:place], wrong, *words[place:]][:4])


@given(slips())
def test_names_that_are_near_share_a_key(pair):
    """Whatever can be taken for a misspelling is found by the keys that are stored, so that parts of a ledger suffice."""
    first, second = pair
    if is_near("Place", first, second):
        assert near_keys("Place", first) & near_keys("Place", second)


@given(NAMES, NAMES)
def test_nearness_and_the_right_spelling_do_not_depend_on_the_order(first, second):
    assert is_near("Place", first, second) == is_near("Place", second, first)
    assert right_spelling("Place", first, second) == right_spelling("Place", second, first)


@pytest.mark.parametrize(
    ("label", "wrong", "right"),
    [
        ("Tool", "pyhton", "python"),
        ("Tool", "kuberntes", "kubernetes"),
        ("Place", "amsterdm", "amsterdam"),
        ("Place", "copenhagan", "copenhagen"),
        ("Occupation", "software enginer", "software engineer"),
        ("Person", "samatha", "samantha"),
        ("Condition", "astma", "asthma"),
    ],
)
def test_a_slip_of_the_finger_is_known_by_the_word_that_is_meant(label, wrong, right):
    assert right_spelling(label, wrong, right) == right


@pytest.mark.parametrize(
    ("label", "first", "second"),
    [
        ("Person", "marja", "maria"),
        ("Person", "elina", "elena"),
        ("Person", "marieke", "marijke"),
        ("Person", "kirsten", "kristen"),
        ("Person", "daniel", "danielle"),
        ("Place", "hamburg", "homburg"),
        ("Place", "chile", "chiloe"),
        ("Place", "princeton", "princetown"),
        ("Place", "harlem", "haarlem"),
        ("Occupation", "baker", "banker"),
        ("Occupation", "foreman", "fireman"),
        ("Tool", "python 2", "python 3"),
        ("Tool", "windows10", "windows11"),
        ("Tool", "redis", "reds"),
        ("Name", "pyhton", "python"),
        ("Thing", "vdweyu", "vdewyu"),
    ],
)
def test_two_names_are_no_slip_of_each_other(label, first, second):
    assert right_spelling(label, first, second) is None


def test_of_two_unknown_names_neither_is_right():
    assert not is_word("wanjikuma")
    assert right_spelling("Person", "wanjikuma", "wanjkiuma") == ""


def test_places_lie_in_places_through_others():
    assert lies_in("Brooklyn", "the States")
    assert lies_in("Atlanta", "Georgia")
    assert lies_in("Nowhereville, Texas", "USA")
    assert not lies_in("Tbilisi", "USA")
    assert not lies_in("London", "London")
    assert not lies_in("UK", "London")
    assert not lies_in("Cambridge", "UK"), "there are two"
    assert is_container("England")
    assert not is_container("Leeds")
    assert is_known("Leeds")
    assert not is_known("Nowhereville")


def test_a_place_is_called_without_its_container_unless_it_is_known_to_lie_elsewhere():
    assert short_form("Place", "Austin, Texas") == "austin"
    assert short_form("Place", "Springfield, Illinois") == "springfield"
    assert short_form("Place", "Paris, Texas") is None
    assert short_form("Place", "New York") is None
    assert short_form("Place", ", Texas") is None


def test_the_words_of_a_table_entry_stay_words():
    assert spelled_name("Occupation", "Front-end Developer") == "front end developer"
    assert is_word("kubernetes")
