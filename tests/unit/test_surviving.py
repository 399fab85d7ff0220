"""What may still be written of a decision when messages that it was made from are gone by then."""

from __future__ import annotations

from dataclasses import replace

from contract.builders import changes_of, fact, me, mention, minute, person, place, thing

from extraction.records import EntityMention
from graphmem.records import Fact, Message
from graphmem.stores.base import Changes, Ledger
from graphmem.stores.surviving import surviving

SAID = [Message(id, "s", "u", seq, "user", None, f"text {id}", minute(seq)) for seq, id in enumerate("abc", 1)]


def _said_in(message: Message, changes: Changes) -> set[str]:
    return {s.id for f in changes.facts for s in f.statements if s.message_id == message.id}


def test_what_survives_of_a_decision() -> None:
    """Statements of messages that are gone go, then facts without any, then entities that only those named."""
    tea, milk, unguja, known = (thing("u", name) for name in ("tea", "milk", "Unguja", "known"))
    both: Fact = fact(me("u"), "LIKES", tea, SAID[0], SAID[1])
    only_gone = fact(me("u"), "LIKES", unguja, SAID[1])
    also_known = fact(me("u"), "LIKES", known, SAID[1])
    kept = fact(me("u"), "LIKES", milk, SAID[2])
    changes = changes_of(both, only_gone, also_known, kept)
    left = surviving(changes, Ledger((known,)), _said_in(SAID[1], changes))
    assert [f.id for f in left.facts] == [both.id, kept.id]
    assert left.facts[0].message_ids == ("a",)
    assert left.facts[0].evidence == "text a"
    assert {e.id for e in left.entities} == {me("u").id, tea.id, milk.id, known.id}
    assert surviving(changes, Ledger(), frozenset()) is changes


def test_nothing_survives_when_nothing_new_is_left() -> None:
    """Also no end of another fact, and no alias that only the forgotten message gave."""
    ana = person("u", "Ana", "sister")
    lived = fact(me("u"), "LIVES_IN", place("u", "Porto"))
    known = Ledger((me("u"), ana), (lived,))

    said = Message("gone", "s", "u", 1, "user", None, "I moved to Lisbon", minute(0))
    moved = fact(me("u"), "LIVES_IN", place("u", "Lisbon"), said)
    changes = Changes(
        (place("u", "Lisbon"), replace(ana, aliases=("sister", "Annie"))), (moved, replace(lived, status="ended"))
    )
    gone = {s.id for s in moved.statements}
    assert surviving(changes, known, set()) == changes
    assert surviving(changes, known, gone) == Changes()


def test_words_of_a_forgotten_message_do_not_stay_as_a_name() -> None:

    kept = Message("kept", "s", "u", 1, "user", None, "Ana is here", minute(0))
    gone = Message("gone", "s", "u", 2, "user", None, "My cousin Ana, or Annie, likes tea", minute(0))
    ana = person("u", "Ana", "cousin", "Annie")
    friend = fact(me("u"), "HAS_FRIEND", ana, kept)
    plain = EntityMention("Ana", "Person")
    friend = replace(friend, statements=tuple(replace(s, object=plain) for s in friend.statements))
    likes = fact(ana, "LIKES", thing("u", "tea"), gone)
    assert mention(ana).aliases == ("cousin", "Annie")
    left = surviving(
        Changes((ana, thing("u", "tea")), (friend, likes)), Ledger((me("u"),)), {s.id for s in likes.statements}
    )
    bare = replace(ana, aliases=())
    assert left == Changes((bare,), (replace(friend, object=bare),))
