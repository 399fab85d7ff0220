"""Choosing an extractor and letting it read annotated messages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from time import perf_counter

from extraction import Catalogue, ExtractedFact, ExtractionContext, ExtractionError, Extractor, Turn
from scripts.evaluation.messages import Message
from scripts.evaluation.scoring import Judged, judge

OFFLINE = ("rules", "local")
WITH_LLM = ("llm", "hybrid")


class UnknownExtractor(ValueError):
    """There is no such extractor, or it cannot be made; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A language model: see ``extraction.LLMExtractor``."""

    model: str
    base_url: str | None = None
    api_key: str | None = None
    timeout: float = 60.0


@dataclass(frozen=True, slots=True)
class Run:
    """What came of reading messages.

    Args:
        judged: every message, in order; one that could not be read has no facts.
        failures: why messages could not be read, by their ids.
        seconds: how long it took, the opening of the extractor included.
    """

    judged: list[Judged]
    failures: dict[str, str]
    seconds: float


def make_extractor(name: str, endpoint: Endpoint | None = None) -> Extractor:
    """Return the extractor of a name.

    Args:
        name: "rules", "local", "llm", "hybrid", or ``package.module:name`` of an extractor of one's own or of a callable
            that makes one.
        endpoint: the language model of "llm" and "hybrid".

    Raises:
        UnknownExtractor: there is none of that name, or its language model is missing or its settings are invalid.
    """
    from extraction import HybridExtractor, LLMExtractor, LocalExtractor, RuleExtractor

    if name in OFFLINE:
        return RuleExtractor() if name == "rules" else LocalExtractor()
    if name in WITH_LLM:
        if endpoint is None:
            raise UnknownExtractor(f"the extractor {name!r} needs a language model: give --model")
        try:
            llm = LLMExtractor(endpoint.model, endpoint.base_url, endpoint.api_key, endpoint.timeout)
        except ValueError as error:
            raise UnknownExtractor(str(error)) from error
        return llm if name == "llm" else HybridExtractor(LocalExtractor(), llm)
    return _own(name)


def _own(name: str) -> Extractor:
    module, _, attribute = name.partition(":")
    if not attribute:
        known = ", ".join((*OFFLINE, *WITH_LLM))
        raise UnknownExtractor(f"no extractor {name!r}: give one of {known}, or package.module:name of your own")
    try:
        made = getattr(import_module(module), attribute)
        made = made() if callable(made) else made
    except (ImportError, AttributeError, TypeError) as error:
        raise UnknownExtractor(f"no extractor {name!r}: {error}") from error
    if not isinstance(made, Extractor):
        raise UnknownExtractor(f"{name!r} is no extractor: it has no method 'extract'")
    return made


async def read_all(extractor: Extractor, messages: Sequence[Message], catalogue: Catalogue | None = None) -> Run:
    """Let an extractor read every message by itself, with the assistant's message before it as history.

    Args:
        extractor: it is closed in the end when it can be.
        messages: the annotated messages.
        catalogue: the relations; None for the extractor's own, else version 1.
    """
    relations = catalogue or getattr(extractor, "catalogue", None) or Catalogue()
    failures: dict[str, str] = {}

    async def read(message: Message) -> tuple[ExtractedFact, ...]:
        history = () if message.before is None else (Turn("assistant", message.before),)
        try:
            extraction = await extractor.extract([Turn("user", message.text)], ExtractionContext(history=history))
        except ExtractionError as error:
            failures[message.id] = str(error)
            return ()
        return extraction.facts

    started = perf_counter()
    try:
        facts = await asyncio.gather(*map(read, messages))
    finally:
        close = getattr(extractor, "aclose", None)
        if close is not None:
            await close()
    seconds = perf_counter() - started
    judged = [judge(message, found, relations) for message, found in zip(messages, facts, strict=True)]
    return Run(judged, failures, seconds)
