"""Ways to live that are over: "I quit smoking" after "I'm a smoker", "I eat meat again" after "I'm vegetarian".

Read from the words of a message, whoever reads its facts; the wordings are English ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extraction.records import EntityMention
from graphmem.endings.telling import doubts, ending_in, sentences_of, tells
from graphmem.identity import derived_id
from graphmem.records import Message, Statement

HABIT = "Habit"
"""Label of the object of a statement that ends what somebody is by habit: its name is the habit's."""

_I = r"\bi(?:'ve| have| had)?(?: (?:finally|just|recently|actually|also|completely|really|now|successfully))*"
_STOPPED = _I + r" (?:quit|stopped|gave up|given up|kicked)(?: the)? "
_NO_LONGER = r"(?:\bi (?:no longer|don't|dont|do not) {verb}\b[^.!?]*\bany ?(?:more|longer)\b|\bi no longer {verb}\b)"
_EATING = (
    _I
    + r"(?:'m| am)? (?:(?:started|began|start|went back to) )?eat(?:ing)? (?:{food})\b[^,.!?]*\b(?:again|now|these days)\b"
)
_STARTED = _I + r" (?:started|began|went back to|gone back to|am back to) eating (?:{food})\b"
_MEAT = "meat|chicken|beef|pork|steaks?|bacon|burgers"
_FISH = "fish|seafood|salmon|tuna|sushi"
_DAIRY = "eggs|cheese|dairy|butter|yogh?urt"


@dataclass(frozen=True, slots=True)
class _Habit:
    """What ends a habit.

    Args:
        names: what somebody with the habit is.
        over: how it is said that it is over.
    """

    names: frozenset[str]
    over: re.Pattern[str]


def _habit(names: str, *over: str) -> _Habit:
    return _Habit(frozenset(names.split()), re.compile("|".join(over), re.IGNORECASE))


def _food(food: str) -> tuple[str, str]:
    return _EATING.format(food=food), _STARTED.format(food=food)


_HABITS = {
    "smoking": _habit("smoker", _STOPPED + r"(?:smoking|cigarettes)\b", _NO_LONGER.format(verb="smoke")),
    "drinking": _habit("drinker", _STOPPED + r"(?:drinking|alcohol|booze)\b", _NO_LONGER.format(verb="drink")),
    "meatless": _habit("vegetarian vegan pescatarian pescetarian", *_food(_MEAT)),
    "fishless": _habit("vegetarian vegan", *_food(_FISH)),
    "dairyless": _habit("vegan", *_food(_DAIRY)),
}
_UNSURE = doubts(r"wish|will|'ll|never|not sure|dreamt|dreamed|tried|want(?:ed)?")


def ended(messages: Sequence[Message]) -> Iterator[Statement]:
    """Yield a statement for each habit that a user message ends; `ends` says which facts it ends.

    Args:
        messages: of the interaction.
    """
    for message in messages:
        if message.role == "user":
            for name in over_in(message.text):
                identity = derived_id("habit", message.user_id, message.session_id, message.id, name)
                yield ending_in(message, identity, "IS_A", EntityMention(name, HABIT))


def over_in(text: str) -> list[str]:
    """Return the habits that a text says are over, in a fixed order."""
    said = [sentence for sentence in sentences_of(text) if tells(sentence, _UNSURE)]
    return [name for name, habit in _HABITS.items() if any(habit.over.search(sentence) for sentence in said)]


def ends(habit: str, told: str) -> bool:
    """Whether somebody whose habit is over is not any more what was told: "smoking", "heavy smoker"."""
    return not _HABITS[habit].names.isdisjoint(told.casefold().split()[-1:])
