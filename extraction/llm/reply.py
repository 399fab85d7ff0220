"""From a chat completion to the text of its answer, or what is wrong with it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from extraction.records import Usage


@dataclass(frozen=True, slots=True)
class Reply:
    """An endpoint's answer.

    Args:
        text: the model's words.
        problem: why they cannot be used, or None.
        usage: what it cost.
    """

    text: str
    problem: str | None
    usage: Usage


def read_reply(completion: object) -> Reply:
    """Return what a completion says. Endpoints leave out what they like, so nothing is taken for granted."""
    usage = _usage(getattr(completion, "usage", None))
    choices = getattr(completion, "choices", None)
    if not isinstance(choices, list) or not choices:
        return Reply("", "the endpoint gave no choices", usage)
    choice = choices[0]
    message = getattr(choice, "message", None)
    content = getattr(message, "content", None)
    text = content if isinstance(content, str) else ""
    reason = getattr(choice, "finish_reason", None)
    if getattr(message, "refusal", None):
        return Reply("", "the model refused", usage)
    if reason == "content_filter":
        return Reply("", "a content filter withheld it", usage)
    if reason == "length":
        return Reply(text, "it was cut off at the length limit", usage)
    return Reply(text, None if text.strip() else "it is empty", usage)


def _usage(told: object) -> Usage:
    return Usage(1, _count(told, "prompt_tokens"), _count(told, "completion_tokens"))


def _count(told: object, name: str) -> int:
    number = getattr(told, name, None)
    return int(number) if isinstance(number, int | float) and number > 0 else 0
