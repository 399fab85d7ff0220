"""From the text of an answer to the objects in it: JSON, alone, in a code fence, or after some talk."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_THOUGHTS = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_DECODER = json.JSONDecoder()
_FENCE = re.compile(r"```[\w-]*[ \t]*\r?\n(.*?)```", re.DOTALL)


class InvalidAnswer(ValueError):
    """An answer that cannot be used; ``str()`` says why, in words that can be shown to the model and to a user."""


def facts_in(text: str) -> list[dict[str, Any]]:
    """Return the facts that an answer lists, as they came.

    Raises:
        InvalidAnswer: there is no JSON in it, or none of the expected shape.
    """
    if not text.strip():
        raise InvalidAnswer("it is empty")
    problem = "it holds no JSON"
    for candidate in _candidates(_THOUGHTS.sub("", text)):
        try:
            value, _ = _DECODER.raw_decode(candidate)
        except json.JSONDecodeError as error:
            problem = f"it is not valid JSON ({error.msg} at character {error.pos})"
            continue
        except RecursionError:
            problem = "it is nested too deeply"
            continue
        facts = value.get("facts") if isinstance(value, dict) else value
        if isinstance(facts, list) and all(isinstance(fact, dict) for fact in facts):
            return facts
        problem = 'it is not an object with a list "facts" of objects'
    raise InvalidAnswer(problem)


def _candidates(text: str) -> Iterator[str]:
    """Yield what may be the JSON of an answer: fenced blocks, then whatever begins with a brace or a bracket."""
    for part in (*_FENCE.findall(text), text):
        starts = sorted(start for start in (part.find("{"), part.find("[")) if start >= 0)
        yield from (part[start:] for start in starts)
