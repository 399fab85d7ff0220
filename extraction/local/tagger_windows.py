"""Cuts a text into the windows of tokens that the tagger's network reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

WINDOW_TOKENS = 256
"""Tokens of one window, special ones and the preceding message included."""
CONTEXT_TOKENS = 48
"""Tokens of the text before a window that are read again with it, so that its pronouns have somebody to mean."""
BEFORE_TOKENS = 64
"""Tokens kept of the message before; its end is where a question stands."""

_CLS, _SEP = "[CLS]", "[SEP]"
_SENTENCE_END = re.compile(r"[.!?…]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the text.

    Args:
        start, end: its characters in the text.
        token: index of its first token within its window.
    """

    start: int
    end: int
    token: int


@dataclass(frozen=True, slots=True)
class Window:
    """What the network reads at once: ``[CLS] words [SEP]``, then ``before [SEP]`` where there is one.

    Args:
        ids: token ids.
        types: 0 for the message, 1 for the message before it.
        words: the message's words in this window.
        first: index of the first word that belongs to this window; those before it are context only.
    """

    ids: tuple[int, ...]
    types: tuple[int, ...]
    words: tuple[Word, ...]
    first: int = 0


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    ids: tuple[int, ...]
    closes: bool


def load_tokenizer(path: Path) -> Any:
    """Return the ``tokenizers.Tokenizer`` of a ``tokenizer.json``, with its truncation and padding switched off."""
    tokenizer = import_module("tokenizers").Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def encodable(text: str) -> str:
    """Return ``text`` with lone surrogates replaced, one character for one, so that offsets stay what they are."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def windows(
    tokenizer: Any, text: str, before: str | None = None, *, size: int = WINDOW_TOKENS, context: int = CONTEXT_TOKENS
) -> list[Window]:
    """Cut a message into windows, at the ends of sentences where possible; the time is linear in its length.

    Args:
        tokenizer: as ``load_tokenizer`` returns it.
        text: the message.
        before: the other side's message just before it.
        size: most tokens in a window.
        context: most tokens of the preceding text that a later window begins with.

    Returns:
        The windows in the order of the text; none for a text without words.
    """
    pieces = _pieces(tokenizer, text)
    if not pieces:
        return []
    ask = tokenizer.encode(encodable(before), add_special_tokens=False).ids[-BEFORE_TOKENS:] if before else []
    room = size - 2 - (len(ask) + 1 if ask else 0)
    return [
        _window(tokenizer, pieces[lead:end], start - lead, ask)
        for lead, start, end in _spans([len(p.ids) for p in pieces], [p.closes for p in pieces], room, context)
    ]


def _pieces(tokenizer: Any, text: str) -> list[_Piece]:
    text = encodable(text)
    encoding = tokenizer.encode(text, add_special_tokens=False)
    pieces: list[_Piece] = []
    last = None
    for token, word, (start, end) in zip(encoding.ids, encoding.word_ids, encoding.offsets, strict=True):
        if word == last:
            previous = pieces.pop()
            start, ids = previous.start, (*previous.ids, token)
        else:
            ids = (token,)
        pieces.append(_Piece(start, end, ids, False))
        last = word
    following = [piece.start for piece in pieces[1:]] + [len(text)] * bool(pieces)
    return [
        _Piece(p.start, p.end, p.ids, bool(_SENTENCE_END.match(text, p.start)) or "\n" in text[p.end : next_start])
        for p, next_start in zip(pieces, following, strict=True)
    ]


def _spans(lengths: Sequence[int], closes: Sequence[bool], room: int, context: int) -> list[tuple[int, int, int]]:
    """Return ``(first word of the context, first word, end)`` of each window."""
    spans: list[tuple[int, int, int]] = []
    start = 0
    while start < len(lengths):
        lead, used = start, 0
        while lead > 0 and used + lengths[lead - 1] <= context:
            lead -= 1
            used += lengths[lead]
        end = start
        sentence_end = start
        while end < len(lengths) and (end == start or used + lengths[end] <= room):
            used += lengths[end]
            end += 1
            if closes[end - 1]:
                sentence_end = end
        if end < len(lengths) and sentence_end > start:
            end = sentence_end
        spans.append((lead, start, end))
        start = end
    return spans


def _window(tokenizer: Any, pieces: Sequence[_Piece], first: int, ask: Sequence[int]) -> Window:
    cls, sep = tokenizer.token_to_id(_CLS), tokenizer.token_to_id(_SEP)
    ids = [cls]
    words = []
    for piece in pieces:
        words.append(Word(piece.start, piece.end, len(ids)))
        ids.extend(piece.ids)
    ids.append(sep)
    own = len(ids)
    if ask:
        ids.extend((*ask, sep))
    return Window(tuple(ids), (0,) * own + (1,) * (len(ids) - own), tuple(words), first)
