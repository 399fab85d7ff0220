"""One user's data as a graph to query, made when the first query comes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import Lock

from graphmem.cypher.engine import CypherEngine, EngineFactory, default_engine
from graphmem.cypher.shape import Graph, UserData, graph_of
from graphmem.records import Message
from graphmem.stores.base import Ledger


class Projection:
    """The graph of a user's ledger and messages, and of nothing else.

    A snapshot: later changes of the store are not in it. It may be queried any number of times, from several threads.

    Args:
        users: the one user's data, as `UserData` or a tuple of (ledger, messages, user_id), the last of which may be left out:
            all that `graphmem.stores.base.Store.ledger` and ``messages`` return. For an operator who may see everything,
            that of several users.
        engine: what runs the queries.
    """

    def __init__(
        self,
        users: Iterable[UserData | tuple[Ledger, Sequence[Message]] | tuple[Ledger, Sequence[Message], str | None]],
        *,
        engine: EngineFactory = default_engine,
    ) -> None:
        self._users = tuple(UserData(*user) for user in users)
        self._make_engine = engine
        self._engine: CypherEngine | None = None
        self._lock = Lock()

    @property
    def graph(self) -> Graph:
        """The nodes and relationships of the projection."""
        return graph_of(self._users)

    @property
    def engine(self) -> CypherEngine:
        """The engine with the graph in it; made on first use."""
        with self._lock:
            if self._engine is None:
                self._engine = self._make_engine(self.graph)
            return self._engine
