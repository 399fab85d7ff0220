"""Pastimes, tools and subjects that are left off or changed for others: "Shogi I also stopped", "Archie quit footy", "I changed
Photoshop for Procreate", "I use darktable instead of Lightroom".

Only what is known ends, so that the wordings may be wide; they are English ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from extraction.records import USER, EntityMention
from graphmem.endings.fulfilment import words_of
from graphmem.endings.telling import doubts, ending_in, is_of_another_message, told_by_user
from graphmem.identity import derived_id
from graphmem.records import Message, Statement
from graphmem.text import terms

LEFT_OFF = "Left off"
"""Label of the object of a statement that ends what its name mentions."""

_PASTIMES, _TOOLS = ("PLAYS", "STUDIES", "MEMBER_OF"), ("USES",)
_OFF = re.compile(
    r"\b(?P<verb>stopped(?: with)?|quit|dropped|gave up|given up|switched from|changed from|moved on from|"
    r"had to (?:give up|stop|quit|drop)|"
    r"(?:(?:am|'m|is|'s) )?(?:done|finished|through) with)\b",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"\b(?:changed|swapped|traded|exchanged|switched|replaced) (?P<what>[^,;.!?]*?) (?:for|with|to)\b", re.IGNORECASE
)
_INSTEAD = re.compile(
    r"\b(?:use|using|play|playing|take|taking|study|studying|drive|ride) [^.;!?]*?\binstead of (?P<what>[^,;.!?]+)",
    re.IGNORECASE,
)
_FOR_NOW = re.compile(r"\b(?:today|tonight|for now|for the day|this (?:morning|week|month)|early)\b", re.IGNORECASE)
_TAKEN = re.compile(r"\b(?:took|taken|weaned) me off (?:the |my )?(?P<what>[^,;.!?]+)", re.IGNORECASE)
_NOT_ANY_MORE = re.compile(
    r"\bi (?:don't|dont|do not|no longer) (?:support|follow|watch|like|love|enjoy) (?P<what>[^,;.!?]+?) (?:any ?more|any longer)\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[,;.!?]")
_UNSURE = doubts(r"when|(?-i:may)|wish|want|wants|wanted|never|not|\w+n't|try|tried|thinking|until")
_ENDS = frozenset(
    "in on at last this now for because so when after since to from and but as with while until by during".split()
)
_SPEAKER = frozenset("i we i've we've i'd we'd".split())
_NO_NAMES = frozenset("he she they you it who we everybody everyone nobody somebody people".split())
_SAID_BESIDE = frozenset(
    "also just finally have had has already then now even really and but so sadly completely".split()
)


def over_in(messages: Sequence[Message]) -> Iterator[Statement]:
    """Yield endings for what user messages say is left off, of the user or of who is named as doing so.

    Args:
        messages: of the interaction.
    """
    for message, sentence in told_by_user(messages):
        for who, what, predicates in _told(sentence):
            for predicate in predicates:
                place = (message.user_id, message.session_id, message.id)
                identity = derived_id(LEFT_OFF, *place, who.name, predicate, what)
                yield replace(ending_in(message, identity, predicate, EntityMention(what, LEFT_OFF)), subject=who)


def is_left_off(ending: Statement, told: Statement) -> bool:
    """Whether what was told is what was left off, told in another message."""
    if not is_of_another_message(ending, told):
        return False
    left = frozenset(terms(ending.object.name)) - _terms_of_doing()
    return bool(left) and left <= frozenset(terms(told.object.name))


@cache
def _terms_of_doing() -> frozenset[str]:
    return frozenset(terms("using use playing play doing learning studying going taking practising"))


def _told(sentence: str) -> Iterator[tuple[EntityMention, str, tuple[str, ...]]]:
    """Yield who left what off, and as what it may have been told."""
    for found in _OFF.finditer(sentence):
        before, after = _CLAUSE_END.split(sentence[: found.start()])[-1], _CLAUSE_END.split(sentence[found.end() :])[0]
        if _FOR_NOW.search(after):
            continue
        by_chance = found["verb"].lower().endswith(("stopped", "stop", "dropped", "drop")) and "using" not in after
        for who, what in _left(before, after):
            yield who, what, _PASTIMES if by_chance else _PASTIMES + _TOOLS
    for found in _TAKEN.finditer(sentence):
        yield USER, _object(found["what"]), _TOOLS
    for found in _NOT_ANY_MORE.finditer(sentence):
        yield USER, _object(found["what"]), ("LIKES",)
    for found in (*_CHANGED.finditer(sentence), *_INSTEAD.finditer(sentence)):
        for who, what in _left(_CLAUSE_END.split(sentence[: found.start()])[-1], found["what"]):
            yield who, what, _PASTIMES + _TOOLS


def _left(before: str, after: str) -> Iterator[tuple[EntityMention, str]]:
    """Yield who left what off.

    Args:
        before, after: what stands before and after the verb in its clause.
    """
    if _UNSURE.search(before):
        return
    said = before.split()
    while said and said[-1].lower() in _SAID_BESIDE:
        said.pop()
    if not said:
        return
    what = _object(after)
    if said[-1].lower() in _SPEAKER:
        if what or len(said) > 1:
            yield USER, what or " ".join(words_of(" ".join(said[:-1]))[-3:])
    elif what and len(said) == 1 and said[0][:1].isupper() and said[0].lower() not in _NO_NAMES:
        yield EntityMention(said[0], "Person"), what


def _object(after: str) -> str:
    """The words behind a verb up to the first that tells when, why or where to."""
    said: list[str] = []
    for word in words_of(after):
        if word in _ENDS:
            break
        said.append(word)
    return " ".join(said[:5])
