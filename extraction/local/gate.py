"""What of a text is stated as true by its writer: everything else is no evidence of a fact."""

from __future__ import annotations

import itertools
from enum import IntEnum

from extraction.local import lexicon
from extraction.local.quoted import is_inside
from extraction.local.tokens import Sentence


class Mood(IntEnum):
    """How a word is said. The frames read facts from ``STATED`` words alone, and names that the writer introduces in a
    question or a request ("a card for my niece Ilinca"); a model's proposals are barred from ``QUOTED`` and ``IRONIC`` ones only."""

    STATED = 0
    REQUESTED = 1
    ASKED = 2
    SUPPOSED = 3
    REPORTED = 4
    QUOTED = 5
    IRONIC = 6


_WH = frozenset("what who whom whose which where when why how whats".split())
_AUX = frozenset(
    "do does did can could would will should shall may might is are am was were have has had must ca wo".split()
)
_PRONOUNS = frozenset(
    "i you we he she they it there this that these those anyone anybody someone somebody my your our the a an "
    "people".split()
)
_SUPPOSING = frozenset(
    "if unless suppose supposing imagine assuming wish pretend hypothetically whether lest wouldn maybe perhaps".split()
)
_BREAKS = frozenset(
    {
        ",",
        ";",
        ":",
        "-",
        "—",
        "–",
        "(",
        ")",
        "...",
        "…",
        "/",
        "and",
        "but",
        "so",
        "because",
        "since",
        "as",
        "though",
        "although",
        "or",
        "btw",
        "anyway",
        "then",
        "also",
        "plus",
    }
)
_SPEECH = frozenset(
    "says say said thinks think thought claims claim claimed believes believed swears swore insists insisted "
    "reckons reckon keeps tells told announced assumes assumed guesses suggests suggested asks asked wonders "
    "writes wrote reads argues".split()
)
_SELF = frozenset({"i", "we", "my", "our", "mine"})
_OPENERS = frozenset({",", "!", "-", "—", ":", "...", "…", "(", '"', "'"}).union(
    "so well oh hey hi hello yeah yes no nope ok okay actually sorry btw also and but now then please honestly "
    "anyway um uh hmm lol omg ugh right dude bro man pls quick question ps p.s. edit update".split()
)
_REMINDERS = frozenset("remember note remind fyi know mind forget record save memorise memorize".split())
_STATES = frozenset("have own like love eat drink drive speak know live work smoke even really".split())
""" "Don't have a car" leaves out the subject; "don't tell me" asks for something."""
_ARTICLES = frozenset("a an the my our your".split())
_ANY = frozenset("any anyone anybody anything".split())
_CREATIVE = frozenset(
    "story poem rap song lyrics novel tale character monologue dialogue sketch scene limerick haiku fanfic "
    "screenplay joke villain pirate fairytale".split()
)
_HEROES = frozenset("hero heroine protagonist villain narrator character characters".split())
_WISHES = frozenset("wish wished dream dreamed dreamt dreaming".split())


def moods(sentence: Sentence, quoted: list[tuple[int, int]]) -> list[Mood]:
    """Return the mood of every token of a sentence.

    Args:
        sentence: the sentence.
        quoted: the text's quoted spans.
    """
    norms = sentence.norms
    result: list[Mood] = []
    mood = Mood.STATED
    asks = norms[-1] in ("?", "??", "?!", "!?")
    for i in range(len(norms)):
        if i == 0 or norms[i - 1] in _BREAKS or norms[i - 1] in _OPENERS:
            mood = _clause_mood(norms, i, mood)
        mood = _word_mood(norms, i) or mood
        result.append(mood)
    if asks and Mood.ASKED not in result:
        result = _ask_from(norms, result)
    if _HEROES.intersection(norms[:4]) and "my" not in norms[:4]:
        result = [max(m, Mood.SUPPOSED) for m in result]
    if _is_sarcastic(norms):
        result = [Mood.IRONIC] * len(result)
    return [Mood.QUOTED if is_inside(sentence.tokens[i].start, quoted) else m for i, m in enumerate(result)]


def asks_for(sentence: Sentence, end: int) -> bool:
    """Whether a sentence asks for the very thing that ends at token ``end``: "Is my aunt named Rosa?", "Do I live in Rome?".

    Args:
        sentence: the sentence.
        end: the token after the words.
    """
    norms = sentence.norms
    first = next((i for i, word in enumerate(norms) if word not in _OPENERS), 0)
    about = norms[first + 1 : first + 2]
    asked = norms[first] in _ASKING and about != ("you",)
    return asked and norms[end : end + 1] == ("?",) and not _BREAKS.intersection(norms[first:end])


_ASKING = frozenset("is are am was were do does did have has had".split())


def _is_sarcastic(norms: tuple[str, ...]) -> bool:
    """ "Oh great, I just love being on call", "Yeah right, and I'm the Queen"."""
    if norms[:2] == ("yeah", "right"):
        return True
    if len(norms) < 4:
        return False
    pairs = itertools.pairwise(norms)
    return norms[0] == "oh" and norms[1] in _JOYS and any(a in _HEARTILY and b in _LOVES for a, b in pairs)


_JOYS = frozenset("great sure joy wonderful lovely brilliant fantastic good yes yay perfect super".split())
_HEARTILY = frozenset("just simply absolutely totally so really".split())
_LOVES = frozenset("love adore enjoy loved".split())


def _word_mood(norms: tuple[str, ...], i: int) -> Mood | None:
    """Return the mood that the word at ``i`` gives to what follows it; None when it changes nothing."""
    word, before, after = norms[i], norms[max(0, i - 3) : i], norms[i + 1 : i + 3]
    last = before[-1:]
    if word in _SPEECH and after[:1] != ("by",) and _someone_else_speaks(norms, i):
        return Mood.REPORTED
    if word in ("convinced", "assume", "assumes") and "i" not in before[-2:]:
        return Mood.REPORTED
    supposed = (
        word in _SUPPOSING
        or (word in _WISHES and "i" in before)
        or (word in ("told", "said", "claimed") and any(n in ("never", "not", "you") for n in before))
        or (word in ("said", "wrote", "claim", "claimed", "were") and last == ("i",))
        or (
            word == "say"
            and (before[-2:] in (("let", "'s"), ("let", "us")) or (after[:1] == ("i",) and _opens(norms, i)))
        )
        or (word in ("yeah", "oh") and after[:1] in (("right",), ("sure",)))
        or (word == "say" and before[-2:] == ("would", "not"))
        or (word == "as" and after[:1] in (("though",), ("if",)) and i > 0)
        or (word == "like" and after in (("i", "am"), ("you", "are")))
    )
    return Mood.SUPPOSED if supposed else None


def _opens(norms: tuple[str, ...], i: int) -> bool:
    return i == 0 or norms[i - 1] in _BREAKS


def _clause_mood(norms: tuple[str, ...], i: int, before: Mood) -> Mood:
    """Return the mood of the clause that may begin at token ``i``."""
    k = i
    while k < len(norms) and norms[k] in _OPENERS:
        k += 1
    if k >= len(norms):
        return before
    word, following = norms[k], norms[k + 1] if k + 1 < len(norms) else ""
    strong = i == 0 or norms[i - 1] not in ("and", "or", "then", "as", "so") or norms[k] in _SELF
    if word in _WH:
        relative = before in (Mood.STATED, Mood.REQUESTED) and i > 0 and norms[i - 1] in _BREAKS
        if relative and _is_relative(norms, k):
            return Mood.STATED if word in ("who", "whose") and _follows_somebody(norms, i) else before
        return Mood.ASKED
    if word in _AUX and _is_inverted(norms, k) and not (i > 0 and _goes_on(norms, i, before)):
        return Mood.ASKED
    if word in _ANY and i == 0:
        return Mood.ASKED
    if word in ("like", "as") and following in ("if", "though"):
        return Mood.SUPPOSED
    if word in lexicon.words("requests") and (i == 0 or strong or before is Mood.REQUESTED) and _imperative(norms, k):
        return Mood.STATED if _reminds(norms, k) else Mood.REQUESTED
    if word in ("do", "don't") and following == "not" and k + 2 < len(norms):
        return Mood.STATED if norms[k + 2] in _REMINDERS or norms[k + 2] in _STATES else Mood.REQUESTED
    if before is Mood.REQUESTED and any(n in _CREATIVE for n in norms[:i]):
        return before
    if before in (Mood.ASKED, Mood.REQUESTED, Mood.REPORTED) and word in _SELF and i > 0 and norms[i - 1] in _BREAKS:
        return Mood.STATED if norms[i - 1] not in ("or", "as") and not _inside_question(norms, i, before) else before
    if (
        before is Mood.SUPPOSED
        and i > 0
        and norms[i - 1] in (",", ";", "-", "—", "(", ")", "but", "because")
        and word in _SELF
    ):
        return Mood.STATED
    if before is Mood.REPORTED and i > 0 and norms[i - 1] in (";", "but", "-", "—"):
        return Mood.STATED
    return before


def _is_inverted(norms: tuple[str, ...], k: int) -> bool:
    """ "can you", "isn't she" ask; "can't stand olives" and "may the" do not."""
    word, following = norms[k], norms[k + 1] if k + 1 < len(norms) else ""
    if following == "not":
        return k + 2 < len(norms) and norms[k + 2] in _PRONOUNS - _ARTICLES
    return following in _PRONOUNS and not (word == "may" and following == "the")


def _goes_on(norms: tuple[str, ...], i: int, before: Mood) -> bool:
    """ "My uncle, who lives in Mumbai, is a doctor.": what is said of the subject goes on after the insertion."""
    word, following = norms[i], norms[i + 1] if i + 1 < len(norms) else ""
    if before is not Mood.STATED or word not in ("is", "was", "has", "had", "are", "were") or norms[-1] == "?":
        return False
    return norms[i - 1] in (",", "-", "—", ")") and following in _ARTICLES


def _follows_somebody(norms: tuple[str, ...], i: int) -> bool:
    """ "a card for my aunt, who lives in Rome": what is told of somebody within a request is stated."""
    return norms[i - 1] in (",", "(", "-", "—") and i > 1 and norms[i - 2] not in _OPENERS


def _inside_question(norms: tuple[str, ...], i: int, before: Mood) -> bool:
    """ "Where do I live and my sister work?": an "and" goes on asking."""
    return before is not Mood.REQUESTED and norms[i - 1] == "and"


def _is_relative(norms: tuple[str, ...], k: int) -> bool:
    """Whether the wh-word at ``k`` opens a relative clause (", who works ...") and no question (", what should ...")."""
    if norms[k] in ("what", "why", "how", "whats"):
        return False
    following = norms[k + 1] if k + 1 < len(norms) else ""
    return not (following in _AUX and k + 2 < len(norms) and norms[k + 2] in _PRONOUNS)


def _imperative(norms: tuple[str, ...], k: int) -> bool:
    """A request's verb stands at the head of its clause with no subject: "work at Siemens" is none, "give me" is one."""
    word, following = norms[k], norms[k + 1] if k + 1 < len(norms) else ""
    if word in (
        "work",
        "plan",
        "use",
        "speak",
        "start",
        "come",
        "name",
        "recipe",
        "do",
        "walk",
        "read",
        "teach",
        "study",
        "order",
        "look",
        "book",
    ):
        return word not in ("work", "speak", "come", "teach", "name") and following not in (
            "'s",
            "is",
            "to",
            "in",
            "at",
            "from",
            ":",
        )
    return following not in ("is", "'s", "was")


def _reminds(norms: tuple[str, ...], k: int) -> bool:
    """ "Remember that I'm vegan", "keep in mind that ...": what follows is stated."""
    return norms[k] in _REMINDERS or norms[k : k + 3] == ("keep", "in", "mind")


def _someone_else_speaks(norms: tuple[str, ...], i: int) -> bool:
    before = norms[max(0, i - 3) : i]
    if not before or before[-1] in ("i", "we", "to", "that", ",", "is", "are", "'s", "i'd", "'d") or "i" in before:
        return False
    return norms[i] not in ("keeps", "reads", "read", "think", "say", "writes", "wrote") or norms[i + 1 : i + 2] in (
        ("that",),
        ("saying",),
        ("telling",),
        ("i",),
        ("i'm",),
        ("he",),
        ("she",),
        ("it",),
        ("they",),
        ("we",),
        ("you",),
        ("my",),
    )


def _ask_from(norms: tuple[str, ...], result: list[Mood]) -> list[Mood]:
    """A sentence that ends in "?" with no question word in sight asks from its last clause on, or as a whole."""
    for i in range(len(norms) - 1, 0, -1):
        if norms[i - 1] in (";", "-", "—", ".", ":") and len(norms) - i > 2:
            return [m if k < i else max(m, Mood.ASKED) for k, m in enumerate(result)]
    cut = _after_statement(norms)
    return [m if k < cut else max(m, Mood.ASKED) for k, m in enumerate(result)]


def _after_statement(norms: tuple[str, ...]) -> int:
    """ "Our neighbour plays drums at night, legal?", "my dad is 80, ideas for a cake?": the question is what follows the
    last comma, when a whole clause stands before it and no clause with a verb after it; 0 when all of it asks."""
    commas = [i for i, word in enumerate(norms) if word in _SOFT_BREAKS]
    if not commas or norms[0] in _AUX or any(n in ("right", "correct", "huh", "eh") for n in norms[commas[-1] :]):
        return 0
    tail = norms[commas[-1] + 1 : -1]
    if not tail or any(n in lexicon.finite_verbs() - _NOUNS_TOO for n in tail) or any(n in _SELF for n in tail[:1]):
        return 0
    head = norms[: commas[-1]]
    if not any(n in _SELF or n in ("he", "she") for n in head) or "you" in head:
        return 0
    return commas[-1] if any(n in lexicon.finite_verbs() for n in head) else 0


_SOFT_BREAKS = frozenset({",", "...", "…", "..", "("})
_NOUNS_TOO = frozenset("work cook cake plan name need book look party present gift place play drink".split())
