"""What must hold after a process died in the middle of its work."""

from __future__ import annotations

from dataclasses import replace

import workload
from workload import Operation

from graphmem import MemLayer, MemLayerConfig
from graphmem.records import Fact, Message


async def assert_nothing_lost(
    memory: MemLayer, done: list[Operation], begun: Operation | None = None, *, others: bool = False
) -> None:
    """Check everything against what was acknowledged.

    Args:
        memory: opened anew, with nothing pending any more.
        done: the operations that were acknowledged.
        begun: one that had begun: it is wholly there or not at all.
        others: other users are in the store, so that only these users are checked.
    """
    users = {o.user_id for o in (*done, *([begun] if begun else []))}
    for user_id in users if others else {None}:
        found = await memory.check(user_id=user_id)
        assert found == [], found
    there = {user: await memory.messages(user_id=user) for user in users}
    ids = {user: [(m.session_id, m.id) for m in said] for user, said in there.items()}
    assert all(len(set(said)) == len(said) for said in ids.values()), "a message is there twice"
    expected = _expected(done)
    possible = [expected] if begun is None else [expected, _expected([*done, begun])]
    stored = {user: {(m.session_id, m.id): m.text for m in said} for user, said in there.items() if said}
    assert stored in possible, f"after {begun}"
    loaded = {id for o in (*done, *([begun] if begun else [])) if o.what == "load" for id in o.message_ids()}
    for user, said in there.items():
        said = [m for m in said if m.id not in loaded]
        assert _comparable(await memory.facts(user)) == await _as_if_only(user, said), user


def _expected(done: list[Operation]) -> dict[str, dict[tuple[str, str], str]]:
    """What is stored after operations: the texts by user and by session and message."""
    stored: dict[str, dict[tuple[str, str], str]] = {}
    for o in done:
        said = stored.setdefault(o.user_id, {})
        if o.what in ("store", "load"):
            said |= {(o.session_id, id): text for id, text in zip(o.message_ids(), o.texts, strict=True)}
        elif o.what == "forget_message":
            said.pop((o.session_id, o.target), None)
        elif o.what == "forget_session":
            stored[o.user_id] = {key: text for key, text in said.items() if key[0] != o.session_id}
        elif o.what == "forget_user":
            stored[o.user_id] = {}
    return {user: said for user, said in stored.items() if said}


async def _as_if_only(user_id: str, said: list[Message]) -> set[tuple[object, ...]]:
    """The facts of a memory in which nothing else was ever said. What was loaded was never read."""
    async with MemLayer(MemLayerConfig(connection_url=":memory:", extractor=workload.RULES)) as fresh:
        by_interaction: dict[tuple[str, str], list[Message]] = {}
        for m in said:
            by_interaction.setdefault((m.session_id, m.id.rpartition("-")[0]), []).append(m)
        for (session_id, _), messages in by_interaction.items():
            given = [{"role": m.role, "content": m.text, "id": m.id, "at": m.at} for m in messages]
            await fresh.store(session_id, given, user_id=user_id)
        return _comparable(await fresh.facts(user_id))


def _comparable(facts: list[Fact]) -> set[tuple[object, ...]]:
    return {
        (f.id, f.text, f.status, f.message_ids, f.valid_from, f.valid_to, f.retired_at, f.supersedes)
        for f in (replace(f, statements=()) for f in facts)
    }
