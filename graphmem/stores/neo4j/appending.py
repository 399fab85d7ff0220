"""Append, and the jobs that it leaves: parameters of the queries, and what comes back as records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmem.clock import to_text
from graphmem.errors import IdempotencyConflict, SessionOwnerError
from graphmem.identity import user_entity
from graphmem.records import Message
from graphmem.stores.base import Appended, Claim, Job, NewInteraction, NewMessage, check_length
from graphmem.stores.neo4j import queries
from graphmem.stores.neo4j.connection import Connection, row, rows
from graphmem.stores.neo4j.forget import InterruptedForgetting
from graphmem.stores.neo4j.keys import job_key, name_key, owner_key, session_key
from graphmem.stores.neo4j.rows import entity_of, message_of, new_message_row
from graphmem.text import link_keys_of

if TYPE_CHECKING:
    from neo4j import AsyncManagedTransaction


class SessionTaken(Exception):
    """Somebody else began the same new session at the same moment: look again whose it is."""


def user_row(user_id: str) -> dict[str, Any]:
    """Return what a user's own node is made of."""
    entity = user_entity(user_id)
    return {"id": entity.id, "user_id": user_id, "name": entity.name}


def append_parameters(interaction: NewInteraction) -> dict[str, Any]:
    """Return the parameters of `queries.APPEND`; of an id that comes twice the first counts."""
    session_id, user_id = interaction.session_id, interaction.user_id
    owner = session_id if user_id is None else user_id
    job = None
    if interaction.job_id is not None:
        held = interaction.worker is not None
        job = {
            "key": job_key(interaction.job_id),
            "id": interaction.job_id,
            "now": to_text(interaction.now),
            "history": interaction.history,
            "worker": interaction.worker,
            "lease_until": to_text(interaction.now + interaction.lease) if held else None,
        }
    return {
        "session": {"id": session_id, "key": session_key(session_id)},
        "given": None if user_id is None else owner_key(user_id),
        "owner": owner_key(owner),
        "user": user_row(owner),
        "messages": [new_message_row(session_id, new, linked=job is not None) for new in _by_id(interaction).values()],
        "job": job,
        "history": 0 if job is None else interaction.history,
    }


async def append(connection: Connection, interaction: NewInteraction, parameters: dict[str, Any]) -> Appended:
    """Append with one query. What must not be is found out from its answer, and undone by the exception.

    A transaction whose commit was lost on the way may have been done: its messages are there then, and so is its job.
    """
    return await connection.change(queries.APPEND, parameters, lambda found: _appended(found, interaction, parameters))


def _appended(found: list[Any], interaction: NewInteraction, parameters: dict[str, Any]) -> Appended:
    session_id = interaction.session_id
    if not found:
        raise SessionOwnerError(session_id)
    done = found[0]
    if done["forgetting"]:
        raise InterruptedForgetting(parameters["owner"])
    if done["taken"]:
        raise SessionTaken
    user_id = done["user_id"]
    stored = {old.id: old for old in (message_of(packed, user_id) for packed in done["old"])}
    given = _by_id(interaction)
    for new in interaction.messages:
        same = stored.get(new.id, given[new.id])
        if (same.role, same.text) != (new.role, new.text):
            raise IdempotencyConflict(session_id, new.id)
    check_length(interaction, done["base"], len(done["fresh"]))
    for seq, id in enumerate(done["fresh"], done["base"] + 1):
        new = given[id]
        stored[id] = Message(id, session_id, user_id, seq, new.role, new.name, new.text, new.at, new.metadata)
    job = None
    if interaction.job_id is not None and done["said"]:
        job = Job(
            id=interaction.job_id,
            user_id=user_id,
            session_id=session_id,
            messages=tuple(stored[id] for id in done["said"]),
            history=tuple(message_of(m, user_id) for m in reversed(done["history"])),
            user_name=done["user_name"],
            known=tuple(map(entity_of, done["known"])),
            attempts=done["attempts"] or 0,
            error=done["error"],
        )
    new_ids = frozenset(done["fresh"] if job is None else done["said"])
    return Appended(user_id, tuple(stored[id] for id in given), new_ids, job, done["summarized"] or 0)


def _by_id(interaction: NewInteraction) -> dict[str, NewMessage]:
    """The messages in their order; of an id that comes twice the first."""
    messages: dict[str, NewMessage] = {}
    for new in interaction.messages:
        messages.setdefault(new.id, new)
    return messages


async def claim(tx: AsyncManagedTransaction, request: Claim) -> list[Job]:
    """Lock the users whose jobs there are, take the jobs, and fetch what belongs to them."""
    parameters: dict[str, Any] = {
        "worker": request.worker,
        "now": to_text(request.now),
        "until": to_text(request.now + request.lease),
        "limit": request.limit,
        "all_due": request.all_due,
        "parked": request.parked,
        "owner": None if request.user_id is None else owner_key(request.user_id),
    }
    if request.renew:
        await rows(tx, queries.RENEW_LEASES, {**parameters, "renew": [job_key(id) for id in request.renew]})
    lock = queries.LOCK_OWNERS_OF_JOBS if request.user_id is None else queries.LOCK_OWNER_OF_JOBS
    owners = (await row(tx, lock, parameters))["owners"]
    if not owners:
        return []
    taken = [found for found in await rows(tx, queries.CLAIM, {**parameters, "owners": owners}) if found["messages"]]
    if not taken:
        return []
    taken.sort(key=lambda found: (found["created"], found["session_key"], found["first"]))
    wanted = [
        {
            "id": found["id"],
            "owner": found["owner"],
            "session_key": found["session_key"],
            "first": found["first"],
            "names": list({name_key(k) for m in found["messages"] for k in link_keys_of(message_of(m, "").text)}),
        }
        for found in taken
    ]
    most = max(found["history"] for found in taken)
    around = {r["id"]: r for r in await rows(tx, queries.SURROUNDINGS, {"jobs": wanted, "history": most})}
    return [_claimed(found, around[found["id"]]) for found in taken]


def _claimed(found: Any, around: Any) -> Job:
    user_id = found["user_id"]
    return Job(
        id=found["id"],
        user_id=user_id,
        session_id=found["session_id"],
        messages=tuple(message_of(m, user_id) for m in found["messages"]),
        history=tuple(message_of(m, user_id) for m in reversed(around["history"][: found["history"]])),
        user_name=found["user_name"],
        known=tuple(map(entity_of, around["known"])),
        attempts=found["attempts"],
        error=found["error"],
    )
