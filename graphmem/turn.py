"""One turn of a conversation with any model: what is known goes before the question, what was said is kept after the answer."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self

from graphmem.errors import InvalidInteraction
from graphmem.interaction import check_id
from graphmem.records import Context, StoreResult


class _Memory(Protocol):
    """What an asynchronous turn needs of a memory."""

    async def get_context(
        self, session_id: str, user_id: str | None = None, query: str | None = None, max_tokens: int | None = None
    ) -> Context: ...

    async def store(
        self, session_id: str, interaction: Mapping[str, str], user_id: str | None = None
    ) -> StoreResult: ...


class _BlockingMemory(Protocol):
    """What a blocking turn needs of a memory."""

    def get_context(
        self, session_id: str, user_id: str | None = None, query: str | None = None, max_tokens: int | None = None
    ) -> Context: ...

    def store(self, session_id: str, interaction: Mapping[str, str], user_id: str | None = None) -> StoreResult: ...


class Turn:
    """What both kinds of turn have; made by ``memory.turn(...)``.

    Args:
        session_id: the conversation.
        user_id: whose memory; None means the session's user.
        text: what the user says.
        max_tokens: budget of the context; None means the configured one.

    Attributes:
        reply: to be set to the model's answer, a text, before the block ends.
        stored: what was stored, once the block has ended well.

    Raises:
        InvalidInteraction: an id cannot be one, or ``text`` is no text or empty.
    """

    def __init__(self, session_id: str, user_id: str | None, text: str, max_tokens: int | None) -> None:
        self.session_id = check_id(session_id, "session_id")
        self.user_id = None if user_id is None else check_id(user_id, "user_id")
        if not isinstance(text, str) or not text.strip():
            raise InvalidInteraction(f"text must be what the user says, a text that is not empty, not {text!r}")
        self.text = text
        self.max_tokens = max_tokens
        self.reply: str | None = None
        self.stored: StoreResult | None = None
        self._context: Context | None = None
        self._messages: list[dict[str, str]] = []

    @property
    def context(self) -> Context:
        """What was recalled for ``text``, the newest turns of the session among it.

        Raises:
            InvalidInteraction: the block has not begun.
        """
        if self._context is None:
            raise InvalidInteraction(
                "a turn recalls when its block begins: use it as `async with memory.turn(...) as turn:`"
            )
        return self._context

    @property
    def messages(self) -> list[dict[str, str]]:
        """The messages for an OpenAI-style chat: the context as one system message (none when nothing is known), and the text.

        It is the caller's list: instructions may be put before, nothing of it is stored.

        Raises:
            InvalidInteraction: the block has not begun.
        """
        return self._messages if self.context is not None else []

    def _check_unused(self) -> None:
        if self._context is not None:
            raise InvalidInteraction("a turn is used once: call memory.turn(...) again for the next one")

    def _begin(self, context: Context) -> None:
        self._context = context
        known = [{"role": "system", "content": context.text}] if context.text else []
        self._messages = [*known, {"role": "user", "content": self.text}]

    def _interaction(self) -> dict[str, str]:
        if not isinstance(self.reply, str):
            said = "was not set" if self.reply is None else f"is {type(self.reply).__name__}"
            raise InvalidInteraction(
                f"turn.reply {said}, so this turn of session {self.session_id!r} is not stored; "
                "set it to the text of the answer inside the block"
            )
        return {"input": self.text, "output": self.reply}


class AsyncTurn(Turn):
    """A turn of a `graphmem.MemLayer`: ``async with memory.turn(...) as turn``."""

    def __init__(
        self, memory: _Memory, session_id: str, user_id: str | None, text: str, max_tokens: int | None
    ) -> None:
        super().__init__(session_id, user_id, text, max_tokens)
        self._memory = memory

    async def __aenter__(self) -> Self:
        self._check_unused()
        self._begin(await self._memory.get_context(self.session_id, self.user_id, self.text, self.max_tokens))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.stored = await self._memory.store(self.session_id, self._interaction(), self.user_id)


class BlockingTurn(Turn):
    """A turn of a `graphmem.sync.MemLayer`: ``with memory.turn(...) as turn``."""

    def __init__(
        self, memory: _BlockingMemory, session_id: str, user_id: str | None, text: str, max_tokens: int | None
    ) -> None:
        super().__init__(session_id, user_id, text, max_tokens)
        self._memory = memory

    def __enter__(self) -> Self:
        self._check_unused()
        self._begin(self._memory.get_context(self.session_id, self.user_id, self.text, self.max_tokens))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.stored = self._memory.store(self.session_id, self._interaction(), self.user_id)
