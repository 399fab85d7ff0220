"""The people, animals and organisations of a conversation: who was introduced how, and whom a pronoun means."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from extraction.kinship import role_of, same_person
from extraction.local import lexicon
from extraction.names import normalize_name
from extraction.records import USER, EntityMention

_REACH = 2
_REMEMBERED = 60


@dataclass(slots=True, eq=False)
class Entity:
    """Somebody or something that the text speaks of; it may get its name after its first mention.

    Args:
        name, label: as in ``EntityMention``.
        aliases: other words for it, in the order of the text.
        unnamed: whether ``name`` is only a relation word.
        gender: "he", "she", "it" or None for unknown.
        plural: whether it stands for several ("my parents").
        past: whether the relation that introduced it is over ("my ex-wife").
        late: whether it is dead.
        died: whether the conversation told so ("my dad died") and did not only name it so ("my late father").
    """

    name: str
    label: str
    aliases: list[str] = field(default_factory=list)
    unnamed: bool = False
    gender: str | None = None
    plural: bool = False
    past: bool = False
    late: bool = False
    died: bool = False

    def add_alias(self, word: str) -> None:
        """Remember another word for this entity, and the word that stands for all its synonyms."""
        role = role_of(word)
        for alias in (word, role.canonical if role is not None and " " not in word else word):
            if alias not in self.aliases and normalize_name(alias) != normalize_name(self.name):
                self.aliases.append(alias)

    def rename(self, name: str) -> None:
        """Give an unnamed entity its name; the relation word becomes an alias."""
        word, self.name, self.unnamed = self.name, name, False
        self.gender = self.gender or gender_of(name)
        self.add_alias(word)

    def mention(self) -> EntityMention:
        """Return the entity as the extraction's records have it."""
        if self.label == USER.label:
            return USER
        return EntityMention(self.name, self.label, tuple(self.aliases), self.unnamed)


def gender_of(word: str) -> str | None:
    """Return "he" or "she" for a given name or relation word that tells, else None."""
    return lexicon.genders().get(word.split()[0].lower()) if word else None


def _called_after(owner: Entity) -> str:
    """Return the word that means the owner in a chain: "wife" for one's own wife Eva, the name where no word tells who it is."""
    role = role_of(owner.aliases[0]) if owner.aliases else None
    return owner.aliases[0] if role is not None and role.identifying else owner.name


@dataclass(slots=True)
class _Bearers:
    """Those whom one relation word of one owner means."""

    named: dict[str, Entity] = field(default_factory=dict)
    newest: Entity | None = None
    count: int = 0

    def add(self, entity: Entity) -> None:
        key = normalize_name(entity.name)
        if entity is not self.newest and (entity.unnamed or key not in self.named):
            self.count += 1
        self.newest = entity
        if not entity.unnamed:
            self.named[key] = entity


class Registry:
    """Every entity met so far in a conversation.

    Args:
        known: entities of the user's graph, which the text may name.
        user_names: normalised names of the user, for the speakers of transcripts.
    """

    def __init__(self, known: Sequence[EntityMention] = (), user_names: Iterable[str] = ()) -> None:
        self.user = Entity(USER.name, USER.label)
        self._user_names = {normalize_name(name) for name in user_names}
        self._by_name: dict[tuple[str, str], Entity] = {}
        self.known = frozenset(normalize_name(mention.name) for mention in known)
        """Names of what is known from elsewhere."""
        self._by_role: dict[tuple[int, str], _Bearers] = {}
        self._recent: deque[tuple[int, Entity]] = deque(maxlen=_REMEMBERED)
        self._owners: list[Entity] = [self.user]
        for mention in known:
            if mention.label != USER.label and not mention.unnamed:
                entity = self.named(mention.name, mention.label)
                for alias in mention.aliases:
                    entity.add_alias(alias)

    def speaker(self, name: str | None) -> Entity:
        """Return whom "I" means in a turn of the speaker ``name``."""
        if name is None or normalize_name(name) in self._user_names:
            return self.user
        return self.named(name, "Person")

    def is_user_named_otherwise(self, name: str) -> bool:
        """Whether the user's name is known, and ``name`` is another."""
        return bool(self._user_names) and normalize_name(name) not in self._user_names

    def known_name(self, name: str) -> Entity | None:
        """Return the person or animal of that name (or of that first name) met before, else None."""
        key = normalize_name(name)
        for label in ("Person", "Animal", "Organization"):
            if (key, label) in self._by_name:
                return self._by_name[key, label]
        return None

    def is_known(self, name: str, label: str) -> bool:
        """Whether an entity of that name and label was met before."""
        return (normalize_name(name), label) in self._by_name

    def named(self, name: str, label: str) -> Entity:
        """Return the entity of that name and label, a new one when it was not met before."""
        key = (normalize_name(name), label)
        entity = self._by_name.get(key)
        if entity is None:
            entity = Entity(name, label, gender=gender_of(name) if label == "Person" else None)
            self._by_name[key] = entity
            first = (normalize_name(name.split()[0]), label) if name.split() else key
            if label == "Person":
                self._by_name.setdefault(first, entity)
        return entity

    def namesake(self, name: str, label: str, word: str) -> Entity:
        """Return the entity of that name that can be the user's ``word``: another one than the known one, when that is the
        user's sister and ``word`` is "colleague"; the name means the other one from now on.

        Args:
            name, label: as in ``named``.
            word: the relation word.
        """
        known = self.named(name, label)
        if all(same_person(word, alias) for alias in known.aliases if "'s " not in alias):
            return known
        other = Entity(name, label, gender=known.gender)
        for key in [key for key, entity in self._by_name.items() if entity is known]:
            self._by_name[key] = other
        return other

    def relative(self, owner: Entity, word: str, name: str | None = None, label: str = "Person") -> Entity:
        """Return the person or animal that is ``owner``'s ``word`` ("sister"), introduced now or before.

        Args:
            owner: whose.
            word: the relation word, singular; may be qualified ("older sister").
            name: the name given with it, if any.
            label: Person or Animal.
        """
        role = role_of(word)
        canonical = role.canonical if role is not None else word
        bearers = self._by_role.setdefault((id(owner), canonical), _Bearers())
        if name is not None:
            entity = self._of_role_named(bearers, name) or (
                self.namesake(name, label, word) if owner is self.user else self.named(name, label)
            )
            if owner is self.user:
                entity.add_alias(word)
            else:
                entity.add_alias(f"{_called_after(owner)}'s {word}")
        elif bearers.newest is not None and (role is None or role.identifying):
            return bearers.newest
        else:
            full = word if owner is self.user else f"{owner.name}'s {word}"
            entity = Entity(full, label, unnamed=True)
            entity.add_alias(full)
        entity.gender = gender_of(word.split()[-1]) or entity.gender
        bearers.add(entity)
        return entity

    def has_relative(self, owner: Entity, word: str) -> bool:
        """Whether somebody who is ``owner``'s ``word`` was spoken of, and only one.

        Args:
            owner: whose.
            word: the relation word.
        """
        role = role_of(word)
        bearers = self._by_role.get((id(owner), role.canonical if role is not None else word))
        return bearers is not None and bearers.count == 1

    def _of_role_named(self, bearers: _Bearers, name: str) -> Entity | None:
        """Return the bearer of that name; the only unnamed one takes the name ("I have a sister. My sister Ana ...")."""
        known = bearers.named.get(normalize_name(name))
        if known is not None:
            return known
        only = bearers.newest if bearers.count == 1 else None
        if only is None or not only.unnamed or only.plural:
            return None
        self.rename(only, name)
        return only

    def rename(self, entity: Entity, name: str) -> None:
        """Give an unnamed entity a name under which it is found from now on."""
        entity.rename(name)
        self._by_name.setdefault((normalize_name(name), entity.label), entity)

    def forget(self, entity: Entity) -> None:
        """Take back somebody who turned out to be another one ("Tom (our cat)" is no person)."""
        for key in [key for key, known in self._by_name.items() if known is entity]:
            del self._by_name[key]

    def note(self, place: int, entity: Entity) -> None:
        """Remember that the entity was spoken of in the sentence number ``place``."""
        if entity.label in ("Person", "Animal", "Organization"):
            self._recent.append((place, entity))

    def pronoun(self, word: str, place: int) -> Entity | None:
        """Return whom "he", "she" or "it" means in the sentence number ``place``; None when that is not sure."""
        last = max(
            (at for at, entity in self._recent if place - at <= _REACH and self._fits(entity, word)), default=None
        )
        if last is None:
            return None
        nearest = list(dict.fromkeys(entity for at, entity in self._recent if at == last))
        fitting = [entity for entity in nearest if self._fits(entity, word)]
        if nearest[0] in fitting and nearest[0].gender == word:
            return nearest[0]
        return fitting[0] if len(fitting) == 1 else None

    def _fits(self, entity: Entity, word: str) -> bool:
        if entity.plural:
            return word == "they"
        if word in ("he", "she"):
            return entity.label != "Organization" and entity.gender in (None, word)
        if word == "it":
            return entity.label in ("Animal", "Organization")
        return False
