"""Plans that are off: "The second stall I cancelled", "I did not plant the cacao in the end", "I'm not going after all".

What a message says is off is compared with the plans that are known when its facts are written, whoever reads the facts; the wordings
are English ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from extraction.local.lexicon import given_names, regular_verb, verb_forms
from extraction.misspelling import is_word
from extraction.records import USER, EntityMention
from graphmem.endings.fulfilment import PLAN, is_about, said_of_plan, words_apart, words_of
from graphmem.endings.telling import LONGEST, doubts, ending_in, is_of_another_message, sentences_of, tells
from graphmem.identity import derived_id
from graphmem.records import Message, Statement
from graphmem.text import terms

OFF, NO_SUCH = "Off", "No such"
"""Labels of the object of a statement that ends plans which are off: its name is the text that tells so, or what there will not be."""

_DROPPED = re.compile(
    r"\b(?:cancel+ed|called off|dropped(?! (?:\w+ ){1,3}off\b)|scrapped|shelved|abandoned|(?:gave|given) up(?: on)?)\b",
    re.IGNORECASE,
)
_IS_OFF = re.compile(
    r"\b(?:fell through|(?:is|are|was) (?:now |also |all )?(?:off(?! (?:to|on|in|for|at|from)\b)|off the table|dead|cancel+ed)"
    r"|(?:didn't|did not|won't|will not|isn't|is not) (?:going to )?(?:work out|happen|happening))\b",
    re.IGNORECASE,
)
_LEFT = re.compile(r"\b(?:in the end|after all|any ?more|any longer)\b", re.IGNORECASE)
MARRYING = frozenset({"marry", "married", "wedding", "elope"})
"""Words of a plan to marry."""
_NO_WEDDING = re.compile(
    r"\b(?:no wedding|(?:i'm|i am|we're|we are) not getting married|(?:i|we)(?:'ve| have)? called off the (?:wedding|engagement))\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[A-Z]\w{2,}\b")
_NOT_DONE = re.compile(
    r"\b(?:did not|didn't|didnt|am not|'m not|are not|aren't|'re not|not) (?P<verb>\w+)", re.IGNORECASE
)
_NOT_DOING = re.compile(
    r"(?:\b(?:i'm|i am|im|we're|we are|and|so|but)|^|,)\s*not (?P<verb>\w+ing)\b(?P<rest>[^,;.!?]*)", re.IGNORECASE
)
_FOR_NOW = re.compile(
    r"\b(?:yet|today|tonight|until|till|before|without|only|just|now|alone|this (?:week|month))\b", re.IGNORECASE
)
_KEPT = re.compile(
    r"\b(?:i|we)(?:'m|'re| am| are)? (?:kept|keeping|keep) |\b(?:the|my|our) (?:\w+ ){1,3}?(?:stays|is staying)\b",
    re.IGNORECASE,
)
_PARTINGS = frozenset("sell give donate scrap swap".split())
_NO_SUCH = re.compile(
    r"(?:^|[,;:—-]|\b(?:[Ss]o|[Aa]nd|[Bb]ut|[Tt]hen)\b)\s*(?i:no) (?P<what>\w{3,}(?: [A-Z]\w+)?)"
    r"(?= (?:btw|then|after all|for (?:me|us)|in the end|any ?more|this year)\b| ?[,.;!]| ?$)"
)
_JOURNEYS = frozenset("move go travel fly visit relocate".split())
_GOING = frozenset("going moving travelling traveling flying".split())
_UNDERTAKINGS = frozenset("trip journey holiday visit tour plan plans idea project move thing".split())
_BEHIND = frozenset(
    "with for in at on to from next this by of near before after behind beside under above inside outside".split()
)
_ARTICLES = frozenset("the my our that this".split())
_SPEAKER = frozenset("i we i've we've i'd we'd have had".split())
_UNSURE = doubts(r"(?-i:may)|maybe|perhaps|unless")


def called_off(messages: Sequence[Message]) -> Iterator[Statement]:
    """Yield a statement for each user message that may say that a plan is off; `ends` says which plans it ends.

    Args:
        messages: of the interaction.
    """
    for message in messages:
        text = message.text[:LONGEST]
        if message.role != "user":
            continue
        if any(cue.search(text) for cue in (_DROPPED, _IS_OFF, _LEFT, _NO_WEDDING, _NOT_DOING, _KEPT)):
            identity = derived_id("off", message.user_id, message.session_id, message.id)
            yield ending_in(message, identity, PLAN, EntityMention(text, OFF))
        for sentence in sentences_of(text):
            for found in _NO_SUCH.finditer(sentence.rstrip()) if tells(sentence, _UNSURE) else ():
                for who in _people(sentence[: found.start()]) or [USER]:
                    place = (message.user_id, message.session_id, message.id)
                    identity = derived_id(NO_SUCH, *place, who.name, found["what"])
                    ending = ending_in(message, identity, PLAN, EntityMention(found["what"], NO_SUCH))
                    yield replace(ending, subject=who)


def _people(words: str) -> list[EntityMention]:
    """Whom the words of a sentence name: its capitals, at its head only those of names."""
    named = [
        found[0]
        for found in _NAME.finditer(words)
        if found[0].lower() in given_names() or (words[: found.start()].strip() and not is_word(found[0].lower()))
    ]
    return [EntityMention(name, "Person") for name in named]


def is_no_more(off: Statement, plan: Statement) -> bool:
    """Whether a plan told in another message is one for what there will not be: "no Lisbon", of "fly to Lisbon"."""
    what = frozenset(terms(off.object.name))
    return is_of_another_message(off, plan) and bool(what) and what <= frozenset(terms(plan.object.name))


def ends(off: Statement, plan: Statement) -> bool:
    """Whether the message of an ending tells that a plan told in another message is off."""
    return is_of_another_message(off, plan) and is_off(plan.object.name, off.object.name)


def is_off(plan: str, text: str) -> bool:
    """Whether a text tells that a plan is off.

    Args:
        plan: as its object reads: "plant cacao in the low part".
        text: what its owner said later.
    """
    verb, words = said_of_plan(plan)
    if not MARRYING.isdisjoint(words_of(plan)) and _NO_WEDDING.search(text):
        return True
    everywhere = frozenset(terms(text))
    names = [frozenset(terms(name)) for name in _NAME.findall(plan)]
    names += [frozenset(terms(head)) for head in _heads(plan, text)]
    whole = bool(words) and words <= everywhere
    if not whole and not any(name <= everywhere for name in names):
        return False
    for sentence in sentences_of(text):
        if not tells(sentence, _UNSURE):
            continue
        if any(_is_dropped(sentence, named, everywhere, words_apart(plan)) for named in ([words] * whole + names)):
            return True
        here = frozenset(terms(sentence))
        named = (whole and words <= here) or any(name <= here for name in names)
        if _LEFT.search(sentence) and _is_not_done(verb, sentence, named=named):
            return True
        if _is_not_being_done(verb, sentence) or (named and verb in _PARTINGS and _KEPT.search(sentence)):
            return True
    return False


def _heads(plan: str, text: str) -> list[str]:
    """The noun that a plan ends with, where a text speaks of it as of something known: "the restaurant", of "open a small restaurant"."""
    said = words_of(plan)
    end = next((i for i, word in enumerate(said) if i > 1 and word in _BEHIND), len(said))
    head = said[end - 1] if end > 2 else ""
    return [head] if head and re.search(rf"\b(?:the|our|my) {re.escape(head)}\b", text, re.IGNORECASE) else []


def _is_dropped(sentence: str, words: frozenset[str], everywhere: frozenset[str], apart: frozenset[str]) -> bool:
    """ "We cancelled the trip", "the trip I cancelled", "the trip is off"; not "I cancelled the trip insurance"."""
    for found in _DROPPED.finditer(sentence):
        before, after = words_of(sentence[: found.start()]), words_of(sentence[found.end() :])
        after = [word for word in after if word not in _UNDERTAKINGS]
        while after and after[0] in _ARTICLES:
            after.pop(0)
        of_it = after[:1] in (["it"], ["them"])
        if (of_it or terms(" ".join(after[:1]))) and is_about(words, after, everywhere, apart):
            return True
        if before[-1:] and before[-1] in _SPEAKER and is_about(words, before[:-1], everywhere, apart):
            return True
    for found in _IS_OFF.finditer(sentence):
        before = words_of(sentence[: found.start()])
        while before and before[-1] in _UNDERTAKINGS:
            before.pop()
        if is_about(words, before, everywhere, apart):
            return True
    return False


def _is_not_being_done(verb: str, sentence: str) -> bool:
    """ "I'm not moving back there", "not selling it"; not "I'm not selling it yet"."""
    forms = verb_forms().get(verb) or regular_verb(verb)
    return any(
        found["verb"].lower() in forms and not _FOR_NOW.search(found["rest"]) for found in _NOT_DOING.finditer(sentence)
    )


def _is_not_done(verb: str, sentence: str, *, named: bool) -> bool:
    """ "I did not plant it in the end", in a sentence that names it; for a journey "I'm not going" is enough."""
    for found in _NOT_DONE.finditer(sentence):
        said = found["verb"].lower()
        if verb in _JOURNEYS and said in _GOING:
            return True
        if named and said in (verb_forms().get(verb) or regular_verb(verb)):
            return True
    return False
