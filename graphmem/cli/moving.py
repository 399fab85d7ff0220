"""Moving memories from one store to another, a user at a time, so that repeating it finishes what was interrupted."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from graphmem.memory import MemLayer

Outcome = Literal["moved", "already there", "joined"]
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Contents:
    """What records hold, for comparing.

    Args:
        counts: how many records of each type.
        digest: the same for the same content, whatever the store. The numbers of a session's messages do not count, their
            order does: what was forgotten leaves gaps in the numbers of a store.
        parts: a digest of each message and of each statement, by what names it.
    """

    counts: dict[str, int]
    digest: str
    parts: dict[str, str]

    def missing_in(self, other: Contents) -> list[str]:
        """Return the names of messages and statements that ``other`` has not, or has otherwise."""
        return sorted(name for name, digest in self.parts.items() if other.parts.get(name) != digest)


@dataclass(frozen=True, slots=True)
class MovedUser:
    """What became of one user.

    Args:
        user_id: the user.
        outcome: "joined" when the target has more of the user than the source.
        counts: the records of the source, by type.
        digest: of the target's content, which but for "joined" is that of the source.
        deleted: whether the source has forgotten the user.
    """

    user_id: str
    outcome: Outcome
    counts: dict[str, int]
    digest: str
    deleted: bool = False


def contents_of(records: Iterable[Record]) -> Contents:
    """Return what the records of one user hold."""
    counts: Counter[str] = Counter()
    places: Counter[str] = Counter()
    parts: dict[str, str] = {}
    digests = []
    for record in records:
        kind = record["type"]
        counts[kind] += 1
        if kind == "message":
            record = {key: value for key, value in record.items() if key != "seq"}
            parts[_name("message", record["session_id"], record["id"])] = _digest(record)
            places[record["session_id"]] += 1
            record["place"] = places[record["session_id"]]
        elif kind == "fact":
            parts |= {_name("statement", statement["id"]): _digest(statement) for statement in record["statements"]}
        digests.append(_digest(record))
    return Contents(dict(counts), hashlib.sha256("".join(sorted(digests)).encode()).hexdigest(), parts)


async def move_user(source: MemLayer, target: MemLayer, user_id: str, *, delete: bool) -> MovedUser:
    """Bring a user to the target, compare, and only then let the source forget, if that is wanted.

    Args:
        source, target: the memories.
        user_id: the user.
        delete: whether the source is to forget the user.

    Raises:
        click.ClickException: the target has not what the source has; nothing is deleted then.
        SessionOwnerError, IdempotencyConflict: the target has a session or a message of that name with other content.
    """
    records = await _records(source, user_id)
    here, there = contents_of(records), contents_of(await _records(target, user_id))
    outcome: Outcome = "already there"
    if here.digest != there.digest and (not there.counts or here.missing_in(there)):
        await target.load(records)
        there = contents_of(await _records(target, user_id))
        outcome = "moved"
    if here.digest != there.digest:
        outcome = "joined"
        if missing := here.missing_in(there):
            raise click.ClickException(
                f"user {user_id!r}: {len(missing)} messages or statements did not arrive as they are; the source keeps all"
            )
    if delete:
        if contents_of(await _records(source, user_id)).digest != here.digest:
            raise click.ClickException(
                f"user {user_id!r} was changed while being moved; stop the writers and move again"
            )
        await source.forget(user_id=user_id)
    return MovedUser(user_id, outcome, here.counts, there.digest, delete)


async def _records(memory: MemLayer, user_id: str) -> Sequence[Record]:
    """Return a user's records; none when there is nothing but the name."""
    records = [record async for record in memory.export(user_id)]
    return records if any(record["type"] != "user" for record in records) else []


def _name(*parts: str) -> str:
    return json.dumps(parts)


def _digest(value: Record) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
