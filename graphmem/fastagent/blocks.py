"""The block with what is remembered: where it stands in a prompt. Pure functions over messages; none changes its argument."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphmem.compose.page import CLOSING, OPENING

if TYPE_CHECKING:
    from fast_agent.types import PromptMessageExtended

_META_KEY = "graphmem"


def said(message: PromptMessageExtended) -> str:
    """Return the words of a message: its text parts, without attachments and resources."""
    return "\n".join(block.text for block in message.content if block.type == "text")


def newest_user_message(messages: Sequence[PromptMessageExtended]) -> PromptMessageExtended | None:
    """Return the last message that a user wrote: no tool result, no template; None when there is none."""
    return next((m for m in reversed(messages) if _is_users(m)), None)


def fenced(text: str) -> str:
    """Return the text of a block: what has a context in it as it is, anything else within the same fence; empty for nothing."""
    text = text.strip()
    return text if not text or OPENING in text else f"{OPENING}\n{text}\n{CLOSING}"


def with_block(messages: Sequence[PromptMessageExtended], text: str, block: str) -> list[PromptMessageExtended]:
    """Return ``messages`` with ``block`` at the end of the user's message whose words are ``text``, in one place at most.

    The newest such message has it; when none has these words, the newest of the user's; when there is none, nothing is added.
    """
    if any(_is_block(part) for message in messages for part in message.content):
        return list(messages)
    places = [i for i, m in enumerate(messages) if m.role == "user" and not m.is_template]
    exact = [i for i in places if said(messages[i]) == text and (text or not messages[i].tool_results)]
    chosen = exact or [i for i in places if _is_users(messages[i])]
    if not chosen:
        return list(messages)
    i = chosen[-1]
    return [*messages[:i], _with_part(messages[i], block), *messages[i + 1 :]]


def _with_part(message: PromptMessageExtended, block: str) -> PromptMessageExtended:
    from mcp_types import TextContent

    part = TextContent(type="text", text=block, _meta={_META_KEY: True})
    return message.model_copy(update={"content": [*message.content, part]})


def _is_users(message: PromptMessageExtended) -> bool:
    return message.role == "user" and not message.tool_results and not message.is_template


def _is_block(part: object) -> bool:
    return bool((getattr(part, "meta", None) or {}).get(_META_KEY))
