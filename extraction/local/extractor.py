"""The offline extractors."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from extraction.catalogue import Catalogue
from extraction.local.frames import Frame, FrameIndex
from extraction.local.proposals import Proposer
from extraction.records import Extraction, ExtractionContext, Turn

if TYPE_CHECKING:
    from extraction.local.pipeline import Pipeline


MINIMUM = 0.65
"""From this confidence on a proposal of the model counts; see ``docs/extraction.md`` for what other values give."""

_SEEN = 0.1
"""From here on the model has seen something, though it may be wrong."""

_LONG = 2_000
"""Characters from which on a text is read in a thread: it takes the time in which an event loop has other things to do."""


class RuleExtractor:
    """Extracts facts by rules alone: deterministic, offline, without a model.

    Args:
        catalogue: the relations; None for version 1.
        frames: wordings of the user's own, as ``Frame`` or as pattern text; they go before the built-in ones.

    Raises:
        ValueError: a pattern cannot be read or names a predicate that is not in the catalogue.

    >>> catalogue = Catalogue().extended(Relation("DRIVES", "Thing", ("drives {o}", "drove {o}", "does not drive {o}")))
    >>> extractor = RuleExtractor(catalogue=catalogue, frames=["S drive+ {DRIVES}"])
    """

    def __init__(self, catalogue: Catalogue | None = None, frames: Iterable[Frame | str] = ()) -> None:
        self.catalogue = catalogue or Catalogue()
        self._frames = tuple(Frame(frame) if isinstance(frame, str) else frame for frame in frames)
        unknown = FrameIndex(self._frames).predicates - {"BEING", "HAVING", "_"} - {r.predicate for r in self.catalogue}
        if unknown:
            raise ValueError(
                f"frames name {', '.join(sorted(unknown))}, not in the catalogue; add it with Catalogue().extended(Relation(...))"
            )

    _minimum = 0.0

    async def extract(self, turns: Sequence[Turn], context: ExtractionContext | None = None) -> Extraction:
        """Read the facts that the user's turns state; see ``Extractor.extract``. Long texts are read in a thread."""
        given = context or ExtractionContext()
        if sum(len(turn.text) for turn in (*given.history, *turns) if turn.role == "user") < _LONG:
            return self.read(turns, given)
        return await asyncio.to_thread(self.read, turns, given)

    def read(self, turns: Sequence[Turn], context: ExtractionContext | None = None) -> Extraction:
        """Do as ``extract``, without an event loop. May be called from several threads."""
        return self._pipeline.extract(turns, context or ExtractionContext())

    @cached_property
    def _pipeline(self) -> Pipeline:
        from extraction.local.pipeline import Pipeline

        own = frozenset(frame.pattern for frame in self._frames)
        return Pipeline(self.catalogue, self._index(), self._proposer(), self._minimum, own)

    def _index(self) -> FrameIndex:
        from extraction.local.frame_table import FRAMES

        own = {frame.pattern for frame in self._frames}
        return FrameIndex((*self._frames, *(frame for frame in FRAMES if frame.pattern not in own)))

    def _proposer(self) -> Proposer | None:
        return None


class LocalExtractor(RuleExtractor):
    """The offline default: the rules, and a small model's proposals that they gate, link and date.

    Args:
        catalogue, frames: as for ``RuleExtractor``.
        proposer: what proposes facts beside the frames; None for the model that ships in the package.
        minimum: proposals that are less likely to be right, after the rules have judged them, are left out (0 to 1).

    ``extract`` raises ``ModelError``, an ``ExtractionError``, when the model or its runtime is missing or broken.
    """

    def __init__(
        self,
        catalogue: Catalogue | None = None,
        frames: Iterable[Frame | str] = (),
        proposer: Proposer | None = None,
        minimum: float = MINIMUM,
    ) -> None:
        super().__init__(catalogue, frames)
        self._given = proposer
        self._minimum = minimum

    def _proposer(self) -> Proposer | None:
        from extraction.local.tagger import Tagger

        return self._given or Tagger(minimum=min(self._minimum, _SEEN))
