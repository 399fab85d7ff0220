"""Aliases, misspellings, short names and places in places keep every promise of reconciling: order, parts, forgetting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st
from test_reconcile import CATALOGUE, EMPTY, USER_ID, content, part, stored, unique, written

from extraction.places import lies_in
from extraction.records import USER, EntityMention, FactStatus
from graphmem.identity import derived_id
from graphmem.reconcile import derive, forgotten, update_with
from graphmem.records import Statement
from graphmem.stores.base import Gone

START = datetime(2024, 1, 1, tzinfo=UTC)


def named(label: str, *names: str) -> list[EntityMention]:
    return [EntityMention(name, label) for name in names]


PLACES = named(
    "Place", "London", "the UK", "United Kingdom", "NYC", "New York City", "Brooklyn", "Amsterdam", "Amsterdm", "Porto"
)
PLACES += named("Place", "Austin", "Austin, Texas", "Austin, Minnesota", "Kivik", "Sweden", "Amstterdam", "Oslo")
PEOPLE = named("Person", "Michael", "Micheal", "Katarzyna", "Katarzyan", "Katarzynaa", "Katazryna", "Anna", "Ana")
PEOPLE += [EntityMention(name, "Person", ("colleague",)) for name in ("Micheal", "Anna", "Katarzyan")]
PEOPLE += [EntityMention(name, "Person", ("cousin",)) for name in ("Michael", "Anna")]
PEOPLE += [EntityMention("mom", "Person", unnamed=True), EntityMention("mother", "Person", unnamed=True)]
PEOPLE += [EntityMention("Micheal Okafor", "Person"), EntityMention("Ana", "Person", ("mum",))]
TOOLS = named("Tool", "Postgres", "PostgreSQL", "PostgreSLQ", "JS", "JavaScript", "Javascirpt", "Java", "k8s")
TOOLS += named("Tool", "Kubernetes", "Kuberntes")
THINGS = named("Thing", "NYC", "Amsterdam", "postgresql", "k8s", "the U.K.", "London")
SHAPES = [
    ("LIVES_IN", [USER, *PEOPLE], PLACES),
    ("LIVES_IN", [USER], PLACES),
    ("BORN_IN", [USER], PLACES),
    ("USES", [USER], TOOLS),
    ("LIKES", [USER, *PEOPLE], THINGS),
    ("HAS_FRIEND", [USER], PEOPLE),
    ("HAS_NAME", PEOPLE, named("Name", "Michael", "Micheal", "Katarzyna")),
]


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    predicate, subjects, objects = draw(st.sampled_from(SHAPES))
    subject, object = draw(st.sampled_from(subjects)), draw(st.sampled_from(objects))
    minute = draw(st.integers(0, 20))
    status = draw(st.sampled_from([FactStatus.CURRENT] * 4 + list(FactStatus)))
    evidence = draw(st.sampled_from(["", f"{subject.name} from work", "Kivik, Sweden"]))
    claim = (subject.name, subject.aliases, predicate, object.name, object.aliases, object.label, status.value)
    return Statement(
        id=derived_id(minute, *claim, evidence),
        session_id=f"s{minute % 3}",
        message_id=f"m{minute}",
        at=START + timedelta(minutes=minute),
        order=0,
        subject=subject,
        predicate=predicate,
        object=object,
        status=status,
        valid_to=draw(st.sampled_from([None, None, "2020"])),
        evidence=evidence,
    )


SAID = st.lists(statements(), max_size=12).map(unique)


@given(SAID, st.integers(1, 4), st.randoms())
@settings(max_examples=400, deadline=None)
def test_batches_in_any_order_give_the_ledger_of_all_statements(said, size, random):
    """Through partial reads too: whatever can join or split entities is found by the keys that are stored with them."""
    shuffled = random.sample(said, len(said))
    ledger = EMPTY
    for start in range(0, len(shuffled), size):
        ledger = stored(ledger, shuffled[start : start + size])
    assert content(ledger) == content(derive(USER_ID, said, CATALOGUE))


@given(st.lists(statements(), min_size=2, max_size=4).map(unique))
@settings(max_examples=300, deadline=None)
def test_every_order_of_a_few_messages_gives_the_same(said):
    results = set()
    for order in permutations(said):
        ledger = EMPTY
        for statement in order:
            ledger = stored(ledger, [statement])
        results.add(content(ledger))
    assert len(results) == 1


@given(SAID, st.data())
@settings(max_examples=200, deadline=None)
def test_forgetting_undoes_what_was_joined_and_split(said, data):
    gone = {(s.session_id, s.message_id) for s in said if data.draw(st.booleans())}
    ledger = derive(USER_ID, said, CATALOGUE)
    changes = forgotten(ledger, Gone(messages=frozenset(gone)), user_id=USER_ID, catalogue=CATALOGUE)
    left = [s for s in said if (s.session_id, s.message_id) not in gone]
    assert content(written(ledger, changes)) == content(derive(USER_ID, left, CATALOGUE))


@given(SAID)
@settings(max_examples=200, deadline=None)
def test_the_same_again_changes_nothing(said):
    ledger = stored(EMPTY, said)
    update = update_with(USER_ID, said, CATALOGUE)
    assert not update.decide(part(ledger, update))


@given(SAID)
@settings(max_examples=300, deadline=None)
def test_two_current_homes_lie_in_one_another(said):
    homes = [
        f
        for f in derive(USER_ID, said, CATALOGUE).facts
        if f.status is FactStatus.CURRENT and CATALOGUE[f.predicate].single and f.object.label == "Place"
    ]
    for one in homes:
        for other in homes:
            if one != other and (one.subject.id, one.predicate) == (other.subject.id, other.predicate):
                names = [(a, b) for a in called(one) for b in called(other)]
                assert any(lies_in(a, b) or lies_in(b, a) or {a, b} == {"Kivik", "Sweden"} for a, b in names)


def called(fact) -> list[str]:
    return [fact.object.name, *fact.object.aliases]
