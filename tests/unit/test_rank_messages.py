"""Messages for a question: words, speakers, neighbours, dates, how a message is put, and the facts that it supports."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from recall_records import fact, message, recalled, texts

from extraction.records import USER as USER_MENTION
from graphmem.identity import user_entity
from graphmem.rank import rank_messages, read_question
from graphmem.rank.documents import read_documents
from graphmem.rank.features import features
from graphmem.rank.weights_messages import GROUPS, WEIGHTS
from graphmem.records import EntityMention, Hit, Statement


def test_the_rarer_word_counts_more() -> None:
    matches = (
        message(1, "the garden needs water", session="a"),
        message(1, "the garden has a greenhouse", session="b"),
        message(1, "a garden again", session="c"),
    )
    ranked = rank_messages(recalled("greenhouse in the garden", matches=matches, message_count=50))
    assert texts(ranked)[0] == "the garden has a greenhouse"
    assert [hit.score for hit in ranked] == sorted((hit.score for hit in ranked), reverse=True)


def test_a_word_in_every_message_still_finds_them() -> None:
    matches = (message(1, "tea"), message(2, "tea"))
    assert len(rank_messages(recalled("tea", matches=matches, message_count=2))) == 2


def test_the_named_speaker_s_turns_come_before_turns_that_only_name_them() -> None:
    matches = (
        message(1, "Caroline, how was the museum?", name="Melanie", session="a"),
        message(1, "the museum was great", name="Caroline", session="b"),
    )
    ranked = rank_messages(recalled("What did Caroline think of the museum?", matches=matches, message_count=20))
    assert texts(ranked)[0] == "the museum was great"


def test_a_question_of_nothing_but_a_speaker_s_name_still_finds_something() -> None:
    matches = (message(1, "Caroline was here", name="Melanie"), message(2, "hello", name="Caroline", session="b"))
    assert "Caroline was here" in texts(rank_messages(recalled("Caroline", matches=matches, message_count=9)))


def test_the_assistant_is_a_speaker_by_its_role() -> None:
    matches = (
        message(1, "try the blue harbour restaurant", session="a"),
        message(1, "try the blue harbour restaurant", session="b", role="assistant", days=-1),
    )
    ranked = rank_messages(recalled("Which restaurant did the assistant suggest?", matches=matches, message_count=9))
    assert ranked[0].message is not None
    assert ranked[0].message.role == "assistant"


def test_the_user_is_a_speaker_by_the_known_name() -> None:
    matches = (
        message(1, "pancakes with syrup", session="a", role="assistant"),
        message(1, "pancakes with syrup", session="b", days=-1),
    )
    memory = recalled("Does Maria like pancakes?", matches=matches, user=user_entity("alice", "Maria"), message_count=9)
    ranked = rank_messages(memory)
    assert ranked[0].message is not None
    assert ranked[0].message.role == "user"


def test_i_is_the_user_and_you_the_assistant_where_messages_have_no_names() -> None:
    said = (
        message(1, "a table at the blue harbour", session="a", role="assistant"),
        message(1, "a table at the blue harbour", session="b"),
    )
    for question, role in (
        ("What did I say about the harbour?", "user"),
        ("What is my harbour table?", "user"),
        ("What did you say about the harbour?", "assistant"),
    ):
        ranked = rank_messages(recalled(question, matches=said, message_count=9))
        assert ranked[0].message is not None
        assert ranked[0].message.role == role, question


def test_an_answer_counts_more_than_the_words_around_a_question() -> None:
    """What was asked before is asked again: the message after it has the answer, without a word of it."""
    talk = (
        message(1, "Which instrument did you buy?", name="Melanie"),
        message(2, "A clarinet, an old one", name="Caroline"),
        message(3, "Nice", name="Melanie"),
        message(4, "The weather is fine", name="Caroline"),
    )
    ranked = rank_messages(recalled("Which instrument did Caroline buy?", matches=talk, message_count=40))
    assert texts(ranked)[0] == "A clarinet, an old one"


@pytest.mark.parametrize(
    ("question", "plain", "telling"),
    [
        ("How many museums were there?", "so a museum it was", "in all a museum or two, 2"),
        ("When was the museum trip?", "the museum trip was fine then", "the museum trip was fine yesterday"),
        ("Who was at the museum?", "at the museum with some people", "at the museum with Maria Sousa"),
    ],
)
def test_a_number_a_time_or_a_name_where_the_question_wants_one(question: str, plain: str, telling: str) -> None:
    matches = (message(1, telling, session="a"), message(1, plain, session="b", days=1))
    assert texts(rank_messages(recalled(question, matches=matches, message_count=30)))[0] == telling


def test_messages_of_the_day_that_the_question_names() -> None:
    matches = tuple(message(1, "at the dentist", session=s, days=d) for s, d in (("a", 0), ("b", 4), ("c", 366)))
    for question, sessions in (
        ("dentist on 1 March 2024", ["a"]),
        ("dentist on March 5th", ["b"]),
        ("dentist on 2nd March 2025", ["c"]),
    ):
        ranked = rank_messages(recalled(question, matches=matches, message_count=30))
        assert [h.message.session_id for h in ranked[: len(sessions)] if h.message] == sessions, question


def test_words_of_other_languages_are_found() -> None:
    matches = (
        message(1, "Я живу в Берлине уже год", session="a"),
        message(1, "погода хорошая", session="b"),
        message(1, "東京に住んでいます", session="c"),
    )
    assert texts(rank_messages(recalled("живу Берлине", matches=matches, message_count=9))) == [matches[0].text]
    assert texts(rank_messages(recalled("東京のどこ", matches=matches, message_count=9))) == [matches[2].text]


@pytest.mark.parametrize("position", [0, 1, 2, 7, 30])
def test_what_is_alike_scores_alike_wherever_it_stands(position: int) -> None:
    """Sums of many figures must not depend on how they are grouped: equal messages go by their time."""
    others = tuple(message(1, f"some talk of garden {i}", session=f"m{i:02}", days=9) for i in range(position))
    twins = (message(1, "a greenhouse", session="a"), message(1, "a greenhouse", session="z"))
    ranked = rank_messages(recalled("greenhouse garden", matches=(*twins, *others), message_count=60))
    scores = {h.message.session_id: h.score for h in ranked if h.message}
    assert scores["a"] == scores["z"]


def test_every_feature_has_a_weight_and_every_weight_a_feature() -> None:
    """A weight without its feature would fail at the first question; a feature without a weight would be computed for nothing."""
    memory = recalled("Where is the tea?", matches=(message(1, "tea please"),), message_count=1)
    question = read_question(memory.query)
    documents, terms = read_documents(memory, question)
    figures = features(documents, terms, question, [], 1)
    assert figures is not None
    assert set(WEIGHTS) | {"fact", "own", "similar"} == set(figures)
    assert all(WEIGHTS.values())
    assert frozenset(WEIGHTS) == frozenset().union(*GROUPS.values())


def test_a_turn_lends_its_words_to_its_neighbours_in_the_session_only() -> None:
    """Those after it gain more: what is said next is about it."""
    matches = (
        message(1, "we saw a play", session="a"),
        message(2, "theatre tickets for the theatre", session="a"),
        message(3, "we saw a play", session="a"),
        message(6, "we saw a play", session="a"),
        message(1, "we saw a play", session="b"),
    )
    ranked = rank_messages(recalled("theatre play", matches=matches, message_count=40))
    scores = {(h.message.session_id, h.message.seq): h.score for h in ranked if h.message}
    assert scores["a", 3] > scores["a", 1] > scores["a", 6] == scores["b", 1]


def test_month_and_year_are_words_of_a_message() -> None:
    matches = (
        message(1, "at the dentist", session="a", days=400),
        message(1, "at the dentist", session="b"),
    )
    for month, session in (("March 2024", "b"), ("April 2025", "a")):
        ranked = rank_messages(recalled(f"dentist in {month}", matches=matches, message_count=30))
        assert ranked[0].message is not None
        assert ranked[0].message.session_id == session


def test_messages_that_support_an_answering_fact_are_lifted() -> None:
    matches = (
        message(1, "work in the garden", session="a", days=2),
        message(1, "work at the bakery", session="b"),
    )
    memory = recalled("Where do I work?", matches=matches, message_count=30)
    answer = Hit(2.0, fact=fact("WORKS_AT", "the bakery", message_ids=("b:1",)))
    weak = Hit(0.1, fact=fact("LIKES", "long days", message_ids=("a:1",)))
    assert texts(rank_messages(memory))[0] == "work in the garden"
    assert texts(rank_messages(memory, [answer, weak]))[0] == "work at the bakery"


def test_a_namesake_of_a_supporting_message_in_another_session_is_not_lifted() -> None:
    """Message ids are unique in their session only; the fact's statements tell which one is meant."""
    there = replace(message(1, "work was long today", session="a", days=2), id="m1")
    here = replace(message(1, "I started work at Mercy", session="b"), id="m1")
    memory = recalled("Where do I work?", matches=(there, here), message_count=30)
    works = fact("WORKS_AT", "Mercy")
    claim = Statement(
        id="claim",
        session_id="b",
        message_id="m1",
        at=here.at,
        order=0,
        subject=USER_MENTION,
        predicate="WORKS_AT",
        object=EntityMention("Mercy", "Organization"),
    )
    plain, lifted = (
        {hit.message: hit.score for hit in rank_messages(memory, facts)}
        for facts in ([], [Hit(2.0, fact=replace(works, statements=(claim,)))])
    )
    assert lifted[here] / lifted[there] > plain[here] / plain[there]


def test_ties_go_to_the_newest_and_the_order_of_the_candidates_does_not_matter() -> None:
    matches = [message(1, "tea please", session=s, days=d) for s, d in (("a", 0), ("b", 3), ("c", 1), ("d", 1))]
    expected = rank_messages(recalled("tea", matches=tuple(matches), message_count=9))
    assert [h.message.session_id for h in expected if h.message] == ["b", "c", "d", "a"]
    for seed in range(5):
        random.Random(seed).shuffle(matches)
        assert rank_messages(recalled("tea", matches=tuple(matches), message_count=9)) == expected


def test_a_message_that_came_twice_counts_once() -> None:
    one = message(1, "tea please")
    assert len(rank_messages(recalled("tea", matches=(one,), messages=(one,), message_count=1))) == 1


def test_nothing_to_look_for_or_nothing_brought_gives_nothing() -> None:
    assert rank_messages(recalled(None, matches=(message(1, "tea"),), message_count=1)) == []
    assert rank_messages(recalled("what is it?", matches=(message(1, "tea"),), message_count=1)) == []
    assert rank_messages(recalled("tea", message_count=5)) == []
