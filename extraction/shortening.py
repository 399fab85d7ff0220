"""The short form that people use for a longer name: "Ana" for Ana Silva, "King Faisal" for King Faisal Hospital, "Austin"
for Austin, Texas."""

from __future__ import annotations

from functools import lru_cache

from extraction.names import normalize_name
from extraction.places import is_known, lies_in

_TITLES = frozenset("mr mrs ms miss dr prof professor sir madam aunt auntie uncle father sister brother".split())
_KINDS_OF_ORGANIZATION = frozenset(
    """hospital clinic university college school academy institute bank hotel restaurant cafe bakery pharmacy labs lab studio
    studios group company corporation corp co inc ltd llc plc gmbh ag sa foundation agency airlines airways""".split()
)


@lru_cache(maxsize=65_536)
def short_form(label: str, name: str) -> str | None:
    """Return the normalised short form of a name, or None when it has none.

    A person's is the first name; an organisation's is the name without the words for its kind at the end; a place's is what
    stands before the place that it lies in, unless that is known to lie elsewhere (Paris, for "Paris, Texas"). A title is
    no first name ("Mrs Naidoo"). Other kinds of entities have none, nor have parts of a place's name: "York" is not New York.
    """
    if label == "Place":
        return _without_container(normalize_name(name))
    words = normalize_name(name).split()
    if label == "Person":
        return words[0] if 1 < len(words) <= 4 and words[0].rstrip(".") not in _TITLES and words[0].isalpha() else None
    if label != "Organization":
        return None
    kept = list(words)
    while len(kept) > 1 and kept[-1].strip(".,") in _KINDS_OF_ORGANIZATION:
        kept.pop()
    short = " ".join(kept).rstrip(",").removesuffix(" of").removeprefix("the ")
    return short if short != " ".join(words) and len(short) > 2 else None


def _without_container(name: str) -> str | None:
    place, comma, container = (part.strip() for part in name.partition(","))
    if not comma or not place or not container:
        return None
    return place if not is_known(place) or lies_in(place, container.rpartition(",")[2]) else None
