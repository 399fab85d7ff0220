"""The figures of an extractor: what counts as right, as found, as optional; reliability; errors; bad data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extraction import (
    Catalogue,
    EntityMention,
    ExtractedFact,
    Extraction,
    ExtractionError,
    Extractor,
    FactStatus,
    LocalExtractor,
    RuleExtractor,
)
from scripts.evaluation.matching import only_difference, same_fact, same_name, statement
from scripts.evaluation.messages import Annotated, InvalidMessage, Message, read_messages
from scripts.evaluation.running import Endpoint, UnknownExtractor, make_extractor, read_all
from scripts.evaluation.scoring import (
    NOTHING_LIKE_IT,
    Bin,
    Score,
    by_predicate,
    by_style,
    calibration_error,
    judge,
    reasons,
    reliability,
    total,
    worst_missed,
    worst_wrong,
)

CATALOGUE = Catalogue()
CURRENT, ENDED, NEGATED = FactStatus.CURRENT, FactStatus.ENDED, FactStatus.NEGATED
USER = EntityMention("User", "User")


def given(subject: str, predicate: str, object: str, status: FactStatus = CURRENT, sure: float = 0.9) -> ExtractedFact:
    """An extracted fact; "user" is the user."""
    ends = [USER if name == "user" else EntityMention(name, "Person") for name in (subject, object)]
    return ExtractedFact(ends[0], predicate, ends[1], status, confidence=sure)


def wanted(
    subject: str, predicate: str, object: str, status: FactStatus = CURRENT, *, optional: bool = False
) -> Annotated:
    """An annotated fact."""
    return Annotated(subject, predicate, object, frozenset({status}), optional)


def message(*facts: Annotated, style: str = "short", id: str = "m1") -> Message:
    """An annotated message."""
    return Message(id, style, "whatever was said", facts)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Porto", "porto."),
        ("São Paulo", "Sao Paulo"),
        ("New York City", "NYC"),
        ("mum", "mother"),
        ("the electric bike", "electric bikes"),
        ("senior nurse", "nurse"),
        ("my sister's boyfriend", "sister's boyfriend"),
        ("C++", "c++"),
        ("東京", "東京"),
        ("user", "user"),
    ],
)
def test_names_that_are_the_same(first: str, second: str) -> None:
    assert same_name(first, second)
    assert same_name(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Java", "JavaScript"),
        ("C", "C++"),
        ("Porto", "Lisbon"),
        ("user", "Ana"),
        ("東京", "大阪"),
        ("Bank of Scotland", "University of Leeds"),
    ],
)
def test_names_that_are_not(first: str, second: str) -> None:
    assert not same_name(first, second)
    assert not same_name(second, first)


@pytest.mark.parametrize(
    ("fact", "annotated"),
    [
        (given("user", "LIVES_IN", "Porto"), wanted("user", "LIVES_IN", "Porto")),
        (given("Ana", "MARRIED_TO", "user"), wanted("user", "MARRIED_TO", "Ana")),
        (given("Mia", "HAS_PARENT", "Ana"), wanted("Ana", "HAS_CHILD", "Mia")),
        (given("Ana", "HAS_CHILD", "Mia"), wanted("Mia", "HAS_PARENT", "Ana")),
        (given("user", "OWNS", "car", NEGATED), wanted("user", "OWNS", "car", NEGATED)),
    ],
)
def test_facts_that_say_the_same(fact: ExtractedFact, annotated: Annotated) -> None:
    assert same_fact(statement(fact), annotated, CATALOGUE)


@pytest.mark.parametrize(
    ("fact", "annotated", "difference"),
    [
        (given("user", "LIVES_IN", "Porto", ENDED), wanted("user", "LIVES_IN", "Porto"), "status"),
        (given("user", "COMES_FROM", "Porto"), wanted("user", "LIVES_IN", "Porto"), "predicate"),
        (given("Ana", "LIVES_IN", "Porto"), wanted("user", "LIVES_IN", "Porto"), "subject"),
        (given("user", "LIVES_IN", "Lisbon"), wanted("user", "LIVES_IN", "Porto"), "object"),
        (given("Ana", "HAS_CHILD", "user"), wanted("user", "HAS_CHILD", "Ana"), "predicate"),
        (given("Ana", "HAS_SIBLING", "Bo"), wanted("user", "HAS_SIBLING", "Ana"), "subject"),
        (given("Ana", "LIVES_IN", "Lisbon"), wanted("user", "LIVES_IN", "Porto"), None),
        (given("user", "COMES_FROM", "Porto", ENDED), wanted("user", "LIVES_IN", "Porto"), None),
    ],
)
def test_facts_that_do_not_and_in_what_they_differ(
    fact: ExtractedFact, annotated: Annotated, difference: str | None
) -> None:
    assert not same_fact(statement(fact), annotated, CATALOGUE)
    assert only_difference(statement(fact), annotated, CATALOGUE) == difference


def test_an_optional_fact_is_right_when_given_and_not_missed_when_absent() -> None:
    annotated = message(wanted("user", "IS_A", "Brazilian", optional=True))
    assert total([judge(annotated, [given("user", "IS_A", "Brazilian")], CATALOGUE)]) == Score(1, 1, 1, 0, 0)
    assert total([judge(annotated, [], CATALOGUE)]) == Score(1, 0, 0, 0, 0)


def test_the_fallback_predicate_is_right_but_finds_nothing() -> None:
    annotated = message(wanted("user", "MEMBER_OF", "rowing club"))
    assert total([judge(annotated, [given("user", "RELATED_TO", "rowing club")], CATALOGUE)]) == Score(1, 1, 1, 1, 0)
    assert total([judge(annotated, [given("user", "RELATED_TO", "chess")], CATALOGUE)]) == Score(1, 1, 0, 1, 0)


def test_what_ends_everything_names_no_fact() -> None:
    quit_job = ExtractedFact(USER, "WORKS_AT", EntityMention("job", "Organization"), ENDED, ends_all=True)
    assert judge(message(), [quit_job], CATALOGUE).given == ()


def test_figures_by_style_and_by_predicate_add_up() -> None:
    judged = [
        judge(message(wanted("user", "LIVES_IN", "Porto")), [given("user", "LIVES_IN", "Porto")], CATALOGUE),
        judge(
            message(wanted("user", "LIVES_IN", "Oslo"), wanted("user", "LIKES", "tea"), style="messy"),
            [given("user", "LIKES", "tea"), given("user", "OWNS", "Oslo")],
            CATALOGUE,
        ),
    ]
    styles = by_style(judged)
    assert styles == {"short": Score(1, 1, 1, 1, 1), "messy": Score(1, 2, 1, 2, 1), "all": Score(2, 3, 2, 3, 2)}
    assert styles["all"].precision == styles["all"].recall == styles["all"].f1 == pytest.approx(2 / 3)
    assert styles["messy"].wrong_a_message == 1
    assert by_predicate(judged) == {
        "LIKES": Score(0, 1, 1, 1, 1),
        "LIVES_IN": Score(0, 1, 1, 2, 1),
        "OWNS": Score(0, 1, 0, 0, 0),
    }


def test_a_threshold_leaves_out_the_less_sure() -> None:
    facts = [given("user", "LIVES_IN", "Porto", sure=0.6), given("user", "LIKES", "rain", sure=0.4)]
    judged = [judge(message(wanted("user", "LIVES_IN", "Porto")), facts, CATALOGUE)]
    assert [total(judged, t) for t in (0.4, 0.6, 0.7)] == [
        Score(1, 2, 1, 1, 1),
        Score(1, 1, 1, 1, 1),
        Score(1, 0, 0, 1, 0),
    ]


def test_reliability_compares_confidence_with_what_was_right() -> None:
    annotated = message(wanted("user", "LIKES", "tea"), wanted("user", "LIKES", "coffee"))
    facts = [
        given("user", "LIKES", "tea", sure=1.0),
        given("user", "LIKES", "coffee", sure=0.9),
        given("user", "LIKES", "milk", sure=0.5),
    ]
    bins = reliability([judge(annotated, facts, CATALOGUE)], (0.0, 0.5, 0.9, 1.0))
    assert bins == [Bin(0.5, 0.9, 1, 0.5, 0.0), Bin(0.9, 1.0, 2, pytest.approx(0.95), 1.0)]
    assert calibration_error(bins) == pytest.approx((0.5 + 2 * 0.05) / 3)
    assert calibration_error([]) == 0


def test_errors_come_worst_first_with_their_reason() -> None:
    annotated = message(
        wanted("user", "LIVES_IN", "Porto"),
        wanted("user", "LIKES", "tea"),
        wanted("user", "LIKES", "jazz"),
        wanted("user", "OWNS", "boat", optional=True),
    )
    facts = [given("user", "LIVES_IN", "Porto", ENDED, 0.5), given("Bo", "USES", "Figma", sure=0.8)]
    judged = [judge(annotated, facts, CATALOGUE)]
    assert [(w.given.statement.object, w.given.reason) for w in worst_wrong(judged)] == [
        ("Figma", NOTHING_LIKE_IT),
        ("Porto", "status"),
    ]
    assert [m.fact.object for m in worst_missed(judged)] == ["tea", "Porto", "jazz"]
    assert reasons(judged) == {NOTHING_LIKE_IT: 1, "status": 1}


FACT = {"s": "user", "p": "LIVES_IN", "o": "Porto", "polarity": "+", "time": "current", "optional": False}


def written(tmp_path: Path, *lines: str) -> Path:
    """A file of these lines."""
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_reading_annotated_messages(tmp_path: Path) -> None:
    full = {"id": "a1", "style": "short", "before": "Where?", "message": "Porto\u2028", "facts": [FACT]}
    path = written(tmp_path, json.dumps(full, ensure_ascii=False), "", '{"message": "Hi", "facts": []}')
    assert read_messages([path]) == [
        Message("a1", "short", "Porto\u2028", (wanted("user", "LIVES_IN", "Porto"),), "Where?"),
        Message("data:3", "none", "Hi", ()),
    ]


@pytest.mark.parametrize(
    ("polarity", "time", "optional", "statuses"),
    [
        ("+", "current", False, {"current"}),
        ("+", "ended", False, {"ended"}),
        ("+", "planned", False, {"current"}),
        ("+", "planned", True, set(FactStatus)),
        ("-", "current", False, {"negated", "retracted"}),
        ("-", "ended", False, {"negated", "retracted"}),
    ],
)
def test_polarity_and_time_say_what_status_is_right(
    tmp_path: Path, polarity: str, time: str, optional: bool, statuses: set[str]
) -> None:
    fact = {**FACT, "polarity": polarity, "time": time, "optional": optional}
    (read,) = read_messages([written(tmp_path, json.dumps({"message": "x", "facts": [fact]}))])
    assert read.facts[0].statuses == statuses


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("oops", "data.jsonl:1: not JSON"),
        ("[]", "data.jsonl:1: not an object with a list of facts"),
        ('{"facts": []}', "data.jsonl:1: 'message' is missing"),
        ('{"message": 3, "facts": []}', "data.jsonl:1: message is 3, not a text"),
        ('{"message": "x", "facts": ["y"]}', "data.jsonl:1: a fact is not an object"),
        (json.dumps({"message": "x", "facts": [{**FACT, "time": "later"}]}), "time is 'later', not one of current"),
        (json.dumps({"message": "x", "facts": [{**FACT, "polarity": 1}]}), "polarity is 1"),
        (json.dumps({"message": "x", "facts": [{**FACT, "optional": "no"}]}), "optional is 'no'"),
    ],
)
def test_bad_data_is_named_with_its_line(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(InvalidMessage) as caught:
        read_messages([written(tmp_path, line)])
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_the_message_before_is_history_and_no_evidence() -> None:
    answers = Message("m", "short", "Porto, since May.", (wanted("user", "LIVES_IN", "Porto"),), "Where do you live?")
    alone = Message("n", "short", "Porto, since May.", (), None)
    run = await read_all(RuleExtractor(), [answers, alone])
    assert [total([one]).given for one in run.judged] == [1, 0]
    assert total(run.judged).right == 1


class Moody:
    """Fails on some texts, and says when it was closed."""

    closed = False

    async def extract(self, turns, context=None):
        if "bad" in turns[0].text:
            raise ExtractionError("the server is down")
        return Extraction(facts=(given("user", "LIKES", "tea"),))

    async def aclose(self) -> None:
        self.closed = True


async def test_a_message_that_cannot_be_read_counts_as_without_facts() -> None:
    tea = wanted("user", "LIKES", "tea")
    moody = Moody()
    run = await read_all(moody, [Message("a", "s", "good", (tea,)), Message("b", "s", "bad", (tea,))])
    assert run.failures == {"b": "the server is down"}
    assert total(run.judged) == Score(2, 1, 1, 2, 1)
    assert moody.closed


def test_extractors_by_name() -> None:
    assert type(make_extractor("rules")) is RuleExtractor
    assert type(make_extractor("local")) is LocalExtractor
    endpoint = Endpoint("m", "http://127.0.0.1:9/v1", "key")
    assert {type(make_extractor(name, endpoint)).__name__ for name in ("llm", "hybrid")} == {
        "LLMExtractor",
        "HybridExtractor",
    }
    assert isinstance(make_extractor("extraction:RuleExtractor"), Extractor)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("llm", "give --model"),
        ("magic", "no extractor 'magic': give one of rules, local, llm, hybrid, or package.module:name"),
        ("no_such_module:X", "No module named"),
        ("extraction:Nothing", "has no attribute 'Nothing'"),
        ("extraction:Catalogue", "no method 'extract'"),
    ],
)
def test_what_is_no_extractor_is_refused(name: str, says: str) -> None:
    with pytest.raises(UnknownExtractor, match=says):
        make_extractor(name)
