"""Forgetting: messages and what came only from them in one transaction a user; a big user in portions, marked first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from graphmem.clock import to_text
from graphmem.errors import SessionOwnerError
from graphmem.records import Forgotten, Statement
from graphmem.stores.base import Changes, Gone, Ledger, Selection
from graphmem.stores.neo4j import forget_queries as q
from graphmem.stores.neo4j import ledger
from graphmem.stores.neo4j.connection import Connection, row, rows
from graphmem.stores.neo4j.keys import message_key, name_key, owner_key, session_key
from graphmem.text import probe

if TYPE_CHECKING:
    from neo4j import AsyncManagedTransaction

Revise = Callable[[Ledger, Gone], Changes]

PORTION = 10_000
"""How many nodes one transaction deletes at most."""


class InterruptedForgetting(Exception):
    """A user is marked as being forgotten: that has to be finished before anything is written."""


@dataclass(frozen=True, slots=True)
class _Target:
    """One user's part of a selection, with the query that finds its messages."""

    user_id: str
    selection: Selection

    @property
    def messages_query(self) -> str | None:
        selection = self.selection
        if selection.session_id is not None:
            return q.MESSAGES_OF_SESSION if selection.message_id is None else q.ONE_MESSAGE
        if selection.expired_before is None:
            return None
        return q.EXPIRED_MESSAGES if selection.facts else q.EXPIRED_MESSAGES_WHEN_READ

    @property
    def parameters(self) -> dict[str, Any]:
        session_id, before = self.selection.session_id or "", self.selection.expired_before
        return {
            "owner": owner_key(self.user_id),
            "portion": PORTION,
            "session_key": session_key(session_id),
            "message_key": message_key(session_id, self.selection.message_id or ""),
            "before": None if before is None else to_text(before),
        }

    def gone(self, found: list[Any], known: Ledger) -> Gone:
        """What goes: the messages that were found, those that went before but whose statements are still there, a fact."""
        messages = {(m["session_id"], m["id"]) for m in found}
        messages |= {(s.session_id, s.message_id) for fact in known.facts for s in fact.statements if self._covers(s)}
        facts = {fact.id for fact in known.facts if fact.id == self.selection.fact_id}
        return Gone(frozenset(messages), frozenset(facts), self.user_id)

    def _covers(self, statement: Statement) -> bool:
        selection = self.selection
        if selection.expired_before is not None:
            return statement.at < selection.expired_before
        return statement.session_id == selection.session_id and selection.message_id in (None, statement.message_id)


async def forget(connection: Connection, selection: Selection, revise: Revise) -> Forgotten:
    """Do what `graphmem.stores.base.Store.forget` promises."""
    if selection.expired_before is not None and selection.user_id is None:
        total = Forgotten()
        for each in await _users_with_expired(connection, selection.expired_before, facts=selection.facts):
            total = _sum(total, await _forget_part(connection, _Target(each, selection), revise))
        return total
    user_id = selection.user_id
    if selection.session_id is not None:
        user_id = await _owner_of_session(connection, selection.session_id, user_id)
    if user_id is None:
        return Forgotten()
    if selection.session_id is None and selection.fact_id is None and selection.expired_before is None:
        return await _forget_user(connection, user_id)
    return await _forget_part(connection, _Target(user_id, selection), revise)


async def finish_forgetting(connection: Connection, owner: str) -> None:
    """Delete all of a user who is marked, portion by portion; at the end the mark."""
    for query in q.DELETE_PORTIONS:
        while await _delete_portion(connection, query, owner) == PORTION:
            pass


async def finish_interrupted(connection: Connection) -> None:
    """Finish what a process that ended in the middle of forgetting a user left."""

    async def ask(tx: AsyncManagedTransaction) -> list[Any]:
        return await rows(tx, q.FORGETTING, {})

    for found in await connection.read(ask):
        await finish_forgetting(connection, found["owner"])


async def _forget_part(connection: Connection, target: _Target, revise: Revise) -> Forgotten:
    """Forget in as many transactions as there are portions of messages; each of them is whole."""
    total = Forgotten()
    while True:
        try:
            part, more = await connection.write(lambda tx: _forget_portion(tx, target, revise))
        except InterruptedForgetting:
            await finish_forgetting(connection, owner_key(target.user_id))
            return total
        total = _sum(total, part)
        if not more:
            return total


async def _forget_portion(tx: AsyncManagedTransaction, target: _Target, revise: Revise) -> tuple[Forgotten, bool]:
    user_id, parameters = target.user_id, target.parameters
    locked = await row(tx, q.LOCK_KNOWN_USER, parameters)
    if locked is None:
        return Forgotten(), False
    if locked["forgetting"]:
        raise InterruptedForgetting
    query = target.messages_query
    found = await rows(tx, query, parameters) if query else []
    known = await ledger.read_whole(tx, user_id) if target.selection.facts else Ledger()
    gone = target.gone(found, known)
    if not found and not gone.messages and not gone.facts:
        return Forgotten(), False
    changes = revise(known, gone) if target.selection.facts else Changes()
    sessions = await _delete_messages(tx, parameters["owner"], [m["key"] for m in found]) if found else 0
    if changes:
        await ledger.write(tx, user_id, changes)
    entities = len(changes.removed_entities)
    if target.selection.facts:
        needed = _sessions_behind(known, changes)
        await rows(tx, q.DELETE_PAST_SESSIONS, {**parameters, "needed": sorted(needed)})
    if emptied := await row(tx, q.DELETE_EMPTY_USER, parameters):
        entities += emptied["entities"]
    return Forgotten(len(found), len(changes.removed_facts), entities, sessions), len(found) == PORTION


async def _delete_messages(tx: AsyncManagedTransaction, owner: str, keys: list[str]) -> int:
    """Delete messages with the jobs and sessions that they leave empty; returns how many sessions went."""
    outcome = await row(tx, q.DELETE_MESSAGES, {"owner": owner, "keys": keys})
    asked = [_asked_row(*last) for last in outcome["last_asked"]]
    if asked:
        await rows(tx, q.SET_LAST_ASKED, {"asked": asked})
    return int(outcome["sessions"])


def _asked_row(key: str, at: str, text: str) -> dict[str, Any]:
    """What a session keeps of its last user message: what it looks for, as `queries.APPEND` writes it."""
    sought = probe(text)
    names = [name_key(k) for k in sought.keys]
    keys = list(sought.keys)
    return {
        "session_key": key,
        "at": at,
        "terms": list(sought.terms),
        "keys": keys,
        "names": None if names == keys else names,
    }


def _sessions_behind(known: Ledger, changes: Changes) -> set[str]:
    """The keys of the sessions whose words some fact still rests on after ``changes``."""
    facts = {f.id: f for f in (*known.facts, *changes.facts) if f.id not in changes.removed_facts}
    return {session_key(session_id) for session_id in {s.session_id for f in facts.values() for s in f.statements}}


async def _forget_user(connection: Connection, user_id: str) -> Forgotten:
    owner = owner_key(user_id)

    async def begin(tx: AsyncManagedTransaction) -> tuple[Forgotten, bool]:
        size = await row(tx, q.SIZE_OF_USER, {"owner": owner})
        if size is None:
            return Forgotten(), False
        forgotten = Forgotten(size["messages"], size["facts"], size["entities"], size["sessions"])
        big = size["forgetting"] or size["messages"] + size["facts"] + size["entities"] + size["sessions"] > PORTION
        if big:
            await rows(tx, q.MARK_FORGETTING, {"owner": owner})
        else:
            for query in q.DELETE_PORTIONS:
                while (await row(tx, query, {"owner": owner, "portion": PORTION}))["deleted"] == PORTION:
                    pass
        return forgotten, big

    forgotten, marked = await connection.write(begin)
    if marked:
        await finish_forgetting(connection, owner)
    return forgotten


async def _delete_portion(connection: Connection, query: str, owner: str) -> int:
    async def delete(tx: AsyncManagedTransaction) -> int:
        return int((await row(tx, query, {"owner": owner, "portion": PORTION}))["deleted"])

    return await connection.write(delete)


async def _owner_of_session(connection: Connection, session_id: str, user_id: str | None) -> str | None:
    async def ask(tx: AsyncManagedTransaction) -> Any:
        return await row(tx, q.SESSION_OWNER, {"session_key": session_key(session_id)})

    found = await connection.read(ask)
    owner: str | None = found["owner"]
    if owner is not None and user_id not in (None, owner):
        raise SessionOwnerError(session_id)
    # who spoke in a session whose messages are gone may still be known by what was said there; to others it is no session
    return owner or user_id or found["past"]


async def _users_with_expired(connection: Connection, before: datetime, *, facts: bool) -> list[str]:
    query = q.USERS_WITH_EXPIRED_WORDS if facts else q.USERS_WITH_EXPIRED_MESSAGES
    parameters = {"before": to_text(before)}

    async def ask(tx: AsyncManagedTransaction) -> list[Any]:
        return await rows(tx, query, parameters)

    return [found["user_id"] for found in await connection.read(ask)]


def _sum(a: Forgotten, b: Forgotten) -> Forgotten:
    return Forgotten(a.messages + b.messages, a.facts + b.facts, a.entities + b.entities, a.sessions + b.sessions)
