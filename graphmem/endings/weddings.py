"""Weddings told without a name: "We got married in June!" after "my girlfriend Ana".

Read from the words of a message, whoever reads its facts; the wordings are English ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from extraction.local import times
from extraction.local.normalise import normalise
from extraction.local.tokens import Sentence, sentences
from extraction.records import EntityMention
from graphmem.endings.telling import LONGEST, ending_in
from graphmem.identity import derived_id
from graphmem.records import Message, Statement

WEDDING = "Wedding"
"""Label of the object of a statement that makes a spouse of the partner whom it fits."""
BEFORE, AFTER = "PARTNER_OF", "MARRIED_TO"
"""What a wedding ends, and what it begins."""

_WEDDING = re.compile(
    r"\b(?:we|(?<!and )i) (?:(?:'ve|have|just|finally|also|actually|only) )*"
    r"(?:got (?:legally |officially )?(?:married|hitched)|tied the knot|eloped)\b"
    r"|\bwe (?:'re|are) (?:finally |officially |now |legally )+(?:married|husband and wife)\b"
)
_MAY = re.compile(r"\b(?:married|hitched|knot|eloped|husband)\b", re.IGNORECASE)
_UNSURE = frozenset(
    "if wish would could should might may will almost nearly never not dreamt dreamed imagine imagined until unless".split()
)


def held(messages: Sequence[Message]) -> Iterator[Statement]:
    """Yield a statement for each user message that tells of the speaker's wedding and names nobody.

    Args:
        messages: of the interaction.
    """
    for message in messages:
        text = message.text[:LONGEST]
        told = _told(text) if message.role == "user" and _MAY.search(text) else None
        if told is not None:
            identity = derived_id("wedding", message.user_id, message.session_id, message.id)
            ending = ending_in(message, identity, BEFORE, EntityMention(BEFORE, WEDDING))
            found = times.find(told.norms, 0, len(told), message.at)
            yield replace(ending, valid_from=found[0].value if found else None)


def _told(text: str) -> Sentence | None:
    """Return the sentence that tells of it."""
    for sentence in sentences(normalise(text)):
        norms = sentence.norms
        if norms[-1] != "?" and _UNSURE.isdisjoint(norms) and _WEDDING.search(" ".join(norms)):
            return sentence
    return None
