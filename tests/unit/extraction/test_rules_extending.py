"""A user's own relations, a model's proposals, and what importing and constructing cost."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from rules_reading import extract, line

from extraction import Catalogue, Extractor, FactStatus, LocalExtractor, Relation, RuleExtractor, Turn
from extraction.local.proposals import Proposal

DRIVES = Relation("DRIVES", "Vehicle", ("drives {o}", "drove {o}", "does not drive {o}"))


def test_a_relation_of_ones_own_with_its_wordings() -> None:
    rules = RuleExtractor(catalogue=Catalogue().extended(DRIVES), frames=["S drive+ {DRIVES}"])
    found = extract("I drive a red Fiat Panda and I used to drive a Vespa", rules=rules).facts
    assert [line(f) for f in found] == ["user DRIVES red Fiat Panda", "user DRIVES Vespa ended"]
    assert {f.object.label for f in found} == {"Vehicle"}


def test_a_frame_of_an_unknown_predicate_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match=r"DRIVES.*extended"):
        RuleExtractor(frames=["S drive+ {DRIVES}"])


def test_a_smaller_catalogue_drops_what_it_does_not_hold() -> None:
    catalogue = Catalogue([Catalogue()["LIVES_IN"]])
    extraction = extract("I live in Porto and I love jazz", rules=RuleExtractor(catalogue=catalogue))
    assert [line(f) for f in extraction.facts] == ["user LIVES_IN Porto"]


def test_both_extractors_keep_the_protocol() -> None:
    assert isinstance(RuleExtractor(), Extractor)
    assert isinstance(LocalExtractor(), Extractor)


def test_constructing_loads_no_tokenizer() -> None:
    code = (
        "import sys, extraction; extraction.RuleExtractor(); extraction.LocalExtractor();"
        "assert not {'spacy', 'dateparser'} & set(sys.modules), sorted(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


class Spans:
    """A proposer that proposes given words, as a model would."""

    def __init__(self, *facts: tuple[str, str, str | None, FactStatus, float]) -> None:
        self._facts = facts

    predicates = ()

    def propose(self, text: str, before: str | None = None) -> list[Proposal]:
        return [
            Proposal(
                text.index(word),
                text.index(word) + len(word),
                predicate,
                None if subject is None else (text.index(subject), text.index(subject) + len(subject)),
                status,
                confidence,
            )
            for word, predicate, subject, status, confidence in self._facts
            if word in text
        ]


def proposed(text: str, *facts: tuple[str, str, str | None, FactStatus, float]) -> dict[str, float]:
    extractor = LocalExtractor(proposer=Spans(*facts))
    found = asyncio.run(extractor.extract([Turn("user", text)])).facts
    return {line(f): f.confidence for f in found}


def test_a_proposal_becomes_a_fact() -> None:
    assert proposed("Half my heart is still Galway.", ("Galway", "COMES_FROM", None, FactStatus.CURRENT, 0.7)) == {
        "user COMES_FROM Galway": 0.773
    }


def test_a_proposal_that_the_frames_confirm_makes_the_fact_surer() -> None:
    alone = proposed("I live in Porto")
    both = proposed("I live in Porto", ("Porto", "LIVES_IN", None, FactStatus.CURRENT, 0.7))
    assert both.keys() == alone.keys() == {"user LIVES_IN Porto"}
    assert both["user LIVES_IN Porto"] > alone["user LIVES_IN Porto"]


def test_a_proposal_against_the_frames_is_dropped() -> None:
    assert proposed("I no longer live in Porto", ("Porto", "LIVES_IN", None, FactStatus.CURRENT, 0.9)).keys() == {
        "user LIVES_IN Porto ended"
    }


def test_a_proposal_out_of_a_quotation_or_of_what_is_asked_is_gated() -> None:
    for text in (
        'She sang "I belong to Galway tonight"',
        "Hey, do I live in Galway?",
        'Translate this: "Galway is home"',
    ):
        assert proposed(text, ("Galway", "LIVES_IN", None, FactStatus.CURRENT, 0.9)) == {}


def test_what_is_told_in_passing_in_a_question_counts_when_the_model_is_sure() -> None:
    text = "As somebody from Galway, where could I swim?"
    assert proposed(text, ("Galway", "COMES_FROM", None, FactStatus.CURRENT, 0.9)).keys() == {"user COMES_FROM Galway"}


def test_a_proposals_subject_is_linked_to_the_person() -> None:
    found = proposed("My sister Ana swears by Figma", ("Figma", "USES", "Ana", FactStatus.CURRENT, 0.8))
    assert found.keys() == {"user HAS_SIBLING Ana", "Ana USES Figma"}
