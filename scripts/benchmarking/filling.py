"""What the store is filled with: users who talk about their lives, with facts in the ledger as an extractor would have left them."""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from extraction.catalogue import Catalogue
from extraction.records import EntityMention, ExtractedFact
from graphmem.embed.short import SIZE, kept
from graphmem.reconcile import reconcile, update_with
from graphmem.records import Message, Statement
from graphmem.statements import to_statements
from graphmem.stores.base import Changes, Ledger, LedgerUpdate, NewInteraction, NewMessage, Selection, Store
from graphmem.stores.embedding import ShortVectorStore, StoredText

START = datetime(2024, 1, 1, 8, 0, tzinfo=UTC)
_BATCH = 500
_CATALOGUE = Catalogue()
_NAMES = (
    "Ana Bruno Clara Diego Elena Farid Greta Hugo Ines Jonas Katja Liam Mara Nuno Olga Pavel Rosa Sven Tara Ugo".split()
)
_PLACES = "Porto Leeds Lisbon Kyoto Ghent Oslo Turin Quito Lagos Perth Nantes Bergen Malaga Tartu Sofia Delft".split()
_THINGS = "tea chess jazz sailing pottery ramen cycling opera gardening karate knitting sushi poetry hiking tango sumo".split()
_TALK = (
    "Yesterday {name} and I talked about {thing} for hours while it rained in {place}",
    "The meeting about the {thing} project was moved to the office in {place}",
    "I keep forgetting what {name} said about the train to {place}",
    "We cooked dinner and {name} told a story about {thing} and the harbour",
)


def texts(seed: int, count: int) -> Iterator[str]:
    """Yield what a user says: plain talk, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    for number in range(count):
        words = {"name": chance.choice(_NAMES), "thing": chance.choice(_THINGS), "place": chance.choice(_PLACES)}
        yield f"{chance.choice(_TALK).format(**words)}, note {number}."


async def fill_user(store: Store, user_id: str, messages: int, facts: int, seed: int) -> None:
    """Give a user one session ``<user_id>-s`` with so many messages, and so many facts that the first of them state.

    Messages have short vectors, which are drawn by chance: to compare them takes as long.
    """
    said: list[Message] = []
    spoken, chance = list(texts(seed, messages)), random.Random(seed)  # noqa: S311 - no secret
    for start in range(0, messages, _BATCH):
        batch = tuple(
            NewMessage(f"m{n}", "user" if n % 2 == 0 else "assistant", text, START + timedelta(minutes=n))
            for n, text in enumerate(spoken[start : start + _BATCH], start)
        )
        appended = await store.append(NewInteraction(f"{user_id}-s", user_id, batch, START))
        said += appended.messages if facts > len(said) else ()
        if isinstance(store, ShortVectorStore):
            await store.keep_short_vectors([(StoredText.of(m), _any_vector(chance)) for m in appended.messages])
    told = [(said[2 * n % len(said)], _fact(n)) for n in range(facts)]
    for start in range(0, facts, 10 * _BATCH):
        part = told[start : start + 10 * _BATCH]
        statements = [s for message, fact in part for s in to_statements([fact], [message], _CATALOGUE)[0]]
        await store.apply(user_id, _update(user_id, statements))


async def fill_graph(store: Store, prefix: str, users: int, concurrency: int, told: Callable[[int], None]) -> None:
    """Make ``users`` users with four messages and three facts each."""
    numbers = iter(range(users))

    async def lane() -> None:
        for number in numbers:
            await fill_user(store, f"{prefix}-{number}", 4, 3, number)
            told(1)

    await asyncio.gather(*(lane() for _ in range(concurrency)))


async def empty_graph(store: Store, user_ids: list[str], told: Callable[[int], None]) -> None:
    """Forget users again."""
    for user_id in user_ids:
        await store.forget(Selection(user_id=user_id), lambda ledger, gone: Changes())
        told(1)


def _any_vector(chance: random.Random) -> str:
    return kept(struct.pack(f"<{SIZE}f", *(chance.gauss(0.0, 1.0) for _ in range(SIZE))))


def _fact(number: int) -> ExtractedFact:
    """Likes, visits and friends, each said once."""
    user = EntityMention("User", "User")
    if number % 3 == 0:
        object, predicate = EntityMention(f"{_THINGS[number % len(_THINGS)]} {number // 40}", "Topic"), "LIKES"
    elif number % 3 == 1:
        object, predicate = EntityMention(f"{_PLACES[number % len(_PLACES)]} {number // 40}", "Place"), "VISITED"
    else:
        object, predicate = EntityMention(f"{_NAMES[number % len(_NAMES)]} {number // 40}", "Person"), "HAS_FRIEND"
    return ExtractedFact(user, predicate, object, evidence=object.name)


def _update(user_id: str, statements: list[Statement]) -> LedgerUpdate:
    if len(statements) < _BATCH:
        return update_with(user_id, statements, _CATALOGUE)
    return LedgerUpdate(frozenset(), frozenset(), frozenset(), partial(_decide, user_id, statements))


def _decide(user_id: str, statements: list[Statement], known: Ledger) -> Changes | None:
    return reconcile(known, statements, user_id=user_id, catalogue=_CATALOGUE) if known.whole else None
