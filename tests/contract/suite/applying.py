"""What `Store.apply` promises: what ``decide`` gets, what is written, and that both happen in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from extraction.records import EntityMention, FactStatus
from graphmem.records import Entity, Fact, Message
from graphmem.stores.base import Changes, Ledger, LedgerUpdate, Store

from ..builders import (
    append_job,
    by_id,
    changes_of,
    claim,
    fact,
    job_ids,
    learn,
    me,
    minute,
    newest_first,
    organization,
    person,
    place,
    recall,
    statement,
    tell,
    thing,
    update,
)
from ..conftest import Names, OpenStore


class DecisionFailed(Exception):
    """What a decide function of these tests raises."""


async def ask(store: Store, user_id: str, **wanted: list[str]) -> Ledger:
    """What a decide function gets for these keys, predicates and symmetric predicates."""
    seen: list[Ledger] = []

    def look(ledger: Ledger) -> Changes:
        seen.append(ledger)
        return Changes()

    await store.apply(user_id, update(look, **wanted))
    assert not seen[-1].whole
    return seen[-1]


class Town:
    """Facts of one user, told in four messages."""

    def __init__(self, user: str, said: tuple[Message, ...]) -> None:
        self.me = me(user)
        self.porto, self.lisbon = place(user, "Pörto", "Invicta"), place(user, "Lisbon")
        self.ana, self.bob = person(user, "Ana", "sister"), person(user, "Bob")
        self.siemens = organization(user, "Siemens")
        self.lives = fact(self.me, "LIVES_IN", self.porto, said[0])
        self.lived = fact(self.me, "LIVES_IN", self.lisbon, said[0], status="ended", retired_at=minute(9))
        self.sibling = fact(self.me, "HAS_SIBLING", self.ana, said[1])
        self.works = fact(self.ana, "WORKS_AT", self.siemens, said[1])
        self.ana_lives = fact(self.ana, "LIVES_IN", self.lisbon, said[2])
        self.friends = fact(self.ana, "HAS_FRIEND", self.bob, said[2])
        self.partner = fact(self.bob, "PARTNER_OF", self.me, said[3])

    @property
    def facts(self) -> tuple[Fact, ...]:
        return (
            self.lives,
            self.lived,
            self.sibling,
            self.works,
            self.ana_lives,
            self.friends,
            self.partner,
        )

    @property
    def entities(self) -> tuple[Entity, ...]:
        return (self.me, self.porto, self.lisbon, self.ana, self.bob, self.siemens)


async def build_town(store: Store, user: str, session: str) -> Town:
    town = Town(user, await tell(store, user, session, "First words", "Second words", "Third words", "Last words"))
    await learn(store, user, *town.facts)
    return town


class ApplyContract:
    async def test_what_is_written_is_returned_and_can_be_read(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "I live in Porto")
        changes = changes_of(fact(me(user), "LIVES_IN", place(user, "Porto"), *said))
        assert await store.apply(user, update(lambda _: changes)) == changes
        ledger = await store.ledger(user)
        assert list(ledger.facts) == list(changes.facts)
        assert by_id(ledger.entities) == by_id(changes.entities)

    async def test_every_field_of_a_fact_comes_back(self, store: Store, names: Names) -> None:
        user = names.user()
        one = await tell(store, user, names.session("a"), "I'm with ‘Ana’", "We split up", prefix="x")
        two = await tell(store, user, names.session("b"), "Not Ana, Anna", at=9, prefix="x")
        ana = Entity(person(user, "Ana").id, "Ana", "Person", ("sister", "Aninha", "Ana 'the \"best\"' \\ Silva", "妹"))
        old = fact(me(user), "LIKES", thing(user, "tea"), one[0])
        older = fact(me(user), "LIKES", thing(user, "milk"), one[0], id=f"{names.prefix}-a")
        rich = Fact(
            id=f"{names.prefix}-rich",
            subject=ana,
            predicate="RELATED_TO",
            object=me(user),
            text="Ana (sister) volunteers with the user\n\t— 'quoted' \"twice\"",
            status=FactStatus.RETRACTED,
            polarity="-",
            valid_from="2019",
            valid_to="2024-02-29",
            recorded_at=minute(0) + timedelta(microseconds=1),
            confidence=0.1 + 0.2,
            message_ids=("x1", "x2", "x1"),
            evidence="Not Ana, Anna",
            retired_at=minute(9).astimezone(timezone(timedelta(hours=-3))),
            supersedes=(old.id, older.id),
            statements=(
                statement(
                    one[0],
                    ana,
                    "RELATED_TO",
                    me(user),
                    subject=EntityMention("sister", "Person", ("Ana", "big sister"), unnamed=True),
                    verb="volunteers with",
                    valid_from="2019",
                    confidence=1 / 3,
                    order=0,
                ),
                statement(one[1], ana, "RELATED_TO", me(user), status=FactStatus.ENDED, valid_to="2024-02-29", order=7),
                statement(
                    two[0],
                    ana,
                    "RELATED_TO",
                    me(user),
                    status=FactStatus.RETRACTED,
                    replaces=True,
                    evidence="",
                    confidence=0.0,
                    order=2_000_000_001,
                ),
            ),
        )
        await learn(store, user, old, older, rich)
        stored = {f.id: f for f in (await store.ledger(user)).facts}
        assert stored[rich.id] == rich
        assert stored[rich.id].statements == rich.statements
        assert (stored[old.id], stored[older.id]) == (old, older)
        assert isinstance(stored[rich.id].status, FactStatus)
        assert isinstance(stored[rich.id].statements[1].status, FactStatus)
        assert stored[rich.id].recorded_at.tzinfo is not None

    @pytest.mark.parametrize("status", list(FactStatus))
    async def test_every_status_comes_back(self, store: Store, names: Names, status: FactStatus) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "About a car")
        one = fact(me(user), "OWNS", thing(user, "car"), *said, status=status)
        await learn(store, user, one)
        assert (await store.ledger(user)).facts == (one,)
        assert (await store.describe(user)).stats.current_facts == (status is FactStatus.CURRENT)

    async def test_writing_again_replaces_the_fact_and_the_entity(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "I live in Porto", "Porto, yes")
        porto, session = place(user, "Porto"), said[0].session_id
        await learn(store, user, fact(me(user), "LIVES_IN", porto, said[0]))
        renamed = replace(porto, name="PORTO", aliases=("Invicta", "Oporto"))
        named_user = me(user, "Zoë", "Zo")
        both = fact(
            named_user,
            "LIVES_IN",
            renamed,
            *said,
            status="ended",
            retired_at=minute(3),
            valid_to="2024",
        )
        await learn(store, user, both)
        assert (await store.ledger(user)).facts == (both,)
        back = fact(named_user, "LIVES_IN", renamed, said[1])
        await learn(store, user, back)
        ledger = await store.ledger(user)
        assert ledger.facts == (back,)
        assert by_id(ledger.entities) == by_id((named_user, renamed))
        assert (await store.describe(user)).session_ids == (session,)

    async def test_a_changed_entity_shows_in_every_fact_that_touches_it(self, store: Store, names: Names) -> None:
        user = names.user()
        town = await build_town(store, user, names.session())
        renamed = Entity(town.ana.id, "Anna", "Person", ("sister", "Ana"))
        await learn(store, user, entities=[renamed])
        facts = {f.id: f for f in (await store.ledger(user)).facts}
        assert facts[town.sibling.id].object == renamed
        assert facts[town.works.id].subject == renamed
        assert (await ask(store, user, keys=["anna"])).facts == tuple(newest_first(_touching(facts.values(), renamed)))

    async def test_aliases_that_went_lead_nowhere(self, store: Store, names: Names) -> None:
        user = names.user()
        town = await build_town(store, user, names.session())
        await learn(store, user, entities=[replace(town.ana, aliases=("nurse",))])
        assert (await ask(store, user, keys=["sister"])).facts == ()
        assert (await ask(store, user, keys=["nurse"])).facts != ()

    async def test_a_fact_may_touch_the_user_entity_that_came_with_the_first_session(
        self, store: Store, names: Names
    ) -> None:
        """The user's own entity exists as soon as the user has a session."""
        user = names.user()
        said = await tell(store, user, names.session(), "I live in Porto")
        one = fact(me(user), "LIVES_IN", place(user, "Porto"), *said)
        await store.apply(user, update(lambda _: Changes((place(user, "Porto"),), (one,))))
        assert (await store.ledger(user)).facts == (one,)

    async def test_removed_facts_and_entities_are_no_more(self, store: Store, names: Names) -> None:
        user = names.user()
        town = await build_town(store, user, names.session())
        removal = Changes(
            removed_facts=frozenset({town.works.id, "never was"}),
            removed_entities=frozenset({town.siemens.id, "never was"}),
        )
        await store.apply(user, update(lambda _: removal))
        ledger = await store.ledger(user)
        assert town.works not in ledger.facts
        assert len(ledger.facts) == len(town.facts) - 1
        assert town.siemens not in ledger.entities
        answer = await recall(store, user, "Siemens")
        assert answer.linked == ()
        assert town.works.id not in {f.id for f in answer.facts}

    async def test_decide_gets_what_the_keys_ask_for(self, store: Store, names: Names) -> None:
        user = names.user()
        town = await build_town(store, user, names.session())
        for key, entity in (
            ("porto", town.porto),
            ("Invicta", town.porto),
            ("sister", town.ana),
            ("SIEMENS", town.siemens),
        ):
            ledger = await ask(store, user, keys=[key])
            touching = _touching(town.facts, entity)
            assert list(ledger.facts) == newest_first(touching), key
            _assert_entities(ledger, town, entity)
        both = await ask(store, user, keys=["lisbon", "bob"])
        assert list(both.facts) == newest_first({*_touching(town.facts, town.lisbon), *_touching(town.facts, town.bob)})
        _assert_entities(both, town, town.lisbon, town.bob)

    async def test_decide_gets_what_the_predicates_ask_for(self, store: Store, names: Names) -> None:
        user = names.user()
        town = await build_town(store, user, names.session())
        lives = await ask(store, user, predicates=["LIVES_IN"])
        assert list(lives.facts) == newest_first([town.lives, town.lived]), (
            "facts of this predicate that touch the user"
        )
        partner = await ask(store, user, predicates=["PARTNER_OF"])
        assert list(partner.facts) == [town.partner], "the user may be the object"
        assert (await ask(store, user, predicates=["HAS_FRIEND"])).facts == ()
        friend = await ask(store, user, predicates=["HAS_FRIEND", "LIVES_IN"], symmetric=["HAS_FRIEND"])
        assert list(friend.facts) == newest_first([town.friends, town.lives, town.lived])

    async def test_decide_gets_what_keys_and_predicates_ask_for_once(self, store: Store, names: Names) -> None:
        user = names.user()
        town = await build_town(store, user, names.session())
        ledger = await ask(store, user, keys=["porto"], predicates=["LIVES_IN", "WORKS_AT"])
        assert list(ledger.facts) == newest_first([town.lives, town.lived])

    async def test_decide_gets_the_user_entity_and_nothing_else_when_nothing_is_asked_for(
        self, store: Store, names: Names
    ) -> None:
        user = names.user()
        await build_town(store, user, names.session())
        ledger = await ask(store, user)
        assert ledger == Ledger((me(user),), (), False)
        assert await ask(store, user, keys=["atlantis"], predicates=["SPEAKS"]) == ledger

    async def test_decide_gets_an_empty_ledger_of_an_unknown_user(self, store: Store, names: Names) -> None:
        ledger = await ask(store, names.user(), keys=["porto"], predicates=["LIVES_IN"], symmetric=["LIVES_IN"])
        assert ledger.facts == ()
        assert ledger.entities == ()

    async def test_decide_gets_nothing_of_another_user(self, store: Store, names: Names) -> None:
        alice, bob = names.user("alice"), names.user("bob")
        town = await build_town(store, alice, names.session("a"))
        await build_town(store, bob, names.session("b"))
        ledger = await ask(store, alice, keys=["porto", "ana"], predicates=["LIVES_IN"], symmetric=["HAS_FRIEND"])
        assert {f.id for f in ledger.facts} <= {f.id for f in town.facts}
        assert {e.id for e in ledger.entities} <= {e.id for e in town.entities}

    async def test_decide_may_ask_for_the_whole_ledger(self, store: Store, names: Names) -> None:
        user = names.user()
        town = await build_town(store, user, names.session())
        seen: list[Ledger] = []

        def decide(ledger: Ledger) -> Changes | None:
            seen.append(ledger)
            return Changes(removed_facts=frozenset({town.lived.id})) if ledger.whole else None

        changes = await store.apply(user, update(decide, keys=["siemens"]))
        assert changes == Changes(removed_facts=frozenset({town.lived.id}))
        narrow, whole = seen[-2:]
        assert not narrow.whole
        assert list(narrow.facts) == [town.works]
        assert whole.whole
        assert list(whole.facts) == newest_first(town.facts)
        assert by_id(whole.entities) == by_id(town.entities)
        assert town.lived not in (await store.ledger(user)).facts

    async def test_a_decide_that_fails_changes_nothing(self, store: Store, names: Names) -> None:
        user, session = names.user(), names.session()
        town = await build_town(store, user, session)
        await append_job(store, user, session, names.job())
        before = await store.ledger(user)

        def fail(ledger: Ledger) -> Changes | None:
            raise DecisionFailed

        with pytest.raises(DecisionFailed):
            await store.apply(user, update(fail, keys=["porto"]), job_id=names.job())
        assert await store.ledger(user) == before
        assert job_ids(await claim(store, "w", user, 9)) == [names.job()]
        await learn(store, user, town.lives, job_id=names.job())

    async def test_applying_is_idempotent_when_decide_is(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "I live in Porto")
        one = fact(me(user), "LIVES_IN", place(user, "Porto"), *said)

        def decide(ledger: Ledger) -> Changes:
            return Changes() if one in ledger.facts else changes_of(one)

        wanted = update(decide, keys=["porto"], predicates=["LIVES_IN"])
        assert await store.apply(user, wanted)
        assert not await store.apply(user, wanted)
        assert (await store.ledger(user)).facts == (one,)

    async def test_concurrent_changes_of_one_user_lose_nothing(
        self, store: Store, names: Names, open_store: OpenStore
    ) -> None:
        user, second = names.user(), await open_store()
        said = await tell(store, user, names.session(), "Count")
        counter, subject = thing(user, "counter"), me(user)

        def count(ledger: Ledger) -> Changes:
            number = max((int(f.text) for f in ledger.facts), default=0)
            return changes_of(fact(subject, "LIKES", counter, *said, text=str(number + 1)))

        by_key, by_predicate = update(count, keys=["counter"]), update(count, predicates=["LIKES"])
        await asyncio.gather(
            *((store, second)[i % 2].apply(user, (by_key, by_predicate)[i % 3 == 0]) for i in range(24))
        )
        assert [f.text for f in (await store.ledger(user)).facts] == ["24"]

    async def test_a_cancelled_change_frees_the_user_for_the_next(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "Tea")
        facts = [fact(me(user), "LIKES", thing(user, f"thing {i}"), *said) for i in range(12)]
        calls = [asyncio.create_task(learn(store, user, facts[2 * i], facts[2 * i + 1])) for i in range(6)]
        for i, call in enumerate(calls):
            await asyncio.sleep(0.001 * i)
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        written = {f.id for f in (await store.ledger(user)).facts}
        assert all((facts[2 * i].id in written) == (facts[2 * i + 1].id in written) for i in range(6))
        await learn(store, user, *facts)
        assert len((await store.ledger(user)).facts) == 12

    async def test_concurrent_changes_keep_one_current_value(
        self, store: Store, names: Names, open_store: OpenStore
    ) -> None:
        """Each writer ends what it sees and adds a value of its own: read and write are one, or two values would be left."""
        user, second = names.user(), await open_store()
        said = await tell(store, user, names.session(), "Moving again")

        def mover(number: int) -> LedgerUpdate:
            new = fact(me(user), "LIVES_IN", place(user, f"City {number}"), *said)

            def decide(ledger: Ledger) -> Changes:
                current = [f for f in ledger.facts if f.status is FactStatus.CURRENT]
                ended = [replace(f, status=FactStatus.ENDED, retired_at=minute(1)) for f in current]
                return changes_of(replace(new, supersedes=tuple(f.id for f in ended)), *ended)

            return update(decide, predicates=["LIVES_IN"])

        await asyncio.gather(*((store, second)[i % 2].apply(user, mover(i)) for i in range(12)))
        facts = (await store.ledger(user)).facts
        assert len(facts) == 12
        assert sum(f.status is FactStatus.CURRENT for f in facts) == 1
        assert sorted(len(f.supersedes) for f in facts) == [0] + [1] * 11


def _touching(facts: Iterable[Fact], entity: Entity) -> list[Fact]:
    return [f for f in facts if entity.id in (f.subject.id, f.object.id)]


def _assert_entities(ledger: Ledger, town: Town, *named: Entity) -> None:
    """The named entities and the user are there, and beyond them only what stands at the ends of the facts."""
    ends = {e.id for f in ledger.facts for e in (f.subject, f.object)}
    assert (
        {e.id for e in (town.me, *named)}
        <= {e.id for e in ledger.entities}
        <= {town.me.id, *ends, *(e.id for e in named)}
    )
    assert set(ledger.entities) <= set(town.entities)
