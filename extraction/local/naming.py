"""Personal names in running text."""

from __future__ import annotations

from extraction.local import lexicon
from extraction.local.tokens import Sentence, Token

CALLED = frozenset({"named", "called"})
EDGES = frozenset(
    {",", ".", ";", ":", "-", "—", "(", "and", "but", "so", "because", "while", "since", "btw", "!", "...", "…", "as"}
)
_TITLES = frozenset(
    "mr mr. mrs mrs. ms ms. dr dr. prof prof. professor miss sir señora señor signor signora frau herr madame "
    "sister father".split()
)
_NO_NAMES = frozenset(
    "i the a an and but or so if in on at to from of for with by as is am are was were be it he she they we "
    "you my mine our his her their your this that these those what who when where why how which whose monday "
    "tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december not no yes ok okay oh hi hey hello thanks please lol btw also then "
    "now today yesterday tomorrow tonight just still there here mum mom dad born never always everyone "
    "everybody nobody somebody someone nothing everything something anything people christmas easter ramadan "
    "god ai has had have does do did can could will would should says said who's since because while although "
    "though whenever originally currently recently maybe perhaps actually honestly anyway well sorry update "
    "edit ps fyi correction both each all some any many most more less few two three four five six seven eight "
    "nine ten one long short good bad best new old big little first last next after before until during about "
    "around over under between through without within plus minus even only once twice sure yeah yep nope "
    "gluten dairy coeliac celiac vegan vegetarian retired former work home life love living working moved "
    "turned got english french german spanish its hes shes im ive theyre thats".split()
)
_ROLES = frozenset(
    "flatmate roommate housemate neighbour neighbor teacher landlord landlady carer coach lodger tenant "
    "trainer therapist doctor employee intern apprentice student godson bassist drummer singer captain guy "
    "lady".split()
)
_COMMON = frozenset(
    "will may grant mark rose hope faith joy grace dawn summer autumn chase rich art guy ray sunny bill drew "
    "page price young".split()
)


def read_name(tokens: tuple[Token, ...], i: int, *, lower: bool = False) -> int:
    """Return the token after the personal name that starts at ``i``; ``i`` itself when there is none.

    Args:
        tokens: the sentence's tokens.
        i: where to look.
        lower: whether a name in lower case is read too, when it is a known given name.
    """
    j = i
    while j < len(tokens) and tokens[j].norm in _TITLES and tokens[j].capital and j - i < 2:
        j += 1
    head = j
    while j < len(tokens) and j - head < 3 and _name_part(tokens[j]):
        j += 1
    if j > head:
        return j
    if lower and head < len(tokens) and tokens[head].norm in lexicon.given_names():
        return head + 1
    return i


def read_lower_name(sentence: Sentence, i: int) -> int:
    """Return the token after an unknown name in lower case ("my gf mireille plays"); ``i`` when the word may be any other.

    A text without capitals is all there is to go by, so the word must stand right before a finite verb or a break and be
    no verb, adverb or function word itself.
    """
    norms = sentence.norms
    if i >= len(norms):
        return i
    word, follower = norms[i], norms[i + 1] if i + 1 < len(norms) else "."
    if (
        not word.isalpha()
        or len(word) < 3
        or word in _NO_NAMES
        or word in lexicon.finite_verbs()
        or word in lexicon.words("adverbs")
    ):
        return i
    if (
        word in lexicon.kin_words()
        or word in lexicon.animals()
        or word.endswith(("ing", "ed", "ly"))
        or word in lexicon.words("jobs")
        or word in _NOUNS
    ):
        return i
    if any(t.capital and not t.text.isupper() for t in sentence.tokens[1:]):
        return i
    verb = follower in lexicon.finite_verbs() or (follower.endswith("ed") and len(follower) > 4)
    return i + 1 if verb and follower not in ("be", "have", "do", "like") else i


_NOUNS = frozenset(
    "house place car wedding birthday name side family school phone tongue room dog cat age job work voice "
    "text number money life funeral party house".split()
)


def is_new_name(sentence: Sentence, start: int, end: int) -> bool:
    """Whether the capitals from ``start`` to ``end`` name a person nobody has introduced: a known given name, or the
    subject of a verb in the third person.

    Args:
        sentence: the sentence.
        start, end: the name's tokens.
    """
    norms, tokens = sentence.norms, sentence.tokens
    first = norms[start]
    if tokens[start].text.isupper() and end - start == 1:
        return False
    if any(n in lexicon.words("nationalities") | lexicon.words("languages") for n in norms[start:end]) or " ".join(
        norms[start:end]
    ) in lexicon.words("places"):
        return False
    if norms[end : end + 1] == ("'s",) and norms[end + 1 : end + 2] and norms[end + 1] in lexicon.kin_words():
        return True
    if start > 0 and norms[start - 1] in (
        "in",
        "to",
        "from",
        "at",
        "near",
        "the",
        "a",
        "an",
        "of",
        "@",
        "called",
        "named",
        "on",
        "my",
        "our",
        "by",
        "for",
    ):
        return False
    if first in _TITLES and end - start > 1:
        return True
    if first in lexicon.given_names() and first not in _COMMON:
        return True
    if (
        first in lexicon.words("requests")
        or first in lexicon.finite_verbs()
        or first in lexicon.words("adverbs")
        or first in lexicon.kin_words()
        or first in lexicon.words("jobs")
    ):
        return False
    follower = norms[end] if end < len(norms) else "."
    if _told_of(norms, end):
        return end - start > 1 or len(first) > 2
    third = follower in ("'s", "is", "has", "was", "who") or (
        follower in lexicon.finite_verbs() and follower.endswith(("s", "ed"))
    )
    return (
        third
        and (start == 0 or norms[start - 1] in EDGES or norms[start - 1] in _ROLES)
        and (end - start > 1 or start > 0 or len(first) > 3)
    )


def _told_of(norms: tuple[str, ...], end: int) -> bool:
    """ "... a student, Oyuna, who sings", "his boss is Kim, she's 34": only of a person can one go on so."""
    if norms[end : end + 1] in (("who",), ("whose",)):
        return True
    return norms[end : end + 1] in ((",",), ("(",)) and norms[end + 1 : end + 2] in (
        ("who",),
        ("whose",),
        ("he",),
        ("she",),
    )


def text_of(sentence: Sentence, start: int, end: int) -> str:
    """Return the words from token ``start`` up to ``end`` as they are written, spaces made single."""
    tokens = sentence.tokens
    text = tokens[start].text
    for before, token in zip(tokens[start : end - 1], tokens[start + 1 : end], strict=True):
        text += (" " if token.start > before.end else "") + token.text
    return text


def _name_part(token: Token) -> bool:
    return token.capital and token.norm not in _NO_NAMES and any(c.isalpha() for c in token.text)
