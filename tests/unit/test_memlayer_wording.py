"""Which of memlayer's words plainly are a relation of the catalogue, and what everything else becomes."""

from __future__ import annotations

import pytest

from extraction.catalogue import Catalogue, Relation
from extraction.records import FactStatus
from graphmem.memlayer.rules import Draft, canonical_name
from graphmem.memlayer.wording import Wording

TYPED = Wording(Catalogue(), typed=True)
FREE = Wording(Catalogue(), typed=False)
USER = ("The user", "Concept")


@pytest.mark.parametrize(
    ("start", "predicate", "end", "relation", "label"),
    [
        (USER, "lives in", ("Porto", "Concept"), "LIVES_IN", "Place"),
        (USER, "live in", ("Porto", "City"), "LIVES_IN", "Place"),
        (USER, "LIVES_IN", ("Porto", "place"), "LIVES_IN", "Place"),
        (("Ana", "Person"), "Works-At", ("Acme", "Company"), "WORKS_AT", "Organization"),
        (("Ana", "person"), " works  as. ", ("nurse", "Concept"), "WORKS_AS", "Occupation"),
        (("Ana", "Person"), "is married to", ("Ben", "Person"), "MARRIED_TO", "Person"),
        (("Ana", "Person"), "married to", ("user", "Concept"), "MARRIED_TO", "User"),
        (USER, "born in", ("Leeds", "Concept"), "BORN_IN", "Place"),
        (USER, "studies", ("law", "Concept"), "STUDIES", "Topic"),
        (USER, "study", ("law", "Concept"), "STUDIES", "Topic"),
        (USER, "is allergic to", ("nuts", "Concept"), "ALLERGIC_TO", "Substance"),
        (USER, "likes", ("Atlas", "Project"), "LIKES", "Thing"),
        (("Acme", "Organization"), "is located in", ("Porto", "Concept"), "LOCATED_IN", "Place"),
        (USER, "has_child", ("Eve", "Concept"), "HAS_CHILD", "Person"),
    ],
)
def test_what_plainly_is_a_relation(start, predicate, end, relation, label):
    claim = TYPED.edge(start, predicate, end)
    assert (claim.predicate, claim.object.label, claim.verb) == (relation, label, predicate)
    assert claim.object.name == end[0] or claim.object.label == "User"


@pytest.mark.parametrize(
    ("start", "predicate", "end"),
    [
        (("Atlas", "Project"), "lives in", ("Porto", "Place")),
        (("Ana", "Concept"), "works at", ("Acme", "Organization")),
        (USER, "works at", ("Ana", "Person")),
        (USER, "works at", USER),
        (USER, "used to live in", ("Porto", "Place")),
        (USER, "does not live in", ("Porto", "Place")),
        (USER, "wants to live in", ("Porto", "Place")),
        (USER, "is", ("late", "Concept")),
        (USER, "related to", ("Ana", "Person")),
        (USER, "collaborates closely with", ("Ana", "Person")),
    ],
)
def test_what_is_not_plain_stays_in_its_words(start, predicate, end):
    claim = TYPED.edge(start, predicate, end)
    assert (claim.predicate, claim.verb, claim.status) == ("RELATED_TO", predicate, FactStatus.CURRENT)


def test_nothing_is_mapped_unless_it_is_asked_for():
    assert FREE.edge(USER, "lives in", ("Porto", "Place")).predicate == "RELATED_TO"
    assert FREE.task("Call Ana", 0.0).predicate == "RELATED_TO"


def test_relations_of_an_extended_catalogue_count_too():
    catalogue = Catalogue().extended(Relation("DRIVES", "Thing", ("drives {o}", "drove {o}", "does not drive {o}")))
    assert Wording(catalogue, typed=True).edge(USER, "drives", ("a Beetle", "Concept")).predicate == "DRIVES"


@pytest.mark.parametrize("name", ["User", "user", "The user", " THE  USER. "])
def test_the_user_is_the_user(name):
    assert FREE.edge((name, "Concept"), "likes", ("tea", "Concept")).subject.label == "User"
    assert FREE.node(name, "Person") is None


@pytest.mark.parametrize(
    ("name", "node_type"),
    [("Ana", "Concept"), ("maya", "User"), (" ", "Person"), ("Ana", " "), ("Ana", None), ("Ana", ["Person"])],
)
def test_a_type_that_says_nothing_is_no_fact(name, node_type):
    assert FREE.node(name, node_type) is None


def test_a_type_is_a_fact_and_a_label_where_the_catalogue_has_it():
    claim = FREE.node("Ana", "person")
    assert (claim.subject.label, claim.predicate, claim.object.name) == ("Person", "IS_A", "person")
    assert claim.evidence == "Ana is a person"
    assert FREE.node("Acme", "Employer").evidence == "Acme is an Employer"
    assert FREE.node("Acme", "Employer").subject.label == "Thing"


def test_a_time_out_of_any_calendar_is_left_out_of_the_words():
    assert FREE.task("Call Ana", 1e300).object.name == "Call Ana"
    assert FREE.task("Call Ana", 0.0, done=True).status is FactStatus.ENDED


def test_a_longer_name_takes_over_and_a_shorter_one_leads_to_it():
    import networkx as nx

    draft = Draft(nx.DiGraph(), now=1.0)
    draft.add_entity("Dr. Watson", "Person")
    assert canonical_name(draft.graph, "Dr. Emma Watson", "Person") == ("Dr. Emma Watson", "Dr. Watson")
    draft.add_entity("Dr. Emma Watson", "Person")
    assert canonical_name(draft.graph, "watson", "Person") == ("Dr. Emma Watson", None)
    assert canonical_name(draft.graph, "watson", "Place") == ("watson", None)
    assert draft.gone == {"Dr. Watson"}
