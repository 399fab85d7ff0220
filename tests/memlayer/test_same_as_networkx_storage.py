"""On the same calls, `GraphStorage` answers as memlayer's own ``NetworkXStorage``: random calls to both, answer by answer."""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
import time
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memlayer.storage.networkx import NetworkXStorage

from graphmem.config import MemLayerConfig
from graphmem.memlayer import GraphStorage
from graphmem.sync import MemLayer

NAMES = [
    "User",
    "the user",
    "Watson",
    "watson",
    "Dr. Watson",
    "Emma Watson",
    "Watson Emma",
    "Dr. Emma Watson",
    "Emma J. Watson of Baker Street in London",
    "Emma J. Watson of Baker Street in Londons",
    "Atlas",
    "Project Atlas",
    "Zürich",
    "ana",
    " ana ",
    "?!",
    "",
    "  ",
    "default_user",
]
TYPES = ["Concept", "Person", "person", "Project", "Place", "User", "Task", "", None, ["Person"]]
PREDICATES = ["works on", "likes", "LIVES_IN", "is a", "has_task", "knows — {o} \\ 'well'", "", " "]
METADATA = [
    None,
    {},
    {"importance_score": 0.9, "expiration_timestamp": 1.5},
    {"type": "Place", "color": ["red", {"deep": None}]},
]

names = st.sampled_from(NAMES)
metadata = st.sampled_from(METADATA)
calls = st.one_of(
    st.tuples(st.just("add_entity"), st.tuples(names, st.sampled_from(TYPES), metadata)),
    st.tuples(st.just("add_entity"), st.tuples(names)),
    st.tuples(st.just("add_relationship"), st.tuples(names, st.sampled_from(PREDICATES), names)),
    st.tuples(st.just("add_relationship"), st.tuples(names, st.sampled_from(PREDICATES), names, metadata)),
    st.tuples(st.just("get_related_concepts"), st.tuples(names, st.integers(-1, 4))),
    st.tuples(st.just("find_matching_nodes"), st.tuples(names, st.sampled_from([0.0, 0.4, 0.7, 1.0]))),
    st.tuples(st.just("get_subgraph_context"), st.tuples(names, st.integers(0, 3))),
    st.tuples(
        st.just("add_task"),
        st.tuples(st.sampled_from(["Call Ana", "Pay", ""]), st.sampled_from([0, 1.0, 9e9]), names),
    ),
    st.tuples(st.just("get_pending_tasks"), st.just(())),
    st.tuples(st.just("get_due_tasks_for_user"), st.tuples(names)),
    st.tuples(
        st.just("update_task_status"),
        st.tuples(st.one_of(names, st.integers(0, 3)), st.sampled_from(["pending", "triggered", "completed"])),
    ),
    st.tuples(st.just("track_memory_access"), st.tuples(st.lists(names, max_size=4))),
    st.tuples(st.just("get_all_memories_for_curation"), st.just(())),
    st.tuples(
        st.just("update_memory_status"),
        st.tuples(st.one_of(names, st.integers(0, 3)), st.sampled_from(["archived", "active"])),
    ),
    st.tuples(st.just("delete_memory"), st.tuples(st.one_of(names, st.integers(0, 3)))),
)
TASK_ID = re.compile(r"task_[0-9a-f]{12}")


class Side:
    """One of the two storages, with the tasks that it made: a number in a call is the number of a task."""

    def __init__(self, storage: Any) -> None:
        self.storage = storage
        self.tasks: list[str] = []

    def does(self, verb: str, args: tuple[Any, ...]) -> Any:
        first = self._task(args[0]) if args and isinstance(args[0], int) and verb != "add_task" else None
        outcome = getattr(self.storage, verb)(*((first, *args[1:]) if first else args))
        if verb == "add_task" and outcome:
            self.tasks.append(outcome)
        return self.plain(outcome)

    def whole(self) -> Any:
        graph = self.storage.graph
        return self.plain(
            [list(graph.nodes(data=True)), [(n, list(graph[n].items()), list(graph.pred[n])) for n in graph]]
        )

    def _task(self, number: int) -> str:
        return self.tasks[number] if number < len(self.tasks) else "task_000000000000"

    def plain(self, value: Any) -> Any:
        """An answer with ids of tasks by number, and times only as whether they are there."""
        if isinstance(value, str):
            return TASK_ID.sub(lambda m: f"task {self.tasks.index(m[0])}" if m[0] in self.tasks else m[0], value)
        if isinstance(value, dict):
            return {
                self.plain(k): abs(v - time.time()) < 3600 if str(k).endswith(("d_timestamp",)) else self.plain(v)
                for k, v in value.items()
            }
        return [self.plain(v) for v in value] if isinstance(value, list | tuple) else value


def check(memory: MemLayer, sequence: list[tuple[str, tuple[Any, ...]]]) -> None:
    """Make the same calls to both and compare each answer, and the graphs in the end."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        theirs, ours = Side(NetworkXStorage(folder)), Side(GraphStorage(memory, f"user-{uuid4().hex}"))
        for verb, args in sequence:
            assert ours.does(verb, args) == theirs.does(verb, args), (verb, args)
        assert ours.whole() == theirs.whole()


@settings(max_examples=150)
@given(st.lists(calls, max_size=25))
def test_every_answer_is_the_same_on_sqlite(sequence):
    with MemLayer(config=MemLayerConfig(connection_url=":memory:", extractor="none")) as memory:
        check(memory, sequence)


@pytest.mark.slow
@settings(max_examples=500)
@given(st.lists(calls, max_size=50))
def test_every_answer_is_the_same_on_sqlite_in_long_runs(sequence):
    with MemLayer(config=MemLayerConfig(connection_url=":memory:", extractor="none")) as memory:
        check(memory, sequence)


def test_every_answer_is_the_same_on_neo4j(neo4j_config):
    with MemLayer(config=neo4j_config) as memory:

        @settings(max_examples=15)
        @given(st.lists(calls, min_size=8, max_size=20))
        def compare(sequence):
            check(memory, sequence)

        compare()
