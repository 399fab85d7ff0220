"""Whether two wordings are of one undertaking: the Osaka trip and "fly to Osaka"."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from graphmem.records import Statement
from graphmem.text import terms

_SAYS_NOTHING = "go going do get make take have trip travel visit journey plan thing it that this there"


def tells_of(told: Iterable[Statement], statement: Statement) -> bool:
    """Whether the object of ``statement`` names what one of the ``told`` statements is about, in fewer words.

    Words that fit any undertaking ("go", "trip") do not count, and at least one other is needed.
    """
    words = frozenset(terms(statement.object.name)) - _terms_of_any()
    return bool(words) and any(words <= frozenset(terms(s.object.name)) for s in told)


@cache
def _terms_of_any() -> frozenset[str]:
    return frozenset(terms(_SAYS_NOTHING))
