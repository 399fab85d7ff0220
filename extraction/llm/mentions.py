"""From the entities of an answer to mentions: names cleaned, labels held to the catalogue, inventions dropped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Set
from typing import Any, NamedTuple

from extraction.catalogue import ANYTHING, Catalogue, Relation
from extraction.kinship import ROLES
from extraction.llm.grounding import Grounding
from extraction.names import normalize_name
from extraction.records import USER, USER_LABEL, EntityMention

LABELS_WITHOUT_NAMES = frozenset({"Person", "Animal"})
"""Labels of which an entity may be known by a relation alone ("sister", "dog")."""

_NO_SUCH_END = "an end that the relation cannot have"
MAX_NAME = 200
MAX_ALIASES = 8
_DETERMINER = re.compile(r"(?:(?:my|our|user'?s|the user'?s)\s+)+|(?:(?-i:a|an|the)\s+)", re.IGNORECASE)
_FIRST_PERSON = frozenset("i me my myself self speaker".split()) | {"the speaker"}
_THE_USER = frozenset({"user", "the user"})
_SPACE = re.compile(r"\s+")


class Place(NamedTuple):
    """What the turn that is quoted says of names: whom its "I" means, and which words a name can come from."""

    speaker: str
    grounding: Grounding


class MentionReader:
    """Reads the entities of one answer.

    Args:
        catalogue: the labels.
        user_names: the user's own names, normalised.
        dropped: where what is dropped or replaced is counted.
    """

    def __init__(self, catalogue: Catalogue, user_names: frozenset[str], dropped: Counter[str]) -> None:
        self._labels = catalogue.labels
        self._user_names = user_names
        self._dropped = dropped

    def subject(self, told: str | Mapping[str, Any], relation: Relation, place: Place) -> EntityMention | None:
        """Return the subject of a fact, or None when the relation cannot have it or nobody named it.

        Args:
            told: what the answer says.
            relation: the fact's.
            place: the turn that is quoted.
        """
        return self._mention(told, relation.subjects or self._labels, place)

    def object(self, told: str | Mapping[str, Any], relation: Relation, place: Place) -> EntityMention | None:
        """Return the object of a fact; as `subject`."""
        if relation.object == ANYTHING:
            return self._mention(told, self._labels, place)
        people = {USER_LABEL} if relation.object == "Person" else set()
        return self._mention(told, people | {relation.object}, place)

    def _mention(self, told: str | Mapping[str, Any], allowed: Set[str], place: Place) -> EntityMention | None:
        speaker = place.speaker
        name, label = name_of(told), _label_of(told)
        key = normalize_name(name)
        if self._is_user(key, label, speaker) and (USER_LABEL in allowed or key not in self._user_names):
            return USER if USER_LABEL in allowed else self._drop(_NO_SUCH_END)
        if label in ("Person", USER_LABEL, None) and key in _FIRST_PERSON | {normalize_name(speaker)}:
            if "Person" in allowed:
                return EntityMention(speaker, "Person")
            if key in _FIRST_PERSON:
                return self._drop(_NO_SUCH_END)
        if not key or len(name) > MAX_NAME:
            return self._drop("no usable name")
        label = self._label(label, allowed)
        if not place.grounding.holds(name):
            return self._drop("a name that nobody said")
        unnamed = label in LABELS_WITHOUT_NAMES and (
            (isinstance(told, Mapping) and told.get("unnamed") is True) or name in ROLES
        )
        return EntityMention(name, label, self._aliases(told, name, place), unnamed)

    def _is_user(self, key: str, label: str | None, speaker: str) -> bool:
        """Whether the user is meant: by label, by name, or as the "I" of a turn that the user speaks."""
        if label not in (USER_LABEL, "Person", None):
            return False
        if key in _THE_USER or key in self._user_names:
            return True
        return speaker == "User" and (label == USER_LABEL or key in _FIRST_PERSON)

    def _label(self, label: str | None, allowed: Set[str]) -> str:
        if label is not None and label in allowed and label != USER_LABEL:
            return label
        rest = sorted(allowed - {USER_LABEL})
        found = next((one for one in (ANYTHING, "Person") if one in rest), rest[0] if rest else ANYTHING)
        if label is not None:
            self._dropped["label replaced"] += 1
        return found

    def _aliases(self, told: str | Mapping[str, Any], name: str, place: Place) -> tuple[str, ...]:
        given = told.get("aliases") if isinstance(told, Mapping) else None
        kept: dict[str, str] = {}
        for alias in given if isinstance(given, list) else []:
            text = _cleaned(alias) if isinstance(alias, str) else ""
            key = normalize_name(text)
            if not key or key == normalize_name(name) or key in _FIRST_PERSON | _THE_USER:
                continue
            if len(text) > MAX_NAME or not place.grounding.holds_alias(text):
                self._dropped["an alias that nobody said"] += 1
            else:
                kept.setdefault(key, text)
        return tuple(kept.values())[:MAX_ALIASES]

    def _drop(self, reason: str) -> EntityMention | None:
        self._dropped[reason] += 1
        return None


def name_of(told: str | Mapping[str, Any]) -> str:
    """Return the name that an answer gives an entity, without article, possessive and needless white space."""
    name = told if isinstance(told, str) else told.get("name")
    return _cleaned(name) if isinstance(name, str) else ""


def _label_of(told: str | Mapping[str, Any]) -> str | None:
    label = None if isinstance(told, str) else told.get("label")
    return label if isinstance(label, str) else None


def _cleaned(name: str) -> str:
    text = _SPACE.sub(" ", name).strip().replace("’", "'")
    shorter = _DETERMINER.sub("", text, count=1) if _DETERMINER.match(text) else text
    return shorter.strip(' \t.,;:!?"') or text
