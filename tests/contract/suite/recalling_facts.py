"""Which facts `Store.recall` brings, and in which order."""

from __future__ import annotations

from collections.abc import Iterable

from graphmem.records import Fact
from graphmem.stores.base import TIES, Store

from ..builders import fact, learn, me, newest_first, organization, person, place, recall, tell, thing
from ..conftest import Names


class Family:
    """A small graph: the user, his sister Ana, her friend Bob, their employers and towns; and things of nobody else."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.me = me(user)
        self.ana, self.bob, self.eve = person(user, "Ana"), person(user, "Bob"), person(user, "Eve")
        self.siemens, self.porto, self.faro = organization(user, "Siemens"), place(user, "Porto"), place(user, "Faro")
        self.tea, self.boat, self.rome = thing(user, "tea"), thing(user, "boat"), place(user, "Rome")
        self.facts: list[Fact] = []

    async def settle(self, store: Store, session: str) -> None:
        said = await tell(store, self.user, session, *(f"Message {i}" for i in range(14)))
        m = iter(said)
        self.sibling = fact(self.me, "HAS_SIBLING", self.ana, next(m))
        self.friend = fact(self.ana, "HAS_FRIEND", self.bob, next(m))
        self.works = fact(self.ana, "WORKS_AT", self.siemens, next(m))
        self.worked = fact(self.ana, "WORKS_AT", self.faro, next(m), status="ended")
        self.bob_lives = fact(self.bob, "LIVES_IN", self.porto, next(m))
        self.bob_lived = fact(self.bob, "LIVES_IN", self.rome, next(m), status="ended")
        self.seat = fact(self.siemens, "LOCATED_IN", self.rome, next(m))
        self.likes = fact(self.me, "LIKES", self.tea, next(m))
        self.owned = fact(self.me, "OWNS", self.boat, next(m), status="ended")
        self.guest = fact(self.eve, "HAS_FRIEND", self.me, next(m))
        self.eve_sails = fact(self.eve, "RELATED_TO", self.boat, next(m), text="Eve sails a boat on weekends")
        self.porto_far = fact(self.porto, "LOCATED_IN", self.faro, next(m), text="Porto is located near the lighthouse")
        self.all = [
            self.sibling,
            self.friend,
            self.works,
            self.worked,
            self.bob_lives,
            self.bob_lived,
            self.seat,
            self.likes,
            self.owned,
            self.guest,
            self.eve_sails,
            self.porto_far,
        ]
        await learn(store, self.user, *self.all)


def ranked(facts: Iterable[Fact]) -> list[Fact]:
    """The order within one kind: current before others, then newest first."""
    ordered = newest_first(facts)
    return [f for f in ordered if f.status == "current"] + [f for f in ordered if f.status != "current"]


class RecallFactsContract:
    async def test_without_a_link_the_users_own_facts_come(self, store: Store, names: Names) -> None:
        family = Family(names.user())
        await family.settle(store, names.session())
        answer = await recall(store, family.user, "nothing of it")
        assert list(answer.facts) == ranked([family.sibling, family.likes, family.owned, family.guest])
        assert answer.facts[-1] == family.owned, "an ended fact comes after the current ones"

    async def test_without_a_query_the_users_own_facts_come(self, store: Store, names: Names) -> None:
        family = Family(names.user())
        await family.settle(store, names.session())
        assert list((await recall(store, family.user)).facts) == ranked(
            [family.sibling, family.likes, family.owned, family.guest]
        )

    async def test_facts_come_by_their_distance_from_what_the_query_names(self, store: Store, names: Names) -> None:
        family = Family(names.user())
        await family.settle(store, names.session())
        answer = await recall(store, family.user, "And Ana, at the lighthouse?")
        linked = ranked([family.sibling, family.friend, family.works, family.worked])
        neighbours = ranked([family.bob_lives, family.bob_lived, family.seat])
        own = ranked([family.likes, family.owned, family.guest])
        assert list(answer.facts) == [*linked, family.porto_far, *neighbours, *own]

    async def test_facts_that_share_a_term_with_the_query_come_before_the_users_own(
        self, store: Store, names: Names
    ) -> None:
        family = Family(names.user())
        await family.settle(store, names.session())
        answer = await recall(store, family.user, "a lighthouse and a weekend")
        own = ranked([family.sibling, family.likes, family.owned, family.guest])
        assert list(answer.facts) == [*ranked([family.eve_sails, family.porto_far]), *own]
        assert (await recall(store, family.user, "a weekend near the lighthouse")).facts[0] == family.porto_far

    async def test_the_facts_of_the_users_neighbours_do_not_come_by_way_of_the_user(
        self, store: Store, names: Names
    ) -> None:
        """Everything hangs on the user; walking through that node would bring the whole graph."""
        family = Family(names.user())
        await family.settle(store, names.session())
        answer = await recall(store, family.user, "Eve")
        near = ranked([family.guest, family.eve_sails])
        by_boat: list[Fact] = [family.owned]
        assert list(answer.facts) == [*near, *by_boat, *ranked([family.sibling, family.likes])]

    async def test_several_links_count_alike(self, store: Store, names: Names) -> None:
        family = Family(names.user())
        await family.settle(store, names.session())
        answer = await recall(store, family.user, "Siemens and Porto")
        linked = ranked([family.works, family.seat, family.bob_lives, family.porto_far])
        neighbours = ranked([family.sibling, family.friend, family.worked, family.bob_lived])
        own = ranked([family.likes, family.owned, family.guest])
        assert list(answer.facts) == linked + neighbours + own

    async def test_whom_a_tie_leads_to_counts_like_whom_the_query_names(self, store: Store, names: Names) -> None:
        family = Family(names.user())
        await family.settle(store, names.session())
        answer = await recall(store, family.user, "my sister, at the lighthouse", through=("HAS_SIBLING", "HAS_CHILD"))
        tied = ranked([family.sibling, family.friend, family.works, family.worked])
        neighbours = ranked([family.bob_lives, family.bob_lived, family.seat])
        own = ranked([family.likes, family.owned, family.guest])
        assert list(answer.facts) == [*tied, family.porto_far, *neighbours, *own]
        assert answer.linked == (), "nobody was named"
        both = await recall(store, family.user, "Porto", through=("HAS_FRIEND",))
        near = ranked([family.bob_lives, family.porto_far, family.guest, family.eve_sails])
        assert list(both.facts[: len(near)]) == near, "Eve's, by the user's own friendship, and Porto's"

    async def test_only_the_first_ties_lead_somewhere(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), *(f"Message {i}" for i in range(2 * TIES + 4)))
        friends = [person(user, f"Ana {i}") for i in range(TIES + 2)]
        ties = [fact(me(user), "HAS_FRIEND", friend, said[i]) for i, friend in enumerate(friends)]
        homes = [fact(f, "LIVES_IN", place(user, f"Town {i}"), said[TIES + 2 + i]) for i, f in enumerate(friends)]
        await learn(store, user, *ties, *homes)
        found = {f.id for f in (await recall(store, user, "those people", through=("HAS_FRIEND",))).facts}
        assert [home.id in found for home in homes] == [False, False, *[True] * TIES], "those of the newest"

    async def test_no_more_facts_come_than_are_asked_for(self, store: Store, names: Names) -> None:
        family = Family(names.user())
        await family.settle(store, names.session())
        everything = (await recall(store, family.user, "And Ana, at the lighthouse?")).facts
        assert len(everything) == len({f.id for f in everything}) == 11
        for limit in (0, 1, 3, 5, 9, 11, 400):
            facts = (await recall(store, family.user, "And Ana, at the lighthouse?", facts=limit)).facts
            assert len(facts) == len({f.id for f in facts}) == min(limit, 11)
            assert {f.id for f in facts} == {f.id for f in everything[:limit]}, limit

    async def test_no_kind_of_facts_crowds_out_the_others(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), *(f"Message {i}" for i in range(50)))
        ana, tea = person(user, "Ana"), thing(user, "tea")
        lives = fact(me(user), "LIVES_IN", place(user, "Porto"), said[0])
        asked = fact(me(user), "OWNS", thing(user, "boat"), said[1])
        worded = fact(tea, "RELATED_TO", thing(user, "shop"), said[2], text="tea is sold at the old jetty")
        likes = [fact(me(user), "LIKES", thing(user, f"thing {i}"), said[3 + i]) for i in range(20)]
        of_ana = [fact(ana, "LIKES", thing(user, f"dish {i}"), said[25 + i]) for i in range(20)]
        await learn(store, user, lives, asked, worded, *likes, *of_ana)
        groups = (("HAS_NAME", "LIVES_IN"), ("OWNS", "LIKES"))
        facts = (await recall(store, user, "Ana at the old jetty", facts=12, predicates=groups)).facts
        assert facts[:3] == (lives, *newest_first(likes)[:2])
        assert facts[3:9] == tuple(newest_first(of_ana)[:6])
        assert facts[9] == worded
        assert facts[10:] == tuple(newest_first(of_ana)[6:8])
        assert (await recall(store, user, None, facts=6, predicates=(("OWNS",),))).facts[0] == asked

    async def test_facts_come_back_with_every_field(self, store: Store, names: Names) -> None:
        family = Family(names.user())
        await family.settle(store, names.session())
        answer = await recall(store, family.user, "Ana")
        written = {f.id: f for f in family.all}
        assert answer.facts
        assert all(f == written[f.id] and f.statements == written[f.id].statements for f in answer.facts)

    async def test_facts_of_one_moment_come_by_id(self, store: Store, names: Names) -> None:
        user = names.user()
        said = await tell(store, user, names.session(), "Many things at once")
        facts = [fact(me(user), "LIKES", thing(user, f"thing {i}"), *said) for i in range(12)]
        await learn(store, user, *facts)
        answer = await recall(store, user, None)
        assert list(answer.facts) == newest_first(facts)
        assert list((await recall(store, user, None, facts=5)).facts) == newest_first(facts)[:5]
