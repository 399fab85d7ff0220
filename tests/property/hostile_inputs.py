"""Inputs that nobody means well with, and how many of them an entry gets.

``GRAPHMEM_TEST_FUZZ`` is how many in the short tests; the long ones give 20,000 to each entry.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from extraction import ExtractionError
from graphmem.errors import GraphMemError

SHORT = int(os.environ.get("GRAPHMEM_TEST_FUZZ", "150"))
LONG = 20_000
PORTION = 1_000
"""Hypothesis remembers every input of a run and looks for a new one ever longer, so a long run is many short ones."""

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


def tried(entry: Callable[[Any], object], given: Any) -> None:
    """Give something to an entry. An error of ours is a text that any log can hold."""
    try:
        entry(given)
    except (GraphMemError, ExtractionError) as error:
        str(error).encode()


def give(entry: Callable[[Any], object], strategy: st.SearchStrategy[Any], number: int, first: int = 0) -> None:
    """Give ``number`` inputs to an entry, in portions, each with a seed of its own from ``first`` on."""
    for portion in range(0, number, PORTION):

        @seed(first + portion)
        @settings(
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            max_examples=min(PORTION, number - portion),
        )
        @given(strategy)
        def each(given: Any) -> None:
            tried(entry, given)

        each()
