"""Which mentions are one entity: a pure function of the statements, so that forgetting a statement undoes what it joined.

What joins mentions:

- the same label and a name that always means the same (`extraction.same_names`: "NYC" and "New York City");
- a misspelling of a name that is known (`graphmem.misspelled`);
- an alias that a mention carries: "my sister Ana" lets "my sister" mean Ana, before and after, while no second sister
  is known; a word of which one has one at a time ("wife") means its newest bearer; a word that identifies nobody
  ("friend") means one only within the session;
- a name told of something named already ("Kebnekaise, Kebbe for short"), but of people only where nobody is spoken of
  by that name, or the names are alike;
- the label `ANYTHING` and one more telling label with the same name;
- the short form of one longer name ("Ana" and "Ana Silva", "Austin" and "Austin, Texas"), not of two.

What keeps them apart: relation words that one person cannot bear together ("my sister Anna", "Anna from work").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from extraction.catalogue import ANYTHING
from extraction.kinship import role_of, same_person
from extraction.names import normalize_name
from extraction.records import USER_LABEL, EntityMention
from extraction.same_names import other_names, own_key
from extraction.shortening import short_form
from graphmem.identity import entity_id, user_entity
from graphmem.mentions import (
    USER_KEY,
    EntityKey,
    canonical_role,
    is_relation_word,
    key_of,
    moment,
    relation_words,
    role_key,
    tells_name,
)
from graphmem.misspelled import right_names
from graphmem.records import Entity, Statement

_TELLING_LABELS = frozenset(
    {"Person", "Animal", "Place", "Organization", "Group", "Tool", "Language", "Activity", "Topic"}
)
_ALIKE = 3
"""Two names of a person that begin with so many equal letters are taken for a name and its short form when told to be."""


class Resolver:
    """Resolves the mentions of a set of statements.

    Args:
        statements: everything that can join or split the mentions to be resolved.
    """

    def __init__(self, statements: Iterable[Statement]) -> None:
        ordered = sorted(statements, key=moment)
        self._bearers: dict[EntityKey, list[tuple[Statement, EntityKey]]] = defaultdict(list)
        self._same_name: dict[EntityKey, EntityKey] = {}
        self._telling_keys: dict[str, set[EntityKey]] = defaultdict(set)
        self._roles: dict[EntityKey, list[tuple[Statement, str]]] = defaultdict(list)
        self._longer: dict[EntityKey, set[EntityKey]] = defaultdict(set)
        self._right_names = right_names(ordered)
        self._named_so = {
            self._key(mention.label, mention.name)
            for statement in ordered
            for mention in (statement.subject, statement.object)
            if not mention.unnamed
        }
        self._introduced = {
            (statement.session_id, statement.message_id, self._key(mention.label, mention.name))
            for statement in ordered
            for mention in (statement.subject, statement.object)
            if any(role_of(alias) is not None for alias in mention.aliases)
        }
        for statement in ordered:
            for mention in (statement.subject, statement.object):
                self._note(statement, mention)
            if tells_name(statement):
                self._note_told_name(statement)

    def resolve(self, mention: EntityMention, statement: Statement) -> EntityKey:
        """Return the entity that ``mention`` means in ``statement``."""
        if mention.label == USER_LABEL:
            return USER_KEY
        if mention.unnamed:
            return self._bearer(mention, statement) or EntityKey(mention.label, role_key(mention))
        key = self._named(self._telling(mention))
        return self._told_apart(key, mention, statement)

    def _key(self, label: str, name: str) -> EntityKey:
        key = key_of(label, name)
        return self._right_names.get(key, key)

    def _note(self, statement: Statement, mention: EntityMention) -> None:
        if mention.label == USER_LABEL or mention.unnamed:
            return
        key = self._key(mention.label, mention.name)
        self._note_name(mention.label, mention.name)
        for alias in mention.aliases:
            if not is_relation_word(mention.label, alias):
                self._join(key, self._key(mention.label, alias))
            else:
                self._bearers[EntityKey(mention.label, canonical_role(alias))].append((statement, key))
                self._roles[key].append((statement, alias))
        for word in self._words(mention, statement):
            if word not in mention.aliases:
                self._roles[key].append((statement, word))

    def _note_told_name(self, statement: Statement) -> None:
        """ "My sister's name is Ana" and "Kebnekaise, Kebbe for short", told as a fact."""
        subject = statement.subject
        told = self._key(subject.label, statement.object.name)
        if subject.unnamed:
            self._bearers[EntityKey(subject.label, role_key(subject))].append((statement, told))
            self._roles[told].append((statement, subject.name))
            self._note_name(subject.label, statement.object.name)
        else:
            self._join(self._key(subject.label, subject.name), told)

    def _note_name(self, label: str, name: str) -> None:
        key = self._key(label, name)
        if label in _TELLING_LABELS:
            for other in other_names(label, name):
                self._telling_keys[other].add(key)
        if short := short_form(label, name):
            self._longer[key_of(label, short)].add(key)

    def _join(self, first: EntityKey, other: EntityKey) -> None:
        """Let ``other`` be a name of ``first``: the one that was named first is the root.

        A person who is spoken of by a name of their own is nobody else because of one statement, which may be misread;
        unless the names are alike ("Mal" for Malka).
        """
        if first.label == "Person" and other in self._named_so and first.name[:_ALIKE] != other.name[:_ALIKE]:
            return
        a, b = self._root(first), self._root(other)
        if a != b:
            self._same_name[b] = a

    def _root(self, key: EntityKey) -> EntityKey:
        while key in self._same_name:
            key = self._same_name[key]
        return key

    def _named(self, key: EntityKey) -> EntityKey:
        """The entity that a name leads to: by another name told of it, or as the short form of one longer name."""
        root = self._root(key)
        longer = {self._root(k) for k in self._longer.get(root, ())} - {root}
        if len(longer) != 1:
            return root
        whole = next(iter(longer))
        words = [word for k in (root, whole) for _, word in self._roles.get(k, ())]
        return whole if all(same_person(a, b) for a in words for b in words) else root

    def _telling(self, mention: EntityMention) -> EntityKey:
        if mention.label == ANYTHING:
            told = {k for name in other_names(ANYTHING, mention.name) for k in self._telling_keys.get(name, ())}
            if len(told) == 1:
                return told.pop()
        return self._key(mention.label, mention.name)

    def _words(self, mention: EntityMention, statement: Statement) -> list[str]:
        """The relation words of a mention; where its message has some for the name, "from work" says nothing more."""
        words = relation_words(mention, statement)
        said = (statement.session_id, statement.message_id, self._key(mention.label, mention.name))
        return [word for word in words if word in mention.aliases or said not in self._introduced]

    def _bearer(self, mention: EntityMention, statement: Statement) -> EntityKey | None:
        """Whom a relation word means at the time of ``statement``."""
        role = role_of(mention.name)
        identifying = role.identifying if role is not None else mention.label == "Animal"
        bearers = self._bearers.get(EntityKey(mention.label, role_key(mention)), [])
        if not identifying:
            bearers = [b for b in bearers if b[0].session_id == statement.session_id]
        now = moment(statement)
        before = [key for introduced, key in bearers if moment(introduced) <= now]
        if not before:
            if not bearers:
                return None
            introduced, key = bearers[0]
            return self._told_apart(self._named(key), EntityMention(key.name, key.label, (mention.name,)), introduced)
        if (role is not None and role.unique) or len(set(before)) == 1:
            return self._told_apart(
                self._named(before[-1]), EntityMention(before[-1].name, mention.label, (mention.name,)), statement
            )
        return None

    def _told_apart(self, key: EntityKey, mention: EntityMention, statement: Statement) -> EntityKey:
        """Add the relation word to the key of a namesake who cannot be the one that was introduced first."""
        introductions = self._roles.get(key, [])
        if not introductions:
            return key
        groups: list[list[str]] = []
        for _, word in introductions:
            group = next((g for g in groups if all(same_person(word, other) for other in g)), None)
            if group is None:
                groups.append([word])
            elif word not in group:
                group.append(word)
        if len(groups) == 1:
            return key
        words = self._words(mention, statement)
        if not words:
            now = moment(statement)
            same_session = [w for s, w in introductions if s.session_id == statement.session_id and moment(s) <= now]
            words = same_session[-1:]
        index = next((i for i, group in enumerate(groups) if any(word in group for word in words)), 0)
        return key if index == 0 else EntityKey(key.label, f"{key.name} ({canonical_role(groups[index][0])})")


def id_of(user_id: str, key: EntityKey) -> str:
    """Return the id of the entity of ``user_id`` that ``key`` stands for."""
    return user_entity(user_id).id if key == USER_KEY else entity_id(user_id, key.label, key.name)


def build_entity(user_id: str, key: EntityKey, mentions: Sequence[EntityMention]) -> Entity:
    """Return the entity that ``mentions``, in the order in which they were said, come to.

    It is called by the name that its key was made of, or by one that means the same, or by the first other name; never by a
    relation word once a name is known. All other words for it are aliases.
    """
    names: dict[str, str] = {}
    proper: dict[str, str] = {}
    for mention in mentions:
        for name in (mention.name, *mention.aliases):
            names.setdefault(normalize_name(name), name)
        if not mention.unnamed and mention.label == key.label:
            proper.setdefault(own_key(key.label, mention.name), mention.name)
    name, _, role = key.name.partition(" (")
    if role:
        names.setdefault(role.rstrip(")"), role.rstrip(")"))
    alike = (said for said in proper.values() if key_of(key.label, said).name == name)
    own = proper.get(name) or next(alike, None) or next(iter(proper.values()), None) or next(iter(names.values()))
    return Entity(id_of(user_id, key), own, key.label, tuple(name for name in names.values() if name != own))
