"""The kinds of objects and how each is delimited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from extraction.local.checks import (
    is_company,
    is_condition,
    is_employer,
    is_gazetted,
    is_group,
    is_job,
    is_language,
    is_named_place,
    is_organization,
    is_owned,
    is_person_name,
    is_place,
    is_school,
    is_thing,
    is_topic,
)
from extraction.local.tokens import Sentence, Span


@dataclass(frozen=True, slots=True)
class Kind:
    """How an object of a kind is delimited.

    Args:
        stops: prepositions that end it.
        many: whether it may be a list.
        check: whether a span is fit to be one; takes the sentence and the span.
        longest: how many words it has at most.
    """

    stops: frozenset[str]
    many: bool = True
    check: Callable[[Sentence, Span], bool] | None = None
    longest: int = 6
    verbs: bool = False


KINDS: dict[str, Kind] = {
    "place": Kind(
        frozenset("in at on with for to as near and since from by about around".split()),
        many=False,
        check=is_place,
        longest=4,
    ),
    "places": Kind(frozenset("in at on with for to as near since from by about".split()), check=is_place, longest=4),
    "org": Kind(
        frozenset("as in on since with to from by near over about during for called".split()),
        many=False,
        check=is_organization,
    ),
    "company": Kind(
        frozenset("as in on since with to from by near over about during for called".split()),
        many=False,
        check=is_company,
    ),
    "employer": Kind(
        frozenset("as in on since with to from by near over about during for called".split()),
        many=False,
        check=is_employer,
    ),
    "school": Kind(
        frozenset("in as on since with to from by near over about during doing studying for called".split()),
        many=False,
        check=is_school,
    ),
    "namedplace": Kind(
        frozenset("in at on with for to as near and since from by about around".split()),
        many=False,
        check=is_named_place,
        longest=4,
    ),
    "knownplace": Kind(
        frozenset("in at on with for to as near and since from by about around".split()),
        many=False,
        check=is_gazetted,
        longest=4,
    ),
    "job": Kind(
        frozenset("at for in with on by since from to near about over during as".split()),
        many=False,
        check=is_thing,
        longest=5,
    ),
    "knownjob": Kind(
        frozenset("at for in with on by since from to near about over during as".split()),
        many=True,
        check=is_job,
        longest=5,
    ),
    "np": Kind(frozenset("at in for on with as from since to over by near about during into".split()), check=is_thing),
    "thing": Kind(
        frozenset("at in for on as from since to over by near about during into and".split()), check=is_thing
    ),
    "act": Kind(frozenset("over at for since because during as from by when".split()), check=is_thing, verbs=True),
    "lang": Kind(
        frozenset("at in for on with as from since to over by about during well fluently natively".split()),
        check=is_language,
        longest=3,
    ),
    "cond": Kind(
        frozenset("at for on with as from since to over by near about during when and in".split()),
        check=is_thing,
        longest=5,
    ),
    "knowncond": Kind(
        frozenset("at for on with as from since to over by near about during when in".split()),
        check=is_condition,
        longest=5,
    ),
    "name": Kind(
        frozenset("at in for on with as from since to by and or".split()), many=False, check=is_person_name, longest=3
    ),
    "person": Kind(
        frozenset("at in for on with as from since to by and or".split()), many=False, check=is_person_name, longest=3
    ),
    "owned": Kind(
        frozenset("at in for on with as from since to over by near about during into and".split()),
        many=False,
        check=is_owned,
        longest=3,
    ),
    "group": Kind(
        frozenset("as on since with to from by over about during at for".split()), many=False, check=is_group, longest=8
    ),
    "topic": Kind(
        frozenset("at in for on as from since to over by near about during with online part-time".split()),
        check=is_topic,
        longest=5,
    ),
    "any": Kind(
        frozenset("at in for on with as from since to over by near about during into".split()),
        many=False,
        check=is_thing,
        longest=6,
    ),
    "being": Kind(
        frozenset("at for with on by since from to near about over during as in".split()), many=True, longest=6
    ),
    "having": Kind(
        frozenset("at for on by since from to near about over during as in with".split()), many=True, longest=6
    ),
}
