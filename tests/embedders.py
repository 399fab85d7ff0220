"""Embedders that know a few ideas: deterministic, offline, and near where a test wants them near."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

IDEAS = (
    "eat food dinner lunch restaurant hungry supper cooking pasta",
    "sea ocean sailing boat harbour water yacht",
    "work job office employer career salary",
    "music violin piano concert song orchestra",
    "dog cat pet puppy animal",
    "travel flight journey trip airport",
)


class IdeasEmbedder:
    """Texts with words of one idea are near, whatever the words; all others point away from each other.

    Args:
        model: the name that the vectors are known by.
        padding: numbers more of each vector.
    """

    def __init__(self, model: str = "ideas", padding: int = 8) -> None:
        self.model = model
        self.padding = padding
        self.calls: list[list[str]] = []
        self.failure: Exception | None = None
        self.refuses: str | None = None

    async def __call__(self, texts: list[str]) -> list[list[float]]:
        self.calls.append(list(texts))
        if self.failure is not None:
            raise self.failure
        if self.refuses is not None and any(self.refuses in text for text in texts):
            raise ValueError(f"cannot read {self.refuses}")
        return [self.vector(text) for text in texts]

    @property
    def texts(self) -> list[str]:
        """Every text that was given, in order."""
        return [text for call in self.calls for text in call]

    def vector(self, text: str) -> list[float]:
        """The vector of a text."""
        words = re.findall(r"[a-z]+", text.lower())
        ideas = [float(sum(word in idea.split() for word in words)) for idea in IDEAS]
        digest = blake2b(f"{self.model} {text}".encode(), digest_size=self.padding).digest()
        return [*ideas, *((byte - 127.5) / 1275.0 for byte in digest)]


def cosine(a: Sequence[float], b: Sequence[float]) -> float:
    """The cosine of two vectors, the plain way."""
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return float(dot / (sum(x * x for x in a) ** 0.5 * sum(y * y for y in b) ** 0.5))
