"""Which words of a question point at which predicates: the catalogue's own wording, and a small table of everyday words."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from extraction.catalogue import Catalogue, Relation
from extraction.names import normalize_name
from graphmem.text import terms

PAST = frozenset(
    normalize_name(phrase)
    for phrase in (
        "used to, before, previous, previously, former, formerly, past, ago, earlier, last, ex, back then, when did, "
        "did i, did we, did he, did she, did they, was i, were we, no longer, any more, anymore, ever, history, "
        "first job, old job, changed, change, moved, quit, stop, stopped"
    ).split(", ")
)
"""Words and phrases of a question that make facts that ended worth telling."""

IDIOMS = {"for a living": ("live", "living"), "used to": ("use", "used")}
"""Phrases of a question whose words do not mean what they mean elsewhere: these words of theirs are passed over."""

_KIN = "MARRIED_TO PARTNER_OF HAS_CHILD HAS_PARENT HAS_SIBLING HAS_RELATIVE"
_TASTE = "LIKES DISLIKES PREFERS"

_TABLE: tuple[tuple[float, str, str], ...] = (
    (1.0, "name, nickname, who am i, call me", "HAS_NAME"),
    (0.5, "called", "HAS_NAME"),
    (1.0, "age, old, how old, young", "HAS_AGE"),
    (1.0, "birthday, birth date, date of birth", "BORN_ON"),
    (0.6, "how old, age, when was i born", "BORN_ON"),
    (1.0, "birthplace, where was i born", "BORN_IN"),
    (1.0, "come from, hometown, origin, originally, nationality, grow up, grew up, raised, roots", "COMES_FROM"),
    (0.6, "from, where are you from, home country", "COMES_FROM"),
    (1.0, "live, living, city, based, home, address, town, reside, move, moved, relocate", "LIVES_IN"),
    (0.6, "where, apartment, house, flat, neighbourhood, neighborhood, commute", "LIVES_IN"),
    (0.5, "weather, timezone, time zone, near me, nearby, near here, around here, local, here", "LIVES_IN"),
    (1.0, "work, job, employer, company, workplace, employed, hired, do for a living", "WORKS_AT"),
    (0.6, "office, career, employee, colleague, boss, salary", "WORKS_AT"),
    (1.0, "work as, job, occupation, profession, trade, career, do for a living, job title", "WORKS_AS"),
    (0.6, "work, role, position, title, what do i do, what does", "WORKS_AS"),
    (1.0, "school, university, college, study, student, enrolled, campus", "STUDIES_AT"),
    (0.6, "degree, class, course, education, graduate, exam", "STUDIES_AT STUDIES"),
    (1.0, "study, major, subject, field of study", "STUDIES"),
    (1.0, "married, husband, wife, spouse, hubby, missus, wifey, wedding, marriage, anniversary", "MARRIED_TO"),
    (1.0, "partner, girlfriend, boyfriend, gf, bf, dating, fiance, fiancee, date", "PARTNER_OF"),
    (0.7, "relationship, relationship status, single, love life, partner, significant other, engaged", "MARRIED_TO"),
    (0.7, "relationship, relationship status, single, love life, significant other, engaged, married", "PARTNER_OF"),
    (0.8, "ex, ex husband, ex wife, ex girlfriend, ex boyfriend", "MARRIED_TO PARTNER_OF"),
    (1.0, "child, children, kid, son, daughter, baby, toddler, twins", "HAS_CHILD"),
    (
        1.0,
        "parent, mother, father, mum, mom, mam, mummy, mommy, dad, daddy, mama, papa, stepmother, stepfather",
        "HAS_PARENT",
    ),
    (1.0, "sibling, sister, brother, twin, sis, bro", "HAS_SIBLING"),
    (
        1.0,
        "relative, cousin, aunt, uncle, grandmother, grandfather, grandma, grandpa, granny, niece, nephew, in law, grandson, "
        "granddaughter, grandchild, grandchildren, grandkid",
        "HAS_RELATIVE",
    ),
    (0.7, "grandson, granddaughter, grandchild, grandchildren, grandkid", "HAS_CHILD"),
    (0.7, "grandmother, grandfather, grandma, grandpa, granny, aunt, uncle", "HAS_PARENT"),
    (0.7, "niece, nephew, brother in law, sister in law", "HAS_SIBLING"),
    (0.7, "in law", "MARRIED_TO"),
    (0.6, "family, related, household", _KIN),
    (1.0, "friend, buddy, pal, mate, bestie, best friend, roommate, flatmate", "HAS_FRIEND"),
    (1.0, "colleague, coworker, co worker, boss, manager, teammate, supervisor, mentor", "HAS_COLLEAGUE"),
    (1.0, "pet, dog, cat, puppy, kitten, animal, vet, rabbit, hamster, parrot", "HAS_PET"),
    (0.5, "pet, dog, cat, puppy, kitten, animal, breed", "IS_A"),
    (0.7, "vegetarian, vegan, diet, religion, religious, identity, what am i, who am i, kind of person", "IS_A"),
    (1.0, "like, love, enjoy, favorite, favourite, hobby, interest, interested, fan, fond", "LIKES"),
    (0.5, "recommend, recommendation, suggest, suggestion, gift, present, fun, music, movie, film, book", "LIKES"),
    (1.0, "dislike, hate, avoid, can't stand, not like, don't like", "DISLIKES"),
    (0.4, "like, enjoy, favorite, favourite, recommend, suggest, gift", "DISLIKES PREFERS"),
    (1.0, "prefer, preference, rather, usual", "PREFERS"),
    (1.0, "own, possess, belongings, bought, buy", "OWNS"),
    (0.6, "car, bike, drive, vehicle, house, flat, instrument, laptop, phone, computer, device", "OWNS"),
    (0.4, "have, got, owned", "OWNS HAS_PET"),
    (1.0, "use, tool, software, app, laptop, phone, device, computer, programming, editor, setup, stack", "USES"),
    (1.0, "allergy, allergic, allergies, intolerant, intolerance", "ALLERGIC_TO"),
    (0.8, "eat, food, dinner, lunch, breakfast, restaurant, cook, recipe, meal, snack, bake", "ALLERGIC_TO"),
    (0.5, "eat, food, dinner, lunch, breakfast, restaurant, cook, recipe, meal, snack, drink, bake", f"IS_A {_TASTE}"),
    (0.3, "eat, restaurant, dinner, recipe, exercise, doctor", "HAS_CONDITION"),
    (0.3, "eat, restaurant, dinner, lunch, breakfast, event, tonight", "LIVES_IN"),
    (1.0, "condition, disease, illness, diagnosis, diagnosed, health, sick, medical, suffer, symptom", "HAS_CONDITION"),
    (0.5, "health, medical, doctor, medicine, medication", "ALLERGIC_TO"),
    (1.0, "speak, language, fluent, bilingual, native", "SPEAKS"),
    (1.0, "play, sport, instrument, game", "PLAYS"),
    (0.6, "hobby, activity, exercise, training, free time, spare time, weekend, music, pastime", "PLAYS LIKES"),
    (1.0, "visit, travel, trip, holiday, vacation, been to, went to, go to, traveled, travelled", "VISITED"),
    (0.5, "country, where, abroad, tour", "VISITED"),
    (1.0, "plan, going to, want to, goal, future, upcoming, intend, next, soon, dream", "PLANS_TO"),
    (0.5, "weekend, trip, holiday, vacation, tomorrow, summer, year", "PLANS_TO"),
    (1.0, "member, club, group, team, belong, choir, band, community, association", "MEMBER_OF"),
    (0.6, "where, located, location, country, city, based", "LOCATED_IN"),
    (0.3, "where", "COMES_FROM WORKS_AT STUDIES_AT BORN_IN"),
    (0.3, "when", "BORN_ON PLANS_TO VISITED"),
    (0.3, "who", f"{_KIN} HAS_FRIEND HAS_COLLEAGUE"),
    (0.3, "about me, know about me, remember about me", "HAS_NAME LIVES_IN WORKS_AT WORKS_AS"),
)


@cache
def predicate_cues() -> dict[str, tuple[tuple[str, float], ...]]:
    """Return, for each sign of a question (a phrase, a stop word or a stemmed word), the predicates that it points at."""
    cues: dict[str, dict[str, float]] = defaultdict(dict)
    rows = [(1.0, word, relation.predicate) for relation in Catalogue() for word in _own_words(relation)]
    rows += [
        (weight, phrase, predicate)
        for weight, phrases, predicates in _TABLE
        for phrase in phrases.split(", ")
        for predicate in predicates.split()
    ]
    for weight, phrase, predicate in rows:
        sign = _sign(phrase)
        cues[sign][predicate] = max(weight, cues[sign].get(predicate, 0.0))
    return {sign: tuple(sorted(weights.items())) for sign, weights in cues.items()}


@cache
def ties() -> frozenset[str]:
    """Return the predicates between people, or people and their animals."""
    return frozenset(relation.predicate for relation in Catalogue() if relation.object in ("Person", "Animal"))


def _own_words(relation: Relation) -> tuple[str, ...]:
    """The words of the catalogue's wording that say something: "work" for "works at {o}"; those of the fallback say nothing."""
    plain = " ".join(relation.wording).replace("{o}", " ").replace("{role}", relation.role)
    return () if "{verb}" in plain else tuple(sorted(set(terms(plain)) - {"year", "call"}))


def _sign(phrase: str) -> str:
    if " " in phrase:
        return normalize_name(phrase)
    stems = terms(phrase)
    return stems[0] if stems else normalize_name(phrase)
