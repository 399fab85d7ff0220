"""Asking an OpenAI-compatible endpoint: retries within a time limit, limits on concurrency and rate, formats found out."""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from extraction.base import EndpointError
from extraction.llm.dialect import Dialect, Format, simpler
from extraction.llm.endpoint import Endpoint, endpoint_of
from extraction.llm.errors import cause_of_status, is_passing, retry_after
from extraction.llm.prompt import ChatMessage
from extraction.llm.reply import Reply, read_reply

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

logger = logging.getLogger(__name__)

_LONGEST_BACKOFF = 8.0
_NO_KEY = "none"
_OF_ALL_REQUESTS = frozenset({401, 402, 403, 404, 429})
"""What an endpoint answers to any request, whatever it asks."""


@dataclass(slots=True)
class Clock:
    """The time that one interaction may take. Waiting for a turn under the rate limit does not count."""

    deadline: float
    limit: float

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.deadline - asyncio.get_running_loop().time()


@dataclass(slots=True)
class _Live:
    """What belongs to one event loop."""

    loop: asyncio.AbstractEventLoop
    client: AsyncOpenAI
    name: str
    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class _Failure:
    """A request that failed: why, whether it may pass, and how long the server asks to wait."""

    cause: str
    passing: bool
    wait: float | None = None
    timed_out: bool = False
    general: bool = True
    """Whether any other request would have failed as well."""


class ChatClient:
    """Asks one model; see `extraction.LLMExtractor` for the settings.

    Raises:
        ValueError: a setting is invalid; the message says which and what is allowed.
    """

    def __init__(
        self,
        model: str,
        base_url: str | None,
        api_key: str | None,
        *,
        timeout: float,
        concurrency: int,
        requests_per_minute: float | None,
        backoff: float,
    ) -> None:
        check_settings(model, base_url, timeout, concurrency, requests_per_minute, backoff)
        self.model = model
        self._base_url = base_url
        self._api_key = api_key
        self._timeout = timeout
        self._concurrency = concurrency
        self._interval = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._backoff = backoff
        self._dialect = Dialect()
        self._now_live: _Live | None = None

    @property
    def endpoint(self) -> str:
        """Host and port of the endpoint, once it was asked."""
        return self._now_live.name if self._now_live else "the endpoint"

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Clock]:
        """Wait for a free slot and start the clock of one interaction.

        Raises:
            ExtractionError: there is no key to ask with.
            NotAsked: the endpoint failed too often to be asked now.
        """
        # the client takes a second to import, in which others want to go on
        await asyncio.to_thread(import_module, "openai")
        live = self._live()
        async with live.endpoint.slot(self._concurrency):
            is_trial = await live.endpoint.permission()
            try:
                yield Clock(live.loop.time() + self._timeout, self._timeout)
            finally:
                if is_trial:
                    live.endpoint.undecided()

    def try_now(self) -> None:
        """Ask the endpoint again even if it is left alone for a while."""
        if self._now_live is not None:
            self._now_live.endpoint.try_now()

    async def ask(self, build: Callable[[bool], list[ChatMessage]], schema: dict[str, Any], clock: Clock) -> Reply:
        """Send one request and return the answer, trying again while that may help and time is left.

        Args:
            build: gives the messages; its argument says whether the schema has to be spelled out in them.
            schema: of the answer.
            clock: the time left.

        Raises:
            ExtractionError: the endpoint failed; the message says how and what to do.
        """
        from openai import APIStatusError

        live = self._live()
        dialect, attempt = self._dialect, 0
        refused: APIStatusError | None = None
        earlier: _Failure | None = None
        while True:
            await self._pace(live, clock)
            try:
                completion = await self._request(live, dialect, build, schema, clock)
            except Exception as error:
                if isinstance(error, APIStatusError):
                    other = simpler(dialect, error.status_code, error.code, error.param)
                    if other is not None:
                        refused, dialect = refused or error, other
                        continue
                if dialect != self._dialect and refused is not None and not _passes(error):
                    error = refused
                failure = self._failure(error, live, clock)
                if failure is None:
                    raise
                delay = self._delay(attempt, failure)
                if not failure.passing or delay >= clock.left:
                    # an attempt that the end of the time cuts short says less than the one before it
                    told = earlier if earlier is not None and failure.timed_out else failure
                    if told.general:
                        live.endpoint.failed(told.cause)
                    raise EndpointError(told.cause) from error
                earlier = failure
                logger.debug("attempt %d: %s; again in %.2f s", attempt + 1, failure.cause, delay)
                attempt += 1
                await asyncio.sleep(delay)
            else:
                live.endpoint.succeeded()
                self._remember(dialect, live)
                return read_reply(completion)

    async def aclose(self) -> None:
        """Close the connections; the next call opens new ones."""
        live, self._now_live = self._now_live, None
        if live is not None and live.loop is asyncio.get_running_loop():
            await live.client.close()

    def _live(self) -> _Live:
        loop = asyncio.get_running_loop()
        if self._now_live is None or self._now_live.loop is not loop:
            client = self._make_client()
            address = urlsplit(str(client.base_url))
            name = f"{address.hostname}:{address.port}" if address.port else str(address.hostname)
            self._now_live = _Live(loop, client, name, endpoint_of(str(client.base_url)))
        return self._now_live

    def _make_client(self) -> AsyncOpenAI:
        from openai import AsyncOpenAI

        key = self._api_key or os.environ.get("OPENAI_API_KEY")
        if not key:
            if not (self._base_url or os.environ.get("OPENAI_BASE_URL")):
                raise EndpointError(
                    "there is no API key; set api_key or OPENAI_API_KEY, or base_url of a server without keys"
                )
            key = _NO_KEY
        return AsyncOpenAI(api_key=key, base_url=self._base_url, max_retries=0)

    async def _pace(self, live: _Live, clock: Clock) -> None:
        """Wait for the next start that the rate limit allows."""
        if not self._interval:
            return
        wait = live.endpoint.reserve(self._interval)
        clock.deadline += wait
        await asyncio.sleep(wait)

    async def _request(
        self,
        live: _Live,
        dialect: Dialect,
        build: Callable[[bool], list[ChatMessage]],
        schema: dict[str, Any],
        clock: Clock,
    ) -> object:
        messages: Any = build(dialect.format is not Format.SCHEMA)
        left = max(clock.left, 0.0)
        # the client's own limit is for each read; a server that sends a byte now and then never reaches it
        async with asyncio.timeout(left):
            return await live.client.chat.completions.create(
                model=self.model, messages=messages, timeout=left, **dialect.options(schema)
            )

    def _failure(self, error: Exception, live: _Live, clock: Clock) -> _Failure | None:
        """Return what an error means, or None when it is none of the endpoint's."""
        from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError

        if isinstance(error, APIStatusError):
            cause = cause_of_status(error.status_code, error.code, model=self.model, endpoint=live.name)
            wait = retry_after(error.response.headers, datetime.now(UTC))
            passing = is_passing(error.status_code, error.code)
            return _Failure(cause, passing, wait, general=passing or error.status_code in _OF_ALL_REQUESTS)
        if isinstance(error, TimeoutError | APITimeoutError):
            return _Failure(f"{live.name} did not answer within {clock.limit:g} seconds", True, timed_out=True)
        if isinstance(error, APIConnectionError):
            reason = type(error.__cause__).__name__ if error.__cause__ else "no connection"
            return _Failure(f"{live.name} cannot be reached ({reason})", passing=True)
        if isinstance(error, APIError | ValueError):
            return _Failure(f"{live.name} gave no chat completion; check that base_url is its API", passing=True)
        return None

    def _delay(self, attempt: int, failure: _Failure) -> float:
        """Return the seconds to wait: twice as long each time, spread by chance, and never less than the server asks for."""
        backoff = min(self._backoff * 2.0**attempt, _LONGEST_BACKOFF) * random.uniform(0.75, 1.25)  # noqa: S311 - no secret
        return max(backoff, failure.wait or 0.0)

    def _remember(self, dialect: Dialect, live: _Live) -> None:
        if dialect == self._dialect:
            return
        if dialect.format is not self._dialect.format:
            how = "JSON mode" if dialect.format is Format.JSON else "plain text"
            logger.warning("%s does not take a JSON schema; %s is asked in %s from now on", live.name, self.model, how)
        self._dialect = dialect


def check_settings(
    model: str,
    base_url: str | None,
    timeout: float,
    concurrency: int,
    requests_per_minute: float | None,
    backoff: float,
) -> None:
    """Check the settings of a client.

    Raises:
        ValueError: one is invalid; the message says which and what is allowed.
    """
    if not model.strip():
        raise ValueError("model is empty: name one, as in LLMExtractor('gpt-4o-mini')")
    if base_url is not None and (urlsplit(base_url).scheme not in ("http", "https") or not urlsplit(base_url).hostname):
        raise ValueError("base_url is not valid: a URL such as http://localhost:8000/v1, or None")
    for name, number in (("timeout", timeout), ("requests_per_minute", requests_per_minute or 1.0)):
        if not 0 < number < float("inf"):
            raise ValueError(f"{name}={number!r} is not valid: a number above 0")
    if requests_per_minute is not None and requests_per_minute <= 0:
        raise ValueError(f"requests_per_minute={requests_per_minute!r} is not valid: a number above 0, or None")
    if concurrency < 1:
        raise ValueError(f"concurrency={concurrency!r} is not valid: a whole number of at least 1")
    if backoff < 0:
        raise ValueError(f"backoff={backoff!r} is not valid: a number of seconds of at least 0")


def _passes(error: Exception) -> bool:
    from openai import APIStatusError

    return not isinstance(error, APIStatusError) or is_passing(error.status_code, error.code)
