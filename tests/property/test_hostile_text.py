"""Whatever anybody gives to a public entry that reads text: an answer or an error of graphmem's, and never anything else."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hostile_inputs import INTERACTIONS, JSON, LONG, SHORT, TEXTS, give
from hypothesis import strategies as st

from extraction import Catalogue, ExtractionContext, RuleExtractor, Turn
from extraction.llm.answer_text import InvalidAnswer
from extraction.llm.parse import parse_answer
from graphmem import cypher
from graphmem.clock import parse_at
from graphmem.compose import fence
from graphmem.interaction import check_id, parse_interaction
from graphmem.stores.sqlite.rows import joined_terms, match_texts
from graphmem.text import link_keys_of, probe, terms
from graphmem.transcripts import Transcript

NOW = datetime(2024, 3, 1, tzinfo=UTC)
RULES = RuleExtractor()
CATALOGUE = Catalogue()

ANSWERS = st.one_of(
    TEXTS,
    st.lists(
        st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(
                (
                    "subject",
                    "predicate",
                    "object",
                    "evidence",
                    "status",
                    "polarity",
                    "valid_from",
                    "valid_to",
                    "message",
                ),
                st.one_of(JSON, st.sampled_from(["user", "LIVES_IN", "Porto", "I live in Porto.", "current", 0, 1])),
            ),
        ),
        max_size=3,
    ).map(lambda facts: json.dumps({"facts": facts})),
)
FILES = st.tuples(
    st.sampled_from(["chat.txt", "chat.json", "chat.jsonl", "chat"]),
    st.one_of(
        TEXTS,
        INTERACTIONS.map(json.dumps),
        st.lists(INTERACTIONS.map(json.dumps), max_size=3).map("\n".join),
        st.binary(max_size=60),
    ),
)


def _extract(text: str) -> None:
    asyncio.run(RULES.extract([Turn("user", text)]))


def _search(text: str) -> None:
    sought = probe(text)
    assert all('"' not in term for term in sought.terms)
    for query in match_texts("u", sought.terms).values():
        assert query.count('"') == 2
    joined_terms(text)
    terms(text)
    link_keys_of(text)


def _fence(text: str) -> None:
    """What is cleaned stays on its line and steers nothing."""
    assert not any(c in fence.clean(text) for c in "\n\r\x00\x1b\u202e\u2066")


def _cypher(text: str) -> None:
    cypher.check_read_only(text)


def _answer(text: str) -> None:
    """What a language model says; an answer of no use is asked for again."""
    with contextlib.suppress(InvalidAnswer):
        parse_answer(text, [Turn("user", "I live in Porto.")], ExtractionContext(), CATALOGUE)


def _transcript(given: tuple[str, str | bytes]) -> None:
    name, content = given
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        transcript = Transcript(path)
        transcript.check()
        assert all(exchange.messages for exchange in transcript.exchanges())


ENTRIES: dict[str, tuple[Callable[[Any], object], st.SearchStrategy[Any]]] = {
    "interaction": (lambda given: parse_interaction(given, now=NOW), INTERACTIONS),
    "id": (lambda given: check_id(given, "user_id"), st.one_of(TEXTS, JSON)),
    "time": (lambda given: parse_at(given), st.one_of(TEXTS, JSON)),
    "search": (_search, TEXTS),
    "cypher": (_cypher, TEXTS),
    "fence": (_fence, TEXTS),
    "extraction": (_extract, TEXTS),
    "answer": (_answer, ANSWERS),
    "transcript": (_transcript, FILES),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_takes_or_refuses_whatever_it_is_given(name: str) -> None:
    give(*ENTRIES[name], SHORT)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_takes_or_refuses_thousands_of_inputs(name: str) -> None:
    give(*ENTRIES[name], LONG)
