"""How an endpoint takes its requests: what it supports is found out by its refusals. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from extraction.llm.schema import SCHEMA_NAME

_OTHER_CAUSES = frozenset(
    {"context_length_exceeded", "content_filter", "invalid_prompt", "string_above_max_length", "model_not_found"}
)


class Format(IntEnum):
    """What makes the answer JSON: a strict schema, JSON mode, or the prompt alone."""

    SCHEMA = 1
    JSON = 2
    TEXT = 3


@dataclass(frozen=True, slots=True)
class Dialect:
    """What an endpoint takes.

    Args:
        format: the best format that it supports.
        temperature: whether a temperature may be given (some reasoning models take only their own).
    """

    format: Format = Format.SCHEMA
    temperature: bool = True

    def options(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the options of a request that depend on the dialect."""
        options: dict[str, Any] = {"temperature": 0} if self.temperature else {}
        if self.format is Format.SCHEMA:
            options["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": SCHEMA_NAME, "strict": True, "schema": schema},
            }
        elif self.format is Format.JSON:
            options["response_format"] = {"type": "json_object"}
        return options


def simpler(dialect: Dialect, status: int, code: str | None, param: str | None) -> Dialect | None:
    """Return the dialect to try after a request was refused, or None when the dialect cannot be the reason.

    Servers say very differently that they lack a format, so any refusal (400, 422) counts that names no other cause;
    whether it was the format shows in the next request.

    Args:
        dialect: that of the refused request.
        status: the HTTP status.
        code, param: the endpoint's own words for the cause and the parameter, or None.
    """
    if status not in (400, 422) or code in _OTHER_CAUSES:
        return None
    if param == "temperature":
        return replace(dialect, temperature=False) if dialect.temperature else None
    return None if dialect.format is Format.TEXT else replace(dialect, format=Format(dialect.format + 1))
