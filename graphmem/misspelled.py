"""Which names are misspellings of others that are known: a pure function of the statements, found by `near_keys`.

A name is the misspelling of another when `extraction.misspelling` says so, no third name is as near to it, and the two were
never told apart: by one message that has both, or by relation words that one person cannot bear.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from extraction.kinship import same_person
from extraction.misspelling import is_near, near_keys, right_spelling
from extraction.same_names import spelled_name
from graphmem.mentions import EntityKey, Moment, key_of, moment, names_in, relation_words
from graphmem.records import Statement


@dataclass(slots=True)
class _Name:
    """A name in one spelling, and where it was said."""

    label: str
    spelled: str
    key: EntityKey
    first: Moment
    messages: set[tuple[str, str]] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)


def right_names(ordered: Sequence[Statement]) -> dict[EntityKey, EntityKey]:
    """Return the keys of misspelled names with the keys of the names that are meant.

    Args:
        ordered: what was said, in the order of its time.
    """
    names = _names(ordered)
    neighbours: dict[EntityKey, set[EntityKey]] = defaultdict(set)
    meant: dict[EntityKey, set[EntityKey]] = defaultdict(set)
    for one, other in _near_pairs(names):
        if one.key == other.key:
            continue
        neighbours[one.key].add(other.key)
        neighbours[other.key].add(one.key)
        right = right_spelling(one.label, one.spelled, other.spelled)
        if right is None or _are_told_apart(one, other):
            continue
        is_one_right = one.first < other.first if right == "" else right == one.spelled
        correct, wrong = (one, other) if is_one_right else (other, one)
        meant[wrong.key].add(correct.key)
    return {
        wrong: next(iter(correct))
        for wrong, correct in meant.items()
        if len(correct) == 1 and len(neighbours[wrong]) == 1 and not meant.keys() & correct
    }


def _names(ordered: Sequence[Statement]) -> Mapping[tuple[str, str], _Name]:
    names: dict[tuple[str, str], _Name] = {}
    for statement in ordered:
        for label, written in names_in(statement):
            spelled = spelled_name(label, written)
            name = names.get((label, spelled))
            if name is None:
                name = names[label, spelled] = _Name(label, spelled, key_of(label, written), moment(statement))
            name.messages.add((statement.session_id, statement.message_id))
        for mention in (statement.subject, statement.object):
            if not mention.unnamed and (said := names.get((mention.label, spelled_name(mention.label, mention.name)))):
                said.roles.update(relation_words(mention, statement))
    return names


def _near_pairs(names: Mapping[tuple[str, str], _Name]) -> list[tuple[_Name, _Name]]:
    """Return the pairs of names of one label that are one slip apart."""
    by_key: dict[tuple[str, str], list[_Name]] = defaultdict(list)
    for name in names.values():
        for near in near_keys(name.label, name.spelled):
            by_key[name.label, near].append(name)
    pairs = {
        (one.label, *sorted((one.spelled, other.spelled)))
        for group in by_key.values()
        for place, one in enumerate(group)
        for other in group[:place]
        if is_near(one.label, one.spelled, other.spelled)
    }
    return [(names[label, one], names[label, other]) for label, one, other in sorted(pairs)]


def _are_told_apart(one: _Name, other: _Name) -> bool:
    if not one.messages.isdisjoint(other.messages):
        return True
    return not all(same_person(a, b) for a in one.roles for b in other.roles)
