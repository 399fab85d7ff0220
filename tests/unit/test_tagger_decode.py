"""Decoding: what the network says of each token becomes spans, subjects, states and evidence."""

from __future__ import annotations

import numpy as np
import pytest

from extraction.local.tagger_decode import Outputs, confidence, decode
from extraction.local.tagger_windows import Window, Word

PREDICATES = 2
TEXT = "Ana and Ben live in New York, and I like 34yo whisky."
_PIECES = ("Ana", "and", "Ben", "live", "in", "New", "York", ",", "and", "I", "like", "34yo", "whisky", ".")


def window(first: int = 0) -> Window:
    words, at = [], 0
    for token, piece in enumerate(_PIECES, 1):
        at = TEXT.index(piece, at)
        words.append(Word(at, at + len(piece), token))
        at += len(piece)
    return Window((0,) * (len(words) + 2), (0,) * (len(words) + 2), tuple(words), first)


def silent() -> Outputs:
    """A network that sees nothing: every subject is the user, every state current."""
    tokens = len(_PIECES) + 2
    link = np.full((tokens, tokens), -5.0, dtype=np.float32)
    link[:, 0] = 5
    state = np.zeros((tokens, PREDICATES, 3), dtype=np.float32)
    state[:, :, 0] = 4
    tags = np.full((tokens, PREDICATES + 3), -6.0, dtype=np.float32)
    return Outputs(tags, link, np.zeros((tokens, PREDICATES), dtype=np.float32), state)


def token(piece: str) -> int:
    return _PIECES.index(piece) + 1


def test_nothing_seen_is_nothing_found() -> None:
    assert decode(TEXT, window(), silent(), PREDICATES) == []


def test_an_object_reaches_as_far_as_it_goes_on() -> None:
    outputs = silent()
    outputs.tags[token("New"), 0] = 3
    outputs.tags[token("York"), PREDICATES + 1] = 2
    (found,) = decode(TEXT, window(), outputs, PREDICATES)
    assert TEXT[slice(*found.object)] == "New York"
    assert (found.predicate, found.subject, found.state) == (0, None, 0)
    assert found.features[0] == 3.0


def test_an_object_gives_up_the_punctuation_at_its_ends() -> None:
    outputs = silent()
    outputs.tags[token("New"), 0] = 3
    outputs.tags[[token("York"), token(",")], PREDICATES + 1] = 2
    outputs.tags[token(","), 1] = 3
    assert [TEXT[slice(*c.object)] for c in decode(TEXT, window(), outputs, PREDICATES)] == ["New York"]


@pytest.mark.parametrize(("outer", "inner", "kept"), [(3, 2, "New York"), (2, 3, "York")])
def test_of_objects_within_each_other_the_surer_is_kept(outer: float, inner: float, kept: str) -> None:
    outputs = silent()
    outputs.tags[[token("New"), token("York")], 0] = (outer, inner)
    outputs.tags[token("York"), PREDICATES + 1] = 2
    (found,) = decode(TEXT, window(), outputs, PREDICATES)
    assert TEXT[slice(*found.object)] == kept


def test_one_object_of_two_subjects_is_two_candidates_the_surer_first() -> None:
    outputs = silent()
    outputs.tags[token("New"), 0] = 3
    outputs.link[token("New"), [0, token("Ana"), token("Ben")]] = (-3, 1.5, 2)
    found = decode(TEXT, window(), outputs, PREDICATES)
    assert [TEXT[slice(*c.subject)] for c in found if c.subject] == ["Ben", "Ana"]


def test_the_subject_of_one_predicate_need_not_be_that_of_another() -> None:
    outputs = silent()
    outputs.tags[token("New"), :PREDICATES] = 3
    outputs.fit[token("Ana"), 1] = 20
    found = decode(TEXT, window(), outputs, PREDICATES)
    assert {(c.predicate, c.subject and TEXT[slice(*c.subject)]) for c in found} == {(0, None), (1, "Ana"), (1, None)}
    assert next(c for c in found if c.predicate == 1).subject is not None


def test_the_likeliest_other_predicate_of_an_object_is_evidence_against_it() -> None:
    outputs = silent()
    outputs.tags[token("New"), :PREDICATES] = (3, 1)
    found = decode(TEXT, window(), outputs, PREDICATES)
    assert [(c.predicate, c.features[:2]) for c in found] == [(0, (3.0, 1.0)), (1, (1.0, 3.0))]


def test_an_object_is_never_its_own_subject() -> None:
    outputs = silent()
    outputs.tags[token("New"), 0] = 3
    outputs.link[token("New")] = -9
    outputs.link[token("New"), token("New")] = 9
    (found,) = decode(TEXT, window(), outputs, PREDICATES)
    assert found.subject is None or TEXT[slice(*found.subject)] != "New"


def test_the_most_likely_state_is_taken() -> None:
    outputs = silent()
    outputs.tags[token("New"), 0] = 3
    outputs.state[token("New"), 0] = (0, 1, 5)
    assert [c.state for c in decode(TEXT, window(), outputs, PREDICATES)] == [2]


def test_words_of_the_context_begin_no_object_but_may_be_a_subject() -> None:
    outputs = silent()
    outputs.tags[[token("New"), token("whisky")], 0] = 3
    outputs.link[token("whisky"), [0, token("Ana")]] = (-5, 4)
    (found,) = decode(TEXT, window(first=8), outputs, PREDICATES)
    assert TEXT[slice(*found.object)] == "whisky"
    assert found.subject is not None
    assert TEXT[slice(*found.subject)] == "Ana"


def test_more_evidence_is_more_confidence() -> None:
    chances = [confidence((begin, 0.0), (1.0, 1.0), -1.0) for begin in (-2.0, 0.0, 1.0, 8.0)]
    assert chances == sorted(chances)
    assert confidence((1.0, 0.0), (1.0, 1.0), -1.0) == pytest.approx(0.5)
