"""What a store may offer beside the verbs of `graphmem.stores.base.Store`: to keep a vector with each message and fact.

A vector is one text's place in the space of an embedding model: ``size`` numbers of 32 bits, little-endian, of length 1. A store
keeps one for each message and fact, with the name of its model; vectors of another model or size count as not there.

Without an embedder a store may keep a short vector with each message, which is a text to it (`graphmem.embed.short`). Messages are
not found by it, only ranked, and so it comes with what a recall finds by words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from graphmem.records import Message

BYTES_OF_A_NUMBER = 4

Kind = Literal["message", "fact"]


@dataclass(frozen=True, slots=True)
class VectorSpace:
    """Whose vectors: the model's name, and how many numbers a vector has; 0 as long as nobody knows, and then any."""

    model: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class StoredText:
    """The text of a message or of a fact. A fact is of no session (None): its id is enough."""

    user_id: str
    session_id: str | None
    id: str
    text: str
    at: datetime

    @classmethod
    def of(cls, message: Message) -> StoredText:
        """Return the text of a message."""
        return cls(message.user_id, message.session_id, message.id, message.text, message.at)

    @property
    def kind(self) -> Kind:
        """What it is the text of."""
        return "fact" if self.session_id is None else "message"


@dataclass(frozen=True, slots=True)
class Similar:
    """What a recall is to compare with what is asked.

    Args:
        space: whose vectors; their size is known.
        vector: of the question; None means that of the session's last user message, where it has one.
        messages, facts: how many of the nearest to bring at most, whatever words they have.
        neighbours: of how many of these messages those around them too, as far as ``Recall.reach``.
    """

    space: VectorSpace
    vector: bytes | None
    messages: int = 100
    facts: int = 20
    neighbours: int = 20


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near what a recall brought is to the question: cosines, 1 for the same direction.

    Args:
        messages: by (session id, ``seq``); those without a vector are not in it.
        facts: by fact id.
        mean, spread: average and standard deviation over everything that was compared.
    """

    messages: Mapping[tuple[str, int], float]
    facts: Mapping[str, float]
    mean: float
    spread: float


@runtime_checkable
class EmbeddingStore(Protocol):
    """A store that keeps vectors. Both built-in ones do; one of another package may leave it away.

    A vector goes in the transaction in which its message or fact goes, or the text of its fact changes. With ``Recall.similar``
    the nearest messages and facts of the user come among ``Recalled.matches`` and ``Recalled.facts``, these after all others,
    and ``Recalled.nearness`` has the cosines of all that came. Of a user with very many messages a store may compare the newest only.
    """

    async def without_vector(
        self,
        space: VectorSpace,
        *,
        user_id: str,
        kind: Kind,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 1000,
    ) -> list[StoredText]:
        """Return the texts of a user that have no vector of ``space``, the newest first.

        Args:
            since, until: only messages said in that time, both ends among it; of facts it says nothing.
        """
        ...

    async def users_without_vector(self, space: VectorSpace, *, since: datetime | None = None) -> list[str]:
        """Return the users who have a message (said at ``since`` or later) or a fact without a vector of ``space``."""
        ...

    async def keep_vectors(self, space: VectorSpace, vectors: Sequence[tuple[StoredText, bytes]]) -> int:
        """Keep vectors in place of those that are there, in one transaction a user, and return how many were kept.

        One whose message or fact is gone, or has another text by now, is not.
        """
        ...


@runtime_checkable
class ShortVectorStore(Protocol):
    """A store that keeps a short vector with each message. Both built-in ones do; one of another package may leave it away.

    It comes with its message (`NewMessage.short_vector`) or later, and goes with it. `Recalled.short_vectors` has those of all
    matches that have one.
    """

    async def keep_short_vectors(self, vectors: Sequence[tuple[StoredText, str]]) -> int:
        """Keep short vectors of messages in place of those that are there, in one transaction a user, and return how many were kept.

        One whose message is gone, or has another text by now, is not.
        """
        ...
