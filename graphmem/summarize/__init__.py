"""Summaries of sessions: what left the buffer is folded into a few lines, in the background, by a language model or without one."""

from graphmem.summarize.base import Summarizer, SummaryError
from graphmem.summarize.extractive import extract
from graphmem.summarize.keeper import SummaryKeeper
from graphmem.summarize.llm import LLMSummarizer

__all__ = ["LLMSummarizer", "Summarizer", "SummaryError", "SummaryKeeper", "extract"]
