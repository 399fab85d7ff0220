"""Embeddings from any OpenAI-compatible endpoint."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from graphmem.embed.base import EmbeddingError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

DEFAULT_MODEL = "text-embedding-3-small"
_REFUSED = frozenset({400, 413, 422})
"""What an endpoint answers to texts that it does not take; all else may pass, if only when somebody adds credit or another key."""


class OpenAIEmbedder:
    """An embedder that asks an OpenAI-compatible endpoint.

    Args:
        model: the model's name there.
        base_url, api_key: where it is and its key; None lets the client read its own environment variables.
    """

    def __init__(self, model: str, base_url: str | None, api_key: str | None) -> None:
        self.model = model
        self._base_url = base_url
        self._api_key = api_key
        self._client: AsyncOpenAI | None = None

    async def __call__(self, texts: list[str]) -> Sequence[Sequence[float]]:
        """Return a vector for each text, with one request.

        Raises:
            EmbeddingError: the endpoint failed; the message says how.
        """
        from extraction.llm.errors import cause_of_status

        await self.prepare()
        import openai

        client = self._open()
        where = _place(str(client.base_url))
        try:
            answer = await client.embeddings.create(model=self.model, input=texts, encoding_format="float")
            return _in_order(answer)
        except openai.APIStatusError as error:
            cause = cause_of_status(error.status_code, error.code, model=self.model, endpoint=where)
            raise EmbeddingError(cause, passing=error.status_code not in _REFUSED) from error
        except openai.APIConnectionError as error:
            reason = type(error.__cause__).__name__ if error.__cause__ else "no connection"
            raise EmbeddingError(f"{where} cannot be reached ({reason})") from error
        except (openai.APIError, AttributeError, TypeError, ValueError, KeyError) as error:
            raise EmbeddingError(f"{where} gave no embeddings; check that base_url is its API") from error

    async def prepare(self) -> None:
        """Import the client, which takes a second in which others want to go on."""
        await asyncio.to_thread(import_module, "openai")

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _open(self) -> AsyncOpenAI:
        if self._client is None:
            from openai import AsyncOpenAI

            key = self._api_key or os.environ.get("OPENAI_API_KEY") or "none"
            self._client = AsyncOpenAI(api_key=key, base_url=self._base_url, max_retries=0)
        return self._client


def _in_order(answer: Any) -> list[Sequence[float]]:
    """Return the vectors of an answer in the order of the texts: each names the place of its own."""
    data = sorted(answer.data, key=lambda found: found.index)
    if [found.index for found in data] != list(range(len(data))):
        raise ValueError("the vectors do not say which texts they are of")
    return [found.embedding for found in data]


def _place(url: str) -> str:
    address = urlsplit(url)
    return f"{address.hostname}:{address.port}" if address.port else str(address.hostname)
