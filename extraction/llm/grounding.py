"""Whether the names of an answer come from the conversation: a name that nobody said is an invention."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extraction.kinship import role_of
from extraction.llm.quotation import plain_words
from extraction.names import normalize_name
from extraction.records import ExtractionContext, Turn

_NUMBER_WORDS = frozenset(
    """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred""".split()
)
_SMALL_WORDS = frozenset("a an the of and or to in at on for with my our his her their 's s".split())
_SHORTEST_STEM = 3
_LONGEST_ENDING = 3
_NUMBER = re.compile(r"\d+", re.ASCII)


class Grounding:
    """The words that a name can come from, for looking up whether it is among them.

    These are all that users say, what was said before, what is known, and what others say before the turn that is quoted: a
    user can confirm what an assistant asked, and not what it says later.

    Args:
        turns: what is read.
        context: what came before and what is known.
        quoted: number of the turn that is quoted.
    """

    def __init__(self, turns: Sequence[Turn], context: ExtractionContext, quoted: int) -> None:
        said = [*context.history, *(turn for i, turn in enumerate(turns) if i < quoted or turn.role == "user")]
        texts = [turn.text for turn in said] + [turn.name for turn in said if turn.name]
        for entity in context.known:
            texts += [entity.name, *entity.aliases]
        texts += context.user_names
        self._text = "\n".join(" ".join(plain_words(text)) for text in texts)
        self._words = {word for text in texts for word in plain_words(text)}
        self._stems = {word[:length] for word in self._words for length in range(_SHORTEST_STEM, len(word) + 1)}
        self._roles = {role.canonical for word in self._words if (role := role_of(word)) is not None}

    def holds(self, name: str) -> bool:
        """Whether at least half of the words of ``name`` that carry meaning were said, in some form.

        "run a marathon" is held by "running my first marathon", "Brazil" by "Brazilian", "30" by "thirty", "mother" by
        "mom".
        """
        words = plain_words(name)
        if not words or self._as_it_is(words):
            return bool(words)
        telling = [word for word in words if word not in _SMALL_WORDS] or words
        return 2 * sum(self._said(word) for word in telling) >= len(telling)

    def holds_alias(self, alias: str) -> bool:
        """Whether ``alias`` was said as it is, or is another word for a relation that was named."""
        words = plain_words(alias)
        if not words:
            return False
        role = role_of(normalize_name(alias))
        return self._as_it_is(words) or (role is not None and role.canonical in self._roles)

    def _as_it_is(self, words: list[str]) -> bool:
        """Whether ``words`` stand in the text in this order; scripts without spaces have no edges of words."""
        return re.search(f"(?<![a-z0-9]){re.escape(' '.join(words))}(?![a-z0-9])", self._text) is not None

    def _said(self, word: str) -> bool:
        if word in self._words:
            return True
        if _NUMBER.fullmatch(word):
            return not self._words.isdisjoint(_NUMBER_WORDS)
        role = role_of(word)
        if role is not None and role.canonical in self._roles:
            return True
        return len(word) >= _SHORTEST_STEM and word[: max(_SHORTEST_STEM, len(word) - _LONGEST_ENDING)] in self._stems
