"""An ending that the words of a message tell by themselves, whoever reads the facts of the message."""

from __future__ import annotations

from extraction.records import USER, EntityMention, FactStatus
from graphmem.mentions import PLACES_IN_MESSAGE
from graphmem.records import Message, Statement

LONGEST = 2_000
"""Characters of a message that are looked at."""
_SURE = 0.85
_EVIDENCE = 400


def ending_in(message: Message, id: str, predicate: str, object: EntityMention) -> Statement:
    """Return the statement that something of the user's is over, placed behind all that was read in the message.

    Args:
        message: who tells it.
        id: of the statement.
        predicate, object: what may be over.
    """
    return Statement(
        id=id,
        session_id=message.session_id,
        message_id=message.id,
        at=message.at,
        order=(message.seq + 1) * PLACES_IN_MESSAGE - 1,
        subject=USER,
        predicate=predicate,
        object=object,
        status=FactStatus.ENDED,
        confidence=_SURE,
        evidence=message.text[:_EVIDENCE],
    )
