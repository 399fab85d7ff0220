"""Reconciling what is newly said with what is known: pure, without a language model, the same for every store.

The ledger is a set of statements; its facts are a function of that set (`graphmem.resolve` says which entities the
mentions are, `graphmem.timeline` what the statements of a component come to). So reconciling is idempotent, does not
depend on the order in which messages arrive, loses no statement, and can be undone: `forgotten` gives the ledger that
would be there had something never been said.

For speed `reconcile` derives only the components that the new statements touch, and asks for the whole ledger only
when they change which entities earlier mentions are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import prod

from extraction.catalogue import ANYTHING, Catalogue
from extraction.records import USER_LABEL, EntityMention
from graphmem.endings import begins
from graphmem.identity import derived_id, lookup_keys, user_entity
from graphmem.mentions import USER_KEY, EntityKey, mention_keys, moment, statement_keys, tells_name
from graphmem.records import Entity, Fact, FactStatus, Statement
from graphmem.render import fact_text
from graphmem.resolve import Resolver, build_entity, id_of
from graphmem.statements import spelled_out
from graphmem.stores.base import Changes, Gone, Ledger, LedgerUpdate, touched_entities
from graphmem.timeline import Episode, Link, Resolved, canonical_link, component_of, episodes_of, family

_MAX_CONFIDENCE = 0.99


def update_with(
    user_id: str, statements: Sequence[Statement], catalogue: Catalogue, sweeping: Sequence[Statement] = ()
) -> LedgerUpdate:
    """Return the change of a user's ledger that adds ``statements``; ``sweeping`` ones end every current value."""
    touched = [(s, s.predicate) for s in (*statements, *sweeping)]
    touched += [(s, begun) for s in sweeping if (begun := begins(s)) is not None]
    predicates = {p for s, told in touched for p in family(catalogue, told) if _needs_all(s, p, catalogue)}
    return LedgerUpdate(
        keys=statement_keys(statements).union(*(mention_keys(s.subject) for s in sweeping)),
        predicates=frozenset(predicates | {s.predicate for s in sweeping}),
        symmetric=frozenset(p for p in predicates if catalogue.get(p).symmetric),
        decide=partial(_decide, user_id, statements, sweeping, catalogue),
        decide_without=partial(_decide_without, user_id, statements, sweeping, catalogue),
    )


def _needs_all(statement: Statement, predicate: str, catalogue: Catalogue) -> bool:
    """Whether what ``statement`` touches cannot be found by names alone: it can end other values, or names nobody but the user."""
    exclusive = any(catalogue.get(p).exclusive for p in family(catalogue, predicate))
    return exclusive or statement.subject.label == statement.object.label == USER_LABEL


def _decide(
    user_id: str, statements: Sequence[Statement], sweeping: Sequence[Statement], catalogue: Catalogue, known: Ledger
) -> Changes | None:
    new = [*statements, *_swept(user_id, known.facts, statements, sweeping, catalogue)]
    return reconcile(known, new, user_id=user_id, catalogue=catalogue)


def _swept(
    user_id: str,
    facts: Sequence[Fact],
    statements: Sequence[Statement],
    sweeping: Sequence[Statement],
    catalogue: Catalogue,
) -> list[Statement]:
    """Return what ``sweeping`` statements end of the known facts, and of what the new ``statements`` beside them say.

    Of several messages that are read together, one may end what another says.
    """
    if not _touches(sweeping, statements):
        return spelled_out(sweeping, facts)
    said = [s for f in facts for s in f.statements]
    return spelled_out(sweeping, derive(user_id, [*said, *statements], catalogue).facts)


def _touches(sweeping: Sequence[Statement], statements: Sequence[Statement]) -> bool:
    predicates = {s.predicate for s in sweeping}
    return any(s.predicate in predicates for s in statements)


def _decide_without(
    user_id: str,
    statements: Sequence[Statement],
    sweeping: Sequence[Statement],
    catalogue: Catalogue,
    known: Ledger,
    messages: Collection[tuple[str, str]],
) -> Changes | None:
    return _decide(user_id, _not_of(messages, statements), _not_of(messages, sweeping), catalogue, known)


def _not_of(messages: Collection[tuple[str, str]], statements: Sequence[Statement]) -> list[Statement]:
    return [s for s in statements if (s.session_id, s.message_id) not in messages]


def reconcile(known: Ledger, new: Sequence[Statement], *, user_id: str, catalogue: Catalogue) -> Changes | None:
    """Return what has to be written so that the ledger holds ``new`` as well.

    Args:
        known: the whole ledger, or the part of it that `update_with` asks for.
        new: statements; those that are there already change nothing.
        user_id: whose ledger it is.
        catalogue: the relations.

    Returns:
        The changes (empty when nothing changes), or None when ``known`` is a part and the whole is needed.
    """
    there = {s.id for f in known.facts for s in f.statements}
    added = [s for s in new if s.id not in there]
    if not added:
        return Changes()
    if known.whole:
        everything = [s for f in known.facts for s in f.statements] + added
        return _difference(known, derive(user_id, everything, catalogue))
    return _reconcile_part(known, added, user_id, catalogue)


def update_replacing(
    user_id: str,
    messages: Collection[tuple[str, str]],
    statements: Sequence[Statement],
    catalogue: Catalogue,
    sweeping: Sequence[Statement] = (),
    before: Collection[str] | None = None,
) -> LedgerUpdate:
    """Return the change of a user's ledger that makes ``statements`` all that ``messages`` say, whatever was read in them before.

    It needs the whole ledger, unless it is known that the new reading has all statements of the one before.

    Args:
        user_id: whose ledger it is.
        messages: (session id, message id) of the messages that were read anew.
        statements: what they say by the new reading.
        catalogue: the relations.
        sweeping: those that end every current value.
        before: ids of all statements, sweeping ones too, that the messages said by the reading before; None when unknown.
    """
    reading = _Reading(user_id, frozenset(messages), statements, sweeping, catalogue)
    if before is None or not {s.id for s in (*statements, *sweeping)}.issuperset(before):
        return LedgerUpdate(
            frozenset(), frozenset(), frozenset(), reading.of_the_whole, lambda k, m: reading.without(m).of_the_whole(k)
        )
    return replace(
        update_with(user_id, statements, catalogue, sweeping),
        decide=reading.of_a_part,
        decide_without=lambda k, m: reading.without(m).of_a_part(k),
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """A new reading of messages, and what it changes."""

    user_id: str
    messages: frozenset[tuple[str, str]]
    statements: Sequence[Statement]
    sweeping: Sequence[Statement]
    catalogue: Catalogue

    def without(self, messages: Collection[tuple[str, str]]) -> _Reading:
        """Return the reading without what some messages say."""
        statements, sweeping = _not_of(messages, self.statements), _not_of(messages, self.sweeping)
        return replace(self, statements=statements, sweeping=sweeping)

    def of_the_whole(self, known: Ledger) -> Changes | None:
        """Return what changes in the whole ledger, with every statement of the messages that is in it replaced."""
        if not known.whole:
            return None
        kept = [s for f in known.facts for s in f.statements if (s.session_id, s.message_id) not in self.messages]
        said = [*kept, *self.statements]
        told = derive(self.user_id, said, self.catalogue).facts if _touches(self.sweeping, said) else ()
        ends = spelled_out(self.sweeping, told)
        return _difference(known, derive(self.user_id, [*said, *ends], self.catalogue))

    def of_a_part(self, known: Ledger) -> Changes | None:
        """Return what changes in the part that is touched, with statements added and replaced by those with the same id."""
        if known.whole:
            return self.of_the_whole(known)
        there = {s.id: s for f in known.facts for s in f.statements}
        ends = _swept(self.user_id, known.facts, self.statements, self.sweeping, self.catalogue)
        fresh = [s for s in (*self.statements, *ends) if there.get(s.id) != s]
        if not fresh:
            return Changes()
        if any(s.id in there and not _same_mentions(s, there[s.id]) for s in fresh):
            return None
        ids = {s.id for s in fresh}
        facts = (replace(f, statements=tuple(s for s in f.statements if s.id not in ids)) for f in known.facts)
        rest = replace(known, facts=tuple(f for f in facts if f.statements))
        return _reconcile_part(rest, fresh, self.user_id, self.catalogue, before=known)


def _same_mentions(new: Statement, old: Statement) -> bool:
    return (new.subject, new.object) == (old.subject, old.object)


def forgotten(known: Ledger, gone: Gone, *, user_id: str, catalogue: Catalogue) -> Changes:
    """Return what has to be written so that the whole ledger ``known`` is as if ``gone`` had never been said."""
    left = [
        s
        for f in known.facts
        if f.id not in gone.facts
        for s in f.statements
        if (s.session_id, s.message_id) not in gone.messages
    ]
    return _difference(known, derive(user_id, left, catalogue))


def derive(user_id: str, statements: Iterable[Statement], catalogue: Catalogue) -> Ledger:
    """Return the ledger that a user's statements come to."""
    unique = sorted({s.id: s for s in statements}.values(), key=moment)
    scope = _Scope(user_id, catalogue, Resolver(unique))
    resolved = [scope.resolve(s) for s in unique]
    episodes = _episodes(resolved, catalogue)
    mentions: dict[EntityKey, list[EntityMention]] = defaultdict(list)
    for one in resolved:
        for key, mention in scope.mentions(one.statement):
            mentions[key].append(mention)
    entities = {
        e.id: e for e in (build_entity(user_id, key, told) for key, told in mentions.items() if key != USER_KEY)
    }
    user = _user(user_id, episodes)
    entities[user.id] = user
    facts = [scope.fact(e, entities) for e in episodes]
    ordered = sorted(entities.values(), key=lambda e: (e.label, e.name, e.id))
    return Ledger(tuple(ordered), tuple(sorted(facts, key=lambda f: (f.recorded_at, f.id), reverse=True)), whole=True)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What turns statements into links and episodes into facts, for one user."""

    user_id: str
    catalogue: Catalogue
    resolver: Resolver

    def id(self, mention: EntityMention, statement: Statement) -> str:
        return id_of(self.user_id, self.resolver.resolve(mention, statement))

    def ends(self, statement: Statement, wanted: Sequence[bool]) -> list[str | None]:
        """Return the entities that subject and object are; None for one that is not ``wanted``."""
        mentions = (statement.subject, statement.object)
        return [self.id(m, statement) if want else None for m, want in zip(mentions, wanted, strict=True)]

    def resolve(self, statement: Statement) -> Resolved:
        """Return the statement with its link."""
        subject, object = self.id(statement.subject, statement), self.id(statement.object, statement)
        user = user_entity(self.user_id).id
        return Resolved(
            canonical_link(self.catalogue, user, subject, statement.predicate, object, statement.verb), statement
        )

    def mentions(self, statement: Statement) -> Iterator[tuple[EntityKey, EntityMention]]:
        """Return the mentions of a statement with the entities that they are, a name that it tells among them."""
        for mention in (statement.subject, statement.object):
            yield self.resolver.resolve(mention, statement), mention
        subject = statement.subject
        if tells_name(statement):
            told = EntityMention(statement.object.name, subject.label, (subject.name,) if subject.unnamed else ())
            yield self.resolver.resolve(subject, statement), told

    def fact(self, episode: Episode, entities: Mapping[str, Entity]) -> Fact:
        link, statements = episode.link, tuple(episode.statements)
        subject, object, newest = entities[link.subject], entities[link.object], statements[-1]
        polarity = "-" if episode.denial else "+"
        return Fact(
            id=self._fact_id(episode),
            subject=subject,
            predicate=link.predicate,
            object=object,
            text=fact_text(
                self.catalogue, subject, link.predicate, object, episode.status, polarity, newest.verb, newest.evidence
            ),
            status=episode.status,
            polarity=polarity,
            valid_from=episode.valid_from,
            valid_to=episode.valid_to,
            recorded_at=statements[0].at,
            confidence=_confidence(statements),
            message_ids=tuple(dict.fromkeys(s.message_id for s in statements)),
            evidence=newest.evidence,
            retired_at=episode.retired_at,
            supersedes=tuple(sorted(self._fact_id(rival) for rival in episode.supersedes)),
            statements=statements,
        )

    def renamed(self, fact: Fact, entities: Mapping[str, Entity]) -> Fact:
        """Return ``fact`` as it reads with the present names of its entities."""
        subject, object = entities[fact.subject.id], entities[fact.object.id]
        verb = fact.statements[-1].verb
        text = fact_text(
            self.catalogue, subject, fact.predicate, object, fact.status, fact.polarity, verb, fact.evidence
        )
        return replace(fact, subject=subject, object=object, text=text)

    def _fact_id(self, episode: Episode) -> str:
        return derived_id("fact", self.user_id, *episode.link, episode.ordinal)


def _episodes(resolved: Iterable[Resolved], catalogue: Catalogue) -> list[Episode]:
    components: dict[tuple[object, ...], list[Resolved]] = defaultdict(list)
    for one in resolved:
        components[component_of(catalogue, one.link)].append(one)
    return [e for group in components.values() for e in episodes_of(catalogue, group)]


def _user(user_id: str, episodes: Iterable[Episode]) -> Entity:
    """Return the user's entity with the name that is current, earlier ones as aliases."""
    user = user_entity(user_id)
    told = sorted(
        (
            (e.status is FactStatus.CURRENT, moment(e.statements[-1]), e.statements[-1].object.name)
            for e in episodes
            if e.link.subject == user.id and e.link.predicate == "HAS_NAME" and not e.denial
        ),
        reverse=True,
    )
    if not told or not told[0][0]:
        return user
    current, *earlier = dict.fromkeys(name for _, _, name in told)
    return user_entity(user_id, current, tuple(earlier))


def _confidence(statements: Sequence[Statement]) -> float:
    """The chance that at least one of the messages was read right, taking them as independent (noisy-or)."""
    best: dict[tuple[str, str], float] = {}
    for s in statements:
        key = (s.session_id, s.message_id)
        best[key] = max(best.get(key, 0.0), s.confidence)
    highest = max(best.values())
    return round(max(highest, min(_MAX_CONFIDENCE, 1.0 - prod(1.0 - c for c in best.values()))), 6)


def _reconcile_part(
    known: Ledger, added: Sequence[Statement], user_id: str, catalogue: Catalogue, before: Ledger | None = None
) -> Changes | None:
    """Return what ``added`` changes in a part of a ledger; ``before`` is what stands there when it is not ``known``."""
    names = statement_keys(added)
    everything = [s for f in known.facts for s in f.statements] + list(added)
    scope = _Scope(user_id, catalogue, Resolver(everything))
    fresh = [scope.resolve(s) for s in added]
    old = before or known
    if any(_moved(fact, scope, names) for fact in old.facts):
        return None
    components = {component_of(catalogue, r.link) for r in fresh}
    inside = {f.id: f for f in known.facts if component_of(catalogue, _link(f)) in components}
    episodes = _episodes([*(Resolved(_link(f), s) for f in inside.values() for s in f.statements), *fresh], catalogue)
    entities = {e.id: e for e in (user_entity(user_id), *touched_entities(known.facts).values(), *known.entities)}
    entities |= _rebuilt(known.facts, fresh, scope)
    if any(r.link.subject == user_entity(user_id).id and r.link.predicate == "HAS_NAME" for r in fresh):
        user = _user(user_id, episodes)
        entities[user.id] = user
    facts = {f.id: f for f in (scope.fact(e, entities) for e in episodes)}
    for fact in known.facts:
        if fact.id not in inside:
            facts[fact.id] = scope.renamed(fact, entities)
    stands = Ledger((*old.entities, *touched_entities(old.facts).values()), old.facts)
    ends = touched_entities(facts.values())
    return _difference(stands, Ledger(tuple(ends.values()), tuple(facts.values())), orphans=False)


def _link(fact: Fact) -> Link:
    return Link(
        fact.subject.id,
        fact.predicate,
        fact.object.id,
        fact.statements[-1].verb or "" if fact.predicate == "RELATED_TO" else "",
    )


def _moved(fact: Fact, scope: _Scope, names: frozenset[str]) -> bool:
    """Whether a mention of a known fact is no longer the entity at its end of the fact.

    Only mentions that bear one of ``names`` or may be of an entity that does are looked at: of the others too little is
    known here, and nothing can have changed.
    """
    there = (fact.subject.id, fact.object.id)
    for statement in fact.statements:
        ends = scope.ends(statement, [_is_touched(m, fact, names) for m in (statement.subject, statement.object)])
        if not _fits(ends, there) and not _fits(ends, there[::-1]):
            return True
    return any(
        _is_touched(mention, fact, names) and id_of(scope.user_id, key) not in there
        for statement in fact.statements
        for key, mention in scope.mentions(statement)
    )


def _is_touched(mention: EntityMention, fact: Fact, names: frozenset[str]) -> bool:
    keys = mention_keys(mention).union(
        *(
            lookup_keys(entity.label, (entity.name, *entity.aliases))
            for entity in (fact.subject, fact.object)
            if entity.label != USER_LABEL and mention.label in (entity.label, ANYTHING)
        )
    )
    return not keys.isdisjoint(names)


def _fits(ends: Sequence[str | None], there: Sequence[str]) -> bool:
    """Whether the entities that are known of a statement (None: not looked at) are those at the ends of its fact."""
    return all(end is None or end == other for end, other in zip(ends, there, strict=True))


def _rebuilt(known: Iterable[Fact], fresh: Sequence[Resolved], scope: _Scope) -> dict[str, Entity]:
    """Return the entities of the new statements, made of every mention of them, old and new."""
    keys = {key for r in fresh for key, _ in scope.mentions(r.statement) if key != USER_KEY}
    told: list[tuple[Statement, tuple[str, str]]] = [(r.statement, (r.link.subject, r.link.object)) for r in fresh]
    told += [(s, (f.subject.id, f.object.id)) for f in known for s in f.statements]
    mentions: dict[EntityKey, list[EntityMention]] = defaultdict(list)
    for statement, ends in sorted(told, key=lambda t: moment(t[0])):
        for key, mention in scope.mentions(statement):
            if key in keys and id_of(scope.user_id, key) in ends:
                mentions[key].append(mention)
    return {e.id: e for e in (build_entity(scope.user_id, key, said) for key, said in mentions.items())}


def _difference(before: Ledger, after: Ledger, *, orphans: bool = True) -> Changes:
    """Return what turns ``before`` into ``after``; without ``orphans`` no entity is removed."""
    old_facts, old_entities = {f.id: f for f in before.facts}, {e.id: e for e in before.entities}
    new_facts, new_entities = {f.id: f for f in after.facts}, {e.id: e for e in after.entities}
    gone = {e.id for e in before.entities if e.id not in new_entities and e.label != USER_LABEL} if orphans else set()
    return Changes(
        entities=tuple(e for e in after.entities if old_entities.get(e.id) != e),
        facts=tuple(f for f in after.facts if old_facts.get(f.id) != f),
        removed_facts=frozenset(old_facts.keys() - new_facts.keys()),
        removed_entities=frozenset(gone),
    )
