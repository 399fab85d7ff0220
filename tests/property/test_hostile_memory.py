"""Whatever anybody gives to a verb of a memory, or has it read back: an answer or an error of graphmem's, and a store that is whole."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hostile_inputs import INTERACTIONS, JSON, LONG, PORTION, SHORT, TEXTS, give
from hypothesis import strategies as st

from extraction import RuleExtractor
from graphmem import MemLayerConfig
from graphmem.checking import REMARKS
from graphmem.sync import MemLayer

RULES = RuleExtractor()
ANY = st.one_of(TEXTS, st.sampled_from(["u", "s", "m", "", None]), JSON)
QUERIES = st.one_of(
    TEXTS,
    st.tuples(
        st.sampled_from(
            [
                "MATCH (n) RETURN n.name AS x, '{}' AS y",
                "MATCH (n) WHERE n.name = $x RETURN n {}",
                "MATCH (u:User)-[:{}]->(p) RETURN p.name",
                "MATCH (n:`{}`) RETURN n.name",
                "RETURN {} AS x",
                "UNWIND [{}] AS x RETURN x",
            ]
        ),
        TEXTS,
    ).map(lambda two: two[0].replace("{}", two[1])),
)

Verb = Callable[[MemLayer, Any, Any, Any], object]
VERBS: dict[str, tuple[Verb, st.SearchStrategy[Any]]] = {
    "store": (lambda m, a, b, c: m.store(a, c, user_id=b), INTERACTIONS),
    "context": (lambda m, a, b, c: str(m.get_context(a, user_id=b, query=c)).encode(), ANY),
    "facts": (lambda m, a, b, c: m.facts(b, about=c, as_of=a), ANY),
    "search": (lambda m, a, b, c: m.search(c, b, kind="any"), ANY),
    "messages": (lambda m, a, b, c: m.messages(a, b, limit=c), ANY),
    "cypher": (lambda m, a, b, c: m.cypher(c, "u", parameters={"x": a}, limit=5, timeout=2.0), QUERIES),
    "cypher of all": (lambda m, a, b, c: m.cypher("RETURN $x AS x", b, parameters=c, scope="all"), ANY),
    "forget": (lambda m, a, b, c: m.forget(session_id=a, message_id=c, user_id=b), ANY),
    "forget a fact": (lambda m, a, b, c: m.forget(user_id=b, fact_id=c), ANY),
    "skip": (lambda m, a, b, c: m.skip(a, b), ANY),
    "stats": (lambda m, a, b, c: m.stats(c), ANY),
    "export": (lambda m, a, b, c: json.dumps(list(m.export(b))), ANY),
    "load": (lambda m, a, b, c: m.load(c), st.lists(JSON, max_size=2)),
}
CALLS = st.sampled_from(sorted(VERBS)).flatmap(lambda name: st.tuples(st.just(name), ANY, ANY, VERBS[name][1]))

with MemLayer(MemLayerConfig(connection_url=":memory:", extractor=RULES)) as _memory:
    _memory.store("s", {"input": "I live in Porto with my sister Ana.", "output": "Nice.", "id": "m"}, user_id="u")
    RECORDS = json.loads(json.dumps(list(_memory.export("u"))))


GONE = "(gone)"
DAMAGE = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.one_of(st.sampled_from([GONE, "u2", "LIVES_IN", "User", "ended", "2024-02-30", "", None]), TEXTS, JSON),
    ),
    min_size=1,
    max_size=2,
)


def _damaged(damage: list[tuple[int, Any]]) -> list[Any]:
    """The export with other values, or none, at some of its places, at any depth."""
    records = copy.deepcopy(RECORDS)
    for number, value in damage:
        places = list(_places(records))
        holder, key = places[number % len(places)]
        if value == GONE:
            del holder[key]
        else:
            holder[key] = value
    return records


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _places(value[key])


def _fresh() -> MemLayer:
    memory = MemLayer(MemLayerConfig(connection_url=":memory:", extractor=RULES))
    memory.load(RECORDS)
    return memory


def call_verbs(number: int) -> None:
    """Each portion has a memory of its own, which is whole afterwards."""
    for first in range(0, number, PORTION):
        with _fresh() as memory:

            def each(given: tuple[str, Any, Any, Any], memory: MemLayer = memory) -> None:
                name, a, b, c = given
                VERBS[name][0](memory, a, b, c)

            give(each, CALLS, min(number, PORTION), first=first)
            assert memory.check() == []


def load_exports(number: int) -> None:
    """What was read of a damaged export can be asked for, and is whole but for messages that it did not have."""

    def each(damage: list[tuple[int, Any]]) -> None:
        with MemLayer(MemLayerConfig(connection_url=":memory:", extractor="none")) as memory:
            try:
                memory.load(_damaged(damage))
            finally:
                assert {found.kind for found in memory.check()} <= REMARKS
                for user in memory.users():
                    json.dumps(list(memory.export(user)))
                    memory.cypher("MATCH (n) RETURN n", user)
                    str(memory.get_context("another", user_id=user, query="Porto")).encode()

    give(each, DAMAGE, number)


def test_a_verb_takes_or_refuses_whatever_it_is_given() -> None:
    call_verbs(SHORT)


def test_an_export_with_anything_in_it_is_loaded_or_refused() -> None:
    load_exports(SHORT)


@pytest.mark.slow
@pytest.mark.long
def test_verbs_take_or_refuse_thousands_of_inputs() -> None:
    call_verbs(LONG)


@pytest.mark.slow
@pytest.mark.long
def test_thousands_of_exports_with_anything_in_them_are_loaded_or_refused() -> None:
    load_exports(LONG)
