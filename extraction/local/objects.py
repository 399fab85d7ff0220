"""Where an object begins and ends: noun phrases, lists of them, places, names."""

from __future__ import annotations

from extraction.local import lexicon
from extraction.local.function_words import (
    AUXILIARIES,
    CLAUSE_OPENERS,
    CONJUNCTIONS,
    HARD,
    PREPOSITIONS,
    TIME_UNITS,
    TIME_WORDS,
)
from extraction.local.kinds import KINDS, Kind
from extraction.local.numbers import number
from extraction.local.spans import age, birth_date, trimmed, verb_phrase, without_time
from extraction.local.tokens import Sentence, Span

_DETERMINERS = frozenset("a an the my our his her their some any this these those your its another both either".split())

_DEGREES = (
    ("a", "bit", "of"),
    ("a", "lot", "of"),
    ("lots", "of"),
    ("a", "little", "bit", "of"),
    ("a", "little"),
    ("a", "word", "of"),
    ("tons", "of"),
    ("kind", "of"),
    ("sort", "of"),
    ("all", "kinds", "of"),
    ("a", "couple", "of"),
    ("a", "type", "of"),
    ("plenty", "of"),
    ("a", "few", "words", "of"),
    ("a", "pair", "of"),
    ("all", "things"),
    ("the", "smell", "of"),
    ("a", "member", "of"),
    ("as", "a"),
    ("much",),
    ("any", "kind", "of"),
    ("any", "form", "of"),
    ("anything", "with"),
    ("all", "sorts", "of"),
)


_DEGREE_HEADS = frozenset(degree[0] for degree in _DEGREES)
_LONGEST_LEAD = 8


def phrase_start(sentence: Sentence, i: int) -> int:
    """Return the token after the articles, possessives and quantities that may open a noun phrase at ``i``."""
    norms = sentence.norms
    last = min(len(norms), i + _LONGEST_LEAD)
    moved = True
    while moved and i < last:
        moved = False
        for degree in _DEGREES if norms[i] in _DEGREE_HEADS else ():
            if norms[i : i + len(degree)] == degree and i + len(degree) < len(norms):
                i, moved = i + len(degree), True
        if i < len(norms) and norms[i] in _DETERMINERS:
            i, moved = i + 1, True
    return i


def read(sentence: Sentence, i: int, kind: str, stop: frozenset[str] = frozenset()) -> tuple[list[Span], int]:
    """Read the object, or the list of objects, that starts at token ``i``.

    Args:
        sentence: the sentence.
        i: first token.
        kind: one of ``KINDS``, "verb phrase", "age" or "date".
        stop: words at which it ends in any case (the words of a frame that follow).

    Returns:
        The spans, cut to the words that count, and the token after the whole.
    """
    if kind == "vp":
        return verb_phrase(sentence, i, stop)
    if kind == "age":
        return age(sentence, i)
    if kind == "date":
        return birth_date(sentence, i)
    rules = KINDS[kind]
    spans: list[Span] = []
    j = i
    joined = False
    commas = 0
    while True:
        start = phrase_start(sentence, j)
        if kind in _PLACE_KINDS and start > j and not _takes_article(sentence, j, start):
            break
        end = _phrase_end(sentence, start, rules, stop)
        span = trimmed(sentence, *without_time(sentence, (start, end)))
        if kind in _PLACE_KINDS and span[0] < span[1]:
            span = _place_words(sentence, span)
            end = span[1]
        elif (
            kind in ("org", "employer", "group", "school")
            and end + 1 < len(sentence)
            and sentence.norms[end] in ("called", "named")
        ):
            span, end = _called(sentence, span, end)
        good = span[0] < span[1] and (rules.check is None or rules.check(sentence, span))
        if not good or (spans and _is_clause(sentence, span, end)):
            break
        spans.append(span)
        j = end
        k = j
        seen_and = False
        while k < len(sentence) and sentence.norms[k] in CONJUNCTIONS:
            seen_and = seen_and or sentence.norms[k] != ","
            k += 1
        if k == j or k >= len(sentence) or not rules.many or not _may_open(sentence, k, rules):
            break
        if not seen_and:
            commas += 1
        joined = joined or seen_and
        if sentence.norms[k - 1] in stop or sentence.norms[j] in stop:
            break
        j = k
        if len(spans) >= 12:
            break
    if commas and not joined and len(spans) > 1:
        short = kind == "lang" and all(b - a <= 3 for a, b in spans)
        ended = j >= len(sentence) or sentence.norms[j] in HARD
        if not (short and ended):
            spans, j = spans[:1], spans[0][1]
    return spans, j


def _takes_article(sentence: Sentence, i: int, start: int) -> bool:
    """ "the Netherlands" is a place, "the Red Cross" and "a farm" are none."""
    return sentence.norms[i:start] == ("the",) and start < len(sentence) and sentence.norms[start] in _WITH_ARTICLE


_WITH_ARTICLE = frozenset(
    "netherlands uk us usa states united philippines bahamas hague bronx gambia emirates uae czech midlands "
    "highlands islands dominican maldives congo sudan ukraine north south east west algarve azores bay".split()
)

_PLACE_KINDS = frozenset({"place", "places", "namedplace", "knownplace"})

_PLACE_LINKS = frozenset("de la of the del upon am al el le les do da dos das und y e sur am d' di san".split())


def _place_words(sentence: Sentence, span: Span) -> Span:
    """Cut what follows a place's capitals: "Patagonia six times" is Patagonia."""
    tokens = sentence.tokens
    start, end = span
    if not tokens[start].capital:
        return span
    j = start + 1
    while j < end and (tokens[j].capital or (tokens[j].text[0].isdigit() is False and tokens[j].norm in _PLACE_LINKS)):
        j += 1
    while j > start + 1 and tokens[j - 1].norm in _PLACE_LINKS:
        j -= 1
    return start, j


def _called(sentence: Sentence, span: Span, end: int) -> tuple[Span, int]:
    """ "a bakery called Levain & Co" is named by what follows."""
    tokens = sentence.tokens
    first = last = end + 1
    while last < len(tokens) and (
        tokens[last].capital or (tokens[last].text in ("&", "of", "the", "and") and last > first)
    ):
        last += 1
    while last > first and tokens[last - 1].norm in ("and", "of", "the"):
        last -= 1
    if last == first and not any(t.capital for t in tokens[1:]):
        while (
            last < len(tokens)
            and last - first < 4
            and tokens[last].norm not in HARD | CLAUSE_OPENERS | PREPOSITIONS | {",", "as"}
        ):
            last += 1
    return ((first, last), last) if last > first else (span, end)


def _may_open(sentence: Sentence, k: int, rules: Kind) -> bool:
    word = sentence.norms[k]
    following = sentence.norms[k + 1] if k + 1 < len(sentence) else "."
    if (
        word in CLAUSE_OPENERS
        or word in AUXILIARIES
        or word in ("my", "our", "his", "her", "then", "not", "now", "also", "even", "just", "still")
        or word in PREPOSITIONS
    ):
        return False
    if (
        word in lexicon.finite_verbs()
        and not sentence.tokens[k].capital
        and not (following in (*CONJUNCTIONS, *HARD) and rules.verbs)
    ):
        return False
    return not (following in ("'s", "is", "are", "was", "has", "have") or following in _SUBJECTLY)


_SUBJECTLY = frozenset({"'m", "am"})


def _is_clause(sentence: Sentence, span: Span, end: int) -> bool:
    """Whether the list's next item is in truth the subject of a new clause ("tea and my wife likes coffee")."""
    if end >= len(sentence):
        return False
    word = sentence.norms[end]
    return (
        word in AUXILIARIES
        or word in ("'s", "'ve", "'ll")
        or (word in lexicon.finite_verbs() and word not in CONJUNCTIONS)
    )


def _phrase_end(sentence: Sentence, start: int, rules: Kind, stop: frozenset[str]) -> int:
    norms, tokens = sentence.norms, sentence.tokens
    j = start
    while j < len(norms) and j - start <= rules.longest + 2:
        word = norms[j]
        if word in HARD or word in CLAUSE_OPENERS or word in stop or word in AUXILIARIES:
            break
        if word in CONJUNCTIONS and not (word == "and" and tokens[j].text == "&"):
            break
        if j > start and (word in rules.stops or word in TIME_WORDS or word in ("called", "named")):
            break
        if j > start and number(word) is not None and j + 1 < len(norms) and norms[j + 1] in TIME_UNITS:
            break
        if word == "'s" and not (j + 1 < len(norms) and j > start and (tokens[j - 1].capital or tokens[j + 1].capital)):
            break
        if word in ("'ve", "'m", "'ll", "'re"):
            break
        if not word[0].isalnum() and word[0] not in "'#+&.$€£" and len(word) <= 2:
            break
        if j > start and not rules.verbs and word in _VERBLIKE and not tokens[j].capital:
            break
        j += 1
    return j


_VERBLIKE = frozenset(
    "is are was were has have had do does did will would can could went goes go got gets said says told thinks "
    "works lives loves hates likes plays wants needs knows makes gave keeps kept came took lets moved started "
    "bought".split()
)
