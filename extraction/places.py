"""Which places lie in which, as far as `places.txt` knows: living in London is living in the United Kingdom."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from importlib.resources import files

from extraction.names import normalize_name
from extraction.same_names import same_name


def lies_in(place: str, container: str) -> bool:
    """Whether ``place`` is known to be a part of ``container``; a place is no part of itself.

    >>> lies_in("London", "the UK"), lies_in("Austin, Texas", "USA"), lies_in("Leeds", "Germany")
    (True, True, False)

    Args:
        place, container: names as they were written. "Espoo, Finland" lies in Finland, wherever Espoo is.
    """
    wanted = same_name("Place", container)
    reached = {same_name("Place", place)}
    waiting = list(_told_containers(place)) + list(_containers().get(same_name("Place", place), ()))
    while waiting:
        one = waiting.pop()
        if one == wanted:
            return one != same_name("Place", place)
        if one not in reached:
            reached.add(one)
            waiting += _containers().get(one, ())
    return False


def is_known(place: str) -> bool:
    """Whether it is known what ``place`` lies in, or what lies in it."""
    key = same_name("Place", place)
    return key in _containers() or is_container(place)


def is_container(place: str) -> bool:
    """Whether ``place`` is a country, a state or the like, of which parts are known."""
    return same_name("Place", place) in _known_containers()


@cache
def place_words() -> frozenset[str]:
    """Return the words of all places that are known: none of them is a misspelling."""
    return frozenset(word for place in (*_containers(), *_known_containers()) for word in place.split())


def _told_containers(place: str) -> list[str]:
    """Return what stands after the commas of a place's name: Texas, for "Austin, Texas"."""
    _, *after = normalize_name(place).split(",")
    return [same_name("Place", name) for name in after if name.strip()]


@cache
def _containers() -> dict[str, tuple[str, ...]]:
    """Return the places that contain a place directly, by its key."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in (files("extraction") / "places.txt").read_text(encoding="utf-8").splitlines():
        container, colon, places = line.partition(": ")
        if colon and not line.startswith("#"):
            for place in places.split(", "):
                found[same_name("Place", place)].append(same_name("Place", container))
    return {place: tuple(containers) for place, containers in found.items()}


@cache
def _known_containers() -> frozenset[str]:
    return frozenset(c for containers in _containers().values() for c in containers)
