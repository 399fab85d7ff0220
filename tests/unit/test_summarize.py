"""The extractive summary, what a language model is asked for one, and what is taken from its answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmem.compose import count_tokens
from graphmem.records import Message, SummaryLine
from graphmem.summarize import SummaryError, extract
from graphmem.summarize.extractive import BUDGET, FEWEST_TERMS, LONGEST
from graphmem.summarize.keeper import over
from graphmem.summarize.llm import MOST_CHARACTERS, MOST_INPUT_TOKENS, build_request, read_answer

START = datetime(2024, 3, 1, 10, 0, tzinfo=UTC)


def said(seq: int, text: str, role: str = "user", name: str | None = None) -> Message:
    return Message(f"m{seq}", "s", "u", seq, role, name, text, START + timedelta(days=seq))


GARDEN = [
    said(1, "Hello there!"),
    said(2, "Hello! How can I help with the garden today?", role="assistant"),
    said(3, "I planted tomato seedlings in the garden behind our house. What now?"),
    said(4, "The tomato seedlings in the garden need water every morning."),
    said(5, "We planted tomato seedlings in the garden behind the house."),
    said(6, "Our landlord Joaquim said the roof will be repaired in April.", name="Maya"),
]


def test_a_summary_quotes_the_user_with_the_day_and_says_nothing_twice() -> None:
    lines = extract((), GARDEN, {"m6"})
    texts = [line.text for line in lines]
    assert "2024-03-07, Maya: Our landlord Joaquim said the roof will be repaired in April." in texts
    assert sum("planted" in text for text in texts) == 1
    assert not any("How can I help" in text or "Hello" in text for text in texts)
    assert [line.first for line in lines] == sorted(line.first for line in lines)
    assert all(line.first == line.last and line.since == START + timedelta(days=line.first) for line in lines)


def test_what_states_a_fact_goes_before_what_does_not() -> None:
    told = [said(i, f"Something quite different number {chr(96 + i) * 6} happened") for i in range(1, 9)]
    one = count_tokens(extract((), told[:1], ())[0].text) + 2
    (best,) = extract((), told, {"m5"}, budget=one)
    assert best.first == 5


def test_nothing_new_leaves_the_lines_as_they_are() -> None:
    lines = extract((), GARDEN, ())
    assert extract(lines, [said(9, "ok"), said(10, "Certainly, my pleasure as always!", role="assistant")], ()) == lines


def test_it_stays_within_its_budget_over_ten_thousand_messages() -> None:
    lines: tuple[SummaryLine, ...] = ()
    for block in range(100):
        texts = [f"On trip {block * 10 + i} we saw the {'old ' * (i % 3)}castle number {block + i}" for i in range(100)]
        lines = extract(lines, [said(block * 100 + i + 1, text) for i, text in enumerate(texts)], ())
    assert 0 < sum(count_tokens(line.text) for line in lines) <= BUDGET


@given(st.lists(st.tuples(st.text(max_size=80), st.sampled_from(["user", "assistant"]), st.booleans()), max_size=12))
def test_any_text_gives_the_same_lines_each_time_from_the_users_own_words(
    turns: list[tuple[str, str, bool]],
) -> None:
    messages = [said(i, text, role) for i, (text, role, _) in enumerate(turns, 1)]
    telling = {f"m{i}" for i, (_, _, tells) in enumerate(turns, 1) if tells}
    lines = extract((), messages, telling)
    assert lines == extract((), messages, telling)
    assert sum(count_tokens(line.text) for line in lines) <= BUDGET
    users = {m.seq for m in messages if m.role == "user"}
    assert all(line.first in users for line in lines)
    assert extract(lines, (), ()) == lines


def test_fragments_and_endless_sentences_are_no_lines() -> None:
    assert FEWEST_TERMS > 1
    assert extract((), [said(1, "yes"), said(2, "word " * (LONGEST + 1))], {"m1", "m2"}) == ()


def test_a_rewritten_summary_may_have_words_of_all_that_it_covers() -> None:
    before = (SummaryLine("a", 2, 4, START), SummaryLine("b", 3, 3, START + timedelta(days=1)))
    assert over(before, [said(7, "x"), said(9, "y")], "new") == SummaryLine("new", 2, 9, START)
    assert over((), [said(7, "x")], "new") == SummaryLine("new", 7, 7, START + timedelta(days=7))


def test_a_request_has_the_summary_and_every_message_with_day_and_speaker() -> None:
    request = json.loads(build_request("So far.", GARDEN[4:]))
    assert request == {
        "summary": "So far.",
        "messages": [
            {"day": "2024-03-06", "speaker": "user", "text": GARDEN[4].text},
            {"day": "2024-03-07", "speaker": "Maya", "text": GARDEN[5].text},
        ],
    }


def test_a_request_stays_within_bounds() -> None:
    many = [said(i, "a long story " * 200) for i in range(400)]
    request = json.loads(build_request("", many))
    assert len(request["messages"]) == 400
    assert sum(count_tokens(m["text"]) for m in request["messages"]) <= MOST_INPUT_TOKENS


@pytest.mark.parametrize(
    "answer",
    ['{"summary": " Two\\nlines "}', '```json\n{"summary": "Two lines"}\n```', 'Here: {"summary": "Two lines"}'],
)
def test_an_answer_is_read_with_whatever_is_around_it(answer: str) -> None:
    assert read_answer(answer) == "Two lines"


@pytest.mark.parametrize(
    "answer", ["", "no", "{}", "[]", '{"summary": ""}', '{"summary": 3}', '{"summary": "x', "{" * 9999]
)
def test_an_answer_without_a_summary_is_an_error(answer: str) -> None:
    with pytest.raises(SummaryError, match="holds no summary"):
        read_answer(answer)


def test_an_endless_answer_is_cut() -> None:
    assert len(read_answer(json.dumps({"summary": "word " * 9999}))) == MOST_CHARACTERS
