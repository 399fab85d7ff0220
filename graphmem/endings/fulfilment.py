"""Plans that have been carried out: "I bought a van!" after "I'm planning to buy a van".

What a message tells of as done is compared with the plans that are known when its facts are written, whoever reads the facts. The
wordings are English ones; elsewhere a plan ends when an extractor says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from extraction.local.lexicon import regular_verb, verb_forms
from extraction.records import EntityMention
from graphmem.endings.telling import LONGEST, ending_in, is_of_another_message, sentences_of
from graphmem.identity import derived_id
from graphmem.records import Message, Statement
from graphmem.text import terms

PLAN = "PLANS_TO"
DEED = "Deed"
"""Label of the object of a statement that ends plans: its name is the text that tells what was done."""
DEED_OF_IT = "Deed of it"
"""The same for "I ran it!", which ends a plan to run something if there is only one."""

_CLAUSE = re.compile(r",|;| - |—|–|\(|\)|\bbut\b|\band\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_YEARS_AGO = re.compile(
    r"\b(\d+|a|one|two|three|four|five|ten|many|some|several)\s+years?\s+(?:ago|back)\b", re.IGNORECASE
)
_LONG_AGO = re.compile(
    r"\b(?:as a (?:kid|child|teen\w*|boy|girl|student)|when i was|back when|used to)\b", re.IGNORECASE
)
_DONE = re.compile(
    r"\b(?:done|finished|completed|accomplished|fulfilled|managed|ticked off|behind (?:me|us)|in the bag)\b",
    re.IGNORECASE,
)
_BACK = re.compile(r"\b(?:back|returned|home) from\b", re.IGNORECASE)
_NOT_SO = frozenset(
    "not never no nor neither cannot can't cant didn't didnt don't dont haven't havent hasn't isn't isnt aren't wasn't won't wont "
    "would could should must might may will gonna going want wants wanted wish hope hoping plan planning planned need needs "
    "if unless until once when before almost nearly half partly yet soon tomorrow nobody supposed meant tried trying "
    "he she they you his her their your".split()
)
"""Words with which a clause tells of nothing that the speaker has done."""

_SELF = frozenset("i we i've we've ive weve i'd we'd me".split())
_FILLERS = frozenset(
    "just finally already now so then also even actually today yesterday oh hey well ok okay yes yeah yay and have has 've "
    "at last long both all guess what btw good great big news update lol haha hooray".split()
)
_BE = frozenset("is are was were been got now finally".split())
_OTHERS = frozenset("it that this there who which".split())
_OF_IT = re.compile(r"\b(?:i|we)\b[^.!?\n]{0,40} (?:it|them)\b", re.IGNORECASE)
_VAGUE = frozenset("do get have make take see go be try use find leave keep want like love need".split())
"""Verbs that "it" may follow whatever the plan was."""
_IT = frozenset("it them that one mine ours".split())
_ENDS_OBJECT = frozenset(
    "for with before after because so when while next this by until once if since during in on over as and or at behind beside".split()
)
_SAME_DEED = {
    "visit": ("go", "see", "be"),
    "go": ("visit", "travel", "fly", "be"),
    "travel": ("go", "visit", "fly", "be"),
    "fly": ("go", "travel", "visit", "be"),
    "buy": ("get", "purchase", "order"),
    "get": ("buy", "adopt"),
    "adopt": ("get",),
    "relocate": ("move",),
    "move": ("relocate",),
    "quit": ("leave", "resign"),
    "leave": ("quit",),
    "learn": ("study",),
    "propose": ("ask",),
}
_ANY_DEED = ("do", "finish", "complete", "manage")
_JOURNEYS = frozenset("visit go travel fly".split())
_NOTHING_DONE = frozenset(
    "move relocate buy get sell quit leave adopt marry have live start begin join switch become propose retire be".split()
)
"""Verbs whose outcome is not told by "done" or "finished": what is finished then is something else."""
_APART = frozenset("of for as from about by on at in near like than".split())
_ADJECTIVES = 2
_AFTERWARDS = _FILLERS | frozenset("last this yesterday called named again together alone early late on".split())


def deeds(messages: Sequence[Message]) -> list[Statement]:
    """Return a statement for each user message that may tell of something done; `ends` says which plans it ends.

    Args:
        messages: of the interaction.
    """
    told = [message for message in messages if message.role == "user" and _may_tell(message.text)]
    done = [_deed(message, DEED) for message in told]
    return [*done, *(_deed(message, DEED_OF_IT) for message in told if _OF_IT.search(message.text[:LONGEST]))]


def ends(deed: Statement, plan: Statement) -> bool:
    """Whether the message of a deed tells that a plan has been carried out.

    Args:
        deed: one of `deeds`.
        plan: what said the plan last, in another message.
    """
    if not is_of_another_message(deed, plan):
        return False
    return is_done(plan.object.name, deed.object.name, told=plan.at.year, now=deed.at.year)


def ends_it(deed: Statement, plan: Statement) -> bool:
    """Whether the message of a deed tells of what the verb of a plan says, done to "it"."""
    verb, _ = said_of_plan(plan.object.name)
    if not is_of_another_message(deed, plan) or verb in _VAGUE:
        return False
    forms = _forms_of(verb)
    for clause in _CLAUSE.split(deed.object.name):
        spoken = words_of(clause)
        if _NOT_SO.isdisjoint(spoken) and any(
            spoken[k + 1 : k + 2] and spoken[k + 1] in _IT for k in _own_deeds(forms, spoken)
        ):
            return True
    return False


def is_done(plan: str, text: str, *, told: int, now: int) -> bool:
    """Whether a text tells that a plan has been carried out.

    Args:
        plan: as its object reads: "walk the Milford Track".
        text: what its owner said later.
        told, now: the years in which the one and the other was said; what happened in an earlier year was not this plan.
    """
    verb, words = said_of_plan(plan)
    apart = words_apart(plan)
    everywhere = frozenset(terms(text))
    if not words <= everywhere:
        return False
    for sentence in sentences_of(text):
        if sentence.rstrip().endswith("?") or _is_of_earlier(sentence, told, now):
            continue
        for clause in _CLAUSE.split(sentence):
            spoken = words_of(clause)
            if not spoken or not _NOT_SO.isdisjoint(spoken):
                continue
            if words and words <= frozenset(terms(clause)) and _is_over(verb, clause, spoken):
                return True
            forms = _forms_of_deed(verb, any_deed=bool(words) and verb not in _JOURNEYS | _NOTHING_DONE)
            if any(is_about(words, spoken[k + 1 :], everywhere, apart) for k in _own_deeds(forms, spoken)):
                return True
    return False


def _deed(message: Message, label: str) -> Statement:
    identity = derived_id(label.casefold(), message.user_id, message.session_id, message.id)
    return ending_in(message, identity, PLAN, EntityMention(message.text[:LONGEST], label))


def _may_tell(text: str) -> bool:
    """Whether a text has a verb in the past tense, a word for "done", or tells of coming back."""
    told = _DONE.search(text) or _BACK.search(text)
    return told is not None or not _past_forms().isdisjoint(w.lower() for w in _WORD.findall(text[:LONGEST]))


def said_of_plan(plan: str) -> tuple[str, frozenset[str]]:
    """Return a plan's verb and the stems of the words that say what it is about, up to the first that tells how or when."""
    spoken = [w.lower() for w in _WORD.findall(plan)]
    if not spoken:
        return "", frozenset()
    said: list[str] = []
    for word in spoken[1:]:
        if word in _ENDS_OBJECT and terms(" ".join(said)):
            break
        said.append(word)
    return spoken[0], frozenset(terms(" ".join(said)))


def _own_deeds(forms: frozenset[str], spoken: Sequence[str]) -> Iterator[int]:
    """Yield the places of one of the verb forms with the speaker as who did it."""
    for k, word in enumerate(spoken):
        if word not in forms:
            continue
        before = [w for w in spoken[:k] if w in _SELF or w not in _FILLERS]
        if not before or (before[-1] in _SELF and _OTHERS.isdisjoint(before)):
            yield k


def _is_over(verb: str, clause: str, spoken: Sequence[str]) -> bool:
    """ "The fence is painted", "the Camino: done", "back from Japan", in a clause that names what the plan is about."""
    if verb in _JOURNEYS:
        return _BACK.search(clause) is not None
    forms = _forms_of(verb)
    passive = any(word in forms and before in _BE for before, word in pairwise(spoken))
    return passive or (verb not in _NOTHING_DONE and _DONE.search(clause) is not None)


def is_about(words: frozenset[str], after: Sequence[str], everywhere: frozenset[str], apart: frozenset[str]) -> bool:
    """Whether a verb is followed by what the plan is about and by no other thing with a part of its name ("the Japan exhibition").

    Args:
        words: stems that say what the plan is about.
        after: the words behind the verb.
        everywhere: the stems of the whole message: "it" stands for what is named elsewhere.
        apart: words (`words_apart`) that before the name make it part of something else.
    """
    if not words:
        return not after or after[0] in _ENDS_OBJECT | _FILLERS
    if after and after[0] in _IT:
        return words <= everywhere
    named = [k for k, word in enumerate(after) if words.intersection(terms(word))]
    if not named or not words <= frozenset(terms(" ".join(after[named[0] : named[-1] + 1]))):
        return False
    before, behind = after[: named[0]], after[named[-1] + 1 : named[-1] + 2]
    return (
        apart.isdisjoint(before)
        and len(terms(" ".join(before))) <= _ADJECTIVES
        and (not behind or not terms(behind[0]) or behind[0] in _AFTERWARDS)
    )


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


def words_apart(plan: str) -> frozenset[str]:
    """Return the words that make what follows part of something else, unless the plan has them itself."""
    return _APART.difference(plan.lower().split())


def _is_of_earlier(sentence: str, told: int, now: int) -> bool:
    if _LONG_AGO.search(sentence) or any(int(year) < told for year in _YEAR.findall(sentence)):
        return True
    if found := _YEARS_AGO.search(sentence):
        number = int(found[1]) if found[1].isdecimal() else 1 if found[1].lower() in ("a", "one") else 2
        return now - number < told
    return "last year" in sentence.lower() and now - 1 < told


@lru_cache(maxsize=512)
def _forms_of_deed(verb: str, *, any_deed: bool) -> frozenset[str]:
    """The past tense and participle of a verb, of those that tell of the same deed, and of those that fit any."""
    alike = (*_SAME_DEED.get(verb, ()), *(_ANY_DEED if any_deed else ()))
    return frozenset[str]().union(*(_forms_of(one) for one in (verb, *alike)))


@lru_cache(maxsize=512)
def _forms_of(verb: str) -> frozenset[str]:
    """The past tense and the participle of a verb; of an irregular one the regular ones, too ("learned")."""
    if (known := verb_forms().get(verb)) is not None:
        return frozenset((*known[3:], *regular_verb(verb)[3:]))
    return frozenset((*regular_verb(verb)[3:], f"{verb}{verb[-1]}ed")) if len(verb) > 1 else frozenset()


@lru_cache(maxsize=1)
def _past_forms() -> frozenset[str]:
    return frozenset(form for forms in verb_forms().values() for form in forms[3:])
