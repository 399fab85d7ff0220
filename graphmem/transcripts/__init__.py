"""Transcripts of conversations in the formats that people have: JSON Lines, JSON, ChatGPT exports, ShareGPT, plain text."""

from __future__ import annotations

from graphmem.transcripts.records import Exchange, Problem, Summary, TranscriptMessage
from graphmem.transcripts.transcript import FORMATS, Transcript

__all__ = ["FORMATS", "Exchange", "Problem", "Summary", "Transcript", "TranscriptMessage"]
