"""Messages for a question: words, speakers, neighbours, dates, and the facts that they support."""

from __future__ import annotations

import random
from dataclasses import replace

from recall_records import fact, message, recalled, texts

from extraction.records import USER as USER_MENTION
from graphmem.identity import user_entity
from graphmem.rank import rank_messages
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


def test_a_turn_lends_score_to_its_neighbours_in_the_session_only() -> None:
    matches = (
        message(1, "we saw a play", session="a"),
        message(2, "theatre tickets for the theatre", session="a"),
        message(4, "we saw a play", session="a"),
        message(1, "we saw a play", session="b"),
    )
    ranked = rank_messages(recalled("theatre play", matches=matches, message_count=40))
    scores = {(h.message.session_id, h.message.seq): h.score for h in ranked if h.message}
    assert scores["a", 1] > scores["a", 4] > scores["b", 1]


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
        message(1, "work was long today", session="a", days=2),
        message(1, "I started work at Mercy", session="b"),
    )
    memory = recalled("Where do I work?", matches=matches, message_count=30)
    answer = Hit(2.0, fact=fact("WORKS_AT", "Mercy", message_ids=("b:1",)))
    weak = Hit(0.1, fact=fact("LIKES", "long days", message_ids=("a:1",)))
    assert texts(rank_messages(memory))[0] == "work was long today"
    assert texts(rank_messages(memory, [answer, weak]))[0] == "I started work at Mercy"


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
    ranked = rank_messages(memory, [Hit(2.0, fact=replace(works, statements=(claim,)))])
    plain = {h.message: h.score for h in rank_messages(memory)}
    assert {h.message for h in ranked if h.score > plain[h.message]} == {here}


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
