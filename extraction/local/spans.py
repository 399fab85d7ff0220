"""Objects that are no noun phrases: verb phrases, ages, dates."""

from __future__ import annotations

from extraction.local import lexicon
from extraction.local.function_words import AUXILIARIES, DAYS, EMPTY, HARD, MONTHS, SEASONS
from extraction.local.numbers import number
from extraction.local.tokens import Sentence, Span

_TRAILING = frozenset(
    "too btw lol lmao haha hehe though tbh imo now still yet anymore again today yesterday tonight tomorrow "
    "currently recently lately already always forever ever these days nowadays here there please thanks much "
    "really very so well anyway actually as to at in on with for from by and or , also just even only together "
    "since mostly every daily weekly right ok xd rn originally myself himself herself instead altogether "
    "basically honestly obviously sadly finally soon someday eventually once twice more any".split()
)


def trimmed(sentence: Sentence, start: int, end: int) -> Span:
    norms = sentence.norms
    while end > start and (norms[end - 1] in _TRAILING or norms[end - 1] in lexicon.words("adverbs")):
        end -= 1
    while end - start > 1 and norms[start] in _LEADING and not sentence.tokens[start].capital:
        if norms[start] == "new" and norms[start + 1] in _NEW_PLACES:
            break
        start += 1
    return start, end


_LEADING = frozenset(
    "very really also both mostly mainly just only especially fluent basic broken decent perfect native passable new quite still "
    "currently of like eating drinking".split()
)
_NEW_PLACES = frozenset("york jersey zealand delhi orleans mexico hampshire england haven plymouth brunswick".split())


def verb_phrase(sentence: Sentence, i: int, stop: frozenset[str]) -> tuple[list[Span], int]:
    norms = sentence.norms
    j = i
    while j < len(norms) and j - i < 14:
        word = norms[j]
        if (
            word in HARD - {"/"}
            or word
            in (
                "because",
                "but",
                "so",
                "while",
                "since",
                "though",
                "although",
                "if",
                "which",
                "where",
                ",",
                "until",
                "when",
                "as",
                "after",
                "before",
                "cause",
                "and",
                "or",
                "then",
                "?",
                "instead",
                "please",
                "what",
                "how",
                "who",
            )
            or word in stop
        ):
            break
        if j > i + 1 and word in ("i", "we", "he", "she", "they"):
            break
        j += 1
    end = j
    k = i + 1
    while k < end:
        if _time_tail(norms, k, end):
            end = k
            break
        k += 1
    span = trimmed(sentence, i, end)
    ok = (
        span[1] - span[0] >= 1
        and norms[span[0]] not in EMPTY | AUXILIARIES - {"be", "have", "do"}
        and norms[span[0]].isalpha()
    )
    return ([span] if ok else []), j


def without_time(sentence: Sentence, span: Span) -> Span:
    """Cut the time at the end of a phrase ("choir in 2019", "gym last week") if words remain before it.

    Args:
        sentence: the sentence.
        span: the phrase's tokens.
    """
    start, end = span
    norms = sentence.norms
    for k in range(start + 1, end):
        if _time_tail(norms, k, end) or (norms[k] == "last" and k + 1 < end and norms[k + 1] in _PERIODS):
            return start, k
    return span


_PERIODS = (
    frozenset(
        "year month week weekend summer winter spring autumn fall semester term season time friday monday tuesday "
        "wednesday thursday saturday sunday".split()
    )
    | MONTHS
)


def _time_tail(norms: tuple[str, ...], k: int, end: int) -> bool:
    """Whether only a time follows from ``k`` on ("in May", "next summer", "on Friday")."""
    word, following = norms[k], norms[k + 1] if k + 1 < end else ""
    if word in ("soon", "someday", "tomorrow", "tonight", "today", "eventually", "one day", "now"):
        return True
    if word in ("next", "this", "every", "later") and following in _PERIODS:
        return True
    if (
        word in ("at", "by")
        and norms[k + 1 : k + 2] == ("the",)
        and norms[k + 2 : k + 4] in (("end", "of"), ("start", "of"), ("beginning", "of"))
    ):
        return True
    if word in ("all", "every", "most") and following in ("day", "days"):
        return True
    if word in ("in", "on", "by", "from", "at", "this", "during", "come", "over", "between") and (
        following in MONTHS | SEASONS | DAYS or (following.isdigit() and len(following) == 4)
    ):
        return True
    return (
        word in ("in", "on", "within", "by", "around", "during", "over")
        and following in ("the", "a", "two", "three", "early", "late", "mid", "six", "few")
        and k + 2 < end
        and norms[k + 2] in _PERIODS | SEASONS | {"few", "couple", "weeks", "months", "years", "days"}
    )


def age(sentence: Sentence, i: int) -> tuple[list[Span], int]:
    norms = sentence.norms
    if i < len(norms) and norms[i] in ("a",):
        i += 1
    if i >= len(norms):
        return [], i
    value = number(norms[i])
    if value is None or not 0 < value < 120:
        return [], i
    following = norms[i + 1] if i + 1 < len(norms) else "."
    if norms[i] == "one" and following not in ("year", "and", "already", "now"):
        return [], i
    if following in _NO_AGE or (following.isalpha() and following not in _AFTER_AGE):
        return [], i
    return [(i, i + 1)], i + 1


_AFTER_AGE = frozenset(
    "years year yo y and but now today so btw with from on last this next tomorrow yesterday lol already still "
    "i im old who at living going soon if or because since male female m f as just haha xd though".split()
)

_NO_AGE = frozenset(
    "% $ € £ km kg cm minutes minute hours hour days day miles feet pounds lbs % : / pm am o'clock people per".split()
)


def birth_date(sentence: Sentence, i: int) -> tuple[list[Span], int]:
    norms = sentence.norms
    j, seen = i, False
    while j < len(norms) and norms[j] in ("on", "the", "a", "in"):
        j += 1
    start = j
    while j < len(norms) and j - start < 6:
        word = norms[j]
        if (
            word in MONTHS
            or (word.isdigit() and len(word) in (1, 2, 4))
            or _ordinal(word)
            or word.count("/") == 2
            or word.count("-") == 2
        ):
            seen = seen or word in MONTHS or _ordinal(word) or not word.isdigit() or len(word) == 4
            j += 1
        elif word in ("of", ",", "the") and j > start:
            j += 1
        else:
            break
    while j > start and norms[j - 1] in ("of", ",", "the"):
        j -= 1
    return ([(start, j)] if seen and j > start else []), j


def _ordinal(word: str) -> bool:
    return len(word) > 2 and word[:-2].isdigit() and word[-2:] in ("st", "nd", "rd", "th")
