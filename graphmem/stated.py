"""Statements as plain values, and back. What comes back comes from a file that anybody may have changed, so it is checked whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from extraction.catalogue import Catalogue, Relation
from extraction.llm.dates import is_edtf
from extraction.records import EntityMention, FactStatus
from graphmem.clock import parse_at, to_text
from graphmem.interaction import check_id
from graphmem.records import Statement


def statement_record(statement: Statement) -> dict[str, Any]:
    """Return a statement as JSON values."""
    return {**asdict(statement), "at": to_text(statement.at), "status": statement.status.value}


def read_statement(record: Mapping[str, Any], catalogue: Catalogue) -> Statement:
    """Return the statement that `statement_record` made a record of.

    Args:
        record: the record.
        catalogue: the relations; one that is not in it is taken as it is, when it is formed like one.

    Raises:
        KeyError, TypeError, ValueError, InvalidInteraction: something is missing, too much, or cannot be.
    """
    for key in ("id", "session_id", "message_id"):
        check_id(record[key], key)
    predicate = catalogue.get(_text(record["predicate"], "predicate")).predicate
    at = parse_at(record["at"])
    statement = Statement(
        **{
            **record,
            "at": at,
            "predicate": predicate,
            "status": FactStatus(record["status"]),
            "subject": _mention(record["subject"], "subject"),
            "object": _mention(record["object"], "object"),
        }
    )
    _whole_number(statement.order, "order")
    for key in ("valid_from", "valid_to"):
        date = getattr(statement, key)
        if date is not None and not (isinstance(date, str) and is_edtf(date)):
            raise ValueError(f"{key} {date!r} is no year, month or day such as 2024, 2024-11 or 2024-11-19")
    sure = statement.confidence
    if isinstance(sure, bool) or not isinstance(sure, int | float) or not 0 <= sure <= 1:
        raise ValueError(f"confidence {sure!r} is no number from 0 to 1")
    _text(statement.evidence, "evidence")
    if statement.verb is not None:
        _text(statement.verb, "verb")
    _flag(statement.replaces, "replaces")
    return statement


def _mention(record: Mapping[str, Any], where: str) -> EntityMention:
    aliases = record["aliases"]
    if not isinstance(aliases, Sequence) or isinstance(aliases, str):
        raise TypeError(f"aliases of the {where} are {type(aliases).__name__}, not a list of texts")
    mention = EntityMention(**{**record, "aliases": tuple(_name(alias, f"{where}'s alias") for alias in aliases)})
    _name(mention.name, f"{where}'s name")
    # a relation's labels are what reaches a database, so an entity's are held to the same form
    Relation("NAMED", _text(mention.label, f"{where}'s label"), ("", "", ""))
    _flag(mention.unnamed, f"{where}'s unnamed")
    return mention


def _name(value: object, where: str) -> str:
    text = _text(value, where)
    if not text.strip():
        raise ValueError(f"the {where} is empty")
    return text


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"the {where} is {type(value).__name__}, not a text")
    value.encode()
    return value


def _whole_number(value: object, where: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise ValueError(f"the {where} is {value!r}, not a whole number")


def _flag(value: object, where: str) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"the {where} is {value!r}, not true or false")
