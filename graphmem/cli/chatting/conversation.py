"""What a turn of a chat does: recall, keep what was said, answer, keep the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphmem.cli.chatting.answering import Change, NoAnswer, Responder
from graphmem.cli.demo import changes_of

if TYPE_CHECKING:
    from graphmem.records import Fact, Message
    from graphmem.sync import MemLayer

_FOUND = 8
_SHOWN_FACTS, _SHOWN_MESSAGES = 6, 2


@dataclass(frozen=True, slots=True)
class Spoken:
    """A turn that was spoken.

    Args:
        said: the user's message.
        answer: the answer, or None.
        trouble: why there is none.
        recalled: facts that were recalled for it, most useful first.
        related: older messages that were.
        learned: what changed by it.
        pending: whether more may be learned from it later.
    """

    said: str
    answer: str | None
    trouble: str | None
    recalled: tuple[Fact, ...]
    related: tuple[Message, ...]
    learned: tuple[Change, ...]
    pending: bool


class Conversation:
    """A session of a user with somebody who answers.

    Args:
        memory: the memory.
        user_id: whose.
        session_id: the session, new or not.
        responder: who answers.
    """

    def __init__(self, memory: MemLayer, user_id: str, session_id: str, responder: Responder) -> None:
        self.memory = memory
        self.user_id = user_id
        self.session_id = session_id
        self.responder = responder
        self.recalled: tuple[Fact, ...] = ()
        self.waits = False
        self._before = {fact.id: (str(fact.status), fact.text) for fact in memory.facts(user_id)}

    def say(self, text: str, waiting: Callable[[], object] = lambda: None) -> Spoken:
        """Speak a turn. The user's words are kept before anybody is asked for an answer, so that no failure loses them.

        Args:
            text: what the user says.
            waiting: called before the answer is asked for.

        Raises:
            GraphMemError: the memory cannot be reached or refuses.
        """
        context = self.memory.get_context(self.session_id, self.user_id, text)
        found = self.memory.search(text, self.user_id, limit=_FOUND, kind="any")
        kept = self.memory.store(self.session_id, [{"role": "user", "content": text}], self.user_id)
        self.recalled = context.facts[:_SHOWN_FACTS]
        self.waits = self.waits or kept.pending
        learned = tuple(changes_of(kept.facts, self._before))
        answer = trouble = None
        waiting()
        try:
            answer = self.responder.answer(text, context, learned, found)
        except NoAnswer as error:
            trouble = str(error)
        except KeyboardInterrupt:
            trouble = "interrupted"
        else:
            self.memory.store(self.session_id, [{"role": "assistant", "content": answer}], self.user_id)
        return Spoken(text, answer, trouble, self.recalled, context.related[:_SHOWN_MESSAGES], learned, kept.pending)

    def learned_meanwhile(self) -> Sequence[Change]:
        """Return what was learned since the last turn: a language model reads in the background."""
        if not self.waits:
            return ()
        self.waits = bool(self.memory.stats(self.user_id).pending)
        return list(changes_of(self.memory.facts(self.user_id), self._before))

    def forget(self, fact: Fact) -> None:
        """Forget a fact."""
        self.memory.forget(user_id=self.user_id, fact_id=fact.id)
        self._before.pop(fact.id, None)
