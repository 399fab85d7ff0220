"""Link keys and search terms of long texts."""

from __future__ import annotations

from graphmem.text import MAX_LINK_WORDS, MAX_PROBE_WORDS, link_keys_of, probe


def words(start: int, stop: int) -> str:
    return " ".join(f"w{i}" for i in range(start, stop))


def test_a_short_text_names_the_same_in_full_and_as_a_query():
    for text in ("", "the of and", "Ana's New York City", words(0, MAX_PROBE_WORDS)):
        assert link_keys_of(text) == probe(text).keys


def test_of_a_long_query_its_ends_count():
    sought = probe(words(0, 3 * MAX_PROBE_WORDS))
    half = MAX_PROBE_WORDS // 2
    assert sought.terms == tuple((words(0, half) + " " + words(5 * half, 6 * half)).split())


def test_a_long_message_is_read_as_a_whole():
    keys = link_keys_of(f"{words(0, 1000)} New York City {words(1000, 2000)}")
    assert "new york city" in keys
    assert {f"w{i}" for i in range(2000)} <= set(keys)


def test_of_a_message_past_all_measure_its_ends_count():
    keys = {key for key in link_keys_of(words(0, 2 * MAX_LINK_WORDS)) if " " not in key}
    half = MAX_LINK_WORDS // 2
    assert keys == {f"w{i}" for i in (*range(half), *range(3 * half, 4 * half))}
