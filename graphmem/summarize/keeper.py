"""Keeping the summaries: in the background, one session at a time by one task, portion by portion."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from graphmem.errors import GraphMemError
from graphmem.records import Message, SummaryLine
from graphmem.stores.summarizing import SessionPart, SummarizedStore
from graphmem.summarize.base import Summarizer, SummaryError
from graphmem.summarize.extractive import extract
from graphmem.summarize.llm import LLMSummarizer

logger = logging.getLogger(__name__)

EVERY = 16
"""How many messages must have left the buffer before they are folded into the summary."""
PORTION = 400
"""How many are folded in one go, where many are waiting: after a transcript was loaded, or to make a summary anew."""
RETRY_SECONDS = 30.0
"""How long a session is left alone after its summary failed."""
AT_ONCE = 8
"""How many sessions are summarised at a time; what else is due waits without holding its messages."""
_RETRIES = 3
_MAX_REMEMBERED = 10_000


class SummaryKeeper:
    """Folds messages that left the buffer into the summary of their session.

    Args:
        store: where both are.
        summarizer: who writes; None for the extractive summary.
        buffer_size: how many of a session's newest messages stay out of the summary.
        not_before: gives the moment before which messages are past their time; None for no limit.
    """

    def __init__(
        self,
        store: SummarizedStore,
        summarizer: Summarizer | None,
        *,
        buffer_size: int,
        not_before: Callable[[], datetime | None],
    ) -> None:
        self._store = store
        self._summarizer = summarizer
        self._buffer_size = buffer_size
        self._not_before = not_before
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._not_until: dict[str, float] = {}

    def is_due(self, last_seq: int, summarized: int) -> bool:
        """Whether so many messages of a session have left the buffer that it is time for them."""
        return last_seq - self._buffer_size - summarized >= EVERY

    def schedule(self, session_id: str) -> None:
        """Bring the summary of a session up to date in the background, unless somebody is at it or it has just failed."""
        now = asyncio.get_running_loop().time()
        if session_id in self._running or self._not_until.get(session_id, now) > now:
            return
        self._not_until.pop(session_id, None)
        task = asyncio.create_task(self._update(session_id), name=f"graphmem-summary-{session_id}")
        self._running[session_id] = task
        task.add_done_callback(lambda _: self._running.pop(session_id, None))

    async def wait(self, timeout: float | None) -> None:
        """Wait for what is under way, for ``timeout`` seconds at most."""
        if self._running:
            await asyncio.wait(list(self._running.values()), timeout=timeout)

    async def close(self) -> None:
        """Stop. A summary that is not finished stays as it was, and is brought up to date later."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if isinstance(self._summarizer, LLMSummarizer):
            await self._summarizer.aclose()

    async def _update(self, session_id: str) -> None:
        try:
            async with self._slots:
                await self._fold_all(session_id)
        except (SummaryError, GraphMemError) as error:
            logger.warning("a summary stays as it is for now: %s", error)
            self._leave_alone(session_id)
        except Exception:
            logger.exception("a summary stays as it is for now")
            self._leave_alone(session_id)

    async def _fold_all(self, session_id: str) -> None:
        refused = 0
        while refused < _RETRIES:
            part = await self._store.session_part(session_id, keep=self._buffer_size, limit=PORTION)
            to_be_made_anew = part is not None and part.summary and not part.summarized
            if part is None or (len(part.messages) < EVERY and not to_be_made_anew):
                return
            lines = await self._folded(part)
            upto = part.messages[-1].seq if part.messages else part.summarized
            kept = await self._store.keep_summary(session_id, lines, summarized=upto, revision=part.revision)
            refused = 0 if kept else refused + 1
            if not part.messages:
                return

    def _leave_alone(self, session_id: str) -> None:
        if len(self._not_until) >= _MAX_REMEMBERED:
            self._not_until.clear()
        self._not_until[session_id] = asyncio.get_running_loop().time() + RETRY_SECONDS

    async def _folded(self, part: SessionPart) -> tuple[SummaryLine, ...]:
        """The lines of the new summary. One that counts as going nowhere is made anew from the messages."""
        before = part.summary if part.summarized else ()
        oldest = self._not_before()
        messages = [m for m in part.messages if oldest is None or m.at >= oldest]
        before = tuple(line for line in before if oldest is None or line.since >= oldest)
        if not messages:
            return before
        if self._summarizer is None:
            return await asyncio.to_thread(extract, before, messages, part.telling)
        earlier = "\n".join(line.text for line in before)
        text = await self._summarizer.summarize(earlier, messages)
        if not isinstance(text, str):
            raise SummaryError(f"the summariser gave {type(text).__name__} and not a text")
        return (over(before, messages, text),) if text.strip() else ()


def over(before: Sequence[SummaryLine], messages: Sequence[Message], text: str) -> SummaryLine:
    """Return ``text`` as a line that may have words of all that ``before`` and ``messages`` cover."""
    return SummaryLine(
        text,
        first=min((*(line.first for line in before), messages[0].seq)),
        last=max((*(line.last for line in before), messages[-1].seq)),
        since=min((*(line.since for line in before), *(m.at for m in messages))),
    )
