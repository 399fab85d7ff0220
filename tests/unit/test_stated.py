"""Statements in an export: they come back as they were, and what cannot be one is refused by name."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from extraction import Catalogue, EntityMention
from graphmem.errors import InvalidInteraction
from graphmem.records import FactStatus, Statement
from graphmem.stated import read_statement, statement_record

SAID = Statement(
    id="1",
    session_id="s",
    message_id="m",
    at=datetime(2024, 3, 1, tzinfo=UTC),
    order=10_000,
    subject=EntityMention("User", "User"),
    predicate="LIVES_IN",
    object=EntityMention("Porto", "Place", ("Oporto",)),
    status=FactStatus.ENDED,
    valid_from="2020",
    valid_to="2024-02",
    confidence=0.9,
    evidence="I lived in Porto",
)


def record(**changes: object) -> dict[str, object]:
    return {**json.loads(json.dumps(statement_record(SAID))), **changes}


def test_a_statement_comes_back_as_it_was() -> None:
    assert read_statement(record(), Catalogue()) == SAID


def test_a_relation_of_a_larger_catalogue_is_taken_as_it_is() -> None:
    assert read_statement(record(predicate="DRIVES"), Catalogue()).predicate == "DRIVES"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"id": 7}, "id must be a text"),
        ({"message_id": ""}, "message_id must be a text"),
        ({"at": "yesterday"}, "is not a time"),
        ({"at": None}, "is not a time"),
        ({"order": "first"}, "order is 'first'"),
        ({"order": -1}, "order is -1"),
        ({"predicate": "lives in"}, "predicate 'lives in'"),
        ({"predicate": None}, "predicate is NoneType"),
        ({"status": "over"}, "'over' is not a valid FactStatus"),
        ({"valid_from": "2024-02-30"}, "valid_from '2024-02-30'"),
        ({"valid_to": 2024}, "valid_to 2024"),
        ({"confidence": 2}, "confidence 2"),
        ({"confidence": float("nan")}, "confidence nan"),
        ({"evidence": None}, "evidence is NoneType"),
        ({"evidence": "\ud800"}, "surrogates not allowed"),
        ({"verb": []}, "verb is list"),
        ({"replaces": 1}, "replaces is 1"),
        ({"more": 1}, "unexpected keyword argument 'more'"),
        ({"subject": {"name": " ", "label": "User", "aliases": []}}, "subject's name is empty"),
        ({"object": {"name": "Porto", "label": "place`) DETACH DELETE n //", "aliases": []}}, "label"),
        ({"object": {"name": "Porto", "label": "Place", "aliases": "Oporto"}}, "aliases of the object are str"),
        ({"object": {"name": "Porto", "label": "Place", "aliases": [None]}}, "object's alias is NoneType"),
        ({"object": {"name": "Porto", "label": "Place", "aliases": [], "unnamed": "no"}}, "unnamed is 'no'"),
    ],
)
def test_what_cannot_be_a_statement_is_refused_by_name(changes: dict[str, object], says: str) -> None:
    with pytest.raises((TypeError, ValueError, InvalidInteraction), match=says):
        read_statement(record(**changes), Catalogue())


@pytest.mark.parametrize("key", ["id", "at", "predicate", "subject", "order"])
def test_what_is_missing_is_named(key: str) -> None:
    broken = record()
    del broken[key]
    with pytest.raises((KeyError, TypeError), match=key):
        read_statement(broken, Catalogue())
