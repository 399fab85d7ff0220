"""Which of a model's proposals the words around them speak against: they say nothing of their predicate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from extraction.kinship import BETWEEN_PEOPLE
from extraction.local import checks, lexicon
from extraction.local.function_words import DAYS, MONTHS, PAUSES
from extraction.local.tokens import Sentence, Span
from extraction.records import FactStatus

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A proposal whose object has been cut to the words that count.

    Args:
        sentence: where it stands.
        predicate, span, status: its predicate, the tokens of its object, its state.
        own: whether it is said of the speaker.
    """

    sentence: Sentence
    predicate: str
    span: Span
    status: FactStatus
    own: bool

    @property
    def object(self) -> Words:
        """The words of the object."""
        return self.sentence.norms[slice(*self.span)]

    def before(self, most: int) -> Words:
        """The last words before the object, ``most`` at most."""
        return self.sentence.norms[max(0, self.span[0] - most) : self.span[0]]

    def after(self, most: int) -> Words:
        """The first words behind the object, ``most`` at most."""
        return self.sentence.norms[self.span[1] : self.span[1] + most]


def says_nothing(fitted: Fitted) -> bool:
    """Whether the words around a proposal speak against it."""
    return any(refuses(fitted) for refuses in (*_ALWAYS, *_OF_PREDICATE.get(fitted.predicate, ())))


def _is_meant_in_a_question(fitted: Fitted) -> bool:
    """ "So it means I have asthma?" """
    norms = fitted.sentence.norms
    asked = pairwise(norms[: fitted.span[0]])
    return norms[-1] == "?" and any(a in ("it", "that", "this") and b in ("means", "mean") for a, b in asked)


def _goes_on(fitted: Fitted) -> bool:
    """ "I have not sold the Niva", "my metformin ran out", "I put down the clarinet for one season", "one year left of uni": what looks
    like an end is none, or none for good. A plan that is denied is one that ended."""
    if fitted.status is not FactStatus.ENDED or fitted.predicate == "PLANS_TO":
        return False
    before, after = fitted.before(4), fitted.after(5)
    return (
        any(a in _DENIALS and b in _PARTINGS for a, b in pairwise(before))
        or before[-2:] == ("left", "of")
        or (after[:1] in _HAS_NOT and "anywhere" in after)
        or (after[:1] == ("for",) and not _SPELLS.isdisjoint(after[1:3]))
        or after[:2] == ("ran", "out")
    )


_DENIALS = frozenset("not n't never haven't hasn't havent hasnt didn't didnt".split())
_HAS_NOT = frozenset((word,) for word in "hasn't hasnt has haven't have".split())
_PARTINGS = frozenset(
    "sold left quit lost given gotten stopped finished dropped cancelled sell leave lose stop give drop cancel "
    "selling leaving quitting losing giving stopping dropping cancelling".split()
)
_SPELLS = frozenset("season summer winter spring autumn week month evening day night weekend while".split())


def _is_located(fitted: Fitted) -> bool:
    """ "Arpa Air is based in Gyumri" tells nothing of who works there."""
    after = fitted.after(2)
    return fitted.own and after[:1] in _IS and after[1:] in _SOMEWHERE


_IS = (("is",), ("'s",), ("was",), ("are",))
_SOMEWHERE = (("based",), ("located",), ("headquartered",), ("in",))


def _is_favourite(fitted: Fitted) -> bool:
    return not {"favourite", "favorite", "fave"}.isdisjoint(fitted.before(1) + fitted.object)


def _is_praised(fitted: Fitted) -> bool:
    """ "Vegan is it!" """
    return fitted.after(2) == ("is", "it")


def _is_of_late(fitted: Fitted) -> bool:
    """ "Friday", "last week" and "yesterday" are no birthdays to be kept: next week they mean another day."""
    told = any(word[0].isdigit() or word in MONTHS for word in fitted.object)
    return not told and not (DAYS | _LATE).isdisjoint(fitted.object)


_LATE = frozenset("today yesterday tonight week weekend month morning".split())


def _is_no_job_of_one(fitted: Fitted) -> bool:
    """ "taxi drivers", "searching work as electrician", "the farmer's"."""
    return (
        checks.is_several(fitted.object[-1])
        or not _SOUGHT.isdisjoint(fitted.before(6))
        or fitted.after(1) == _POSSESSING
    )


def _is_had(fitted: Fitted) -> bool:
    """ "I have a parole officer", "my therapist", "there is a nurse": somebody else's occupation."""
    if not fitted.own:
        return False
    before = fitted.before(2)
    had = before[-1:] in _ARTICLES and len(before) > 1 and before[0] in _HAD
    return had or before[-1:] in _POSSESSIVES or "there" in fitted.before(4)


_SOUGHT = frozenset("applying applied apply seeking search searching looking".split())
_POSSESSING = ("'s",)
_HAD = frozenset("have has had 've got need needs needed see saw hire hired called call know met want".split())
_POSSESSIVES = frozenset((word,) for word in "my our his her their your its".split())
_ARTICLES = frozenset((word,) for word in "a an two another".split())


def _follows(*words: str) -> Callable[[Fitted], bool]:
    """Return what refuses an object that one of these words stands right before."""
    refused = frozenset((word,) for word in words)
    return lambda fitted: fitted.before(1) in refused


def _of_the_users(refuses: Callable[[Fitted], bool]) -> Callable[[Fitted], bool]:
    """Return what refuses only what is said of the speaker."""
    return lambda fitted: fitted.own and refuses(fitted)


def _is_elsewhere(fitted: Fitted) -> bool:
    """ "I sold it to a lad in Llanelli", "(the shop) is in Bonn": the place of somebody or something else."""
    before = fitted.before(7)
    if before[-1:] != ("in",):
        return False
    if before[-2:-1] in (("is",), ("'s",)) and (len(before) == 2 or before[-3] in PAUSES):
        return True
    somebody = before[-2:-1] and before[-2] in _SOMEBODY
    return bool(somebody) and any(
        a in ("to", "from", "by", "for") and b in ("a", "an", "some", "another") for a, b in pairwise(before)
    )


def _is_only_told_of(fitted: Fitted) -> bool:
    """ "Osaka is 20 minutes by train" says nothing of a home, "Osaka is home" does."""
    before, behind = fitted.before(1), fitted.sentence.norms[fitted.span[1] :]
    leads = not before or before[0] in PAUSES or before[0] in ("because", "so", "since", "though", "while")
    return leads and behind[:1] in _BEING and _HOME.isdisjoint(behind)


def _is_somebodys(fitted: Fitted) -> bool:
    """ "a room in Naoko's house", "we drove over in Ana's Subaru"; not "my aunt's house"."""
    owned = "'s" in fitted.object[:-1] and fitted.object[-1] not in _DWELLINGS
    return owned or fitted.after(1) == _POSSESSING


_BEING = frozenset((word,) for word in ("is", "'s", "was", "had", "has", "got"))
_HOME = frozenset("home where base city".split())
_SOMEBODY = frozenset(
    "lad guy man woman fella fellow bloke girl boy couple family collector dealer student friend kid cousin colleague buyer lady "
    "dude stranger customer client teenager pensioner farmer neighbour neighbor".split()
)
_DWELLINGS = frozenset(
    "house home flat place apartment room basement cottage farm annexe annex attic loft condo villa cabin bungalow studio "
    "caravan boat houseboat city town village island country".split()
)


def _is_taught(fitted: Fitted) -> bool:
    """ "I teach maths", "a book on maths"."""
    before = fitted.before(1)
    return bool(before) and (before[0] == "on" or before[0] in lexicon.verb_forms()["teach"])


def _is_outgrown(fitted: Fitted) -> bool:
    return not {"outgrown", "outgrew"}.isdisjoint(fitted.before(2) + fitted.object)


def _is_done_already(fitted: Fitted) -> bool:
    """ "we cycled the Pamir Highway" """
    return fitted.before(1) in (("i",), ("we",)) and fitted.object[0] in _past_forms()


def _is_only_advised(fitted: Fitted) -> bool:
    """ "I should open a sock shop" """
    return "should" in fitted.before(3)


@cache
def _past_forms() -> frozenset[str]:
    return frozenset(past for base, *_, past, _ in lexicon.verb_forms().values() if past != base)


_Refusal = Callable[[Fitted], bool]
_ALWAYS: tuple[_Refusal, ...] = (_goes_on, _is_meant_in_a_question)
_OF_PREDICATE: Mapping[str, tuple[_Refusal, ...]] = {
    **dict.fromkeys(BETWEEN_PEOPLE, (_follows("in"),)),
    "HAS_COLLEAGUE": (_follows("in", "joined"),),
    "WORKS_AT": (_is_located, _is_favourite),
    "STUDIES_AT": (_is_located, _is_favourite),
    "MEMBER_OF": (_is_located, _is_favourite, lambda fitted: not checks.is_group(fitted.sentence, fitted.span)),
    "WORKS_AS": (_is_no_job_of_one, _is_had),
    "LIVES_IN": (_of_the_users(_is_elsewhere), _of_the_users(_is_only_told_of), _follows("no"), _is_somebodys),
    "HAS_CONDITION": (_of_the_users(_follows("his", "her", "their")),),
    "ALLERGIC_TO": (_of_the_users(_follows("eat", "ate", "love", "like", "enjoy", "adore")), _is_outgrown),
    "STUDIES": (_is_taught,),
    "IS_A": (_is_praised,),
    "BORN_ON": (_is_of_late,),
    "PLANS_TO": (_is_done_already, _is_only_advised),
}
"""What refuses proposals, of any predicate and of each."""
