"""What the rules see for and against a proposal of a model changes how likely it is."""

from __future__ import annotations

import pytest
from test_proposals_linking import read

from extraction.local import judging
from extraction.local.tokens import Sentence, sentences
from extraction.records import FactStatus


def sentence(text: str) -> Sentence:
    return next(sentences(text))


def test_without_evidence_the_order_of_chances_stays() -> None:
    chances = [judging.judged(chance) for chance in (0.0, 0.1, 0.4, 0.5, 0.7, 0.99, 1.0)]
    assert chances == sorted(chances)
    assert judging.judged(0.5) == 0.5
    assert 0 < chances[0] < chances[-1] < 1


@pytest.mark.parametrize(
    ("text", "fitting", "odd", "predicate"),
    [
        ("Porto or home", (0, 1), (2, 3), "LIVES_IN"),
        ("nurse or nights", (0, 1), (2, 3), "WORKS_AS"),
        ("Finnish or jokes", (0, 1), (2, 3), "SPEAKS"),
        ("34 or old", (0, 1), (2, 3), "HAS_AGE"),
        ("parrot or balcony", (0, 1), (2, 3), "HAS_PET"),
    ],
)
def test_an_object_of_the_right_kind_speaks_for_it(
    text: str, fitting: tuple[int, int], odd: tuple[int, int], predicate: str
) -> None:
    words = sentence("x " + text)
    for_it, against = (
        judging.of_object(words, (start + 1, end + 1), predicate, FactStatus.CURRENT) for start, end in (fitting, odd)
    )
    assert for_it > against


def test_a_subject_in_another_sentence_and_a_request_speak_against_it() -> None:
    words = sentence("so that was Rome")
    here, far = (judging.of_subject(words, (3, 4), own=False, here=here, agrees=None) for here in (True, False))
    assert here > far
    assert judging.of_frames(same=False, other=False, unstated=True) < 0
    assert judging.of_frames(same=True, other=False, unstated=False) < judging.of_frames(
        same=False, other=True, unstated=False
    )


def test_what_a_frame_reads_of_somebody_else_keeps_a_likely_proposal_out() -> None:
    """The frame says whose home Porto is."""
    facts = read("My sister Ana lives in Porto.", ("Porto", "LIVES_IN", None), minimum=0.6)
    assert facts == {"user HAS_SIBLING Ana", "Ana LIVES_IN Porto"}


def test_the_minimum_holds_for_the_judged_chance() -> None:
    text, proposal = "Half my heart is still Galway.", ("Galway", "COMES_FROM", None)
    assert read(text, proposal)
    assert not read(text, proposal, minimum=0.95)
