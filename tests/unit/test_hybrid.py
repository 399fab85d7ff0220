"""The agreement table of the local extractor and a language model, row by row."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import pytest

from extraction import (
    Catalogue,
    EntityMention,
    ExtractedFact,
    Extraction,
    ExtractionError,
    FactStatus,
    HybridExtractor,
    Turn,
    Usage,
)
from extraction.gathering import entities_of
from extraction.hybrid import CONTRADICTED, LLM_FAILED, LOCAL_FAILED, MAX_CONFIDENCE, join
from extraction.records import USER

CATALOGUE = Catalogue()
PORTO, ANA = EntityMention("Porto", "Place"), EntityMention("Ana", "Person", ("sister",))
SISTER = EntityMention("sister", "Person", unnamed=True)


def fact(predicate, object, evidence="", subject=USER, confidence=0.8, **more):
    if isinstance(object, str):
        object = EntityMention(object, "Thing")
    return ExtractedFact(subject, predicate, object, evidence=evidence, confidence=confidence, **more)


def joined(local, llm, *texts):
    turns = [Turn("user", text) for text in texts or ("I live in Porto and work as a marketing manager with Ana",)]
    read, told = (Extraction(entities_of(facts), tuple(facts)) for facts in (local, llm))
    return join(turns, read, told, CATALOGUE)


def test_what_both_read_is_one_fact_and_surer():
    result = joined([fact("LIVES_IN", PORTO, confidence=0.8)], [fact("LIVES_IN", PORTO, confidence=0.9)])
    (found,) = result.facts
    assert found.confidence == pytest.approx(0.98)
    assert result.dropped == {}


def test_agreement_is_never_certainty():
    (found,) = joined([fact("LIVES_IN", PORTO, confidence=0.95)], [fact("LIVES_IN", PORTO, confidence=0.95)]).facts
    assert found.confidence == MAX_CONFIDENCE


def test_what_both_read_has_the_dates_aliases_and_evidence_of_the_two():
    local = fact("HAS_SIBLING", ANA, "my sister Ana", valid_from="2020", valid_to="2021")
    told = fact("HAS_SIBLING", EntityMention("ana", "Person", ("Annie",)), "sister Ana", valid_from="2020-05")
    (found,) = joined([local], [told], "my sister Ana").facts
    assert found.object == EntityMention("ana", "Person", ("Annie", "sister"))
    assert (found.valid_from, found.valid_to, found.evidence) == ("2020-05", "2021", "sister Ana")


def test_labels_make_no_difference():
    (found,) = joined([fact("LIKES", EntityMention("PORTO", "Thing"))], [fact("LIKES", PORTO)]).facts
    assert found.object == PORTO


def test_a_relation_word_is_the_one_who_bears_it():
    (found,) = joined([fact("LIKES", "tea", subject=ANA)], [fact("LIKES", "tea", subject=SISTER)]).facts
    assert found.subject == ANA
    (found,) = joined([fact("LIKES", "tea", subject=SISTER)], [fact("LIKES", "tea", subject=ANA)]).facts
    assert found.subject == ANA


def test_two_who_bear_a_word_are_told_apart():
    ben = EntityMention("Bea", "Person", ("sister",))
    told = [fact("HAS_SIBLING", ANA), fact("HAS_SIBLING", ben), fact("LIKES", "tea", subject=ANA)]
    result = joined([fact("LIKES", "tea", subject=SISTER)], told)
    assert [f.subject.name for f in result.facts if f.predicate == "LIKES"] == ["Ana", "sister"]


@pytest.mark.parametrize(
    ("local", "told"),
    [
        (fact("MARRIED_TO", ANA), fact("MARRIED_TO", USER, subject=ANA)),
        (fact("HAS_CHILD", ANA), fact("HAS_PARENT", USER, subject=ANA)),
    ],
)
def test_a_relation_may_be_told_either_way_round(local, told):
    (found,) = joined([local], [told]).facts
    assert (found.subject.name, found.predicate, found.object.name) == ("Ana", told.predicate, "User")
    assert found.confidence > 0.9


def test_what_only_one_reads_is_its_fact():
    local, told = fact("OWNS", "car", "I own a car"), fact("LIVES_IN", PORTO, "I live in Porto")
    result = joined([local], [told], "I own a car. I live in Porto.")
    assert list(result.facts) == [local, told]
    assert [e.name for e in result.entities] == ["car", "Porto"]


def test_the_same_in_another_turn_is_another_fact():
    result = joined(
        [fact("LIVES_IN", PORTO, turn=0)], [fact("LIVES_IN", PORTO, turn=1)], "I live in Porto", "I live in Porto"
    )
    assert [f.turn for f in result.facts] == [0, 1]


WORK = "I live in Porto and work as a marketing manager"


@pytest.mark.parametrize(
    ("local", "told"),
    [
        pytest.param(fact("LIVES_IN", PORTO), fact("LIVES_IN", PORTO, status=FactStatus.ENDED), id="another status"),
        pytest.param(
            fact("IS_A", "marketing manager", WORK),
            fact("WORKS_AS", "marketing manager", WORK[20:]),
            id="another predicate",
        ),
        pytest.param(
            fact("WORKS_AS", "manager", WORK),
            fact("WORKS_AS", "marketing manager", WORK[20:]),
            id="delimited otherwise",
        ),
        pytest.param(fact("LIVES_IN", "Leeds", WORK), fact("LIVES_IN", PORTO, WORK[:15]), id="another only value"),
        pytest.param(
            fact("WORKS_AT", "job", WORK, status=FactStatus.ENDED, ends_all=True),
            fact("WORKS_AT", "Siemens", WORK, status=FactStatus.ENDED),
            id="an end of all where one ends",
        ),
    ],
)
def test_what_the_model_contradicts_is_dropped_and_counted(local, told):
    result = joined([local], [told], WORK)
    assert list(result.facts) == [told]
    assert result.dropped == {CONTRADICTED: 1}


@pytest.mark.parametrize(
    ("local", "told"),
    [
        pytest.param(fact("LIKES", "tea", "tea and rum"), fact("LIKES", "rum", "tea and rum"), id="many values"),
        pytest.param(
            fact("IS_A", "manager", WORK, subject=ANA), fact("WORKS_AS", "manager", WORK), id="another subject"
        ),
        pytest.param(fact("IS_A", "manager", "manager"), fact("WORKS_AS", "manager", "live in"), id="other words"),
        pytest.param(
            fact("LIVES_IN", "Leeds", WORK, status=FactStatus.ENDED),
            fact("LIVES_IN", PORTO, WORK),
            id="the value before",
        ),
    ],
)
def test_what_does_not_exclude_it_contradicts_nothing(local, told):
    result = joined([local], [told], f"{WORK} tea and rum")
    assert set(result.facts) == {local, told}
    assert result.dropped == {}


def test_facts_come_in_the_order_of_the_text():
    local = [fact("OWNS", "car", "a car"), fact("OWNS", "bike", "a bike")]
    told = [fact("OWNS", "boat", "a boat")]
    assert [f.object.name for f in joined(local, told, "a car, a boat, a bike").facts] == ["car", "boat", "bike"]


@dataclass
class Says:
    """An extractor with one reading, or none."""

    reading: Extraction | None

    async def extract(self, turns, context=None):
        if self.reading is None:
            raise ExtractionError("the endpoint answered 503")
        return self.reading


class Breaks:
    """An extractor with a bug."""

    async def extract(self, turns, context=None):
        raise ZeroDivisionError


TURNS = [Turn("user", "I live in Porto")]
LOCAL = Extraction((PORTO,), (fact("LIVES_IN", PORTO, "I live in Porto"),), {"odd": 1})


async def test_both_readings_are_joined_with_their_counts_and_what_they_cost():
    llm = Extraction((PORTO,), (replace(LOCAL.facts[0], confidence=0.9),), {"odd": 2, "date": 1}, Usage(1, 10, 5))
    result = await HybridExtractor(Says(LOCAL), Says(llm)).extract(TURNS)
    assert [f.confidence for f in result.facts] == [pytest.approx(0.98)]
    assert (result.dropped, result.usage) == ({"date": 1, "odd": 3}, Usage(1, 10, 5))


async def test_when_the_local_extractor_fails_the_models_facts_stand_and_when_both_do_it_is_told(caplog):
    llm = Says(LOCAL)
    hybrid = HybridExtractor(Breaks(), llm)
    result = await hybrid.extract(TURNS)
    assert (result.facts, result.dropped) == (LOCAL.facts, {"odd": 1, LOCAL_FAILED: 1})
    assert "the local extractor failed" in caplog.text
    llm.reading = None
    with pytest.raises(ExtractionError, match="503"):
        await hybrid.extract(TURNS)


async def test_when_the_model_fails_the_local_facts_stand_and_it_is_logged_once(caplog):
    llm = Says(None)
    hybrid = HybridExtractor(Says(LOCAL), llm)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            result = await hybrid.extract(TURNS)
            assert (result.facts, result.dropped) == (LOCAL.facts, {"odd": 1, LLM_FAILED: 1})
        assert len(caplog.records) == 1
        assert "the endpoint answered 503" in caplog.text
        llm.reading = Extraction()
        await hybrid.extract(TURNS)
        llm.reading = None
        await hybrid.extract(TURNS)
        assert len(caplog.records) == 2
