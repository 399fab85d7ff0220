"""The extractor that asks a language model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from extraction.base import EndpointError, ExtractionError
from extraction.catalogue import Catalogue
from extraction.llm.answer_text import InvalidAnswer
from extraction.llm.batches import batches_of, context_of, in_place
from extraction.llm.client import ChatClient
from extraction.llm.parse import parse_answer
from extraction.llm.prompt import ChatMessage, build_messages, build_repair
from extraction.llm.schema import answer_schema
from extraction.records import (
    NO_USAGE,
    EntityMention,
    ExtractedFact,
    Extraction,
    ExtractionContext,
    Turn,
    Usage,
)

Prompt = Callable[[bool], list[ChatMessage]]

_REQUESTS = 2
"""An answer that cannot be used is asked for once more."""


class LLMExtractor:
    """Extracts facts with a language model behind any OpenAI-compatible endpoint: one request for each call, or for each part of a long
    conversation (`extraction.llm.batches`).

    A fact is kept only with a quotation of the user's own words; see `extraction.llm.parse.parse_answer`. Passing
    failures (429, 5xx, no connection, no answer) are tried again with growing waits while time is left; an answer that
    cannot be used is asked for once more. An endpoint that refuses JSON schemas is asked in JSON mode from then on, one
    that refuses that too by the prompt alone. One that fails again and again is left alone for a while
    (`extraction.llm.endpoint`): then calls fail at once with `NotAsked`.

    Args:
        model: the model's name.
        base_url: the endpoint, up to ``/v1``; None for the client's default (OPENAI_BASE_URL, else OpenAI's).
        api_key: the key; None for OPENAI_API_KEY. A server of one's own may need none.
        timeout: seconds for one call of `extract`, with all that is tried again in it; of a long conversation for each part.
        catalogue: the relations; None for version 1.
        concurrency: how many calls are under way at a time, in the whole process; further ones wait.
        requests_per_minute: how many requests are started in a minute at most, in the whole process; None for no limit.
        backoff: seconds before the second attempt; each further wait is twice as long.

    Raises:
        ValueError: a setting is invalid; the message says which and what is allowed.
    """

    def __init__(
        self,
        model: str,
        base_url: str | None = None,
        api_key: str | None = None,
        timeout: float = 30.0,
        catalogue: Catalogue | None = None,
        *,
        concurrency: int = 8,
        requests_per_minute: float | None = None,
        backoff: float = 0.5,
    ) -> None:
        self.catalogue = catalogue or Catalogue()
        self.timeout = timeout
        self._schema = answer_schema(self.catalogue)
        self._usage = Usage()
        self._chat = ChatClient(
            model,
            base_url,
            api_key,
            timeout=timeout,
            concurrency=concurrency,
            requests_per_minute=requests_per_minute,
            backoff=backoff,
        )

    @property
    def usage(self) -> Usage:
        """What the model was asked by this extractor so far, failures included."""
        return self._usage

    async def extract(self, turns: Sequence[Turn], context: ExtractionContext | None = None) -> Extraction:
        """Read the facts that the user's turns state; see `extraction.Extractor.extract`.

        Raises:
            ExtractionError: the endpoint failed or gave no usable answer, not even when asked again.
            NotAsked: it failed so often that it is left alone for a while.
        """
        given = context or ExtractionContext()
        entities: dict[EntityMention, None] = {}
        facts: list[ExtractedFact] = []
        dropped: Counter[str] = Counter()
        spent = NO_USAGE
        for batch in batches_of(turns):
            try:
                read = await self._read(batch.turns, context_of(batch, turns, given, tuple(entities)))
            except ExtractionError as error:
                error.usage += spent
                raise
            spent += read.usage
            facts += in_place(read.facts, batch)
            entities.update(dict.fromkeys(read.entities))
            dropped.update(read.dropped)
        return Extraction(tuple(entities), tuple(facts), dict(dropped), spent)

    def try_now(self) -> None:
        """Ask the endpoint with the next call even if it is left alone for a while."""
        self._chat.try_now()

    async def _read(self, turns: Sequence[Turn], context: ExtractionContext) -> Extraction:
        """Read the turns of one batch; what that costs is in the result, or in the error."""
        spent = NO_USAGE
        async with self._chat.turn() as clock:
            first: Prompt = partial(build_messages, turns, context, self.catalogue)
            prompt, problem = first, ""
            for _ in range(_REQUESTS):
                try:
                    reply = await self._chat.ask(prompt, self._schema, clock)
                except ExtractionError as error:
                    error.usage += spent
                    raise
                self._usage += reply.usage
                spent += reply.usage
                try:
                    if reply.problem is None:
                        return replace(parse_answer(reply.text, turns, context, self.catalogue), usage=spent)
                    problem = reply.problem
                except InvalidAnswer as error:
                    problem = str(error)
                prompt = _repairing(first, reply.text, problem)
        raise EndpointError(
            f"{self._chat.model} at {self._chat.endpoint} gave no usable answer, not even when asked again: {problem}",
            spent,
        )

    async def aclose(self) -> None:
        """Close the connections to the endpoint."""
        await self._chat.aclose()


def _repairing(first: Prompt, answer: str, problem: str) -> Prompt:
    return lambda spell_out_schema: build_repair(first(spell_out_schema), answer, problem)
