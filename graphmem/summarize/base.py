"""The protocol of a summariser, for one's own, and how it says that it failed."""

from __future__ import annotations

from graphmem.config import Summarizer

__all__ = ["Summarizer", "SummaryError"]


class SummaryError(Exception):
    """A summariser could not do its work now; ``str()`` is the cause in one line."""
