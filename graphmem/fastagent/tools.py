"""Functions that a model may call itself. They know whose memory it is from the turn they run in, never from the model."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from uuid import uuid4

from extraction.names import normalize_name
from graphmem.errors import GraphMemError
from graphmem.fastagent.keeping import within
from graphmem.speaking import Speaker, current_speaker

if TYPE_CHECKING:
    from graphmem.memory import MemLayer
    from graphmem.records import Fact

TIME_LIMIT = 10.0
"""Seconds that one call may take."""
MAX_ROWS = 50
"""How many rows of a query's answer the model gets at most."""
_NOBODY = (
    "Nobody said whose memory this is. Call the agent within `with graphmem.fastagent.session(...)`, "
    "or declare it with `remember(memory)`."
)


def memory_tools(memory: MemLayer) -> list[Callable[[str], Awaitable[str]]]:
    """Return the functions for ``function_tools=``: recall, remember_fact, forget_fact and query_graph.

    They act for whoever speaks in the turn they are called in (see `graphmem.fastagent.session`). A failure is an answer to the
    model that says what went wrong; the turn goes on.

    Args:
        memory: where the facts are.
    """

    async def recall(query: str) -> str:
        """Look up what is remembered of the user and of earlier conversations with them.

        Args:
            query: what to look for, in a few words or as a question.
        """
        return await _answer(lambda speaker: _recall(memory, speaker, query))

    async def remember_fact(text: str) -> str:
        """Remember something that the user said about themselves or their world.

        Args:
            text: one sentence in the user's own words and in the first person, such as "I live in Porto".
        """
        return await _answer(lambda speaker: _remember(memory, speaker, text))

    async def forget_fact(text: str) -> str:
        """Forget a fact for good, when the user asks for it.

        Args:
            text: the fact as recall words it, such as "lives in Porto".
        """
        return await _answer(lambda speaker: _forget(memory, speaker, text))

    async def query_graph(cypher: str) -> str:
        """Run a read-only Cypher query on the user's own knowledge graph and return the rows as JSON.

        The present is plain relationships from (:User): LIVES_IN, WORKS_AT, LIKES and so on, such as
        MATCH (u:User)-[:LIVES_IN]->(p:Place) RETURN p.name AS city.

        Args:
            cypher: the query.
        """
        return await _answer(lambda speaker: _query(memory, speaker, cypher))

    return [recall, remember_fact, forget_fact, query_graph]


async def _answer(act: Callable[[Speaker], Awaitable[str]]) -> str:
    speaker = current_speaker()
    if speaker is None:
        return _NOBODY

    async def work() -> str:
        return await act(speaker)

    try:
        return await within(TIME_LIMIT, work())
    except (GraphMemError, OSError) as error:
        return f"That did not work: {error}"


async def _recall(memory: MemLayer, speaker: Speaker, query: str) -> str:
    context = await memory.get_context(session_id=speaker.session_id, user_id=speaker.user_id, query=query)
    return str(context) or "Nothing is remembered."


async def _remember(memory: MemLayer, speaker: Speaker, text: str) -> str:
    if not text.strip():
        return "Say what to remember."
    note = {"role": "user", "content": text, "id": uuid4().hex}
    stored = await memory.store(session_id=speaker.session_id, user_id=speaker.user_id, interaction=[note])
    if not stored.facts:
        return "Kept as it was said."
    return "Remembered: " + "; ".join(f"{fact.text} ({fact.status})" for fact in stored.facts)


async def _forget(memory: MemLayer, speaker: Speaker, text: str) -> str:
    user_id = await _owner(memory, speaker)
    found = named(await memory.facts(user_id), text)
    if len(found) == 1:
        await memory.forget(user_id=user_id, fact_id=found[0].id)
        return f"Forgotten: {found[0].text}"
    if not found:
        found = [hit.fact for hit in await memory.search(text, user_id, kind="fact", limit=5) if hit.fact is not None]
    if not found:
        return "No such fact is remembered."
    return "Which one? Name it as it stands here: " + "; ".join(fact.text for fact in found[:10])


async def _query(memory: MemLayer, speaker: Speaker, cypher: str) -> str:
    rows = await memory.cypher(cypher, await _owner(memory, speaker), limit=MAX_ROWS)
    return json.dumps(rows, default=str, ensure_ascii=False)


async def _owner(memory: MemLayer, speaker: Speaker) -> str:
    """The user of a speaker; of one that names none, the session's."""
    if speaker.user_id is not None:
        return speaker.user_id
    newest = await memory.messages(session_id=speaker.session_id, limit=1)
    return newest[0].user_id if newest else speaker.session_id


def named(facts: list[Fact], text: str) -> list[Fact]:
    """Return the facts that ``text`` names: those that read exactly so, else those that contain these words."""
    wanted = normalize_name(text)
    exact = [fact for fact in facts if normalize_name(fact.text) == wanted]
    return exact or [fact for fact in facts if wanted and f" {wanted} " in f" {normalize_name(fact.text)} "]
