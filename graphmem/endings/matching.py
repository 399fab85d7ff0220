"""Which endings messages may tell, and which facts each of them fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from extraction.catalogue import Catalogue
from extraction.local.lexicon import words
from extraction.records import USER, EntityMention, FactStatus
from graphmem.endings import belongings, cancelling, fulfilment, habits, leaving_off, occupations, weddings
from graphmem.endings.telling import is_of_another_message
from graphmem.endings.undertakings import is_longer_for, is_shorter_for
from graphmem.identity import derived_id
from graphmem.records import Message, Statement

_SHORTER, _LONGER, _PLACE, _EMPLOYER = "Shorter", "Longer", "Place", "Employer"
_KIND = "Kind of the named"
_ALONE, _TRAINED, _DIET = "Alone", "Trained", "Diet"
_WEDDING_PLAN = "Wedding plan"
_KINDS_OF_EMPLOYERS = frozenset(
    "agency bakery bank bar cafe clinic company council firm hospital hotel lab library museum office restaurant salon school shop "
    "startup store studio university".split()
)
_NAMED_SHORTER = frozenset(
    "OWNS USES MEMBER_OF HAS_PET PLAYS STUDIES STUDIES_AT WORKS_AT HAS_CONDITION WORKS_AS".split()
)
_NAMED_LONGER = frozenset({"OWNS", "USES", "PLAYS", "MEMBER_OF"})
_OF_A_KIND = frozenset({"OWNS", "MEMBER_OF", "WORKS_AT", "HAS_PET"})
_AFFILIATIONS = {
    "WORKS_AT": ("WORKS_AS", "MEMBER_OF", "STUDIES_AT"),
    "MEMBER_OF": ("WORKS_AT", "STUDIES_AT"),
    "STUDIES_AT": ("WORKS_AT", "MEMBER_OF"),
}
"""As what somebody may have been told to be where something else of theirs has ended."""
_LEARNERS = frozenset("apprentice trainee student intern junior assistant deputy acting".split())
_RANKS = frozenset("senior lead principal chief head staff associate managing executive".split())
_DIETS = frozenset("vegan vegetarian pescatarian pescetarian flexitarian carnivore omnivore".split())
_AT_MOST_ONE = frozenset(
    {
        _SHORTER,
        _LONGER,
        _KIND,
        _PLACE,
        _EMPLOYER,
        weddings.WEDDING,
        fulfilment.DEED_OF_IT,
        belongings.GONE,
        belongings.HEALED,
    }
)
_DEEDS = {
    "VISITED": "I visited",
    "LIVES_IN": "I moved to",
    "MARRIED_TO": "I married",
    "PLAYS": "I learned",
    "SPEAKS": "I learned",
}
"""How what is so now is told as a deed, which a plan may have been about."""
_COUPLE = ("PARTNER_OF", "MARRIED_TO")
_SINGLE = frozenset({"single", "unmarried"})
_UNMARRIED = _SINGLE | {"engaged", "divorced", "widowed", "separated"}


def endings_of(statements: Sequence[Statement], messages: Sequence[Message], catalogue: Catalogue) -> list[Statement]:
    """Return the endings that messages and what was read in them may tell.

    Args:
        statements: what was read.
        messages: in which.
        catalogue: endings of predicates that it does not have are left out.
    """
    found = [
        *_named_otherwise(statements),
        *_of_couples(statements),
        *_of_learners(statements),
        *_of_diets(statements),
        *_of_plans(statements),
        *occupations.left_with(statements),
        *occupations.over_in(messages),
        *belongings.over_in(messages),
        *leaving_off.over_in(messages),
        *fulfilment.deeds(messages),
        *cancelling.called_off(messages),
        *habits.ended(messages),
        *weddings.held(messages),
    ]
    return [ending for ending in found if ending.predicate in catalogue]


def fits(ending: Statement, told: Statement) -> bool:
    """Whether a statement that leaves open what it ends may end what ``told`` says, of the same subject and predicate."""
    may_end = _MAY_END.get(ending.object.label, _is_of_the_course)
    return may_end(ending, told)


def ends_only_one(ending: Statement) -> bool:
    """Whether it ends nothing when several facts fit."""
    return ending.object.label in _AT_MOST_ONE


def begins(ending: Statement) -> str | None:
    """Return the predicate that begins between the same two when something ends; None when nothing does."""
    return weddings.AFTER if ending.object.label == weddings.WEDDING else None


def _named_otherwise(statements: Iterable[Statement]) -> Iterator[Statement]:
    """ "I sold the Fiesta", of the Ford Fiesta, "the gas kiln is sold", of the kiln; "I quit the bank", of a bank by another name; "I
    left the orchestra", of which the user was told to be a member."""
    for s in statements:
        if s.status is not FactStatus.ENDED:
            continue
        if s.predicate in _NAMED_SHORTER:
            yield replace(s, id=derived_id("shorter", s.id), object=replace(s.object, label=_SHORTER))
        if s.predicate in _NAMED_LONGER:
            yield replace(s, id=derived_id("longer", s.id), object=replace(s.object, label=_LONGER))
        if s.predicate == "WORKS_AT" and s.object.name.casefold() in _KINDS_OF_EMPLOYERS:
            yield replace(s, id=derived_id("employer", s.id), object=replace(s.object, label=_EMPLOYER))
        if s.predicate in _OF_A_KIND and s.object.name[:1].isupper():
            yield replace(s, id=derived_id("kind", s.id), object=replace(s.object, label=_KIND))
        for predicate in _AFFILIATIONS.get(s.predicate, ()):
            place = replace(s.object, label=_PLACE)
            yield replace(s, id=derived_id("place", s.id, predicate), predicate=predicate, object=place)


def _of_couples(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Who has a partner is not single any more, who is single again has none, and who parts plans no wedding."""
    for s in statements:
        if s.predicate in _COUPLE and s.status is FactStatus.ENDED and s.subject == USER:
            yield _ending(s, fulfilment.PLAN, EntityMention(s.predicate, _WEDDING_PLAN))
        if s.status is not FactStatus.CURRENT:
            continue
        if s.predicate in _COUPLE:
            yield _ending(s, "IS_A", EntityMention(s.predicate, _ALONE))
        elif s.predicate == "IS_A" and s.object.name.casefold() in _SINGLE:
            for predicate in _COUPLE:
                yield _ending(s, predicate, EntityMention(predicate, "Person"))


def _of_learners(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Who is an electrician is no apprentice electrician any more, who is a senior geologist no junior one."""
    for s in statements:
        if s.status is FactStatus.CURRENT and s.predicate == "WORKS_AS":
            yield _ending(s, "WORKS_AS", replace(s.object, label=_TRAINED))


def _of_diets(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Who is vegan again is not pescatarian any more."""
    for s in statements:
        if s.status is FactStatus.CURRENT and s.predicate == "IS_A" and s.object.name.casefold() in _DIETS:
            yield _ending(s, "IS_A", replace(s.object, label=_DIET))


def _of_plans(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Who was in Japan has carried out the plan to visit it, however it was told ("Japan was amazing!")."""
    for s in statements:
        if s.status is FactStatus.CURRENT and s.subject == USER and s.predicate in _DEEDS:
            year = f" in {s.valid_from[:4]}" if s.valid_from else ""
            deed = EntityMention(f"{_DEEDS[s.predicate]} {s.object.name}{year}", fulfilment.DEED)
            yield _ending(s, fulfilment.PLAN, deed)


def is_outgrown(told: str, trade: str) -> bool:
    """Whether what somebody was told to be is a lower step of the trade that the same person has now: "apprentice electrician" of an
    "electrician", "junior geologist" of a "senior geologist".

    Args:
        told, trade: names of jobs.
    """
    before, now = told.casefold().split(), trade.casefold().split()
    if before[-1:] != now[-1:]:
        return False
    if not _LEARNERS.isdisjoint(before):
        return _LEARNERS.isdisjoint(now)
    was, is_now = _RANKS.intersection(before), _RANKS.intersection(now)
    return bool(was and is_now) and was != is_now


def _is_of_the_course(ending: Statement, told: Statement) -> bool:
    """Whether something ends with all of its predicate: whoever graduates may go on learning a language."""
    return ending.predicate != "STUDIES" or told.object.name.casefold() not in words("languages")


def _was_told_with_its_name(ending: Statement, told: Statement) -> bool:
    """Whether a thing was told by its kind beside the name: "I have a little boat, the Kaimaru"."""
    named = re.search(rf"\b{re.escape(ending.object.name)}\b", told.evidence)
    return is_of_another_message(ending, told) and told.object.name.islower() and named is not None


def _is_called_so(ending: Statement, told: Statement) -> bool:
    """Whether a place, a club or a school has the name, or the name is short for its own, by its first words or its initials."""
    name, known = ending.object.name, told.object.name
    same = name.casefold() == known.casefold() or name == "".join(
        word[0] for word in known.split() if word[0].isupper()
    )
    return same or is_shorter_for(replace(ending, predicate="WORKS_AT"), told)


def _is_another_diet(ending: Statement, told: Statement) -> bool:
    diet = told.object.name.casefold()
    return diet in _DIETS and diet != ending.object.name.casefold()


def _is_an_employer_of_the_kind(ending: Statement, told: Statement) -> bool:
    """Whether an employer was told to be of a kind: "the bank", of "I work at a bank, Cosmos"."""
    kind, words = ending.object.name.casefold(), told.evidence.casefold().replace(",", " ").split()
    return kind != told.object.name.casefold() and kind in words


def _is_no_couple(ending: Statement, told: Statement) -> bool:
    return told.object.name.casefold() in (_SINGLE if ending.object.name == "PARTNER_OF" else _UNMARRIED)


def _ending(said: Statement, predicate: str, object: EntityMention) -> Statement:
    identity = derived_id("ended", said.id, predicate)
    return replace(
        said, id=identity, predicate=predicate, object=object, status=FactStatus.ENDED, valid_from=None, replaces=False
    )


_MAY_END: Mapping[str, Callable[[Statement, Statement], bool]] = {
    _SHORTER: is_shorter_for,
    _LONGER: is_longer_for,
    _KIND: _was_told_with_its_name,
    _PLACE: _is_called_so,
    _EMPLOYER: _is_an_employer_of_the_kind,
    _ALONE: _is_no_couple,
    _TRAINED: lambda ending, told: is_outgrown(told.object.name, ending.object.name),
    _DIET: _is_another_diet,
    habits.HABIT: lambda ending, told: habits.ends(ending.object.name, told.object.name),
    fulfilment.DEED: fulfilment.ends,
    fulfilment.DEED_OF_IT: fulfilment.ends_it,
    cancelling.OFF: cancelling.ends,
    cancelling.NO_SUCH: cancelling.is_no_more,
    belongings.GONE: belongings.is_gone,
    leaving_off.LEFT_OFF: leaving_off.is_left_off,
    belongings.HEALED: belongings.is_healed,
    belongings.AWAY: belongings.is_away,
    occupations.ROLE: occupations.was_there,
    occupations.TRADE: occupations.is_agent,
    occupations.FIRM: occupations.is_firm,
    occupations.SHOP: occupations.is_shop,
    _WEDDING_PLAN: lambda ending, told: not cancelling.MARRYING.isdisjoint(told.object.name.casefold().split()),
}
"""Whether an ending with this label may end what was told."""
