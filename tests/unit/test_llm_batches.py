"""Cutting a long conversation: nothing is lost or doubled, parts stay small, and each is read with what came before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extraction import EntityMention, ExtractedFact, ExtractionContext, Turn
from extraction.llm.batches import batches_of, context_of, in_place
from extraction.records import USER

TURNS = st.lists(st.builds(Turn, st.just("user"), st.text("ab .\n", min_size=1, max_size=60).map("x".__add__)))


@given(TURNS, st.integers(10, 80), st.integers(1, 5))
def test_every_word_is_read_once_in_its_place(turns, most, most_turns):
    batches = batches_of(turns, most, most_turns)
    read = {}
    for batch in batches:
        assert sum(len(turn.text) for turn in batch.turns) <= most
        assert len(batch.turns) <= most_turns
        for turn, place in zip(batch.turns, batch.places, strict=True):
            read.setdefault(place, []).append(turn.text)
    # pieces in which nothing is said are left out with their batch
    assert ["".join("".join(read.get(i, [])).split()) for i in range(len(turns))] == [
        "".join(turn.text.split()) for turn in turns
    ]


def test_a_short_conversation_is_one_batch_of_the_same_turns():
    turns = [Turn("user", "I live in Porto"), Turn("assistant", "Nice")]
    (batch,) = batches_of(turns)
    assert batch.turns == tuple(turns)
    assert batch.places == (0, 1)


def test_what_no_user_says_is_no_batch():
    assert batches_of([Turn("assistant", "I live in Porto"), Turn("user", "  ")]) == []
    long = [Turn("assistant", "word " * 10), Turn("user", "I live in Porto")]
    assert [batch.places for batch in batches_of(long, 50)] == [(1,)]


def test_a_long_turn_is_cut_between_sentences():
    text = "I live in Porto. " * 5
    pieces = [turn.text for batch in batches_of([Turn("user", text)], 40) for turn in batch.turns]
    assert pieces == ["I live in Porto. I live in Porto. "] * 2 + ["I live in Porto. "]


def test_a_batch_is_read_with_what_came_before_it_and_what_was_found_in_that():
    turns = [Turn("user", "My sister Ana called"), Turn("assistant", "Nice"), Turn("user", "She lives in Porto")]
    first, second = batches_of(turns, most_turns=2)
    ana, rex = EntityMention("Ana", "Person", ("sister",)), EntityMention("Rex", "Animal")
    given_ = ExtractionContext(history=(Turn("user", "Hello"),), known=(rex,), user_names=frozenset({"Maya"}))
    context = context_of(second, turns, given_, [USER, ana])
    assert [turn.text for turn in context.history] == ["Hello", "My sister Ana called", "Nice"]
    assert context.known == (ana, rex)
    assert context.user_names == {"Maya"}
    assert context_of(first, turns, given_, []).history == given_.history


def test_facts_of_a_batch_get_the_numbers_of_the_turns_that_were_given():
    turns = [Turn("user", "a"), Turn("user", "b"), Turn("user", "c")]
    second = batches_of(turns, most_turns=2)[1]
    (fact,) = in_place([ExtractedFact(USER, "LIKES", EntityMention("c", "Thing"), turn=0)], second)
    assert fact.turn == 2
