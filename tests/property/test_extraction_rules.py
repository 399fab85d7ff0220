"""The rule extractor on any text: it never fails, quotes what it read and invents no predicate or label."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from extraction import Catalogue, Extraction, ExtractionContext, RuleExtractor, Turn
from extraction.local.normalise import normalise
from extraction.local.quoted import quoted_spans
from extraction.local.times import find
from extraction.local.tokens import sentences

RULES = RuleExtractor()
CATALOGUE = Catalogue()
AT = datetime(2024, 11, 20, tzinfo=UTC)

anything = st.text(st.characters(), max_size=200)
WORDS = (
    "i I'm im my our we you he she her his Ana ana Rex dog sister brother wife boss live lives in at for to from and or but "
    "not no never used moved work works as a an the nurse Porto Siemens , . ! ? ; : ( ) \" ' - > ``` if when since May 2019 "
    "last next year two years ago is 's am was were been have has had got married allergic nuts like likes hate don't quit "
    "job left joined 34 old born on 3 March name called who what do translate: said says"
)
wordy = st.lists(st.sampled_from([*WORDS.split(), "\n"]), max_size=40).map(" ".join)


def extract(text: str, before: str = "") -> Extraction:
    context = ExtractionContext(history=(Turn("assistant", before),) if before else ())
    return asyncio.run(RULES.extract([Turn("user", text, at=AT)], context))


def check(text: str, extraction: Extraction) -> None:
    labels = CATALOGUE.labels
    for fact in extraction.facts:
        assert fact.evidence
        assert fact.evidence in text
        assert fact.predicate in CATALOGUE
        assert {fact.subject.label, fact.object.label} <= labels
        assert 0.0 < fact.confidence <= 1.0
        assert fact.subject.name.strip()
        assert fact.object.name.strip()
        assert fact.turn == 0
    assert {e.label for e in extraction.entities} <= labels


@settings(max_examples=150, deadline=None)
@given(anything | wordy, st.sampled_from(["", "Where do you live?", "What's your name?", "Any allergies?"]))
def test_any_text_gives_a_sound_extraction(text: str, before: str) -> None:
    extraction = extract(text, before)
    check(text, extraction)
    assert extract(text, before) == extraction


@settings(max_examples=100, deadline=None)
@given(anything)
def test_normalising_is_idempotent_and_keeps_the_length(text: str) -> None:
    clean = normalise(text)
    assert len(clean) == len(text)
    assert normalise(clean) == clean


@settings(max_examples=100, deadline=None)
@given(anything | wordy)
def test_tokens_stand_where_they_say(text: str) -> None:
    clean = normalise(text)
    last = 0
    for sentence in sentences(clean):
        for token in sentence.tokens:
            assert clean[token.start : token.end].startswith(token.text[:1])
            assert last <= token.start < token.end <= len(clean)
            last = token.end


@settings(max_examples=100, deadline=None)
@given(anything | wordy)
def test_quoted_spans_are_in_order_and_apart(text: str) -> None:
    spans = quoted_spans(text)
    assert all(0 <= a < b <= len(text) for a, b in spans)
    assert all(one[1] < two[0] for one, two in pairwise(spans))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            "since in on for until ago last next this two 31 february may year years month weeks 2019 9999 0 monday a couple of".split()
        ),
        max_size=8,
    ),
    st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)) | st.none(),
)
def test_times_are_edtf_whatever_the_words(words: list[str], at: datetime | None) -> None:
    for time in find(words, 0, len(words), at):
        parts = time.value.split("-")
        assert [len(p) for p in parts] == [4, 2, 2][: len(parts)]
        assert 0 <= time.start < time.end <= len(words)


def test_hostile_texts_are_read_in_linear_work() -> None:
    """Brackets, quotes and endless words by the hundred thousand, and a megabyte of talk."""
    talk = "I live in Porto and my sister Ana works at Siemens. "
    for text in ("(" * 100_000, "'" * 50_000 + '"' * 50_001, "a" * 300_000, "> " * 50_000, "a: " * 40_000, talk * 4000):
        check(text, extract(text))
