"""What reconciling promises, for any statements in any order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.catalogue import Catalogue
from extraction.records import USER, EntityMention, FactStatus
from graphmem.identity import derived_id, lookup_keys
from graphmem.reconcile import derive, forgotten, reconcile, update_replacing, update_with
from graphmem.records import Statement
from graphmem.stores.base import Changes, Gone, Ledger, LedgerUpdate

CATALOGUE = Catalogue()
USER_ID = "alice"
START = datetime(2024, 1, 1, tzinfo=UTC)

ANA = EntityMention("Ana", "Person", ("sister",))
EVA = EntityMention("Eva", "Person", ("sister",))
SISTER = EntityMention("sister", "Person", unnamed=True)
OFFICE_ANA = EntityMention("Ana", "Person", ("colleague",))
PLAIN_ANA = EntityMention("Ana", "Person")
ANA_SILVA = EntityMention("Ana Silva", "Person")
ANA_COSTA = EntityMention("Ana Costa", "Person", ("colleague",))
WIFE = EntityMention("wife", "Person", unnamed=True)
PEOPLE = [
    ANA_SILVA,
    ANA_COSTA,
    ANA,
    EVA,
    SISTER,
    OFFICE_ANA,
    PLAIN_ANA,
    WIFE,
    EntityMention("Tom", "Person", ("wife",)),
]
PLACES = [EntityMention(n, "Place") for n in ("Porto", "Oslo", "Leeds")]
THINGS = [EntityMention("Porto", "Thing"), EntityMention("tea", "Thing")]
FIRMS = [EntityMention(n, "Organization") for n in ("Siemens", "Acme", "Acme Labs")]
SHAPES = [
    ("LIVES_IN", [USER, ANA, SISTER, ANA_SILVA], PLACES),
    ("WORKS_AT", [USER, PLAIN_ANA], FIRMS),
    ("LIKES", [USER, SISTER], THINGS),
    ("DISLIKES", [USER, SISTER], THINGS),
    ("MARRIED_TO", [USER, ANA, EVA], PEOPLE),
    ("PARTNER_OF", [USER, ANA], PEOPLE),
    ("HAS_SIBLING", [USER], [ANA, EVA, SISTER]),
    ("HAS_COLLEAGUE", [USER], [OFFICE_ANA]),
    ("HAS_CHILD", [ANA, USER], [EVA]),
    ("HAS_PARENT", [EVA, USER], [ANA, USER]),
    ("HAS_NAME", [USER, SISTER, EVA], [EntityMention("Ana", "Name"), EntityMention("Bo", "Name")]),
]


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    predicate, subjects, objects = draw(st.sampled_from(SHAPES))
    minute = draw(st.integers(0, 30))
    subject, object = draw(st.sampled_from(subjects)), draw(st.sampled_from(objects))
    status = draw(st.sampled_from([FactStatus.CURRENT] * 4 + list(FactStatus)))
    return Statement(
        id=derived_id(
            minute, subject.name, subject.aliases, predicate, object.name, object.label, object.aliases, status.value
        ),
        session_id=f"s{minute % 3}",
        message_id=f"m{minute}",
        at=START + timedelta(minutes=minute),
        order=0,
        subject=subject,
        predicate=predicate,
        object=object,
        status=status,
        valid_from=draw(st.sampled_from([None, "2023", "2024-05"])),
        confidence=draw(st.sampled_from([0.5, 0.9])),
        replaces=draw(st.booleans()) and predicate == "WORKS_AT",
    )


def unique(values: list[Statement]) -> list[Statement]:
    return list({s.id: s for s in values}.values())


SAID = st.lists(statements(), max_size=14).map(unique)


def part(ledger: Ledger, update: LedgerUpdate) -> Ledger:
    """What a store reads for ``update``: the contract of `graphmem.stores.base.LedgerUpdate`, in memory."""
    named = {
        e.id
        for e in ledger.entities
        if set(lookup_keys(e.label, (e.name, *e.aliases))) & update.keys and e.label != "User"
    }
    facts = [
        f
        for f in ledger.facts
        if {f.subject.id, f.object.id} & named
        or f.predicate in update.symmetric
        or (f.predicate in update.predicates and "User" in (f.subject.label, f.object.label))
    ]
    entities = [e for e in ledger.entities if e.id in named or e.label == "User"]
    return Ledger(tuple(entities), tuple(facts))


def written(ledger: Ledger, changes: Changes) -> Ledger:
    entities = {e.id: e for e in ledger.entities if e.id not in changes.removed_entities} | {
        e.id: e for e in changes.entities
    }
    facts = {f.id: f for f in ledger.facts if f.id not in changes.removed_facts} | {f.id: f for f in changes.facts}
    joined = [replace(f, subject=entities[f.subject.id], object=entities[f.object.id]) for f in facts.values()]
    ordered = sorted(joined, key=lambda f: (f.recorded_at, f.id), reverse=True)
    return Ledger(tuple(sorted(entities.values(), key=lambda e: (e.label, e.name, e.id))), tuple(ordered), whole=True)


def stored(ledger: Ledger, new: list[Statement]) -> Ledger:
    """What a store's ledger is after ``apply``."""
    update = update_with(USER_ID, new, CATALOGUE)
    changes = update.decide(part(ledger, update))
    if changes is None:
        changes = update.decide(ledger)
    assert changes is not None
    return written(ledger, changes)


def content(ledger: Ledger) -> tuple[object, ...]:
    """A ledger to be compared: the user's entity counts once it has a name or a fact."""
    shared = {e.id: e for f in ledger.facts for e in (f.subject, f.object)}
    assert all(e == shared[e.id] for e in ledger.entities if e.id in shared), "facts and entities disagree"
    return tuple(e for e in ledger.entities if e.label != "User" or e.id in shared), ledger.facts


EMPTY = Ledger(whole=True)


@given(SAID, st.integers(1, 5), st.randoms())
@settings(max_examples=300)
def test_batches_in_any_order_give_the_ledger_of_all_statements(said, size, random):
    """Message by message, shuffled, through partial reads: always the function of the set of statements."""
    shuffled = random.sample(said, len(said))
    ledger = EMPTY
    for start in range(0, len(shuffled), size):
        ledger = stored(ledger, shuffled[start : start + size])
    assert content(ledger) == content(derive(USER_ID, said, CATALOGUE))


@given(SAID)
def test_the_same_again_changes_nothing(said):
    ledger = stored(EMPTY, said)
    update = update_with(USER_ID, said, CATALOGUE)
    changes = update.decide(part(ledger, update))
    assert not changes or update.decide(ledger) == Changes()
    assert reconcile(ledger, said, user_id=USER_ID, catalogue=CATALOGUE) == Changes()


@given(SAID)
def test_a_single_valued_predicate_has_at_most_one_current_value(said):
    current = [
        f
        for f in derive(USER_ID, said, CATALOGUE).facts
        if f.status is FactStatus.CURRENT and CATALOGUE[f.predicate].single
    ]
    slots = Counter((f.subject.id, f.predicate) for f in current)
    slots.update((f.object.id, f.predicate) for f in current if CATALOGUE[f.predicate].symmetric)
    assert all(n == 1 for n in slots.values())


@given(SAID)
def test_opposites_are_never_both_current(said):
    current = {
        (f.subject.id, f.predicate, f.object.id)
        for f in derive(USER_ID, said, CATALOGUE).facts
        if f.status is FactStatus.CURRENT
    }
    assert not any((s, CATALOGUE[p].opposite, o) in current for s, p, o in current)


@given(SAID)
def test_no_statement_is_lost(said):
    """Every statement stands in exactly one fact."""
    kept = Counter(s.id for f in derive(USER_ID, said, CATALOGUE).facts for s in f.statements)
    assert kept == Counter(s.id for s in said)


@given(SAID)
def test_nothing_is_told_to_be_related_to_itself(said):
    facts = derive(USER_ID, said, CATALOGUE).facts
    assert not [f for f in facts if f.subject.id == f.object.id and f.status is not FactStatus.RETRACTED]


@given(SAID, st.data())
@settings(max_examples=200)
def test_forgetting_is_as_if_it_had_never_been_said(said, data):
    gone = {(s.session_id, s.message_id) for s in said if data.draw(st.booleans())}
    ledger = derive(USER_ID, said, CATALOGUE)
    changes = forgotten(ledger, Gone(messages=frozenset(gone)), user_id=USER_ID, catalogue=CATALOGUE)
    left = [s for s in said if (s.session_id, s.message_id) not in gone]
    assert content(written(ledger, changes)) == content(derive(USER_ID, left, CATALOGUE))


@given(SAID, SAID, st.data())
@settings(max_examples=200, deadline=None)
def test_messages_read_anew_say_only_what_the_new_reading_says(said, read_anew, data):
    anew = {(s.session_id, s.message_id) for s in said if data.draw(st.booleans())}
    new = [s for s in read_anew if (s.session_id, s.message_id) in anew]
    ledger = derive(USER_ID, said, CATALOGUE)
    update = update_replacing(USER_ID, anew, new, CATALOGUE)
    assert update.decide(part(ledger, update)) is None
    kept = [s for s in said if (s.session_id, s.message_id) not in anew]
    changes = update.decide(ledger)
    assert content(written(ledger, changes)) == content(derive(USER_ID, [*kept, *new], CATALOGUE))


@given(SAID, SAID, st.data())
@settings(max_examples=300, deadline=None)
def test_a_new_reading_that_takes_nothing_back_needs_a_part_of_the_ledger_only(said, more, data):
    """Statements are added, and those with the same id have other dates, confidence and aliases."""
    anew = {(s.session_id, s.message_id) for s in said if data.draw(st.booleans())}
    before = [s for s in said if (s.session_id, s.message_id) in anew]
    revised = [
        replace(
            s,
            confidence=data.draw(st.sampled_from([s.confidence, 0.95])),
            valid_from=data.draw(st.sampled_from([s.valid_from, "2022"])),
            object=replace(s.object, aliases=(*s.object.aliases, "colleague"))
            if data.draw(st.booleans())
            else s.object,
        )
        for s in before
    ]
    ids = {s.id for s in said}
    new = [*revised, *(s for s in more if (s.session_id, s.message_id) in anew and s.id not in ids)]
    ledger = derive(USER_ID, said, CATALOGUE)
    update = update_replacing(USER_ID, anew, new, CATALOGUE, before=[s.id for s in before])
    changes = update.decide(part(ledger, update))
    if changes is None:
        changes = update.decide(ledger)
    kept = [s for s in said if (s.session_id, s.message_id) not in anew]
    assert content(written(ledger, changes)) == content(derive(USER_ID, [*kept, *new], CATALOGUE))


@given(st.lists(statements(), min_size=2, max_size=4).map(unique))
@settings(max_examples=300)
def test_every_order_of_a_few_messages_gives_the_same(said):
    results = {content(_one_by_one(order)) for order in permutations(said)}
    assert len(results) == 1


def _one_by_one(said) -> Ledger:
    ledger = EMPTY
    for statement in said:
        ledger = stored(ledger, [statement])
    return ledger
