"""Facts for a question: what speaks for a fact, and what comes first."""

from __future__ import annotations

import random

import pytest
from recall_records import entity, fact, recalled, texts

from extraction.records import FactStatus
from graphmem.rank import rank_facts, read_question
from graphmem.rank.facts import answering
from graphmem.rank.proximity import personalized_pagerank
from graphmem.text import probe

ANA = entity("Ana", "Person", "sister")
TOM = entity("Tom", "Person", "boss")
FACTS = (
    fact("HAS_NAME", "Maria"),
    fact("HAS_AGE", "34"),
    fact("LIVES_IN", "Porto", valid_from="2023-10"),
    fact("LIVES_IN", "Lisbon", status=FactStatus.ENDED, valid_to="2023-10", days=-400),
    fact("COMES_FROM", "Brazil"),
    fact("WORKS_AT", "Mercy Hospital"),
    fact("WORKS_AT", "Harbour Clinic", status=FactStatus.ENDED, days=-400),
    fact("WORKS_AS", "nurse"),
    fact("HAS_SIBLING", ANA, role="sister"),
    fact("LIVES_IN", "Faro", subject=ANA),
    fact("WORKS_AT", "Siemens", subject=ANA),
    fact("HAS_COLLEAGUE", TOM, role="boss"),
    fact("LIKES", "padel"),
    fact("DISLIKES", "opera"),
    fact("ALLERGIC_TO", "peanuts"),
    fact("OWNS", "car", status=FactStatus.NEGATED),
    fact("SPEAKS", "Portuguese"),
    fact("HAS_PET", entity("Rex", "Animal")),
    fact("PLANS_TO", "run a marathon"),
    fact("USES", "Emacs"),
    fact("MEMBER_OF", "choir"),
)


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("Where do I live?", "lives in Porto"),
        ("Which city am I based in?", "lives in Porto"),
        ("Where do I work?", "works at Mercy Hospital"),
        ("Who is my employer?", "works at Mercy Hospital"),
        ("What is my profession?", "works as nurse"),
        ("What's my name?", "is called Maria"),
        ("How old am I?", "is 34 years old"),
        ("Where am I from originally?", "comes from Brazil"),
        ("What can't I eat?", "is allergic to peanuts"),
        ("Which languages do I speak?", "speaks Portuguese"),
        ("Do I have a dog?", "has a pet, Rex"),
        ("What are my plans for the summer?", "plans to run a marathon"),
        ("What do I hate?", "dislikes opera"),
        ("Which editor do I use?", "uses Emacs"),
        ("What is my boss called?", "has a boss, Tom"),
        ("Do I own a car?", "does not own car"),
        ("Where did I live before Porto?", "lived in Lisbon"),
        ("Where did I use to work before?", "worked at Harbour Clinic"),
    ],
)
def test_the_fact_that_answers_comes_first(question: str, best: str) -> None:
    """Everyday questions find their fact, though they share few words with it."""
    assert best in texts(rank_facts(recalled(question, facts=FACTS)))[: 2 if "before" in question else 1]


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("Where does Ana live?", "Ana (sister) lives in Faro"),
        ("What does my sister do for a living?", "Ana (sister) works at Siemens"),
    ],
)
def test_a_named_person_s_facts_beat_the_user_s_own(question: str, best: str) -> None:
    assert texts(rank_facts(recalled(question, facts=FACTS, linked=(ANA,))))[0] == best


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("What does my sister do for a living?", "Ana (sister) works at Siemens"),
        ("Where does my boss live?", "Tom (boss) lives in Ghent"),
    ],
)
def test_a_person_meant_by_what_they_are_to_the_user_needs_no_name(question: str, best: str) -> None:
    """No entity is linked here: the tie in the graph leads to the person."""
    facts = (
        *FACTS,
        fact("LIVES_IN", "Ghent", subject=TOM),
        fact("HAS_SIBLING", entity("Leo", "Person"), role="brother"),
    )
    assert texts(rank_facts(recalled(question, facts=facts)))[0] == best


def test_a_tie_of_a_tie_is_followed() -> None:
    mart = entity("Mart", "Person")
    facts = (
        *FACTS,
        fact("MARRIED_TO", mart, subject=ANA),
        fact("WORKS_AS", "carpenter", subject=mart),
    )
    ranked = texts(rank_facts(recalled("What does my sister's husband do for work?", facts=facts)))
    assert "Mart works as carpenter" in ranked[:3]


def test_a_second_step_in_the_graph_counts_less_than_the_first() -> None:
    """From Ana to her firm is nearer than from there to the firm's town; both are nearer than a stranger's facts."""
    firm = entity("Siemens", "Organization")
    facts = (
        fact("WORKS_AT", firm, subject=ANA),
        fact("LOCATED_IN", "Munich", subject=firm),
        fact("LIKES", "chess", subject=entity("Zed", "Person")),
    )
    assert texts(rank_facts(recalled("Tell me of Anna", facts=facts, linked=(ANA,)))) == [
        "Ana (sister) works at Siemens",
        "Siemens is located in Munich",
        "Zed likes chess",
    ]


def test_personal_facts_come_without_any_match_and_name_place_and_work_lead() -> None:
    ranked = rank_facts(recalled("xyzzy", facts=FACTS))
    assert texts(ranked)[:4] == ["is called Maria", "lives in Porto", "works at Mercy Hospital", "works as nurse"]
    assert len(ranked) == len(FACTS)
    assert answering(ranked)[1:] == []


def test_without_a_question_facts_are_ranked_too() -> None:
    assert texts(rank_facts(recalled(None, facts=FACTS)))[0] == "is called Maria"


def test_retracted_facts_never_come() -> None:
    facts = (*FACTS, fact("LIVES_IN", "Osaka", status=FactStatus.RETRACTED))
    assert not any("Osaka" in text for text in texts(rank_facts(recalled("Do I live in Osaka?", facts=facts))))


def test_current_before_ended_unless_the_question_is_about_the_past() -> None:
    facts = (fact("WORKS_AT", "Acme"), fact("WORKS_AT", "Globex", status=FactStatus.ENDED))
    assert texts(rank_facts(recalled("Where do I work?", facts=facts))) == ["works at Acme", "worked at Globex"]
    assert texts(rank_facts(recalled("Where did I work before?", facts=facts))) == ["worked at Globex", "works at Acme"]


def test_of_equal_facts_the_surer_and_the_newer_come_first() -> None:
    old, new = fact("LIKES", "tea", days=-900), fact("LIKES", "coffee")
    unsure = fact("LIKES", "milk", confidence=0.4)
    assert texts(rank_facts(recalled("xyzzy", facts=(old, unsure, new)))) == ["likes coffee", "likes tea", "likes milk"]


@pytest.mark.parametrize("question", ["Where do I live?", "What does Ana do?", None])
def test_the_order_in_which_the_store_brought_facts_does_not_matter(question: str | None) -> None:
    expected = rank_facts(recalled(question, facts=FACTS, linked=(ANA,)))
    for seed in range(5):
        shuffled = list(FACTS)
        random.Random(seed).shuffle(shuffled)
        assert rank_facts(recalled(question, facts=tuple(shuffled), linked=(ANA,))) == expected


def test_no_facts_no_hits() -> None:
    assert rank_facts(recalled("Where do I live?")) == []


@pytest.mark.parametrize(
    ("question", "past"),
    [
        ("Where did I live before?", True),
        ("What did I use to play?", True),
        ("When did I move to Porto?", True),
        ("Where do I live?", False),
        ("What should I cook tonight?", False),
    ],
)
def test_questions_about_the_past_are_recognised(question: str, past: bool) -> None:
    assert read_question(probe(question)).past is past


def test_a_question_points_at_several_predicates_the_clearest_most() -> None:
    question = read_question(probe("Where do I work?"))
    assert question.points_at("WORKS_AT") == 1.0
    assert 0.0 < question.points_at("LIVES_IN") < 1.0
    assert question.points_at("HAS_PET") == 0.0


def test_pagerank_is_a_distribution_and_falls_with_distance() -> None:
    ranks = personalized_pagerank([("a", "b"), ("b", "c"), ("c", "d"), ("e", "f")], {"a": 1.0})
    assert sum(ranks.values()) == pytest.approx(1.0)
    assert ranks["b"] > ranks["c"] > ranks["d"]
    assert "e" not in ranks


def test_pagerank_without_seeds_or_edges() -> None:
    assert personalized_pagerank([("a", "b")], {}) == {}
    assert personalized_pagerank([], {"a": 2.0}) == {"a": pytest.approx(1.0)}
