"""Words and sentences: spaCy's rules for English, with the spellings of chats, over windows of bounded size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language

Span = tuple[int, int]
"""First token and the token after the last."""

_WINDOW = 4000
_LONGEST_WORD = 60
_LONGEST_SENTENCE = 120
_SHOUTING = 4
_ENDS = frozenset({".", "!", "?", "…", "...", "!!", "??", "?!", "!?", "\n"})
_RUN = re.compile(r"([^\w\s])\1{3,}")
_CHAT = {
    "u": "you",
    "ur": "your",
    "r": "are",
    "n": "and",
    "&": "and",
    "@": "at",
    "+": "and",
    "w/": "with",
    "w": "with",
    "bc": "because",
    "cuz": "because",
    "coz": "because",
    "cos": "because",
    "abt": "about",
    "rn": "now",
    "ppl": "people",
    "ya": "you",
    "thru": "through",
    "luv": "love",
    "fave": "favourite",
    "fav": "favourite",
    "favorite": "favourite",
    "alot": "lots",
    "tmrw": "tomorrow",
    "yr": "year",
    "yrs": "years",
    "mo": "months",
    "wk": "week",
    "pls": "please",
    "plz": "please",
    "gonna": "gonna",
    "mums": "mum",
    "dads": "dad",
    "'ve": "have",
    "'re": "are",
    "'m": "am",
    "d": "'d",
    "'ll": "will",
    "n't": "not",
    "nt": "not",
    "y'all": "you",
    "evry": "every",
    "rlly": "really",
    "def": "definitely",
    "prolly": "probably",
    "studing": "studying",
    "tho": "though",
    "hubs": "hubby",
    "daugther": "daughter",
    "freind": "friend",
    "obsesed": "obsessed",
    "workin": "working",
    "livin": "living",
    "playin": "playing",
    "goin": "going",
}
_SPLIT = {
    "hes": ("he", "s", "'s"),
    "shes": ("she", "s", "'s"),
    "theyre": ("they", "re", "are"),
    "whos": ("who", "s", "'s"),
    "thats": ("that", "s", "'s"),
    "im": ("i", "m", "am"),
    "ive": ("i", "ve", "have"),
    "dont": ("do", "nt", "not"),
    "doesnt": ("does", "nt", "not"),
    "didnt": ("did", "nt", "not"),
    "cant": ("ca", "nt", "not"),
    "wont": ("wo", "nt", "not"),
    "isnt": ("is", "nt", "not"),
    "arent": ("are", "nt", "not"),
    "wasnt": ("was", "nt", "not"),
    "havent": ("have", "nt", "not"),
    "hasnt": ("has", "nt", "not"),
    "aint": ("ai", "nt", "not"),
    "couldnt": ("could", "nt", "not"),
    "wouldnt": ("would", "nt", "not"),
    "shouldnt": ("should", "nt", "not"),
    "wanna": ("wan", "na", "to"),
    "gonna": ("gon", "na", "to"),
    "whats": ("what", "s", "'s"),
    "hows": ("how", "s", "'s"),
    "wheres": ("where", "s", "'s"),
    "weve": ("we", "ve", "have"),
    "youre": ("you", "re", "are"),
    "theres": ("there", "s", "'s"),
    "gotta": ("got", "ta", "to"),
    "dunno": ("du", "nno", "not"),
}
_STOP_AFTER = (r"(?<=[a-z][A-Z])\.", r"(?<=\d[A-Za-z])\.")
"""Full stops that the tokenizer takes for a part of the word: of "FitX." and "4K.", as if they were short for something."""
_HEADS = {"ca": "can", "wo": "will", "ai": "be", "wan": "want", "gon": "going", "sha": "shall"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a sign.

    Args:
        text: as written.
        norm: lower case, with chat spellings and contractions written out ("nt" is "not").
        start, end: its place in the whole text.
        shouted: it stands among words all in capitals, which say nothing then.
    """

    text: str
    norm: str
    start: int
    end: int
    shouted: bool = False

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital that means something and has a letter besides "I"."""
        return self.text[:1].isupper() and self.text != "I" and not self.shouted


@dataclass(frozen=True, slots=True)
class Sentence:
    """Tokens of one sentence, with their normal forms in a list of their own for quick comparison."""

    tokens: tuple[Token, ...]
    norms: tuple[str, ...]

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end

    def __len__(self) -> int:
        return len(self.tokens)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return the place in the text of the tokens from ``first`` up to, not including, ``last``."""
        return self.tokens[first].start, self.tokens[last - 1].end


@cache
def language() -> Language:
    """Return the tokenizer's pipeline: ``spacy.blank("en")`` and the spellings of chats. Loaded on first use."""
    import spacy

    nlp = spacy.blank("en")
    tokenizer: Any = nlp.tokenizer
    tokenizer.suffix_search = spacy.util.compile_suffix_regex([*(nlp.Defaults.suffixes or ()), *_STOP_AFTER]).search
    for word, (head, _, norm) in _SPLIT.items():
        for form in (word, word.capitalize(), word.upper()):
            cut = len(head)
            tokenizer.add_special_case(
                form, [{"ORTH": form[:cut], "NORM": _HEADS.get(head, head)}, {"ORTH": form[cut:], "NORM": norm}]
            )
    return nlp


def sentences(text: str) -> Iterator[Sentence]:
    """Split a normalised text into sentences.

    Args:
        text: the text; its size does not matter, it is read in windows.

    Yields:
        Sentences in order, each of at most some hundred tokens.
    """
    for start, end in _windows(text):
        yield from _window_sentences(text[start:end], start)


def _windows(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        end = min(len(text), start + _WINDOW)
        if end < len(text):
            cut = max(text.rfind("\n", start, end), text.rfind(". ", start, end) + 1, start)
            if cut <= start:
                cut = text.rfind(" ", start, end)
            end = cut if cut > start else end
        yield start, end
        start = end


def _window_sentences(window: str, offset: int) -> Iterator[Sentence]:
    current: list[Token] = []
    for token in _tokens(window, offset):
        if token.text != "\n":
            current.append(token)
        closed = bool(current) and (token.norm in _ENDS or len(current) >= _LONGEST_SENTENCE)
        if closed:
            yield _sentence(current)
            current = []
    if current:
        yield _sentence(current)


def _sentence(tokens: list[Token]) -> Sentence:
    words = [token for token in tokens if token.text.isalpha()]
    if len(words) >= _SHOUTING and all(token.text.isupper() for token in words):
        tokens = [replace(token, shouted=True) for token in tokens]
    return Sentence(tuple(tokens), tuple(token.norm for token in tokens))


def _tokens(window: str, offset: int) -> Iterator[Token]:
    """Yield the tokens of a window; a line break is a token of its own, a run of one sign is one token."""
    nlp = language()
    place = 0
    for piece in re.split(r"(\n+)", window):
        if piece.startswith("\n"):
            yield Token("\n", "\n", offset + place, offset + place + len(piece))
        elif piece:
            shortened = _RUN.sub(lambda run: run[1] + " " * (len(run[0]) - 1), piece)
            shortened = _cut_words(shortened)
            words = [(t.text, t.norm_, offset + place + t.idx) for t in nlp.tokenizer(shortened) if not t.is_space]
            yield from _rejoin(words)
        place += len(piece)


def _rejoin(words: list[tuple[str, str, int]]) -> Iterator[Token]:
    """Put "sister-in-law" together again, of which the tokenizer makes five words."""
    i = 0
    while i < len(words):
        text, norm, start = words[i]
        if text in _NAME_OR_SHORT and not (i + 1 < len(words) and words[i + 1][0][:1].isdigit()):
            yield Token(text[:-1], text[:-1].lower(), start, start + len(text) - 1)
            yield Token(".", ".", start + len(text) - 1, start + len(text))
            i += 1
            continue
        whole = text
        while (
            i + 2 < len(words)
            and words[i + 1][0] == "-"
            and words[i + 1][2] == start + len(whole)
            and words[i + 2][2] == start + len(whole) + 1
            and whole[-1:].isalnum()
            and words[i + 2][0][:1].isalnum()
        ):
            whole += "-" + words[i + 2][0]
            i += 2
        yield Token(whole, _norm(whole, norm) if whole == text else whole.lower(), start, start + len(whole))
        i += 1


_NAME_OR_SHORT = frozenset({"Jan.", "Mo."})
"""Somebody's name at the end of a sentence, which the tokenizer takes for a month or a state."""


def _cut_words(piece: str) -> str:
    """Blank out words of absurd length, on which a tokenizer's rules would need quadratic time."""
    if len(piece) <= _LONGEST_WORD:
        return piece
    return re.sub(rf"\S{{{_LONGEST_WORD},}}", lambda word: " " * len(word[0]), piece)


def _norm(text: str, norm: str) -> str:
    lower = text.lower()
    chat = _CHAT.get(lower)
    if chat is not None and (len(text) > 1 or text == lower):
        return chat
    if norm != lower and lower in _KEEP_NORM:
        return norm.lower()
    return lower


_KEEP_NORM = frozenset(
    {"ca", "wo", "m", "re", "ve", "ll", "wan", "gon", "na", "ta", "sha", "ai", "nno", "cause", "s", "i", "nt"}
)
