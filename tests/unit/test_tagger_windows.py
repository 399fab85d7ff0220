"""Windows: a text of any length reaches the network whole, in pieces of bounded size."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.local.tagger import MODEL
from extraction.local.tagger_windows import BEFORE_TOKENS, CONTEXT_TOKENS, Window, encodable, load_tokenizer, windows

SENTENCES = "My sister Ana lives in Porto. She works at the harbour, as a crane driver. I don't own a car!\n"


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return load_tokenizer(MODEL / "tokenizer.json")


def own(window: Window) -> list[tuple[int, int]]:
    return [(word.start, word.end) for word in window.words[window.first :]]


@given(text=st.text(alphabet=st.characters(), max_size=400), before=st.none() | st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_every_word_is_in_exactly_one_window(tokenizer: Any, text: str, before: str | None) -> None:
    cut = windows(tokenizer, text, before, size=120, context=16)
    spans = [span for window in cut for span in own(window)]
    assert spans == sorted(set(spans))
    whole = windows(tokenizer, text, size=100_000)
    assert spans == (own(whole[0]) if whole else [])
    for window in cut:
        assert len(window.ids) == len(window.types) <= 120
        assert window.first < len(window.words)
        assert all(0 <= start < end <= len(text) for start, end in own(window))


def test_words_are_where_the_text_has_them(tokenizer: Any) -> None:
    text = "Été à Łódź: I'm 34yo 😀 fine"
    (window,) = windows(tokenizer, text)
    assert [text[word.start : word.end] for word in window.words] == [
        *("Été", "à", "Łódź", ":", "I", "'", "m", "34yo", "😀", "fine")
    ]


def test_a_long_text_is_cut_at_the_ends_of_sentences_and_led_in_by_what_came_before(tokenizer: Any) -> None:
    text = SENTENCES * 40
    cut = windows(tokenizer, text, size=128)
    assert len(cut) > 5
    for earlier, later in pairwise(cut):
        last = own(earlier)[-1]
        assert text[slice(*last)] in ".!"
        assert 0 < later.first <= CONTEXT_TOKENS
        assert (later.words[later.first - 1].start, later.words[later.first - 1].end) == last


def test_a_text_without_any_end_of_sentence_is_cut_all_the_same(tokenizer: Any) -> None:
    cut = windows(tokenizer, "word " * 2000, size=128)
    assert sum(len(own(window)) for window in cut) == 2000
    assert max(len(window.ids) for window in cut) <= 128


def test_the_message_before_follows_as_a_second_part_and_keeps_its_end(tokenizer: Any) -> None:
    (alone,) = windows(tokenizer, "Porto.")
    (answer,) = windows(tokenizer, "Porto.", "Where do you live?")
    assert answer.ids[: len(alone.ids)] == alone.ids
    assert set(answer.types[len(alone.ids) :]) == {1}
    assert answer.words == alone.words
    (long,) = windows(tokenizer, "Porto.", "blah " * 500 + "Where do you live?")
    assert long.types.count(1) == BEFORE_TOKENS + 1
    assert long.ids[-5:] == answer.ids[-5:]


@pytest.mark.parametrize("text", ["", " ", "\n\t\u200b", "\x00"])
def test_a_text_without_words_has_no_window(tokenizer: Any, text: str) -> None:
    assert windows(tokenizer, text, "Where do you live?") == []


def test_lone_surrogates_keep_their_place(tokenizer: Any) -> None:
    assert encodable("a\ud800b") == "a\ufffdb"
    (window,) = windows(tokenizer, "I live \ud800 in Porto", "\udfff?")
    assert own(window)[-1] == (12, 17)
