"""The pure parts of the Neo4j store: keys, labels and types, rows, and what survives of a decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from contract.builders import changes_of, fact, me, minute, person, place, thing
from hypothesis import given
from hypothesis import strategies as st

from extraction.catalogue import Catalogue
from extraction.records import EntityMention, FactStatus
from graphmem.clock import to_text
from graphmem.errors import StoreError
from graphmem.records import Message, Statement
from graphmem.stores.neo4j.fragments import SEPARATOR
from graphmem.stores.neo4j.keys import MAX_NAME_KEY, message_key, name_key, name_keys, owner_key, session_key
from graphmem.stores.neo4j.ledger import statements_of
from graphmem.stores.neo4j.rows import entity_row, fact_of, fact_row, message_of
from graphmem.stores.neo4j.vocabulary import checked_label, checked_type
from graphmem.text import terms

TEXTS = st.text(max_size=30)
SAID = [Message(id, "s", "u", seq, "user", None, f"text {id}", minute(seq)) for seq, id in enumerate("abc", 1)]


@given(st.text(max_size=400), st.text(max_size=400))
def test_keys_are_short_and_tell_apart(one: str, other: str) -> None:
    """An index entry has a limit; two names never share a key."""
    for key in (owner_key, session_key, name_key):
        assert len(key(one)) <= MAX_NAME_KEY
        assert (key(one) == key(other)) == (one == other)
    assert (message_key(one, other) == message_key(other, one)) == (one == other)


def test_a_key_of_a_message_keeps_session_and_message_apart() -> None:
    """Whatever separates the two may be in either."""
    assert message_key("a", "b:c") != message_key("a:b", "c")


def test_an_entity_is_found_by_its_name_and_its_aliases() -> None:
    """Each once; the other keys are those by which a misspelled name finds it."""
    keys = name_keys(person("u", "Ana", "sister", "ÁNA", "Annie"))
    assert [key for key in keys if not key.startswith("~")] == ["ana", "sister", "annie"]
    assert len(keys) == len(set(keys))


@given(TEXTS)
def test_a_search_term_is_never_syntax(text: str) -> None:
    """Terms stand between quotation marks in a search: they hold none, and no backslash."""
    assert not any(set(term) & set('"\\') for term in terms(text))


def test_the_whole_catalogue_can_be_stored() -> None:
    """Its labels and predicates are no names of graphmem's own nodes and relationships."""
    catalogue = Catalogue()
    assert [checked_label(label) for label in sorted(catalogue.labels)] == sorted(catalogue.labels)
    assert [checked_type(relation.predicate) for relation in catalogue] == [r.predicate for r in catalogue]


@pytest.mark.parametrize(
    "label", ["", "place", "Place`) DETACH DELETE n //", "Two Words", "Plage\n", "Fact", "Message", "Entity", "X" * 101]
)
def test_other_labels_are_refused(label: str) -> None:
    """They would be Cypher, or take an entity for a node of another kind."""
    with pytest.raises(StoreError, match="label"):
        checked_label(label)


@pytest.mark.parametrize("predicate", ["", "likes", "LIKES]->() DELETE", "A B", "SUBJECT", "MENTIONS", "LIKES\n"])
def test_other_predicates_are_refused(predicate: str) -> None:
    """They would be Cypher, or a relationship of the graph's own."""
    with pytest.raises(StoreError, match="predicate"):
        checked_type(predicate)


MENTIONS = st.builds(EntityMention, TEXTS, st.just("Thing"), st.lists(TEXTS, max_size=2).map(tuple), st.booleans())
STATEMENTS = st.builds(
    Statement,
    id=TEXTS,
    session_id=TEXTS,
    message_id=TEXTS,
    at=st.datetimes(
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8))])
    ),
    order=st.integers(),
    subject=MENTIONS,
    predicate=st.just("LIKES"),
    object=MENTIONS,
    status=st.sampled_from(FactStatus),
    valid_from=st.none() | st.just("2024-11"),
    valid_to=st.none() | st.just("2025"),
    confidence=st.floats(0, 1),
    evidence=TEXTS,
    verb=st.none() | TEXTS,
    replaces=st.booleans(),
)


@given(st.lists(STATEMENTS, min_size=1, max_size=3), st.sampled_from(FactStatus), st.lists(TEXTS, max_size=2))
def test_a_fact_comes_back_from_its_row(statements: list[Statement], status: FactStatus, supersedes: list[str]) -> None:
    """Every field, and every field of every statement."""
    one = replace(
        fact(me("u"), "LIKES", thing("u", "tea"), SAID[0], status=status),
        statements=tuple(statements),
        message_ids=tuple(s.message_id for s in statements),
        supersedes=tuple(supersedes),
        retired_at=None if status is FactStatus.CURRENT else statements[-1].at,
    )
    stored = fact_row("u", one)["properties"]
    names = """id predicate polarity status valid_from valid_to recorded_at retired_at confidence source subject_id object_id
    text evidence""".split()
    fields = [stored[name] for name in names]
    rows: list[str | list[Any]] = [fields]
    if SEPARATOR not in one.text:
        rows.append(SEPARATOR.join("" if field is None else str(field) for field in fields))
    for row in rows:
        back = fact_of(row, {e.id: e for e in (one.subject, one.object)})
        assert back == one
        assert back.statements == one.statements


@given(
    st.text(min_size=1, max_size=9),
    st.none() | st.text(min_size=1, max_size=9),
    st.text(max_size=30),
    st.none() | st.just("{}"),
)
def test_a_message_comes_back_from_its_row(id: str, name: str | None, text: str, metadata: str | None) -> None:
    """As one text, or as a list where an id or a name has what separates the fields."""
    one = Message(id, "s", "u", 7, "user", name, text, minute(0), metadata)
    fields = [id, "s", 7, "user", name, to_text(one.at), metadata, text]
    assert message_of(fields, "u") == message_of([*fields, "a key"], "u") == one
    if SEPARATOR not in f"{id}{name}":
        assert message_of(SEPARATOR.join("" if field is None else str(field) for field in fields), "u") == one


def test_only_a_current_fact_has_a_relationship() -> None:
    """With what it says, and for RELATED_TO the verb."""
    now = fact(me("u"), "LIVES_IN", place("u", "Porto"), SAID[0], valid_from="2024")
    assert fact_row("u", now)["present"] == [{"fact_id": now.id, "since": "2024", "confidence": 0.9}]
    for status in ("ended", "negated", "retracted"):
        assert fact_row("u", replace(now, status=FactStatus(status)))["present"] == []
    related = fact(person("u", "Ana"), "RELATED_TO", thing("u", "boat"), SAID[0])
    related = replace(related, statements=(replace(related.statements[0], verb="sails"),))
    assert fact_row("u", related)["present"][0]["text"] == "sails"


def test_an_entity_of_another_form_is_refused() -> None:
    """A label reaches the database only when it looks like one."""
    with pytest.raises(StoreError):
        entity_row(replace(place("u", "Porto"), label="Place:Secret"))


def test_the_statements_of_messages_are_found_in_a_decision() -> None:
    """By the key of their message, in whatever fact they are."""
    both, one = (
        fact(me("u"), "LIKES", thing("u", "tea"), *SAID[:2]),
        fact(me("u"), "LIKES", thing("u", "milk"), SAID[1]),
    )
    changes = changes_of(both, one, fact(me("u"), "LIKES", thing("u", "jam"), SAID[2]))
    gone = frozenset({message_key("s", "b"), message_key("s", "elsewhere")})
    assert statements_of(changes, gone) == {both.statements[1].id, one.statements[0].id}
    assert statements_of(changes, frozenset()) == frozenset()
