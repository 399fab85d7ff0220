"""Plain statements made from templates: ``statements.txt`` has the sentences, ``fillers.txt`` what fills their slots."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from scripts.training.messages import STATES, Gold, Message

_HERE = Path(__file__).parent
_SLOT = re.compile(r"\{(\w+)\}")
_MARK = re.compile(r"\[([^\]]+)\]([A-Z_]+)(?::(\w+))?(?:@([\w{}]+))?(\?)?")
_KIN = re.compile(r"\b[Mm]y \((\w+)\)")
_OUTER = re.compile(r"[()]")
_ARTICLE = re.compile(r"\b([Aa])n? $")
_OPENERS = (
    "",
    "",
    "",
    "",
    "",
    "",
    "btw ",
    "So, ",
    "Well, ",
    "Yeah, ",
    "Oh, ",
    "Haha, ",
    "Hi! ",
    "Hello, ",
    "Honestly, ",
)
_CLOSERS = ("", "", "", "", "", "", " What about you?", " How are you?", " You?", " Do you?", " It's great.", " lol")


_LINK_OF = {
    "wife": "MARRIED_TO",
    "husband": "MARRIED_TO",
    "boyfriend": "PARTNER_OF",
    "girlfriend": "PARTNER_OF",
    "boss": "HAS_COLLEAGUE",
    "neighbour": "HAS_FRIEND",
    "roommate": "HAS_FRIEND",
    **dict.fromkeys(("daughter", "son", "kids"), "HAS_CHILD"),
    **dict.fromkeys(("mom", "dad", "mother", "father", "parents"), "HAS_PARENT"),
    **dict.fromkeys(("brother", "sister"), "HAS_SIBLING"),
    **dict.fromkeys(("grandmother", "grandfather", "uncle", "aunt", "cousin"), "HAS_RELATIVE"),
}
"""What "my dad" says by itself, an optional fact."""


def read_fillers(path: Path = _HERE / "fillers.txt") -> dict[str, list[str]]:
    """Return what may fill each slot.

    Raises:
        ValueError: a line is not ``slot: words, words``.
    """
    fillers = {}
    for number, line in _lines(path):
        slot, colon, words = line.partition(":")
        if not colon:
            raise ValueError(f"{path}:{number}: write a slot, a colon and its fillers, separated by commas")
        fillers[slot.strip()] = [word.strip() for word in words.split(",")]
    return fillers


def read_templates(fillers: Mapping[str, Sequence[str]], path: Path = _HERE / "statements.txt") -> list[str]:
    """Return the templates.

    Raises:
        ValueError: a template has an unknown slot or state, or a bracket that marks nothing.
    """
    templates = []
    for number, line in _lines(path):
        unknown = [slot for slot in _SLOT.findall(line) if slot.lower() not in fillers]
        states = [mark[2] for mark in _MARK.findall(line) if mark[2] and mark[2] not in STATES]
        if unknown or states or "[" in _MARK.sub("", line):
            raise ValueError(f"{path}:{number}: unknown slot, unknown state or stray bracket in {line!r}")
        templates.append(line)
    return templates


def fill(template: str, fillers: Mapping[str, Sequence[str]], rng: random.Random) -> Message:
    """Return one message made from a template.

    A slot that occurs twice gets two different words, except in the name of a subject, which repeats the first.
    """
    chosen: dict[str, list[str]] = {}

    def pick(match: re.Match[str]) -> str:
        slot = match[1].lower()
        taken = chosen.setdefault(slot, [])
        word = rng.choice([w for w in fillers[slot] if w not in taken] or fillers[slot])
        taken.append(word)
        return word[0].upper() + word[1:] if match[1][0].isupper() else word

    def joined(text: str, words: str) -> str:
        article = "an" if words[:1].lower() in "aeio" else "a"
        return _ARTICLE.sub(lambda m: (article.title() if m[1] == "A" else article) + " ", text) + words

    def filled(words: str) -> str:
        text, done = "", 0
        for match in _SLOT.finditer(words):
            text = joined(text + words[done : match.start()], pick(match))
            done = match.end()
        return text + words[done:]

    text, done = "", 0
    marked = []
    for mark in _MARK.finditer(template):
        before = filled(template[done : mark.start()])
        target = filled(mark[1])
        text = joined(text + before, target)
        marked.append((mark, target))
        done = mark.end()
    text += filled(template[done:])
    facts = [
        Gold(
            _SLOT.sub(lambda slot: chosen[slot[1]][0], mark[4] or "user").replace("_", " "),
            mark[2],
            target,
            mark[3] or "current",
            bool(mark[5]),
        )
        for mark, target in marked
    ]
    facts += [Gold("user", _LINK_OF[kin], kin, "current", True) for kin in _KIN.findall(text)]
    text = _OUTER.sub("", text)
    return Message(rng.choice(_OPENERS) + text + rng.choice(_CLOSERS), tuple(facts), style="statement")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, line.strip()
