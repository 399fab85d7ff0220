"""Words that are not their writer's own statements: code, quotations, pasted passages, forms, fiction."""

from __future__ import annotations

import re
from bisect import bisect_right

Span = tuple[int, int]

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.S)
_INLINE = re.compile(r"`[^`\n]{1,300}`")
_DOUBLE = re.compile(r'"[^"\n]{1,3000}"|"[^"]{1,3000}"')
_ANGLE = re.compile(r"^ *>.*$", re.M)
_EDITING = (
    r"translat\w*|proof-?read\w*|rewrit\w*|re-?phras\w*|paraphras\w*|summari[sz]\w*|summary|improv\w*|correct(?:ed|ing|s)?|fix\w*|"
    r"polish\w*|shorten\w*|edit|check\w*|grammar|typos?|tl;?dr|convert\w*|spell\w*|condens\w*|simplif\w*|reword\w*|feedback|"
    r"critique|rate|tidy|clean|turn|make|parse|extract|format|classif\w*|analy[sz]e|what does|(?<!\bi )(?<!\bi can )says?|"
    r"(?<!\bi )said|reads?|"
    r"(?<!\bi )wrote|writes|"
    r"written|(?:german|french|english|spanish|italian) for|how (?:do|would) (?:i|you) say"
)
_TEXTS = (
    r"texts?|lines?|paragraphs?|e-?mails?|mail|messages?|bio|tweet|caption|lyrics?|quote|sentences?|prompt|data|example|posts?|"
    r"reviews?|letters?|log|notes?|story|poems?|excerpt|passage|dialogue|script|transcripts?|headline|abstract|slogan|fixture"
)
_PASTE = re.compile(rf"\b(?:{_EDITING}|{_TEXTS})\b[^.!?\n:]{{0,90}}:(?=\s|\")", re.I)
_POINTS_TO_TEXT = re.compile(
    rf"\b(?:{_TEXTS}|this|these|below|following|attached|here(?:'s| is| are)|q\d|applications?|essays?|profiles?|listings?|"
    r"comments?|diary|entry|speech|statement|article|json|csv|table|code|commas?|spelling|grammar|writer|author|narrator|"
    r"speaker|gaps|blanks|ad|obituary|testimon\w+|slide)\b|:\s*$",
    re.I,
)
_OWN_DATA = re.compile(
    r"\b(?:cover letter|bio|cv|r[ée]sum[ée]|motivation letter|about me|my (?:\w+ )?profile|my facts|autobiography|myself)\b"
    r"(?!.*\b(?:this|following)\b)",
    re.I,
)
_FICTION = re.compile(
    r"\b(?:role-?play(?:ing)?|pretend(?:ing)?|you are (?:now )?(?:a|an|the) |in character|let'?s play|let us play|"
    r"imagine (?:that )?(?:i|you|we)\b|last night's dream|the dream was\b|in (?:my|a|the|this) dream\b|i dreamt|i dreamed|"
    r"(?:had|having|in) (?:a|an|the|this|my|such an?|another) (?:\w+ )?(?:dream|nightmare)\b(?! of)|rp time\b|"
    r"you(?:'re| are) (?:the|an?) [\w ]{2,30},? and i(?:'m| am) (?:the|an?|captain)\b|\b(?:dnd|d&d|rpg) (?:now|time)\b|"
    r"you(?:'re| are) the (?:dungeon|game) master\b|"
    r"(?:mock interview|practi[sc]e (?:an )?interview)\b[^\n]{0,60}\byou(?:'re| are| be| play)\b|"
    r"you play (?:a|an|the|my)|be my (?:date|boss|interviewer)|"
    r"\bplay (?:an?|the|my) [^.!?\n]{2,60}[,;:] (?:and )?i(?:'m| am|'ll be| will be)\b|write as (?!if\b|many\b|much\b|soon\b)[\w ]{2,30}:)",
    re.I,
)
_REAL_AGAIN = re.compile(
    r"\b(?:(?:real|actual|serious) question|for real|in real life|irl|out of character|ooc|in reality|seriously though|"
    r"(?:joking|kidding|jokes) aside|back to reality|me again|back to me)\b",
    re.I,
)
"""What ends a fiction."""
_ASIDE = re.compile(
    r"\b(?:in (?:another|a past|a previous|my next|some other|a parallel) (?:life|universe)|"
    r"in (?:the|my|this|our) (?:exercise|game|novel|film|movie|sketch|campaign|(?:\w+ )?version)\b|my (?:\w+ )?character\b|"
    r"according to (?:my|the|this|some|an?) (?:\w+ )?(?:horoscope|quiz|test|algorithm|app|website|chatbot|fortune|star sign)|"
    r"\bi(?:'ll| will) play (?:an?|the|your) |\byou\b[^.!?\n]{0,60}\bi(?:'ll| will) be (?:an?|the|your) |"
    r"\bi(?:'ll| will) be (?:an?|the|your) [^.!?\n]{2,40}\byou(?:'re| are|'ll| will| be| play)\b|"
    r"^(?:math|maths|riddle|word problem|puzzle) ?:)",
    re.I | re.M,
)
"""What makes its own sentence a fiction and no more than that."""
_WRITING = re.compile(r"\b(?:write|draft|compose|prepare|word)\b[^.!?\n:]*$", re.I)
_INVENTED = re.compile(
    r"(?:lyrics?|quote|sentences?|prompt|data|example|story|poems?|excerpt|passage|dialogue|script|transcripts?)", re.I
)
_FORM = re.compile(
    r"^\s*(?:insert into|(?:system|assistant|user|human|ai|note to (?:ai|assistant)) ?:|select |\{|\[|<[a-z!/]|#include|def |"
    r"class |import |const |let \w+ ?=|var |from:|to:|subject:|"
    r"dear (?!assistant|ai\b|bot\b|chat|helper|all\b|everyone|friend))",
    re.I,
)
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|my|we)\b", re.I)
_LONGEST_HEAD, _LONGEST_QUOTE = 600, 600


def quoted_spans(text: str) -> list[Span]:
    """Return the places of a text that are not its writer's own statements.

    Args:
        text: a normalised text.

    Returns:
        Spans of characters in order, none touching another.
    """
    spans = [m.span() for pattern in (_FENCE, _INLINE, _ANGLE) for m in pattern.finditer(text)]
    spans += [m.span() for m in _DOUBLE.finditer(text) if _is_speech(m[0])]
    spans += _single_quotes(text)
    spans += _pasted(text)
    spans += _below(text)
    spans += _form_lines(text)
    fiction = _FICTION.search(text)
    if fiction is not None:
        over = _REAL_AGAIN.search(text, fiction.end())
        end = len(text) if over is None else _sentence_start(text, over.start())
        spans.append((_sentence_start(text, fiction.start()), end))
    spans += [(_sentence_start(text, m.start()), _sentence_end(text, m.end())) for m in _ASIDE.finditer(text)]
    return _merged(spans)


def is_inside(place: int, spans: list[Span]) -> bool:
    """Whether a character lies in one of the spans that ``quoted_spans`` returned."""
    index = bisect_right(spans, (place, 1 << 62)) - 1
    return index >= 0 and spans[index][0] <= place < spans[index][1]


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _is_speech(quotation: str) -> bool:
    """A quoted name or title is the writer's own word; three words or a first person are somebody's speech."""
    return len(quotation.split()) > 2 or _FIRST_PERSON.search(quotation) is not None


def _single_quotes(text: str) -> list[Span]:
    """Pair single quotation marks; an apostrophe inside a word or after a plural is none."""
    spans: list[Span] = []
    opening: int | None = None
    for match in re.finditer(r"['\n]", text):
        i = match.start()
        before, after = text[i - 1 : i], text[i + 1 : i + 2]
        if match[0] == "\n" or (opening is not None and i - opening > _LONGEST_QUOTE):
            opening = None
        elif opening is None and after.isalnum() and not (before.isalnum() or before == "'"):
            opening = i
        elif opening is not None and not after.isalnum() and before and not before.isspace():
            if _is_speech(text[opening : i + 1]):
                spans.append((opening, i + 1))
            opening = None
    return spans


def _pasted(text: str) -> list[Span]:
    """What follows "translate this:" and the like; only the quotation when one follows."""
    match = next((m for m in _PASTE.finditer(text) if not _is_own(text, m)), None)
    if match is None:
        return []
    start = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip())
    closing = text.find('"', start + 1) if text[start : start + 1] == '"' else -1
    return [(start, closing + 1)] if closing > 0 else [(match.end(), len(text))]


def _is_own(text: str, match: re.Match[str]) -> bool:
    """ "Polish my bio: ..." is about the writer, and "Write a note to my boss: I'm ill" tells what to write."""
    if _OWN_DATA.search(text[max(0, match.start() - 40) : match.end()]):
        return True
    before = text[max(_sentence_start(text, match.start()), match.start() - 200) : match.start()]
    return _WRITING.search(before) is not None and _INVENTED.match(match[0]) is None


def _below(text: str) -> list[Span]:
    """What follows a blank line is somebody else's when the words before it speak of a text."""
    head, blank, _ = text.partition("\n\n")
    if not blank or len(head) > _LONGEST_HEAD or not _POINTS_TO_TEXT.search(head) or _OWN_DATA.search(head):
        return []
    return [(len(head), len(text))]


def _sentence_start(text: str, place: int) -> int:
    return max(text.rfind(mark, 0, place) for mark in ".!?\n") + 1


def _sentence_end(text: str, place: int) -> int:
    found = _END.search(text, place)
    return found.start() if found is not None else len(text)


_END = re.compile(r"[.!?\n]")


def _form_lines(text: str) -> list[Span]:
    """Lines of code, of data and of letters."""
    spans, place = [], 0
    for line in text.splitlines(keepends=True):
        if _FORM.match(line):
            spans.append((place, place + len(line)))
        place += len(line)
    return spans
