"""Whether a store is in order: what its ledgers say, judged here by pure code, and how it is kept, judged by the store itself.

The facts of a user are a function of the user's statements (`graphmem.reconcile.derive`), so a ledger that says something else
can be derived anew, and nothing that was said is lost by that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from extraction.catalogue import Catalogue
from graphmem.reconcile import derive, forgotten
from graphmem.records import Fact, FactStatus, Finding, Message
from graphmem.stores.base import Changes, Gone, Ledger, LedgerUpdate, Store, touched_entities
from graphmem.stores.inspecting import InspectedStore
from graphmem.whereabouts import exclusive

KINDS = {
    "damaged": "the database itself is damaged; restore a backup",
    "search": "the search index is not in step with messages or facts",
    "link": "a relationship of the graph is missing or left over",
    "present": "a typed relationship or mark of the present is without a current fact, or a current fact without it",
    "counter": "a number that is kept of a user or a session is wrong",
    "orphan": "something is left that belongs to nothing",
    "mixed-users": "something of one user is tied to another's",
    "lost-order": "messages of a session have no place in it",
    "ledger": "a fact or an entity is not what the statements come to",
    "several-current": "a relation that has one value at a time has several",
    "no-statement": "a fact rests on nothing that was said",
    "no-message": "a fact rests on a message that is not there",
    "not-judged": "facts of relations that are not in the catalogue",
}
"""Every kind of finding with what it means."""

REMARKS = frozenset({"no-message", "not-judged"})
"""Kinds that may be as they should: facts outlive messages whose time has passed, and a catalogue may be extended elsewhere."""


class _Slot(NamedTuple):
    """What can have one current value."""

    entity: str
    predicate: str


def ledger_findings(
    user_id: str,
    ledger: Ledger,
    messages: Collection[tuple[str, str]],
    catalogue: Catalogue,
    not_before: datetime | None = None,
) -> list[Finding]:
    """Return what is wrong in a user's ledger. Pure.

    Args:
        user_id: whose it is.
        ledger: the whole of it.
        messages: (session id, message id) of every message of the user.
        catalogue: the relations.
        not_before: messages from before may be gone while what was said in them is still known; None: none may.
    """
    found = [*_unsupported(user_id, ledger, messages, not_before), *_several_current(user_id, ledger, catalogue)]
    if unknown := unknown_relations(ledger, catalogue):
        return [
            *found,
            Finding(
                "not-judged",
                user_id,
                ", ".join(unknown),
                f"it has relations that are not known here, so it was not judged: {', '.join(unknown)}; give them by the setting "
                "catalogue (GRAPHMEM_CATALOGUE=MODULE:NAME)",
                repairable=False,
            ),
        ]
    return [*found, *_out_of_step(user_id, ledger, catalogue)]


def unknown_relations(ledger: Ledger, catalogue: Catalogue) -> list[str]:
    """Return the predicates of a ledger that are not in a catalogue, sorted."""
    return sorted({s.predicate for fact in ledger.facts for s in fact.statements if s.predicate not in catalogue})


def is_problem(finding: Finding) -> bool:
    """Whether a finding can only be a fault."""
    return finding.kind not in REMARKS


async def check(
    store: Store,
    catalogue: Catalogue,
    *,
    user_id: str | None,
    not_before: datetime | None,
    repair: bool,
) -> list[Finding]:
    """Look through a store for what is not as it should be, and put right what can be when asked to.

    Args:
        store: with or without the means of `InspectedStore`.
        catalogue: the relations.
        user_id: only that user; None for all.
        not_before: see `ledger_findings`.
        repair: put right what is repairable.
    """
    found: list[Finding] = []
    if isinstance(store, InspectedStore):
        found += await store.inspect(user_id, repair=repair)
        if any(finding.kind == "damaged" for finding in found):
            return found
    users = (await store.describe(limit=_ALL)).user_ids if user_id is None else (user_id,)
    for user in users:
        found += await _check_ledger(store, user, catalogue, not_before, repair)
    return found


_ALL = 2**31 - 1


async def _check_ledger(
    store: Store, user_id: str, catalogue: Catalogue, not_before: datetime | None, repair: bool
) -> list[Finding]:
    found = await _look(store, user_id, catalogue, not_before)
    if found:
        # ledger and messages were read one after the other: what is still so now was no change in between
        again = await _look(store, user_id, catalogue, not_before)
        found = [finding for finding in found if finding in again]
    if repair and any(f.repairable for f in found) and not any(f.kind == "not-judged" for f in found):

        def anew(known: Ledger) -> Changes | None:
            return forgotten(known, Gone(), user_id=user_id, catalogue=catalogue) if known.whole else None

        await store.apply(user_id, LedgerUpdate(frozenset(), frozenset(), frozenset(), anew))
    return found


async def _look(store: Store, user_id: str, catalogue: Catalogue, not_before: datetime | None) -> list[Finding]:
    ledger = await store.ledger(user_id)
    if not ledger.entities and not ledger.facts:
        return []
    messages: list[Message] = await store.messages(user_id=user_id, session_id=None)
    return ledger_findings(user_id, ledger, {(m.session_id, m.id) for m in messages}, catalogue, not_before)


def _unsupported(
    user_id: str, ledger: Ledger, messages: Collection[tuple[str, str]], not_before: datetime | None
) -> Iterator[Finding]:
    for fact in ledger.facts:
        if not fact.statements:
            yield Finding("no-statement", user_id, fact.id, f"the fact {fact.id} rests on nothing that was said")
        for said in fact.statements:
            may_be_gone = not_before is not None and said.at < not_before
            if (said.session_id, said.message_id) not in messages and not may_be_gone:
                text = (
                    f"the fact {fact.id} rests on message {said.message_id!r} of session {said.session_id!r}, which is not there; "
                    "that is so after messages have expired"
                )
                yield Finding("no-message", user_id, fact.id, text, repairable=False)


def _several_current(user_id: str, ledger: Ledger, catalogue: Catalogue) -> Iterator[Finding]:
    slots: dict[_Slot, list[Fact]] = defaultdict(list)
    for fact in ledger.facts:
        for slot in _slots(fact, catalogue):
            slots[slot].append(fact)
    for slot, facts in slots.items():
        values = exclusive(catalogue.get(slot.predicate), facts)
        if len(values) > 1:
            text = (
                f"{slot.predicate} of the entity {slot.entity} has {len(values)} current values; it has one at a time"
            )
            yield Finding("several-current", user_id, slot.entity, text)


def _slots(fact: Fact, catalogue: Catalogue) -> set[_Slot]:
    relation = catalogue.get(fact.predicate)
    if not relation.single or fact.status is not FactStatus.CURRENT:
        return set()
    ends = (fact.subject, fact.object) if relation.symmetric else (fact.subject,)
    return {_Slot(end.id, fact.predicate) for end in ends}


def _out_of_step(user_id: str, ledger: Ledger, catalogue: Catalogue) -> Iterator[Finding]:
    derived = derive(user_id, [s for fact in ledger.facts for s in fact.statements], catalogue)
    there, meant = {f.id: f for f in ledger.facts}, {f.id: f for f in derived.facts}
    for id in sorted(there.keys() | meant.keys()):
        if there.get(id) != meant.get(id):
            yield Finding("ledger", user_id, id, f"the fact {id} {_how(id, there, meant)}")
    entities, wanted = {e.id: e for e in ledger.entities}, {e.id: e for e in derived.entities}
    ends = touched_entities(ledger.facts)
    for id in sorted(entities.keys() | wanted.keys()):
        if id not in wanted and id not in ends:
            yield Finding("orphan", user_id, id, f"the entity {id} is in no fact")
        elif entities.get(id) != wanted.get(id):
            yield Finding("ledger", user_id, id, f"the entity {id} {_how(id, entities, wanted)}")


def _how(id: str, there: Collection[str], meant: Collection[str]) -> str:
    if id not in there:
        return "is missing"
    return "is not what its statements come to" if id in meant else "comes from no statement"
