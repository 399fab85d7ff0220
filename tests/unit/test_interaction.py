"""What ``store`` accepts, and what it says about the rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmem import Limits
from graphmem.errors import InvalidInteraction
from graphmem.interaction import (
    MAX_ID_CHARS,
    check_id,
    parse_interaction,
)

LIMITS = Limits()
NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def parse(interaction):
    return parse_interaction(interaction, now=NOW)


def test_a_pair_is_two_messages_said_now():
    question, answer = parse({"input": "hi", "output": "hello"})
    assert (question.role, question.text, question.at) == ("user", "hi", NOW)
    assert (answer.role, answer.text, answer.at) == ("assistant", "hello", NOW)
    assert answer.id == f"{question.id}:reply"


def test_ids_and_times_of_a_pair_are_the_callers():
    question, answer = parse({"input": "hi", "output": "hello", "id": "m1", "at": "2023-01-02T03:04:05+02:00"})
    assert (question.id, answer.id) == ("m1", "m1:reply")
    assert question.at == datetime(2023, 1, 2, 1, 4, 5, tzinfo=UTC)


def test_a_message_without_a_reply_is_stored_alone():
    assert [m.role for m in parse({"input": "hi"})] == ["user"]
    assert [m.role for m in parse({"input": "hi", "output": None})] == ["user"]


def test_a_list_keeps_order_names_ids_and_times():
    at = datetime(2022, 1, 1, tzinfo=timezone(timedelta(hours=-5)))
    first, second = parse(
        [
            {"role": "user", "content": "hey", "name": "Ana", "id": "a", "at": at},
            {"role": "assistant", "content": "yo", "id": "b"},
        ]
    )
    assert (first.name, first.id, first.at) == ("Ana", "a", at)
    assert (second.name, second.id, second.at) == (None, "b", NOW)


def test_text_parts_of_a_content_list_count_and_others_do_not():
    content = [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": "x"}},
        {"type": "text", "text": "here"},
    ]
    assert [m.text for m in parse([{"role": "user", "content": content}])] == ["look\n\nhere"]


def test_a_reply_that_only_calls_tools_has_no_content():
    assert [m.text for m in parse([{"role": "assistant", "content": None, "tool_calls": []}])] == [""]


@pytest.mark.parametrize(
    ("interaction", "says"),
    [
        ("hello", "cannot be str"),
        (None, "cannot be NoneType"),
        ([], "without messages"),
        ({}, "no words"),
        ({"input": None, "output": None}, "no words"),
        ({"input": "a", "outputs": "b"}, "unknown key 'outputs'"),
        ({"input": 3}, "input is int"),
        ({"input": "a", "at": "yesterday"}, "ISO 8601"),
        ({"input": "a", "at": datetime(2024, 1, 1)}, "no time zone"),
        ({"input": "a", "id": ""}, "id must be a text"),
        ({"input": "a\ud800"}, "surrogate"),
        ([{"role": "boss", "content": "x"}], "role 'boss' is not one of user, assistant"),
        ([{"role": "user"}], "message 0: content is NoneType"),
        ([{"role": "user", "content": "x"}, "y"], "message 1 is str"),
        ([{"role": "user", "content": "x", "id": "1"}, {"role": "user", "content": "y", "id": "1"}], "used twice"),
        ({"input": "x" * (LIMITS.message_chars + 1)}, "the limit is 1,000,000"),
    ],
)
def test_what_is_no_interaction_is_refused_with_what_would_be(interaction, says):
    with pytest.raises(InvalidInteraction, match=says):
        parse(interaction)


def test_ids_have_a_limit():
    assert check_id("x" * MAX_ID_CHARS, "user_id")
    with pytest.raises(InvalidInteraction, match="user_id has 1,001 characters"):
        check_id("x" * (MAX_ID_CHARS + 1), "user_id")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["input", "output", "role", "content", "id", "at"]), inner)
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_gives_messages_or_a_clear_error(value):
    try:
        messages = parse(value)
    except InvalidInteraction as error:
        said = str(error)
        messages = ()
    else:
        said = "fine"
        assert messages
    assert said
    assert "\n" not in said
    assert len({m.id for m in messages}) == len(messages)


def test_metadata_of_a_pair_goes_with_its_first_message_as_canonical_json():
    metadata = {"b": [1, None, "é"], "a": {"z": 1.5, "y": True}}
    question, answer = parse({"input": "hi", "output": "hello", "metadata": metadata})
    assert question.metadata == '{"a":{"y":true,"z":1.5},"b":[1,null,"é"]}'
    assert answer.metadata is None
    (alone,) = parse({"output": "hello", "metadata": {"a": 1}})
    assert alone.metadata == '{"a":1}'


def test_metadata_of_a_list_goes_with_each_message():
    said = [{"role": "user", "content": "hi", "metadata": given} for given in ({"n": 1}, None, {})]
    assert [m.metadata for m in parse([*said, {"role": "user", "content": "hi"}])] == ['{"n":1}', None, None, None]


def test_metadata_as_large_as_the_limit_is_kept():
    assert parse({"input": "hi", "metadata": {"a": "é" * ((LIMITS.metadata_bytes - 8) // 2)}})[0].metadata is not None


_CIRCULAR: dict[str, object] = {}
_CIRCULAR["self"] = _CIRCULAR


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        ("text", "metadata is str; give an object"),
        ([1], "metadata is list; give an object"),
        ({"at": NOW}, "metadata cannot be written as JSON: .*datetime"),
        ({"n": float("nan")}, "metadata cannot be written as JSON"),
        ({1: "a", "b": 2}, "metadata cannot be written as JSON"),
        ({"s": {1, 2}}, "metadata cannot be written as JSON: .*set"),
        (_CIRCULAR, "metadata cannot be written as JSON"),
        ({"half": "\ud800"}, "metadata has half of a surrogate pair"),
        ({"a": "x" * LIMITS.metadata_bytes}, "metadata has 65,544 bytes of JSON; the limit is 65,536"),
    ],
)
def test_metadata_that_cannot_be_kept_is_refused(metadata, says):
    with pytest.raises(InvalidInteraction, match=f"^{says}"):
        parse({"input": "hi", "metadata": metadata})
    with pytest.raises(InvalidInteraction, match=f"^message 0: {says}"):
        parse([{"role": "user", "content": "hi", "metadata": metadata}])
