"""Relation words: one list serves the reading of texts and the resolving of who is who."""

from __future__ import annotations

import pytest

from extraction.kinship import ROLES, role_of, same_person
from extraction.local import lexicon


def test_every_word_that_is_read_as_a_relation_is_known_as_one():
    """A word unknown here would be taken for a name, and everybody who bears it for one person."""
    missing = {
        word: predicate
        for word, (predicate, _, plural) in lexicon.kin_words().items()
        if not plural and ((role := role_of(word)) is None or role.predicate != predicate)
    }
    assert missing == {}


def test_synonyms_have_one_canonical_word_that_is_its_own():
    assert all(ROLES[role.canonical] == role for role in ROLES.values())


@pytest.mark.parametrize(
    ("word", "predicate"),
    [("older sister", "HAS_SIBLING"), ("sister's boyfriend", "PARTNER_OF"), ("Mamá", "HAS_PARENT")],
)
def test_the_last_word_of_a_chain_decides(word, predicate):
    role = role_of(word)
    assert role is not None
    assert role.predicate == predicate


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        ("sister", "sis", True),
        ("friend", "colleague", True),
        ("girlfriend", "wife", True),
        ("sister", "colleague", False),
        ("mom", "friend", False),
    ],
)
def test_who_may_be_one_person(first, second, one):
    assert same_person(first, second) is one
    assert same_person(second, first) is one
