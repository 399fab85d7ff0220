"""The JSON schema of an answer, generated from the catalogue."""

from __future__ import annotations

from typing import Any

from extraction.catalogue import Catalogue
from extraction.records import FactStatus

SCHEMA_NAME = "facts"


def answer_schema(catalogue: Catalogue) -> dict[str, Any]:
    """Return the schema that an answer must have.

    It keeps to what every endpoint with strict schemas takes: each property required, none besides, no references.
    The quotation comes first, so that a model looks for the words before it says what they mean.
    """
    fact = _object(
        quote={"type": "string", "description": "the words of the turn that state the fact, letter for letter"},
        turn={"type": "integer", "description": "number of the turn that is quoted"},
        subject=_entity(catalogue),
        predicate={"type": "string", "enum": [relation.predicate for relation in catalogue]},
        object=_entity(catalogue),
        status={"type": "string", "enum": [status.value for status in FactStatus]},
        valid_from=_optional_text("when it became true: YYYY, YYYY-MM or YYYY-MM-DD; null when not said"),
        valid_to=_optional_text("when it stopped being true, in the same form; null when not said"),
        replaces={"type": "boolean", "description": "the other values of this predicate end: a new job, a switch"},
        ends_all={"type": "boolean", "description": "with status ended: every value ends and none is named"},
        verb=_optional_text("only for RELATED_TO: the words between subject and object, in the third person"),
        stated={"type": "boolean", "description": "true when said outright, false when only implied"},
    )
    return _object(facts={"type": "array", "items": fact})


def _entity(catalogue: Catalogue) -> dict[str, Any]:
    return _object(
        name={"type": "string"},
        label={"type": "string", "enum": sorted(catalogue.labels)},
        aliases={"type": "array", "items": {"type": "string"}},
        unnamed={"type": "boolean", "description": "true when the name is a relation word and not a name"},
    )


def _optional_text(description: str) -> dict[str, Any]:
    return {"type": ["string", "null"], "description": description}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
