"""Stored text is data: it is made so that it can neither leave the fence around it nor speak in another's name."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from graphmem.compose.tokens import count_tokens

CUT = " […] "
"""What stands for the part of a text that was left out."""

_LINE_BREAK = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")
_SPACE = re.compile(r"\s+")
_NOT_SHOWN = frozenset(("Cc", "Cf", "Cn"))
_TAG = re.compile(r"[<\uff1c\ufe64](?=\s*[/|!?\\<\uff1c\ufe64\uff0f]|\s*[^\W\d])")
_BRACKET = re.compile(r"\[(?=\s*/?\s*(?:inst|sys)\b)", re.IGNORECASE)
_ROLE = re.compile(
    r"\b(?P<role>system|developer|assistant|user|human|tool|ai)(?P<marks>[\s\])}*_\"'”’>]*)[:\uff1a](?P<after>\s|$)?",
    re.IGNORECASE,
)
_ROLE_WORDS = frozenset(("system", "developer", "assistant", "user", "human", "tool", "ai"))
_OTHER_SPEAKER = "other speaker"
_CHARACTERS_PER_TOKEN = 16
_SHORT = 400
"""Characters up to which what became of a text is remembered."""
_NAME_TOKENS = 8


def clean(text: str) -> str:
    """Return ``text`` on one line and without anything that could pass for the prompt's own structure.

    Line breaks become `` / ``, other white space one blank; control, format (zero-width, bidirectional) and unassigned
    characters go, lone surrogates become U+FFFD; the ``<`` of anything like a tag becomes ``‹``; a role and a colon
    ("System:"), at the start of a line or a clause or with a capital, becomes a role and a dash. "The file system: fast" stays.
    """
    return _remembered_clean(text) if len(text) <= _SHORT else _cleaned(text)


@lru_cache(maxsize=4096)
def _remembered_clean(text: str) -> str:
    """A context looks at the same lines several times."""
    return _cleaned(text)


def _cleaned(text: str) -> str:
    line = _SPACE.sub(" ", _LINE_BREAK.sub(" / ", text.strip()))
    if not line.isprintable():
        line = _SPACE.sub(" ", "".join(map(_shown, line))).strip()
    return _ROLE.sub(_without_colon, _BRACKET.sub("(", _TAG.sub("‹", line)))


def speaker(name: str | None, role: str) -> str:
    """Return how the speaker of a message is called in a context: the name, else the role; never as "system"."""
    label = cut_middle(clean(name or role).replace(":", " ").strip(), _NAME_TOKENS) or _OTHER_SPEAKER
    if not name:
        return label if label in ("user", "assistant", "tool") else _OTHER_SPEAKER
    return _OTHER_SPEAKER if label.strip(" -*_[]()'\"").casefold() in _ROLE_WORDS - {"user", "human"} else label


def cut_middle(text: str, limit: int) -> str:
    """Return ``text`` within ``limit`` tokens: whole, or its beginning and its end around `CUT`; empty when not even that fits."""
    if len(text) <= limit * _CHARACTERS_PER_TOKEN and count_tokens(text) <= limit:
        return text
    fits, too_many = 0, min(len(text), limit * _CHARACTERS_PER_TOKEN) + 1
    best = ""
    while too_many - fits > 1:
        kept = (fits + too_many) // 2
        shortened = _around_cut(text, kept)
        if count_tokens(shortened) <= limit:
            fits, best = kept, shortened
        else:
            too_many = kept
    return best


def _around_cut(text: str, kept: int) -> str:
    tail = kept // 3
    return text[: kept - tail].rstrip() + CUT + text[len(text) - tail :].lstrip()


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    return "" if category in _NOT_SHOWN else character


def _without_colon(match: re.Match[str]) -> str:
    role, marks, after = match["role"], match["marks"], match["after"]
    before = match.string[: match.start()].rstrip()
    inside_a_clause = bool(before) and (before[-1].isalnum() or before[-1] == ",")
    if role.islower() and (inside_a_clause or after is None):
        return match[0]
    return f"{role}{marks.rstrip()} -{after or ' '}"
