"""What of a text is stated as true by its writer: everything else is no evidence of a fact."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from extraction.local import lexicon
from extraction.local.tokens import Sentence


class Mood(IntEnum):
    """How a word is said. Only ``STATED`` words can be read as facts; names that the writer introduces in a question
    or a request ("a card for my niece Ilinca") can be read there too."""

    STATED = 0
    REQUESTED = 1
    ASKED = 2
    SUPPOSED = 3
    REPORTED = 4
    QUOTED = 5


_FENCE = re.compile(r"```.*?(?:```|\Z)", re.S)
_INLINE = re.compile(r"`[^`\n]{1,300}`")
_DOUBLE = re.compile(r'"[^"\n]{1,3000}"|"[^"]{1,3000}"')
_SINGLE = re.compile(r"(?<![\w'])'(?=\w)[^'\n]{0,400}?(?:(?<=\w)'\w[^'\n]{0,200}?)*?(?<=[\w.!?,])'(?!\w)")
_ANGLE = re.compile(r"^ *>.*$", re.M)
_PASTE = re.compile(
    r"\b(?:translat\w*|proof-?read\w*|rewrit\w*|re-?phras\w*|paraphras\w*|summari[sz]\w*|summary|improv\w*|correct\w*|fix\w*|polish\w*|shorten\w*|edit|"
    r"check\w*|grammar|typos?|tl;?dr|convert\w*|spell\w*|condens\w*|simplif\w*|reword\w*|feedback|critique|rate|tidy|clean|turn|make|parse|extract|"
    r"format|classif\w*|analy[sz]e|what does|says?|said|reads?|wrote|writes|written|text|line|paragraph|email|e-mail|mail|message|bio|tweet|caption|lyrics?|"
    r"quote|sentence|prompt|german for|french for|english for|spanish for|italian for|how (?:do|would) (?:i|you) say|data|example|post|review|letter|log|note|story|poem|excerpt|passage|dialogue|script|transcript|headline|abstract|slogan|fixture)"
    r"\b[^.!?\n:]{0,90}:(?=\s|\")",
    re.I,
)
_OWN_DATA = re.compile(
    r"\b(?:cover letter|bio|cv|r[ée]sum[ée]|motivation letter|about me|my profile|my facts|autobiography|myself)\b(?!.*\b(?:this|following)\b)",
    re.I,
)
_FICTION = re.compile(
    r"\b(?:role-?play(?:ing)?|pretend(?:ing)?|you are (?:now )?(?:a|an|the) |in character|let'?s play|let us play|"
    r"imagine (?:that )?(?:i|you|we)\b|last night's dream|in (?:my|a|the|this) dream\b|i dreamt|i dreamed|nightmare|you play (?:a|an|the|my)|be my (?:date|boss|interviewer))",
    re.I,
)
_FORM = re.compile(
    r"^\s*(?:insert into|select |\{|\[|<[a-z!/]|#include|def |class |import |const |let \w+ ?=|var |from:|to:|subject:|dear )",
    re.I,
)


def quoted_spans(text: str) -> list[tuple[int, int]]:
    """Return the places of a text that are not its writer's own statements: code, quotations, pasted passages, fiction.

    Args:
        text: a normalised text.

    Returns:
        Spans of characters in order; they may overlap.
    """
    spans = [m.span() for m in _FENCE.finditer(text)]
    spans += [m.span() for m in _INLINE.finditer(text)]
    spans += [m.span() for m in _DOUBLE.finditer(text) if _is_speech(m[0])]
    spans += [m.span() for m in _SINGLE.finditer(text) if _is_speech(m[0])]
    spans += [m.span() for m in _ANGLE.finditer(text)]
    spans += _pasted(text)
    fiction = _FICTION.search(text)
    if fiction is not None:
        spans.append((_sentence_start(text, fiction.start()), len(text)))
    spans += _form_lines(text)
    return sorted(spans)


def _is_speech(quotation: str) -> bool:
    """A quoted name or title is the writer's own word; anything with three words or a verb of the first person is not."""
    return len(quotation.split()) > 2 or bool(re.search(r"\b(?:i|i'm|my|we)\b", quotation, re.I))


def _pasted(text: str) -> list[tuple[int, int]]:
    match = next((m for m in _PASTE.finditer(text) if not _OWN_DATA.search(m[0])), None)
    if match is None:
        return []
    rest = text[match.end() :]
    lead = len(rest) - len(rest.lstrip())
    if rest.lstrip()[:1] == '"' and '"' in rest.lstrip()[1:]:
        return [(match.end() + lead, match.end() + lead + rest.lstrip().index('"', 1) + 1)]
    return [(match.end(), len(text))]


def _sentence_start(text: str, place: int) -> int:
    return max(text.rfind(mark, 0, place) for mark in ".!?\n") + 1


def _form_lines(text: str) -> list[tuple[int, int]]:
    spans, place = [], 0
    for line in text.splitlines(keepends=True):
        if _FORM.match(line):
            spans.append((place, place + len(line)))
        place += len(line)
    return spans


_WH = frozenset("what who whom whose which where when why how whats".split())
_AUX = frozenset(
    "do does did can could would will should shall may might is are am was were have has had must ca wo".split()
)
_PRONOUNS = frozenset(
    "i you we he she they it there this that these those anyone anybody someone somebody my your our the a an people".split()
)
_SUPPOSING = frozenset(
    "if unless suppose supposing imagine assuming wish pretend hypothetically whether lest wouldn maybe perhaps".split()
)
_BREAKS = frozenset(
    {",", ";", ":", "-", "—", "–", "(", ")", "...", "…", "/", "and", "but", "so", "because", "since", "as", "though", "although", "or", "btw", "anyway", "then", "also", "plus"}
)  # fmt: skip
_STRONG = _BREAKS - {"and", "or", "then", "as", "so"}
_SPEECH = frozenset(
    "says say said thinks think thought claims claim claimed believes believed swears swore insists insisted reckons reckon keeps tells told "
    "announced assumes assumed guesses suggests suggested asks asked wonders writes wrote reads argues".split()
)
_SELF = frozenset({"i", "we", "my", "our", "mine"})
_OPENERS = frozenset(
    "so well oh hey hi hello yeah yes no nope ok okay actually sorry btw also and but now then please honestly anyway um uh hmm lol omg ugh right dude bro man pls quick question ps p.s. edit update".split()
    + [",", "!", "-", "—", ":", "...", "…", "(", '"', "'"]
)
_REMINDERS = frozenset("remember note remind fyi know mind forget record save memorise memorize".split())
_ANY = frozenset("any anyone anybody anything".split())
_CREATIVE = frozenset(
    "story poem rap song lyrics novel tale character monologue dialogue sketch scene limerick haiku fanfic screenplay joke villain pirate fairytale".split()
)
_WISHES = frozenset("wish wished dream dreamed dreamt dreaming".split())


@dataclass(frozen=True, slots=True)
class _At:
    mood: Mood
    closed: bool


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
        if norms[i] in _SUPPOSING or (norms[i] in _WISHES and "i" in norms[max(0, i - 3) : i]):
            mood = Mood.SUPPOSED
        if norms[i] in ("told", "said", "claimed") and any(
            n in ("never", "not", "you") for n in norms[max(0, i - 3) : i]
        ):
            mood = Mood.SUPPOSED
        if norms[i] in ("said", "wrote", "claim", "claimed") and norms[i - 1 : i] == ("i",):
            mood = Mood.SUPPOSED
        if norms[i] == "were" and norms[i - 1 : i] == ("i",):
            mood = Mood.SUPPOSED
        if norms[i] in ("convinced", "assume", "assumes") and "i" not in norms[max(0, i - 2) : i]:
            mood = Mood.REPORTED
        if norms[i] == "say" and norms[max(0, i - 2) : i] in (("let", "'s"), ("let", "us")):
            mood = Mood.SUPPOSED
        if norms[i] in _SPEECH and _someone_else_speaks(norms, i):
            mood = Mood.REPORTED
        if norms[i] == "like" and norms[i + 1 : i + 3] in (("i", "am"), ("you", "are"), ("i", "'m")):
            mood = Mood.SUPPOSED
        result.append(mood)
    if asks and Mood.ASKED not in result:
        result = _ask_from(norms, result)
    return [Mood.QUOTED if _inside(sentence.tokens[i].start, quoted) else m for i, m in enumerate(result)]


def _clause_mood(norms: tuple[str, ...], i: int, before: Mood) -> Mood:
    """Return the mood of the clause that may begin at token ``i``."""
    k = i
    while k < len(norms) and norms[k] in _OPENERS:
        k += 1
    if k >= len(norms):
        return before
    word, following = norms[k], norms[k + 1] if k + 1 < len(norms) else ""
    strong = i == 0 or norms[i - 1] not in ("and", "or", "then", "as", "so") or norms[k] in _SELF
    if word in _WH and not (before is Mood.STATED and i > 0 and norms[i - 1] in _BREAKS and _is_relative(norms, k)):
        return Mood.ASKED
    if word in _AUX and (following in _PRONOUNS or following == "not") and not (word == "may" and following == "the"):
        return Mood.ASKED
    if word in _ANY and i == 0:
        return Mood.ASKED
    if word in ("like", "as") and following in ("if", "though"):
        return Mood.SUPPOSED
    if word in lexicon.words("requests") and (i == 0 or strong or before is Mood.REQUESTED) and _imperative(norms, k):
        return Mood.STATED if _reminds(norms, k) else Mood.REQUESTED
    if word in ("do", "don't") and following == "not" and k + 2 < len(norms):
        return Mood.STATED if norms[k + 2] in _REMINDERS else Mood.REQUESTED
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
    return (
        norms[k] in _REMINDERS
        or norms[k : k + 3] == ("keep", "in", "mind")
        or norms[k + 1 : k + 2] == ("sure",)
        and False
    )


def _someone_else_speaks(norms: tuple[str, ...], i: int) -> bool:
    before = norms[max(0, i - 3) : i]
    if not before or before[-1] in ("i", "we", "to", "that", ",", "is", "are", "'s", "i'd", "'d") or "i" in before:
        return False
    return norms[i] not in ("keeps", "reads", "read", "think", "say", "writes", "wrote") or norms[i + 1 : i + 2] in (
        ("that",), ("saying",), ("telling",), ("i",), ("i'm",), ("he",), ("she",), ("it",), ("they",), ("we",), ("you",), ("my",),
    )  # fmt: skip


def _ask_from(norms: tuple[str, ...], result: list[Mood]) -> list[Mood]:
    """A sentence that ends in "?" with no question word in sight asks from its last clause on, or as a whole."""
    for i in range(len(norms) - 1, 0, -1):
        if norms[i - 1] in (";", "-", "—", ".", ":") and len(norms) - i > 2:
            return [m if k < i else max(m, Mood.ASKED) for k, m in enumerate(result)]
    return [max(m, Mood.ASKED) for m in result]


def _inside(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)
