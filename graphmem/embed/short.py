"""Short vectors: what a message means in 192 numbers of 8 bits, enough to rank by what was found by its words.

A vector of the model in the package is cut down to the directions in which people's messages differ most (their principal
components) and kept as a text, ``VERSION:`` and its numbers in base64, in which a store needs no type of its own.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmem.embed.base import EmbeddingError
from graphmem.embed.shipped import NAME, ShippedEmbedder
from graphmem.stores.embedding import Nearness

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PROJECTION = Path(__file__).parent / "model" / "short.npy"
"""The mean of messages' vectors in the first row, then the directions; written by ``scripts/shorten_embeddings.py``."""

VERSION = "1"
"""To be changed with the model or the projection: vectors of another version are not compared and are replaced."""

MAX_TOKENS = 96
"""Tokens of a text that count: what the model was taught with, and quick."""

SIZE = 192
"""Numbers of a vector; as base64 they leave no rest, so that many can be read as one."""

_MEAN, _SPREAD, _COUNT = 0.1, 0.15, 20
"""How near messages and questions lie on average, and how many messages this counts for beside those at hand."""

_PREFIX = f"{VERSION}:"
_LENGTH = len(_PREFIX) + SIZE * 4 // 3


class ShortEmbedder:
    """The embedder of the package, whose vectors are cut down.

    Args:
        whole: gives the vectors; None for the model in the package.
    """

    model = f"{NAME}-short-{VERSION}"

    def __init__(self, whole: ShippedEmbedder | None = None) -> None:
        self._whole = whole or ShippedEmbedder(max_tokens=MAX_TOKENS)

    async def prepare(self) -> None:
        """See `ShippedEmbedder.prepare`."""
        await self._whole.prepare()

    async def __call__(self, texts: list[str]) -> Any:
        """Return a vector of 192 numbers for each text.

        Raises:
            EmbeddingError: the model is missing or damaged.
        """
        import numpy as np

        projection = _projection()
        return (np.asarray(await self._whole(texts)) - projection[0]) @ projection[1:].T


def kept(vector: bytes) -> str:
    """Return a vector, numbers of 32 bits, as it is kept."""
    import numpy as np

    numbers = np.frombuffer(vector, dtype="<f4")
    small = np.rint(numbers * (127 / np.abs(numbers).max())).astype(np.int8)
    return _PREFIX + b2a_base64(small.tobytes(), newline=False).decode()


def nearness(vectors: Mapping[tuple[str, int], str], question: bytes) -> Nearness | None:
    """Return how near messages are to a question, next to each other and to what is usual; None when none can be compared.

    Args:
        vectors: as they are kept. Those of another version are passed over; where one is damaged, nothing is compared.
        question: numbers of 32 bits.
    """
    import numpy as np

    # in one order, whatever the store's: sums of floating-point numbers depend on it
    known = {place: vectors[place] for place in sorted(vectors) if is_known(vectors[place])}
    try:
        numbers = np.frombuffer(a2b_base64("".join(kept[len(_PREFIX) :] for kept in known.values())), dtype=np.int8)
        matrix = numbers.reshape(len(known), SIZE).astype(np.float32)
    except ValueError:
        return None
    if not known:
        return None
    lengths = np.sqrt((matrix**2).sum(axis=1))
    cosines = matrix @ np.frombuffer(question, dtype="<f4") / np.maximum(lengths, 1.0)
    total = len(known) + _COUNT
    mean = (float(cosines.sum()) + _COUNT * _MEAN) / total
    squares = float(((cosines - mean) ** 2).sum()) + _COUNT * (_SPREAD**2 + (_MEAN - mean) ** 2)
    return Nearness(dict(zip(known, cosines.tolist(), strict=True)), {}, mean, (squares / total) ** 0.5)


def is_known(kept: str | None) -> bool:
    """Whether a kept vector is one of this version."""
    return kept is not None and len(kept) == _LENGTH and kept.startswith(_PREFIX)


@cache
def _projection() -> NDArray[np.float32]:
    import numpy as np

    try:
        projection: NDArray[np.float32] = np.load(PROJECTION).astype(np.float32)
    except (OSError, ValueError) as error:
        raise EmbeddingError("its projection is missing or damaged: reinstall graphmem") from error
    return projection
