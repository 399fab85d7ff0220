"""A job that began after another one was told takes its place: "I'm a train conductor since May", of who drove a bus the year before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extraction.catalogue import Relation
from graphmem.records import Statement

_CLAUSE_END = re.compile(r"[,;.!?()]")
_BESIDE = re.compile(
    r"\b(?:also|too|besides?|as well|still|another|second|side|extra|part[- ]time|weekends?|evenings?|nights?|"
    r"volunteer\w*|moonlight\w*|freelanc\w*|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b",
    re.IGNORECASE,
)


def succeeds(relation: Relation, statement: Statement, told: Sequence[Statement]) -> bool:
    """Whether what ``statement`` says began after the ``told`` statements were made, and not beside what they say.

    Args:
        relation: of all of them; only one whose values may be replaced has successors.
        statement: one with a beginning.
        told: what was said of another value of the same subject.
    """
    if not relation.replaceable or statement.valid_from is None:
        return False
    newest = max(s.at for s in told).date().isoformat()
    began_later = newest[: len(statement.valid_from)] < statement.valid_from
    return began_later and _BESIDE.search(_from_clause_on(statement)) is None


def _from_clause_on(statement: Statement) -> str:
    """The words from the beginning of the clause that names the object on; all of them where it is not named."""
    place = max(0, statement.evidence.find(statement.object.name))
    before = [end.end() for end in _CLAUSE_END.finditer(statement.evidence, 0, place)]
    return statement.evidence[max(before, default=0) :]
