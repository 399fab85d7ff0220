"""Variants of annotated messages: other names and things in them, other spelling, two messages in one."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scripts.training.messages import Message

_KIN = (
    "HAS_CHILD",
    "HAS_PARENT",
    "HAS_SIBLING",
    "HAS_RELATIVE",
    "HAS_FRIEND",
    "HAS_COLLEAGUE",
    "MARRIED_TO",
    "PARTNER_OF",
)
_KIND_OF = {
    **dict.fromkeys(("LIVES_IN", "COMES_FROM", "BORN_IN", "VISITED"), "place"),
    **dict.fromkeys(("WORKS_AT", "STUDIES_AT"), "organisation"),
    **dict.fromkeys((*_KIN, "HAS_NAME"), "person"),
    "WORKS_AS": "job",
    "SPEAKS": "language",
    "PLAYS": "activity",
    "ALLERGIC_TO": "substance",
    "HAS_CONDITION": "condition",
    "USES": "tool",
    "OWNS": "thing",
    "LIKES": "like",
    "DISLIKES": "like",
    "STUDIES": "subject",
}
_PROPER = frozenset({"place", "organisation", "person", "language"})
_ONE_WORD = frozenset({"person", "language"})
_PLAIN_STYLES = frozenset({"short", "messy", "update", "statement"})
_NO_NAMES = frozenset(
    "mum mom mama ma dad papa pa daddy mummy mother father parents granny gran grandma grandpa nan nana hubby wife "
    "husband boss auntie uncle sister brother son daughter girlfriend boyfriend partner ex kids".split()
)
_ARTICLE = r"(?:\b(?P<article>an?) )?"
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
_WORD = re.compile(r"\b[a-z]{5,}\b")


@dataclass(frozen=True, slots=True)
class Rates:
    """The share of messages that each change is made to."""

    swap: float = 0.4
    apostrophes: float = 0.15
    typos: float = 0.12
    join: float = 0.15
    ask: float = 0.05


class Augmenter:
    """Makes variants of messages, with what the messages themselves mention.

    Args:
        messages: the training messages.
        rates: how often each change is made.
    """

    def __init__(self, messages: Sequence[Message], rates: Rates = Rates()) -> None:
        self.rates = rates
        self.gazetteer = gazetteer(messages)
        self.questions = sorted({message.before for message in messages if message.before})
        self.joinable = [message for message in messages if _stands_alone(message)]

    def vary(self, message: Message, rng: random.Random) -> Message:
        """Return a variant; often the message itself."""
        rates = self.rates
        if rng.random() < rates.swap:
            message = swapped(message, self.gazetteer, rng)
        if rng.random() < rates.join and _stands_alone(message):
            message = joined(message, rng.choice(self.joinable)) or message
        if rng.random() < rates.typos:
            message = misspelt(message, rng)
        if rng.random() < rates.apostrophes:
            message = without_apostrophes(message)
        if not message.before and rng.random() < rates.ask and len(message.text) > 40:
            message = replace(message, before=rng.choice(self.questions)) if self.questions else message
        return message


def _stands_alone(message: Message) -> bool:
    """Return whether another message may stand next to this one without changing what either says.

    After "Translate this:" or "Pretend that ..." a statement would be no fact any more.
    """
    plain = message.style in _PLAIN_STYLES and not message.before
    return plain and len(message.text) < 140 and not any(sign in message.text for sign in ':"“')


def gazetteer(messages: Sequence[Message]) -> dict[str, list[str]]:
    """Return the phrases of each kind that the messages' facts mention."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for message in messages:
        for phrase, kind in _phrases(message).items():
            kinds[kind].add(phrase)
    return {kind: sorted(phrases) for kind, phrases in kinds.items()}


def _phrases(message: Message) -> dict[str, str]:
    """Return the phrases of a message that another of their kind may stand for."""
    found: dict[str, set[str | None]] = defaultdict(set)
    for fact in message.facts:
        found[fact.object].add(None if fact.optional and fact.predicate == "WORKS_AS" else _KIND_OF.get(fact.predicate))
        if fact.subject != "user":
            found[fact.subject].add("person" if fact.predicate not in ("LOCATED_IN", "IS_A", "HAS_AGE") else None)
    usable = {}
    for phrase, kinds in found.items():
        kind = kinds.pop() if len(kinds) == 1 else None
        if kind is None or phrase not in message.text or len(phrase.split()) > (1 if kind in _ONE_WORD else 3):
            continue
        if (kind in _PROPER) == phrase[0].isupper() and phrase.casefold() not in _NO_NAMES:
            usable[phrase] = kind
    return usable


def swapped(message: Message, gazetteer: Mapping[str, Sequence[str]], rng: random.Random) -> Message:
    """Return the message with about half of its names and things replaced by others of their kind."""
    for phrase, kind in sorted(_phrases(message).items()):
        others = gazetteer.get(kind, ())
        if not others or rng.random() < 0.5:
            continue
        other = rng.choice(others)
        if other in message.text or _holds_another(phrase, message):
            continue
        whole = rf"(?<!\w){re.escape(phrase)}(?!\w)"

        def put(match: re.Match[str], other: str = other) -> str:
            if article := match.groupdict().get("article"):
                return f"{'an' if other[0].lower() in 'aeio' else article[0]} {other}"
            return other

        message = replace(
            message,
            text=re.sub(_ARTICLE + whole, put, message.text),
            facts=tuple(
                replace(f, subject=re.sub(whole, put, f.subject), object=re.sub(whole, put, f.object))
                for f in message.facts
            ),
        )
    return message


def _holds_another(phrase: str, message: Message) -> bool:
    """Whether a sure fact is about a part of the phrase, as "surfing" is of "teaching surfing"."""
    parts = {f.object for f in message.facts if not f.optional} - {phrase}
    return any(re.search(rf"(?<!\w){re.escape(part)}(?!\w)", phrase) for part in parts)


def joined(first: Message, second: Message) -> Message | None:
    """Return both messages as one, or None when one mentions what a fact of the other is about."""
    for one, other in ((first, second), (second, first)):
        text = one.text.casefold()
        if any(phrase.casefold() in text for f in other.facts for phrase in (f.subject, f.object) if phrase != "user"):
            return None
    gap = " " if first.text.rstrip()[-1:] in ".!?…" else ". "
    return replace(first, text=first.text.rstrip() + gap + second.text, facts=first.facts + second.facts)


def without_apostrophes(message: Message) -> Message:
    """Return the message as somebody types it who leaves the apostrophes out."""

    def bare(phrase: str) -> str:
        return _APOSTROPHE.sub("", phrase)

    facts = tuple(replace(f, subject=bare(f.subject), object=bare(f.object)) for f in message.facts)
    return replace(message, text=bare(message.text), facts=facts)


def misspelt(message: Message, rng: random.Random) -> Message:
    """Return the message with one word misspelt that no fact is about."""
    about = " ".join(phrase for fact in message.facts for phrase in (fact.subject, fact.object)).casefold()
    parts = tuple(part for part in about.split() if len(part) > 2)
    words = [
        match
        for match in _WORD.finditer(message.text)
        if match[0] not in about and not match[0].casefold().startswith(parts)
    ]
    if not words:
        return message
    word = rng.choice(words)
    at = word.start() + rng.randrange(1, len(word[0]) - 1)
    pair = message.text[at : at + 2]
    changed = rng.choice((pair[1], pair[1] + pair[0], pair[0] + pair))
    return replace(message, text=message.text[:at] + changed + message.text[at + 2 :])
