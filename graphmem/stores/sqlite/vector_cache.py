"""What was read of vectors lately, so that a question costs no reading of what has not changed since the last one.

No row of vectors is ever changed and no ``id`` used twice: as many rows with the same highest id are the same rows.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphmem.stores.embedding import Kind
from graphmem.stores.sqlite import embedding_queries

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_BYTES = 256 * 1024 * 1024
"""How much is remembered of all users together."""

_STATE = {
    "message": embedding_queries.STATE_OF_MESSAGE_VECTORS,
    "fact": embedding_queries.STATE_OF_FACT_VECTORS,
}
_AFTER = {"message": embedding_queries.MESSAGE_VECTORS_AFTER, "fact": embedding_queries.FACT_VECTORS_AFTER}


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors of one user, the oldest first.

    Args:
        pks: row numbers of the messages or facts.
        matrix: one row for each of them.
        count: how many rows there are of the user and the model, those of another size too.
        last: the highest id among them.
    """

    pks: list[int]
    matrix: NDArray[np.float32]
    count: int = 0
    last: int = 0

    @classmethod
    def of(cls, rows: Iterable[Any], parameters: Mapping[str, Any], count: int = 0, last: int = 0) -> Vectors:
        """Return the vectors of rows (id, row number, vector or None), the newest first."""
        import numpy as np

        found = [(pk, vector) for _, pk, vector in rows if vector is not None][::-1]
        numbers = np.frombuffer(b"".join(vector for _, vector in found), dtype="<f4")
        return cls([pk for pk, _ in found], numbers.reshape(-1, parameters["length"] // numbers.itemsize), count, last)

    def and_then(self, newer: Vectors) -> Vectors:
        """Return these and ``newer`` ones."""
        import numpy as np

        matrix = np.concatenate([self.matrix, newer.matrix])
        return Vectors(self.pks + newer.pks, matrix, newer.count, newer.last)


class VectorCache:
    """Remembers vectors by user and model; may be used by several threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[Any, ...], Vectors] = OrderedDict()

    def read(self, connection: sqlite3.Connection, kind: Kind, parameters: Mapping[str, Any]) -> Vectors:
        """Return the vectors of a user and a model as the connection's transaction sees them.

        Args:
            parameters: ``user``, ``model``, ``length`` in bytes, and ``limit``, how many of the newest.
        """
        key = (kind, *(parameters[name] for name in ("user", "model", "length", "limit")))
        count, last = connection.execute(_STATE[kind], parameters).fetchone()
        with self._lock:
            known = self._known.get(key)
        if known is None or (known.count, known.last) != (count, last):
            known = self._brought_up_to_date(connection, kind, parameters, known, count, last)
        self._remember(key, known)
        return known

    def _brought_up_to_date(
        self,
        connection: sqlite3.Connection,
        kind: Kind,
        parameters: Mapping[str, Any],
        known: Vectors | None,
        count: int,
        last: int,
    ) -> Vectors:
        if known is not None and known.last < last and count <= parameters["limit"]:
            newer = connection.execute(_AFTER[kind], {**parameters, "after": known.last}).fetchall()
            if known.count + len(newer) == count:
                return known.and_then(Vectors.of(newer, parameters, count, last))
        rows = connection.execute(_AFTER[kind], {**parameters, "after": 0})
        return Vectors.of(rows, parameters, count, last)

    def _remember(self, key: tuple[Any, ...], vectors: Vectors) -> None:
        with self._lock:
            self._known[key] = vectors
            self._known.move_to_end(key)
            total = sum(known.matrix.nbytes for known in self._known.values())
            while total > MOST_BYTES:
                _, dropped = self._known.popitem(last=False)
                total -= dropped.matrix.nbytes
