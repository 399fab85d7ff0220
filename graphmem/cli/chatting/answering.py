"""Who answers in a chat: a language model, or offline a plain text made of what is remembered."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from graphmem.records import Context, Fact, Hit

INSTRUCTIONS = "You are a friendly assistant who remembers. Answer in a few sentences, in the language of the user."
MODEL_TIMEOUT = 120.0
_SHOWN = 5
_GOOD = 0.5
"""From which share of the best hit on a hit is told."""
_ASKING = re.compile(
    r"^(what|where|who|whom|whose|when|which|why|how|do|does|did|is|are|am|was|were|can|could|should|would|will|have|has|tell me)\b",
    re.I,
)

Change = tuple[str, str, str]
"""Sign, text and status of what changed; see `graphmem.cli.demo.changes_of`."""
_WORDS = {"+": "I will remember:", "~": "Now I know it better:", "-": "That is over:", "x": "I take that back:"}


class NoAnswer(Exception):
    """Nobody could answer; the message says why and what to do, and quotes neither a key nor what the server said."""


class Responder(Protocol):
    """Somebody who answers."""

    name: str

    def answer(self, text: str, context: Context, learned: Sequence[Change], found: Sequence[Hit]) -> str:
        """Answer a message.

        Args:
            text: what the user says.
            context: what was recalled for it.
            learned: what changed in the memory by it.
            found: what a search for it finds, best first.

        Raises:
            NoAnswer: there is no answer.
        """
        ...


class MemoryResponder:
    """Answers offline: it repeats what is remembered, and says so. It understands nothing."""

    name = "offline"

    def answer(self, text: str, context: Context, learned: Sequence[Change], found: Sequence[Hit]) -> str:
        """See `Responder.answer`; never raises."""
        parts = [f"{words} {'; '.join(told)}." for sign, words in _WORDS.items() if (told := _with(sign, learned))]
        if is_question(text):
            parts.append(_from_memory(found))
        return " ".join(parts) or "I found no lasting fact in that. The message itself is kept, and can be found again."


def is_question(text: str) -> bool:
    """Return whether a message asks for something.

    >>> is_question("Where do I live"), is_question("I live in Porto.")
    (True, False)
    """
    return text.rstrip().endswith("?") or _ASKING.match(text.strip()) is not None


def _with(sign: str, learned: Sequence[Change]) -> list[str]:
    return list(dict.fromkeys(text for of, text, _ in learned if of == sign))


def _from_memory(found: Sequence[Hit]) -> str:
    good = [hit.fact for hit in found if hit.fact is not None and hit.score >= _GOOD]
    holding = {(fact.subject.id, fact.predicate) for fact in good if fact.status == "current"}
    facts = [f for f in good if f.status != "ended" or (f.subject.id, f.predicate) not in holding][:_SHOWN]
    if facts:
        return "This is what I remember about it: " + "; ".join(dict.fromkeys(_told(fact) for fact in facts)) + "."
    said = [hit.message for hit in found if hit.message is not None and hit.message.role == "user"]
    if said:
        return f"I know no fact about it, but on {said[0].at:%Y-%m-%d} you said: “{' '.join(said[0].text.split())}”"
    return "I remember nothing about that."


def _told(fact: Fact) -> str:
    return f"{fact.text} (since {fact.valid_from})" if fact.valid_from and fact.status == "current" else fact.text


class ModelResponder:
    """Lets a model behind an OpenAI-compatible endpoint answer.

    Args:
        model: its name.
        base_url: the endpoint; None for OPENAI_BASE_URL, else OpenAI's.
        api_key: the key; None for OPENAI_API_KEY. A server of one's own may need none.
        timeout: seconds for an answer.

    Raises:
        NoAnswer: the settings cannot work.
    """

    def __init__(
        self, model: str, base_url: str | None = None, api_key: str | None = None, timeout: float = MODEL_TIMEOUT
    ) -> None:
        from openai import OpenAI

        url = base_url or os.environ.get("OPENAI_BASE_URL")
        key = api_key or os.environ.get("OPENAI_API_KEY")
        address = urlsplit(url or "https://api.openai.com/v1")
        if address.scheme not in ("http", "https") or not address.hostname:
            raise NoAnswer("the base URL is not valid: a URL such as http://localhost:11434/v1")
        if not key and not url:
            raise NoAnswer(
                "the language model needs a key: set OPENAI_API_KEY, or give --base-url of a server that needs none"
            )
        self.name = model
        self._where = f"{address.hostname}:{address.port}" if address.port else str(address.hostname)
        self._timeout = timeout
        self._client = OpenAI(api_key=key or "none", base_url=base_url, max_retries=1, timeout=timeout)

    def answer(self, text: str, context: Context, learned: Sequence[Change], found: Sequence[Hit]) -> str:
        """See `Responder.answer`."""
        from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError

        known = [{"role": "system", "content": context.text}] if context.text else []
        messages = [{"role": "system", "content": INSTRUCTIONS}, *known, {"role": "user", "content": text}]
        try:
            reply = self._client.chat.completions.create(model=self.name, messages=messages)  # type: ignore[arg-type]  # the client wants a TypedDict for each role
            content = reply.choices[0].message.content if reply.choices else None
        except APITimeoutError as error:
            raise NoAnswer(f"{self._where} did not answer within {self._timeout:g} seconds") from error
        except APIConnectionError as error:
            raise NoAnswer(f"{self._where} cannot be reached; start it, or check --base-url") from error
        except APIStatusError as error:
            raise NoAnswer(
                f"{self._where} refused with status {error.status_code}; {_advice(error.status_code)}"
            ) from error
        except (OpenAIError, ValueError, AttributeError, TypeError) as error:
            raise NoAnswer(f"{self._where} gave no chat completion; check that --base-url is its API") from error
        if not isinstance(content, str) or not content.strip():
            raise NoAnswer(f"{self.name} gave no text; ask again, or choose another model")
        return content.strip()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _advice(status: int) -> str:
    if status in (401, 403):
        return "check OPENAI_API_KEY"
    if status == 404:
        return "check --model and --base-url"
    return "wait a little and say it again" if status == 429 or status >= 500 else "graphmem doctor may tell more"
