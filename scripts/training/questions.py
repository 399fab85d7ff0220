"""Questions with the message that answers them: written ones, and ones made from the facts annotated in a message."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.training.messages import Gold, Message

TEMPLATES = Path(__file__).with_name("questions.txt")
_NAMES = (
    "Maria John Priya Tom Leila Kenji Amara Lucas Sofia Emma Ravi Olu Hannah Pedro Yuki Fatima Noah Ingrid Mateo Zara Liam "
    "Chloe Ahmed Nina Oscar Mei Jonas Grace Felix Aisha"
).split()
_OWN = (
    ("{who}'s", "my"),
    ("is {who}", "am I"),
    ("does {who}", "do I"),
    ("has {who}", "have I"),
    ("was {who}", "was I"),
    ("can {who}", "can I"),
    ("must {who}", "must I"),
    ("did {who}", "did I"),
    ("{who}", "me"),
)
_SHARE_OF_OWN = 0.2


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and the message that answers it.

    Args:
        question: as somebody asks it later.
        message: the message's id.
        sense: what the question is made from; two of one sense may be answered by each other's messages. "" for a written one.
    """

    question: str
    message: str
    sense: str = ""


def read_questions(path: Path) -> list[Pair]:
    """Read written questions: JSON Lines with ``message`` (an id) and ``questions``."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Pair(question, row["message"]) for row in rows for question in row["questions"]]


def read_templates(path: Path = TEMPLATES) -> dict[str, list[str]]:
    """Read templates: a line each, the predicate first; ``{who}`` stands for whom the question is about."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        predicate, _, template = line.partition(" ")
        found[predicate].append(template)
    return found


def made_questions(
    messages: Iterable[Message], templates: Mapping[str, Sequence[str]], each: int, rng: random.Random
) -> list[Pair]:
    """Return questions made from what is annotated, of at most ``each`` messages a predicate.

    Args:
        messages: annotated.
        templates: questions by predicate.
        each: how many for a predicate.
        rng: chooses.
    """
    stating: dict[str, dict[str, Gold]] = defaultdict(dict)
    for message in messages:
        for fact in message.facts:
            if fact.predicate in templates and fact.state != "negated":
                stating[fact.predicate].setdefault(message.id, fact)
    pairs = []
    for predicate in sorted(stating):
        found = sorted(stating[predicate].items())
        rng.shuffle(found)
        for identity, fact in found[:each]:
            template = rng.choice(templates[predicate])
            pairs.append(Pair(_asked(template, fact.subject, rng), identity, f"{predicate} {fact.subject}"))
    return pairs


def _asked(template: str, subject: str, rng: random.Random) -> str:
    if subject.casefold() != "user":
        return template.format(who=subject)
    if rng.random() >= _SHARE_OF_OWN:
        return template.format(who=rng.choice(_NAMES))
    for before, after in _OWN:
        template = template.replace(before, after)
    return template
