"""From the statements about one component of a user's graph to its facts: what holds, what ended, what never was.

A component is a set of relations whose statements can end one another: all values of a single-valued predicate of one
subject, a predicate and its opposite on one object, and so on (`component_of`). Statements are taken in the order of
their time; each begins an episode of its relation, supports the one that is open, or closes some. Because the outcome
is a function of the set of statements, it does not matter in which order they came in, and taking one away gives what
would be there had it never been said. A relation of a thing to itself is never true, but its statements are kept: they may
come to something else once more is known of who is who.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from extraction.catalogue import Catalogue, Relation
from graphmem.endings.undertakings import tells_of
from graphmem.mentions import moment
from graphmem.records import FactStatus, Statement
from graphmem.succession import succeeds
from graphmem.whereabouts import is_about_places, is_in_passing, is_within, was_over


class Link(NamedTuple):
    """A relation between two entities (their ids), in its canonical direction; ``verb`` tells RELATED_TO links apart."""

    subject: str
    predicate: str
    object: str
    verb: str = ""


class Resolved(NamedTuple):
    """A statement with the link that its mentions come to."""

    link: Link
    statement: Statement


@dataclass(slots=True)
class Episode:
    """A stretch of time in which a link held, or a denial of it: what becomes a fact."""

    link: Link
    status: FactStatus
    denial: bool
    ordinal: int
    statements: list[Statement] = field(default_factory=list)
    valid_from: str | None = None
    valid_to: str | None = None
    retired_at: datetime | None = None
    supersedes: list[Episode] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether it still holds as far as is known."""
        return self.status in (FactStatus.CURRENT, FactStatus.NEGATED)

    def close(self, at: datetime, valid_to: str | None) -> None:
        self.status = FactStatus.ENDED
        self.retired_at = at
        self.valid_to = valid_to

    def take_back(self, at: datetime) -> None:
        self.status = FactStatus.RETRACTED
        self.retired_at = at

    def support(self, statement: Statement) -> None:
        self.statements.append(statement)
        self.valid_from = self.valid_from or statement.valid_from


@lru_cache(maxsize=512)
def family(catalogue: Catalogue, predicate: str) -> frozenset[str]:
    """Return the predicates whose statements can end or equal those of ``predicate``, itself among them."""
    related: dict[str, set[str]] = {}
    for relation in catalogue:
        for other in (relation.inverse, relation.opposite, relation.ends, relation.ends_with):
            if other is not None:
                related.setdefault(relation.predicate, set()).add(other)
                related.setdefault(other, set()).add(relation.predicate)
    found: set[str] = set()
    waiting = [predicate]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(related.get(one, ()))
    return frozenset(found)


def component_of(catalogue: Catalogue, link: Link) -> tuple[object, ...]:
    """Return the component that ``link`` belongs to: links of different components never touch each other."""
    predicates = family(catalogue, link.predicate)
    relations = [catalogue.get(p) for p in sorted(predicates)]
    if any(r.exclusive for r in relations):
        return (predicates,) if any(r.symmetric for r in relations) else (predicates, link.subject)
    return (predicates, frozenset({link.subject, link.object}), link.verb)


def canonical_link(
    catalogue: Catalogue, user: str, subject: str, predicate: str, object: str, verb: str | None
) -> Link:
    """Return a link in its canonical direction: from the user where the user is an end, else the first by predicate and id.

    Args:
        user: id of the user's own entity.
        subject, predicate, object, verb: the relation as it was said.
    """
    relation = catalogue.get(predicate)
    turned = predicate if relation.symmetric else relation.inverse
    if turned is not None and (
        object == user if user in (subject, object) else (turned, object) < (predicate, subject)
    ):
        subject, predicate, object = object, turned, subject
    return Link(subject, predicate, object, verb or "" if predicate == "RELATED_TO" else "")


def episodes_of(catalogue: Catalogue, resolved: Iterable[Resolved]) -> list[Episode]:
    """Return the episodes of one component's statements, in the order in which they began."""
    return _Timeline(catalogue, sorted(resolved, key=lambda r: moment(r.statement))).run()


class _Timeline:
    def __init__(self, catalogue: Catalogue, ordered: list[Resolved]) -> None:
        self._catalogue = catalogue
        self._ordered = ordered
        self._episodes: list[Episode] = []
        self._by_link: dict[Link, list[Episode]] = {}

    def run(self) -> list[Episode]:
        taken_back = self._taken_back()
        for link, statement in self._ordered:
            itself = link.subject == link.object
            if itself or statement.id in taken_back or statement.status is FactStatus.RETRACTED:
                self._retracted(link, statement)
            elif statement.status is FactStatus.CURRENT:
                self._current(link, statement)
            elif statement.status is FactStatus.ENDED:
                self._ended(link, statement)
            else:
                self._denied(link, statement)
        return self._episodes

    def _taken_back(self) -> set[str]:
        """Ids of the statements that a later retraction of the same link takes back."""
        retracted: set[Link] = set()
        gone: set[str] = set()
        for link, statement in reversed(self._ordered):
            if statement.status is FactStatus.RETRACTED:
                retracted.add(link)
            elif link in retracted and statement.status is not FactStatus.NEGATED:
                gone.add(statement.id)
        return gone

    def _begin(self, link: Link, statement: Statement, status: FactStatus, *, denial: bool = False) -> Episode:
        siblings = self._by_link.setdefault(link, [])
        episode = Episode(link, status, denial, len(siblings))
        episode.support(statement)
        siblings.append(episode)
        self._episodes.append(episode)
        return episode

    def _find(self, link: Link, status: FactStatus, *, denial: bool = False) -> Episode | None:
        return next(
            (e for e in reversed(self._by_link.get(link, [])) if e.status is status and e.denial == denial), None
        )

    def _current(self, link: Link, statement: Statement) -> None:
        episode, rivals = self._find(link, FactStatus.CURRENT), self._rivals(link, statement)
        if episode is None and rivals and is_in_passing(statement):
            self._retracted(link, statement)
            return
        if episode is None:
            if denied := self._find(link, FactStatus.NEGATED, denial=True):
                denied.close(statement.at, statement.valid_from)
            episode = self._begin(link, statement, FactStatus.CURRENT)
        else:
            episode.support(statement)
        timeless = self._catalogue.get(link.predicate).timeless
        for rival in rivals:
            if timeless:
                rival.take_back(statement.at)
            else:
                rival.close(statement.at, statement.valid_from)
            episode.supersedes.append(rival)

    def _rivals(self, link: Link, statement: Statement) -> list[Episode]:
        """The episodes that a statement of ``link`` ends."""
        relation = self._catalogue.get(link.predicate)
        return [
            e
            for e in self._episodes
            if e.status is FactStatus.CURRENT
            and e.link != link
            and self._excludes(
                relation, link, e.link, replaces=statement.replaces or succeeds(relation, statement, e.statements)
            )
            and not self._is_same_whereabouts(relation, statement, e)
        ]

    @staticmethod
    def _is_same_whereabouts(relation: Relation, statement: Statement, other: Episode) -> bool:
        return is_about_places(relation) and (
            is_within([statement], other.statements) or is_within(other.statements, [statement])
        )

    def _close_within(self, link: Link, statement: Statement, valid_to: str | None) -> None:
        """Let what holds of the parts of a place end with what holds of it."""
        if not is_about_places(self._catalogue.get(link.predicate)):
            return
        for e in self._episodes:
            if (
                e.status is FactStatus.CURRENT
                and (e.link.subject, e.link.predicate) == (link.subject, link.predicate)
                and e.link != link
                and is_within(e.statements, [statement])
                and not was_over(statement, e.statements)
            ):
                e.close(statement.at, valid_to)

    @staticmethod
    def _excludes(relation: Relation, link: Link, other: Link, *, replaces: bool) -> bool:
        ends = {link.subject, link.object}
        if other.predicate == link.predicate:
            if not (relation.single or (replaces and relation.replaceable)):
                return False
            return bool(ends & {other.subject, other.object}) if relation.symmetric else link.subject == other.subject
        return other.predicate in (relation.opposite, relation.ends) and ends == {other.subject, other.object}

    def _close_with(self, link: Link, statement: Statement) -> None:
        """Let end what cannot go on without ``link``, and what is ``link`` in more words."""
        loose = self._catalogue.get(link.predicate).loose
        for e in self._episodes:
            if e.status is not FactStatus.CURRENT or e.link == link or e.link.subject != link.subject:
                continue
            without = e.link.object == link.object and self._catalogue.get(e.link.predicate).ends_with == link.predicate
            if without or (loose and e.link.predicate == link.predicate and tells_of(e.statements, statement)):
                e.close(statement.at, statement.valid_to)

    def _ended(self, link: Link, statement: Statement) -> None:
        self._close_within(link, statement, statement.valid_to)
        self._close_with(link, statement)
        if episode := self._find(link, FactStatus.CURRENT):
            episode.support(statement)
            episode.close(statement.at, statement.valid_to)
        elif episode := self._find(link, FactStatus.ENDED):
            episode.support(statement)
            episode.valid_to = episode.valid_to or statement.valid_to
        else:
            episode = self._begin(link, statement, FactStatus.ENDED)
            episode.valid_to = statement.valid_to
            episode.retired_at = statement.at

    def _denied(self, link: Link, statement: Statement) -> None:
        self._close_within(link, statement, statement.valid_from)
        if episode := self._find(link, FactStatus.CURRENT):
            episode.close(statement.at, statement.valid_from)
        if denied := self._find(link, FactStatus.NEGATED, denial=True):
            denied.support(statement)
        else:
            self._begin(link, statement, FactStatus.NEGATED, denial=True)

    def _retracted(self, link: Link, statement: Statement) -> None:
        if episode := self._find(link, FactStatus.RETRACTED, denial=True):
            episode.support(statement)
        else:
            episode = self._begin(link, statement, FactStatus.RETRACTED, denial=True)
        episode.retired_at = max(episode.retired_at or statement.at, statement.at)
