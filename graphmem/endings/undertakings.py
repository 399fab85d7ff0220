"""Whether two wordings are of one thing: the Osaka trip and "fly to Osaka", the Fiesta and the Ford Fiesta."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from graphmem.records import Statement
from graphmem.text import terms

_STEPPED_DOWN = r"(?:(?:down|resigned|retired|quit) as(?: an?| the)?|(?:not|no longer) an?)"
_SAYS_NOTHING = "go going do get make take have trip travel visit journey plan thing it that this there"


def tells_of(told: Iterable[Statement], statement: Statement) -> bool:
    """Whether the object of ``statement`` names what one of the ``told`` statements is about, in fewer words.

    Words that fit any undertaking ("go", "trip") do not count, and at least one other is needed.
    """
    words = frozenset(terms(statement.object.name)) - _terms_of_any()
    return bool(words) and any(words <= frozenset(terms(s.object.name)) for s in told)


def is_shorter_for(statement: Statement, told: Statement) -> bool:
    """Whether a statement calls what ``told`` is about by fewer of its words, as one does what both sides know: "the Fiesta",
    or by how its name begins: "Labadi", of the Labadi Beach Hotel, or by its name without its kind: "Prosperidad", of the
    cooperative Prosperidad."""
    name = statement.object.name
    words = frozenset(terms(name))
    if not words or not words < frozenset(terms(told.object.name)):
        return False
    if name[:1].isupper() and told.object.name.casefold().startswith(f"{name.casefold()} "):
        return True
    if name[:1].isupper() and told.object.name.endswith(f" {name}") and told.object.name.removesuffix(name).islower():
        return True
    known = _STEPPED_DOWN if statement.predicate == "WORKS_AS" else r"(?:my|our|the|that)"
    return re.search(rf"\b{known}\s+{re.escape(statement.object.name)}\b", statement.evidence, re.I) is not None


def is_longer_for(statement: Statement, told: Statement) -> bool:
    """Whether a statement calls what ``told`` is about by more words before the same last one: "the gas kiln", of the kiln."""
    more, known = statement.object.name.casefold().split(), told.object.name.casefold().split()
    return len(more) > len(known) and more[-len(known) :] == known


@cache
def _terms_of_any() -> frozenset[str]:
    return frozenset(terms(_SAYS_NOTHING))
