"""What a memory is made of: its store, and what reads, summarises, embeds and ranks beside it, as the settings ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from extraction.base import Extractor
from extraction.catalogue import Catalogue
from graphmem.clock import utc_now
from graphmem.config import MemLayerConfig
from graphmem.embed import EmbeddingKeeper, EmbeddingModel, Reranker, make_embedder, make_short_embedder
from graphmem.errors import ConfigError
from graphmem.extractors import catalogue_of, make_extractor
from graphmem.outbox import Outbox
from graphmem.stores.base import Store
from graphmem.stores.embedding import EmbeddingStore, ShortVectorStore
from graphmem.stores.registry import store_factory
from graphmem.stores.summarizing import SummarizedStore
from graphmem.summarize import SummaryKeeper

CONCURRENCY = 8
LOCAL_LEASE = timedelta(seconds=10)

NotBefore = Callable[[], datetime | None]
"""Returns from when on messages count now; None when all do."""


@dataclass(frozen=True, slots=True)
class Parts:
    """An open store and what works on it; None for what the settings or the store do without.

    Args:
        store: where everything is.
        extractor: reads facts.
        outbox: has interactions read.
        catalogue: the relations that are known.
        waits: whether a store waits for the facts when its caller does not say.
        summaries: folds what leaves the buffer into summaries.
        embeddings: keeps whole vectors up to date.
        reranker: ranks by meaning what words found.
    """

    store: Store
    extractor: Extractor | None
    outbox: Outbox | None
    catalogue: Catalogue
    waits: bool
    summaries: SummaryKeeper | None
    embeddings: EmbeddingKeeper | None
    reranker: Reranker | None


async def open_parts(config: MemLayerConfig, *, not_before: NotBefore, on_read: Callable[[str], None]) -> Parts:
    """Open the store and make what works on it.

    Args:
        config: the settings.
        not_before: from when on messages count.
        on_read: called with the user whose facts have been written.

    Raises:
        ConfigError: the settings ask for what is not installed, or what the store cannot keep.
        StoreUnavailable, StoreError: the store cannot be opened.
    """
    extractor, waits = make_extractor(config)
    catalogue = catalogue_of(config, extractor)
    model = make_embedder(config)
    store = await store_factory(config.provider)(config)
    try:
        parts = Parts(
            store=store,
            extractor=extractor,
            outbox=None if extractor is None else _outbox(config, store, extractor, catalogue, on_read),
            catalogue=catalogue,
            waits=waits,
            summaries=_summaries(config, store, not_before),
            embeddings=_embeddings(config, store, model, not_before),
            reranker=_reranker(config, store),
        )
    except BaseException:
        await store.close()
        raise
    if parts.outbox is not None:
        parts.outbox.start()
    if parts.embeddings is not None:
        parts.embeddings.sweep()
    return parts


def _outbox(
    config: MemLayerConfig, store: Store, extractor: Extractor, catalogue: Catalogue, on_read: Callable[[str], None]
) -> Outbox:
    timeout = getattr(extractor, "timeout", None)
    return Outbox(
        store,
        extractor,
        catalogue,
        clock=utc_now,
        lease=LOCAL_LEASE if timeout is None else timedelta(seconds=2 * timeout + 10),
        concurrency=max(CONCURRENCY, config.llm.concurrency if config.llm else 1),
        limits=config.limits,
        on_read=on_read,
    )


def _summaries(config: MemLayerConfig, store: Store, not_before: NotBefore) -> SummaryKeeper | None:
    """Summaries are for stores that can keep them."""
    if config.summarizer == "none" or not isinstance(store, SummarizedStore):
        return None
    from graphmem.summarize.making import make_summarizer

    return SummaryKeeper(store, make_summarizer(config), buffer_size=config.buffer_size, not_before=not_before)


def _embeddings(
    config: MemLayerConfig, store: Store, model: EmbeddingModel | None, not_before: NotBefore
) -> EmbeddingKeeper | None:
    """Embeddings are for stores that can keep them."""
    if model is None:
        return None
    if not isinstance(store, EmbeddingStore):
        raise ConfigError("embedder", model.name, f"None: the store {config.provider!r} keeps no vectors")
    return EmbeddingKeeper(store, model, not_before=not_before)


def _reranker(config: MemLayerConfig, store: Store) -> Reranker | None:
    """What is found by words is ranked by meaning in stores that can keep short vectors, unless an embedder does more."""
    if not config.rerank or config.embedder is not None or not isinstance(store, ShortVectorStore):
        return None
    return Reranker(store, make_short_embedder(config))
