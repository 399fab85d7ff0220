"""What an embedder gave, looked at before anything is done with it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmem.embed.base import EmbeddingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_SIZE = 16_384
"""Numbers of a vector; no model has more, and what has more is no vector."""


def packed(given: object, count: int) -> list[bytes]:
    """Return vectors as stores keep them: of length 1, as numbers of 32 bits.

    Args:
        given: what the embedder returned.
        count: how many texts it was given.

    Raises:
        EmbeddingError: they are not as many, not of one size, or no directions.
    """
    import numpy as np

    try:
        vectors: NDArray[np.float64] = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise EmbeddingError("it gave something else than lists of numbers, all of one length") from error
    if vectors.ndim != 2 or not 0 < vectors.shape[1] <= MAX_SIZE:
        raise EmbeddingError(f"it gave something of the shape {vectors.shape} where a vector for each text was wanted")
    if len(vectors) != count:
        raise EmbeddingError(f"it gave {len(vectors)} vectors for {count} texts")
    if not np.isfinite(vectors).all():
        raise EmbeddingError("it gave numbers that are none (NaN) or endless", passing=False)
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    if not largest.all():
        raise EmbeddingError("it gave a vector of zeros, which has no direction", passing=False)
    vectors = vectors / largest
    lengths: NDArray[np.float64] = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    return [row.tobytes() for row in (vectors / lengths).astype("<f4")]
