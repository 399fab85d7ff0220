"""Recall: one question to the store, then pure ranking and composing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from graphmem.compose import compose
from graphmem.rank import rank_facts, rank_messages
from graphmem.rank.facts import answering, asked_ties, wanted_predicates
from graphmem.records import Context, Hit
from graphmem.stores.base import Recall, Recalled, Store
from graphmem.stores.embedding import Similar
from graphmem.text import probe

if TYPE_CHECKING:
    from graphmem.embed import Reranker

Kind = Literal["message", "fact", "any"]

CANDIDATES, NEIGHBOURS, REACH = 200, 100, 2
"""Of a search: at most how many messages are asked for, of how many of these those around them too, and how far: in a chat of two,
the next that the user says stands two places away."""

FACTS = 100

CONTEXT_CANDIDATES, CONTEXT_NEIGHBOURS, CONTEXT_FACTS = 40, 30, 48
"""The same of a context, which shows few messages and facts and has to be quick."""


async def get_context(
    store: Store,
    *,
    session_id: str,
    user_id: str | None,
    query: str | None,
    buffer_size: int,
    max_tokens: int,
    not_before: datetime | None = None,
    facts_not_before: datetime | None = None,
    similar: Similar | None = None,
    reranker: Reranker | None = None,
) -> Context:
    """Return what an agent should know before it answers, with exactly one recall of the store.

    Args:
        store: where the memory is.
        session_id: the session whose newest turns belong into the context.
        user_id: whose memory; None for the session's owner.
        query: what the context is for; None for the session's last user message.
        buffer_size: how many of the session's newest turns.
        max_tokens: the budget, as counted by `graphmem.compose.count_tokens`.
        not_before: messages said before that are left out.
        facts_not_before: facts last said before that are left out.
        similar: what is to be compared by meaning.
        reranker: compares by meaning what is found by words.

    Raises:
        SessionOwnerError: the session belongs to another user.
        StoreUnavailable: the store cannot be reached now.
        StoreError: the store refused.
    """
    sought = None if query is None else probe(query)
    recalled = await _recalled(
        store,
        Recall(
            user_id=user_id,
            session_id=session_id,
            query=sought,
            newest=buffer_size,
            candidates=CONTEXT_CANDIDATES,
            neighbours=CONTEXT_NEIGHBOURS,
            facts=CONTEXT_FACTS,
            reach=REACH,
            not_before=not_before,
            similar=similar,
            predicates=wanted_predicates(sought),
            through=asked_ties(sought),
        ),
        query,
        reranker,
    )
    recalled = _without_expired(recalled, facts_not_before)
    facts = rank_facts(recalled)
    return compose(recalled, facts, rank_messages(recalled, facts), max_tokens=max_tokens)


async def search(
    store: Store,
    *,
    user_id: str,
    query: str,
    limit: int,
    kind: Kind = "message",
    not_before: datetime | None = None,
    facts_not_before: datetime | None = None,
    similar: Similar | None = None,
    reranker: Reranker | None = None,
) -> list[Hit]:
    """Return the messages, the facts or both that fit ``query``, best first, with exactly one recall of the store.

    Args:
        store: where the memory is.
        user_id: whose memory.
        query: what to look for.
        limit: at most how many hits.
        kind: "message", "fact" or "any". Scores are shares of the best hit of its kind, so that the two kinds mix.
        not_before: messages said before that are left out.
        facts_not_before: facts last said before that are left out.
        similar: what is to be compared by meaning.
        reranker: compares by meaning what is found by words.

    Raises:
        StoreUnavailable: the store cannot be reached now.
        StoreError: the store refused.
    """
    sought = probe(query)
    recalled = await _recalled(
        store,
        Recall(
            user_id=user_id,
            session_id=None,
            query=sought,
            newest=0,
            candidates=max(CANDIDATES, limit),
            neighbours=NEIGHBOURS,
            facts=FACTS,
            reach=REACH,
            not_before=not_before,
            similar=similar,
            predicates=wanted_predicates(sought),
            through=asked_ties(sought),
        ),
        query,
        reranker,
    )
    recalled = _without_expired(recalled, facts_not_before)
    ranked_facts = rank_facts(recalled)
    messages = [] if kind == "fact" else _shares(rank_messages(recalled, ranked_facts))
    facts = [] if kind == "message" else _shares(answering(ranked_facts))
    return sorted((*messages, *facts), key=lambda hit: -hit.score)[: max(0, limit)]


async def _recalled(store: Store, request: Recall, question: str | None, reranker: Reranker | None) -> Recalled:
    if reranker is None:
        return await store.recall(request)
    recalled, vector = await asyncio.gather(store.recall(request), reranker.vector_of(question))
    if question is None:
        asked = next((m.text for m in reversed(recalled.messages) if m.role == "user"), None)
        vector = await reranker.vector_of(asked)
    return reranker.compared(recalled, vector)


def _without_expired(recalled: Recalled, not_before: datetime | None) -> Recalled:
    if not_before is None:
        return recalled
    kept = tuple(f for f in recalled.facts if any(s.at >= not_before for s in f.statements))
    return replace(recalled, facts=kept)


def _shares(hits: Sequence[Hit]) -> list[Hit]:
    """The hits with their scores as shares of the best one's."""
    return [Hit(hit.score / hits[0].score, hit.message, hit.fact) for hit in hits]
