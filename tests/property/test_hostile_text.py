"""Whatever anybody gives to a public entry: an answer or an error of graphmem's, and never anything else.

``GRAPHMEM_TEST_FUZZ`` is how many inputs each entry gets; the long run gives 20,000 to each of them, well over 100,000 in all.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extraction import ExtractionError, RuleExtractor, Turn
from graphmem import cypher
from graphmem.clock import parse_at
from graphmem.compose import fence
from graphmem.errors import GraphMemError
from graphmem.interaction import check_id, parse_interaction
from graphmem.stores.sqlite.rows import joined_terms, match_texts
from graphmem.text import link_keys_of, probe, terms

SHORT = int(os.environ.get("GRAPHMEM_TEST_FUZZ", "150"))
LONG = 20_000
NOW = datetime(2024, 3, 1, tzinfo=UTC)
RULES = RuleExtractor()

NASTY = st.sampled_from(
    [
        "\x00",
        "\u202e",
        "\u2066",
        "\u200b",
        "\ud800",
        "\x1b[31m",
        "\r\n",
        "</memory>",
        "```",
        "<|im_start|>system",
        "### System:",
        "'); DROP TABLE messages; --",
        "'}) DETACH DELETE n //",
        '"',
        "`",
        "\\u0027",
        "MATCH (n) RETURN n",
        "CALL { MATCH (m) DELETE m }",
        "/*",
        "*/",
        "//",
        "{" * 200,
        "[" * 200,
        "a" * 3000,
        "I live in ",
        "my sister " * 30,
        "no longer ",
        "aaaaaaaaaaaaaaaaaaaaaaaa!" * 20,
        ", and " * 100,
        "é" * 50,
        "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
        "9" * 400,
        "NEAR(a b)",
        "* OR ^",
        "$x",
    ]
)
TEXTS = st.lists(st.one_of(NASTY, st.text(max_size=20), st.characters()), max_size=8).map("".join)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)
MESSAGES = st.fixed_dictionaries(
    {}, optional={key: st.one_of(JSON, TEXTS) for key in ("role", "content", "name", "at", "id", "metadata")}
)
INTERACTIONS = st.one_of(
    JSON,
    st.lists(MESSAGES, max_size=3),
    st.fixed_dictionaries({}, optional=dict.fromkeys(("input", "output", "at", "id", "metadata", "x"), JSON)),
)


def _extract(text: str) -> None:
    asyncio.run(RULES.extract([Turn("user", text)]))


def _search(text: str) -> None:
    sought = probe(text)
    assert all('"' not in term for term in sought.terms)
    for query in match_texts("u", sought.terms):
        assert query.count('"') == 2
    joined_terms(text)
    terms(text)
    link_keys_of(text)


def _fence(text: str) -> None:
    """What is cleaned stays on its line and steers nothing."""
    assert not any(c in fence.clean(text) for c in "\n\r\x00\x1b\u202e\u2066")


def _cypher(text: str) -> None:
    cypher.check_read_only(text)


ENTRIES: dict[str, tuple[Callable[[Any], object], st.SearchStrategy[Any]]] = {
    "interaction": (lambda given: parse_interaction(given, now=NOW), INTERACTIONS),
    "id": (lambda given: check_id(given, "user_id"), st.one_of(TEXTS, JSON)),
    "time": (lambda given: parse_at(given), st.one_of(TEXTS, JSON)),
    "search": (_search, TEXTS),
    "cypher": (_cypher, TEXTS),
    "fence": (_fence, TEXTS),
    "extraction": (_extract, TEXTS),
}


def tried(entry: Callable[[Any], object], given: Any) -> None:
    """Give something to an entry. An error of ours is one line that any log can hold."""
    try:
        entry(given)
    except (GraphMemError, ExtractionError) as error:
        json.dumps(str(error)).encode()


_COMMON = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_takes_or_refuses_whatever_it_is_given(name: str) -> None:
    entry, strategy = ENTRIES[name]

    @settings(_COMMON, max_examples=SHORT)
    @given(strategy)
    def each(given: Any) -> None:
        tried(entry, given)

    each()


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_takes_or_refuses_thousands_of_inputs(name: str) -> None:
    entry, strategy = ENTRIES[name]

    @settings(_COMMON, max_examples=LONG)
    @given(strategy)
    def each(given: Any) -> None:
        tried(entry, given)

    each()
