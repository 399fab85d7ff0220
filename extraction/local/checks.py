"""Whether some words are fit to be a place, an employer, an occupation, a language ..."""

from __future__ import annotations

from extraction.local import lexicon
from extraction.local.function_words import DAYS, EMPTY, MONTHS, PREPOSITIONS, SEASONS
from extraction.local.numbers import number
from extraction.local.tokens import Sentence, Span


def is_place(sentence: Sentence, span: Span) -> bool:
    """Whether the words can name a place: capitals, a place of the list, or unknown words in a text without capitals."""
    norms = sentence.norms[span[0] : span[1]]
    if not norms[0][0].isalpha() or number(norms[0]) is not None or norms[0] in EMPTY | PREPOSITIONS:
        return False
    if " ".join(norms) in lexicon.words("places") or any(n in lexicon.words("places") for n in norms):
        return True
    if any(n in _NOT_PLACES for n in norms):
        return False
    if any(t.capital for t in sentence.tokens[span[0] : span[1]]):
        return True
    return not any(t.capital for t in sentence.tokens[1:]) and len(norms) <= 3 and norms[0] not in EMPTY


_NOT_PLACES = frozenset(
    "fear peace hope denial flat house apartment room home place world past city town village country hell bed "
    "hospital love car van cave bubble area neighborhood neighbourhood moment future need trouble charge debt "
    "pain middle way shape touch line general order basement building suburb suburbs countryside dorm dorms "
    "halls parents person life job same desk couch bathroom kitchen meeting traffic class school college "
    "office work management sales marketing finance education tech it insurance retail hospitality healthcare "
    "construction logistics banking hr accounts accounting legal procurement payroll church uni university".split()
)


def is_named_place(sentence: Sentence, span: Span) -> bool:
    """Whether the words surely name a place: written with a capital or on the list of places."""
    norms = sentence.norms[span[0] : span[1]]
    if " ".join(norms) in lexicon.words("places"):
        return True
    if norms[0] in _NUMBERED and (len(norms) == 1 or len(norms[1]) < 3):
        return False
    if (
        norms[0] in lexicon.words("languages")
        or norms[-1] in _GROUPS
        or norms[0] in MONTHS | SEASONS | DAYS
        or norms[0] in lexicon.given_names()
    ):
        return False
    return sentence.tokens[span[0]].capital and not any(n in _NOT_PLACES for n in norms) and span[0] > 0


_NUMBERED = frozenset(
    "year grade flat class form phase room building block level chapter week day part unit ward".split()
)
""" "Year 6" and "Flat B" are no places."""


def is_gazetted(sentence: Sentence, span: Span) -> bool:
    """Whether the words are on the list of places."""
    return " ".join(sentence.norms[span[0] : span[1]]) in lexicon.words("places")


_GROUPS = frozenset(
    "anonymous club party union cross choir team band league society council church army navy police ltd inc "
    "gmbh ag co university school college hospital".split()
)


def is_company(sentence: Sentence, span: Span) -> bool:
    """Whether the words name an employer with a capital, and no person."""
    first = sentence.tokens[span[0]]
    return first.capital and is_organization(sentence, span) and first.norm not in lexicon.given_names()


def is_group(sentence: Sentence, span: Span) -> bool:
    """Whether one can belong to what the words name: to no single person ("I joined Anna for lunch")."""
    first = sentence.tokens[span[0]]
    alone = span[1] - span[0] == 1 and first.norm in lexicon.given_names()
    return is_thing(sentence, span) and not alone and sentence.norms[span[1] - 1] not in ("forces", "hands")


def is_employer(sentence: Sentence, span: Span) -> bool:
    """Whether what somebody joined is an employer rather than a club, a party, a service or a place.

    A common noun has to be one for an employer ("a startup"). A name with an article ("the Rotarians", "the Greens") is
    as often one as the other, and counts as none.
    """
    norms = sentence.norms[span[0] : span[1]]
    if lexicon.organizations().get(norms[-1]) == "WORKS_AT" and not any(n in _JOINED for n in norms):
        return sentence.norms[max(0, span[0] - 1)] != "my"
    if not is_company(sentence, span) or span[0] == 0 or sentence.norms[span[0] - 1] in ("the", "a", "an", "my", "our"):
        return False
    if norms[-1] in _COMPANY_SUFFIXES:
        return True
    if any(n in _JOINED for n in norms) or " ".join(norms) in lexicon.words("places"):
        return False
    return norms[0] not in MONTHS | SEASONS | DAYS


_COMPANY_SUFFIXES = frozenset(
    "ltd inc gmbh ag plc llc corp corporation company co bank labs technologies hospital".split()
)
_JOINED = frozenset(
    "anonymous club party union cross choir chorale chorus fellowship cooperative ensemble team band orchestra league society "
    "association church army navy "
    "gym group class course community network circle crew squad guild lodge brigade academy committee forum "
    "singers players runners rowers fc afc sc mensa rotary lions greenpeace amnesty scouts freemasons toastmasters "
    "labour tories greens democrats republicans reddit twitter facebook discord instagram tiktok linkedin mastodon "
    "bluesky tinder bumble hinge strava whatsapp telegram snapchat twitch patreon weightwatchers crossfit".split()
)


def is_organization(sentence: Sentence, span: Span) -> bool:
    """Whether the words can name an employer: no time, no language, no end in itself ("for a living")."""
    norms = sentence.norms[span[0] : span[1]]
    if not is_thing(sentence, span) or number(norms[0]) is not None or norms[0] in lexicon.words("languages"):
        return False
    if norms[0] in lexicon.verb_forms() and norms[1:2] and norms[1] in _DETERMINERS:
        return False  # "left Nopi to open his own restaurant"
    if len(norms) == 1 and norms[0].endswith("ing") and not sentence.tokens[span[0]].capital:
        return False  # "left teaching"
    return norms[-1] not in _NO_ORGANIZATIONS and norms[0] not in _NO_ORGANIZATIONS


_DETERMINERS = frozenset("a an the my our his her their your".split())
_NO_ORGANIZATIONS = frozenset(
    "living years year months weeks days hours long while love fun free money now good home night nights work "
    "least first last once times time day week month heart peace life age ages life leave bit end start moment "
    "side weekend weekends minimum cash sure example instance ever eternity nowhere somewhere anywhere lunch "
    "dinner breakfast pay change people everyone everybody clients kids children job jobs position role "
    "interview exam".split()
)


def is_school(sentence: Sentence, span: Span) -> bool:
    """Whether the words can name a school: a capital, or a word such as "university"."""
    norms = sentence.norms[span[0] : span[1]]
    if not is_organization(sentence, span) or norms[-1] in ("library", "home", "desk", "table", "moment"):
        return False
    return (
        any(t.capital for t in sentence.tokens[span[0] : span[1]])
        or any(n in _SCHOOLS for n in norms)
        or not any(t.capital for t in sentence.tokens)
    )


_SCHOOLS = frozenset(
    "university uni college school academy institute seminary conservatory conservatoire polytechnic lycée "
    "gymnasium kindergarten preschool nursery campus faculty tafe eth mit".split()
)


def is_job(sentence: Sentence, span: Span) -> bool:
    """Whether the phrase's head is an occupation."""
    return job_head(sentence.norms[span[0] : span[1]]) is not None


def job_head(norms: tuple[str, ...]) -> str | None:
    """Return the head word when a phrase names an occupation ("head of archives", "senior nurse"), else None."""
    head = norms
    for i, word in enumerate(norms):
        if i and word in ("of", "at", "for", "in", "with", "on", "by"):
            head = norms[:i]
            break
    if not head:
        return None
    last = head[-1]
    if last in lexicon.words("jobs") or last.rpartition("-")[2] in lexicon.words("jobs"):
        return last
    if last == "head" and len(norms) > len(head):
        return last
    singular = last[:-1] if last.endswith("s") else last
    return singular if singular in lexicon.words("jobs") and singular != last else None


def is_several(word: str) -> bool:
    """Whether the word is an occupation in the plural: no single person's."""
    jobs = lexicon.words("jobs")
    return word.endswith("s") and word not in jobs and word[:-1] in jobs


def is_language(sentence: Sentence, span: Span) -> bool:
    """Whether one of the words is a language."""
    return any(n in lexicon.words("languages") for n in sentence.norms[span[0] : span[1]])


def is_thing(sentence: Sentence, span: Span) -> bool:
    """Whether the phrase says something: no bare pronoun, no clause."""
    norms = sentence.norms[span[0] : span[1]]
    return norms[0] not in EMPTY | PREPOSITIONS and norms[-1] not in PREPOSITIONS and any(c.isalpha() for c in norms[0])


def is_topic(sentence: Sentence, span: Span) -> bool:
    """Whether the words can name what somebody studies: "graduated in March" does not."""
    return is_thing(sentence, span) and sentence.norms[span[0]] not in MONTHS | SEASONS


def is_owned(sentence: Sentence, span: Span) -> bool:
    """Whether the words name a thing that people own."""
    norms = sentence.norms[span[0] : span[1]]
    return norms[-1] in lexicon.words("possessions") or "-".join(norms[-2:]) in lexicon.words("possessions")


def is_person_name(sentence: Sentence, span: Span) -> bool:
    """Whether the words can be a personal name."""
    words = sentence.tokens[span[0] : span[1]]
    return all(w.text[0].isalpha() and (w.capital or w.norm in lexicon.given_names()) for w in words) and words[
        0
    ].norm not in EMPTY | lexicon.words("nationalities")


def is_condition(sentence: Sentence, span: Span) -> bool:
    """Whether the phrase names a health condition."""
    return condition_head(sentence.norms[span[0] : span[1]])


def condition_head(norms: tuple[str, ...]) -> bool:
    """Whether one of the words is a health condition or its adjective."""
    conditions = lexicon.words("conditions") | lexicon.words("condition_adjectives")
    return any(n in conditions for n in norms) or " ".join(norms[-2:]) in _CONDITION_PHRASES


_CONDITION_PHRASES = frozenset(
    {
        "blood pressure",
        "hay fever",
        "heart murmur",
        "lactose intolerant",
        "gluten intolerant",
        "sleep apnea",
        "bad back",
        "bad knee",
        "bad knees",
        "slipped disc",
        "heart condition",
        "back pain",
        "panic attacks",
        "type 1",
        "type 2",
        "one kidney",
    }
)
