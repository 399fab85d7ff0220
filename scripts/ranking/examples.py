"""Questions about long conversations whose answering turns are known, in the format of the LoCoMo data set, as examples."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from graphmem import MemLayer, MemLayerConfig
from graphmem.embed import EmbeddingModel, Reranker, make_embedder, make_short_embedder
from graphmem.rank import rank_facts, read_question
from graphmem.rank.documents import read_documents
from graphmem.rank.facts import wanted_predicates
from graphmem.rank.features import Figures, features
from graphmem.recall import CANDIDATES, FACTS, NEIGHBOURS, REACH
from graphmem.stores.base import Recall
from graphmem.stores.registry import store_factory
from graphmem.text import probe

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop"}
"""The kinds of questions that count; adversarial ones (5) have no answer."""

WORDS_ONLY, RERANKED = "none", "rerank"
"""Nothing is compared by meaning; what words find is."""

_QUESTION_SECONDS = 60.0


class InvalidConversations(Exception):
    """The file is not as expected; says what to do."""


@dataclass(frozen=True)
class Example:
    """A question with the figures of every message that was brought for it.

    Args:
        conversation, category: where it is from and its kind.
        evidence: how many turns answer it, those that were not brought too.
        figures: one row a message, one column a feature.
        answers: 1 for each message that answers it.
    """

    conversation: str
    category: str
    evidence: int
    figures: Figures
    answers: Figures


def read_examples(path: Path, database: Path, names: list[str], meaning: str) -> list[Example]:
    """Store the conversations of ``path`` in a new ``database`` with the local extractor, and recall for each question.

    Args:
        names: the features that are wanted.
        meaning: `WORDS_ONLY`, `RERANKED`, or an embedder as `MemLayerConfig` takes it.

    Raises:
        InvalidConversations: the file is no such data.
    """
    try:
        return asyncio.run(_examples(json.loads(path.read_text(encoding="utf-8")), database, names, meaning))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidConversations(f"{path} is not in LoCoMo's format: {error!r}") from error


async def _examples(
    conversations: list[dict[str, Any]], database: Path, names: list[str], meaning: str
) -> list[Example]:
    config = MemLayerConfig(
        connection_url=str(database),
        extractor="local",
        embedder=None if meaning in (WORDS_ONLY, RERANKED) else meaning,
        embedder_timeout=_QUESTION_SECONDS,
        rerank=meaning == RERANKED,
    )
    async with MemLayer(config=config) as memory:
        for conversation in conversations:
            await _store(memory, conversation)
        await memory.flush()
    store, model = await store_factory("sqlite")(config), make_embedder(config)
    reranker = Reranker(store, make_short_embedder(config)) if config.rerank else None
    try:
        asked = [(conversation, question) for conversation in conversations for question in conversation["qa"]]
        return [e for c, q in asked if (e := await _example(store, model, reranker, c, q, names)) is not None]
    finally:
        await store.close()
        if model is not None:
            await model.aclose()


async def _store(memory: MemLayer, conversation: dict[str, Any]) -> None:
    user, talk = conversation["sample_id"], conversation["conversation"]
    for number in sorted(int(m[1]) for key in talk if (m := re.fullmatch(r"session_(\d+)", key))):
        at = datetime.strptime(talk[f"session_{number}_date_time"], "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)
        turns = [
            {
                "role": "user",
                "name": turn["speaker"],
                "content": turn["text"] + (f" [shares {turn['blip_caption']}]" if turn.get("blip_caption") else ""),
                "at": at.isoformat(),
                "id": f"{user}:{turn['dia_id']}",
            }
            for turn in talk[f"session_{number}"]
        ]
        await memory.store(session_id=f"{user}-session_{number}", user_id=user, interaction=turns)


async def _example(
    store: Any,
    model: EmbeddingModel | None,
    reranker: Reranker | None,
    conversation: dict[str, Any],
    asked: dict[str, Any],
    names: list[str],
) -> Example | None:
    user = conversation["sample_id"]
    evidence = {f"{user}:{e}" for said in asked.get("evidence", []) for e in re.findall(r"D\d+:\d+", said)}
    if asked["category"] not in CATEGORIES or not evidence:
        return None
    sought = probe(asked["question"])
    recalled = await store.recall(
        Recall(
            user,
            None,
            sought,
            newest=0,
            candidates=CANDIDATES,
            neighbours=NEIGHBOURS,
            facts=FACTS,
            reach=REACH,
            predicates=wanted_predicates(sought),
            similar=None if model is None else await model.similar_to(asked["question"]),
        )
    )
    if reranker is not None:
        recalled = reranker.compared(recalled, await reranker.vector_of(asked["question"]))
    question = read_question(recalled.query)
    documents, terms = read_documents(recalled, question)
    facts = rank_facts(recalled, question)
    found = features(documents, terms, question, facts, recalled.message_count, recalled.nearness, recalled.frequencies)
    figures = np.zeros((0, len(names))) if found is None else np.stack([found[name] for name in names], axis=1)
    answers = np.array([float(d.message.id in evidence) for d in documents[: len(figures)]])
    return Example(user, CATEGORIES[asked["category"]], len(evidence), figures, answers)
